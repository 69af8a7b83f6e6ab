"""An installed copy gives a user what is promised: header, libraries, packages, programs, manual pages."""
import pathlib
import re
import shutil
import subprocess
import tempfile

import fixture
import installed

CONSUMER = pathlib.Path(__file__).parent / "consumer"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
PROGRAMS = ["clock_client", "clock_server", "echo_client", "echo_server", "file_client", "file_server", "hearth", "hearth-broker", "notify",
            "numbers_server", "observable_server", "observer", "remote_object_client", "remote_object_server"]


def setUpModule():
    global copy, prefix
    prefix = tempfile.mkdtemp(prefix="hearth-installed-")
    copy = installed.Installed(prefix)


def tearDownModule():
    shutil.rmtree(prefix, ignore_errors=True)


class Copy(fixture.TestCase):
    def test_it_holds_what_is_promised_and_nothing_else(self):
        found = {str(path.relative_to(prefix)) for path in pathlib.Path(prefix).rglob("*") if not path.is_dir()}
        found = {re.sub(r"^lib/[^/]+-linux-[^/]+/", "lib/", path) for path in found}
        version = self.pkg_config("--modversion")[0]
        expected = {"include/hearth.h", "lib/libhearth.a", "lib/libhearth.so", "lib/libhearth.so.0", f"lib/libhearth.so.{version}",
                    "lib/pkgconfig/hearth.pc", "lib/cmake/Hearth/HearthConfig.cmake", "lib/cmake/Hearth/HearthConfigVersion.cmake",
                    "lib/cmake/Hearth/HearthTargets.cmake", "share/doc/hearth/hearth-broker.conf"}
        expected |= {f"bin/{name}" for name in PROGRAMS}
        expected |= {f"share/man/man{8 if name == 'hearth-broker' else 1}/{name}.{8 if name == 'hearth-broker' else 1}"
                     for name in PROGRAMS}
        found -= {path for path in found if re.fullmatch(r"lib/cmake/Hearth/HearthTargets-\w+\.cmake", path)}
        self.assertEqual(found, expected)

    def test_the_versions_agree(self):
        header = (pathlib.Path(prefix) / "include/hearth.h").read_text()
        version = re.search(r'#define HEARTH_VERSION +"(.*)"', header).group(1)
        parts = [re.search(rf"#define HEARTH_VERSION_{part} +(\d+)", header).group(1) for part in ("MAJOR", "MINOR", "PATCH")]
        self.assertEqual(".".join(parts), version)
        self.assertEqual(self.pkg_config("--modversion"), [version])
        for name in PROGRAMS:
            said = installed.run([f"{prefix}/bin/{name}", "--version"], env=copy.environment())
            self.assertIn(version, said, name)

    def test_the_package_says_where_it_stands_now(self):
        """Not where it was once configured to be: a prefix is chosen when it is installed, and may move."""
        moved = pathlib.Path(self.folder()) / "moved"
        shutil.copytree(prefix, moved, symlinks=True)
        libraries = moved / copy.libraries.relative_to(prefix)
        environment = {**copy.environment(), "PKG_CONFIG_PATH": f"{libraries}/pkgconfig"}
        for variable, expected in ("includedir", moved / "include"), ("libdir", libraries):
            told = installed.run(["pkg-config", f"--variable={variable}", "hearth"], env=environment).strip()
            self.assertEqual(pathlib.Path(told).resolve(), expected.resolve())

    def test_pkg_config_serves_c_and_cpp_with_the_shared_library(self):
        flags = self.pkg_config("--cflags", "--libs")
        self.build_and_run(["cc", "-std=c11", *WARNINGS, CONSUMER / "consumer.c", *flags], "in C")
        self.build_and_run(["c++", "-std=c++17", *WARNINGS, CONSUMER / "consumer.cpp", *flags], "in C++")

    def test_pkg_config_serves_c_and_cpp_with_the_static_library(self):
        """The archive and what it needs, of which the distribution has no archives throughout."""
        flags = ["-l:libhearth.a" if flag == "-lhearth" else flag for flag in self.pkg_config("--cflags", "--libs")]
        flags += installed.run(["pkg-config", "--libs", *self.pkg_config("--print-requires-private")[::3]]).split()
        for compiler, source, text in (["cc", "-std=c11"], "consumer.c", "in C"), (["c++", "-std=c++17"], "consumer.cpp", "in C++"):
            program = self.build_and_run([*compiler, *WARNINGS, CONSUMER / source, *flags], text)
            self.assertNotIn("libhearth", self.needed(program))

    def test_the_cmake_package_serves_c_and_cpp_with_both_libraries(self):
        build = self.folder()
        installed.run(["cmake", "-G", "Ninja", "-S", CONSUMER, "-B", build], env=copy.environment())
        installed.run(["cmake", "--build", build], env=copy.environment())
        for library, is_shared in ("hearth", True), ("static", False):
            for language, text in ("c", "in C"), ("cpp", "in C++"):
                program = pathlib.Path(build) / f"{library}_{language}"
                self.assertEqual("libhearth" in self.needed(program), is_shared)
                self.answers(program, text)

    def test_another_minor_version_is_not_what_was_asked_for(self):
        source = pathlib.Path(self.folder())
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required (VERSION 3.16)\nproject (other LANGUAGES C)\nfind_package (Hearth 0.99 REQUIRED)\n")
        with self.assertRaisesRegex(AssertionError, r"compatible\s+with\s+requested"):
            installed.run(["cmake", "-G", "Ninja", "-S", source, "-B", source / "build"], env=copy.environment())

    def pkg_config(self, *words):
        return installed.run(["pkg-config", *words, "hearth"], env=copy.environment()).split()

    def needed(self, program):
        return subprocess.run(["readelf", "-d", program], stdout=subprocess.PIPE, text=True, check=True).stdout

    def build_and_run(self, command, text):
        program = f"{self.folder()}/consumer"
        installed.run([*command, "-o", program])
        self.answers(program, text)
        return program

    def answers(self, program, text):
        broker = self.broker()
        self.program("echo_server", broker=broker, ready="echo.server")
        environment = {"LD_LIBRARY_PATH": str(copy.libraries)}
        ran = self.run_program(str(program), broker=broker, env=environment)
        self.assertEqual((ran.stdout, ran.stderr, ran.code), (text + "\n", "", 0))


if __name__ == "__main__":
    fixture.main()

"""A C++17 program that uses all of hearth.h works, whichever compiler made it, and is compiled without a warning."""
import pathlib
import re
import shutil

import fixture
import header
import installed

FOLDER = pathlib.Path(__file__).parent / "everything"
SOURCES = sorted(FOLDER.glob("*.cpp"))
HEADER = fixture.ROOT / "common/include/hearth.h"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wold-style-cast", "-Wshadow", "-Wcast-qual", "-Werror"]
PARTS = ["values", "connections", "calls", "serving", "kept", "callers", "streams", "events", "directory"]


class Everything(fixture.TestCase):
    def works(self, program):
        ran = self.run_program(program, broker=self.broker())
        self.assertEqual((ran.stderr, ran.code), ("", 0))
        self.assertEqual(ran.stdout, "".join(f"{part}: good\n" for part in PARTS))

    def test_it_works(self):
        self.works(fixture.BUILD / "tests" / "everything")

    def test_it_works_when_clang_has_made_it(self):
        if not shutil.which("clang++"):
            self.skipTest("clang++ is not installed; scripts/setup --with lint installs it")
        program = pathlib.Path(self.folder()) / "everything"
        library = fixture.BUILD / "common/lib"
        installed.run(["clang++", "-std=c++17", *WARNINGS, f"-I{HEADER.parent}", *SOURCES, "-o", program, f"-L{library}", f"-Wl,-rpath,{library}",
                       "-lhearth", "-lpthread"])
        self.works(program)

    def test_nothing_is_left_out(self):
        """Who adds a function to hearth.h uses it in a part of the program."""
        used = set(re.findall(r"\bhearth_\w+", "".join(source.read_text() for source in FOLDER.iterdir())))
        for name, others in header.macros(HEADER).items():
            if name in used:
                used |= others
        declared = header.functions(HEADER) | set(header.macros(HEADER))
        self.assertEqual(sorted(declared - used), [])


if __name__ == "__main__":
    fixture.main()

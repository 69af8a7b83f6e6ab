"""Every block of every page is what it says: programs compile and run, commands work, outputs are those that are shown.

A page is followed from its top to its end in a sandbox:

    ```c, ```cpp    compiled with all warnings as errors against an installed copy, and linked if there is a main
    a first line `//  NAME` or `#  NAME` in any block: saved in the sandbox under that name
    ```sh           run in the page's shell; a command that fails is a failure
    ```text         right behind ```sh: all that was printed, by programs in the background as well; `…` is any text within a line

A block that needs a package that is not here is left out together with its output, and the page counts as skipped. A block without such a verdict needs
a reason (markdown.py), or a language that is not run, or the page fails.
"""
import pathlib
import re
import shutil
import subprocess
import tempfile

import fixture
import installed
import markdown
import sandbox

COMPILERS = {"c": ("cc", "-std=c11", "c"), "cpp": ("c++", "-std=c++17", "c++")}
WITH_SOURCES = {"README.md", "CONTRIBUTING.md", "docs/guide/start.md"}
#  Data that other tests read (docs/protocol.md).
NOT_RUN = {"hex"}


def pages():
    return sorted(str(path.relative_to(fixture.ROOT)) for pattern in ("*.md", "docs/**/*.md") for path in fixture.ROOT.glob(pattern))


def setUpModule():
    global copy, prefix
    prefix = tempfile.mkdtemp(prefix="hearth-installed-")
    copy = installed.Installed(prefix)


def tearDownModule():
    shutil.rmtree(prefix, ignore_errors=True)


def shows(expected, printed):
    """Whether a line is what the page shows of it."""
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), printed) is not None


def shown(expected, printed, in_any_order):
    """Whether these lines are; programs beside each other print in any order."""
    if len(expected) != len(printed):
        return False
    if not in_any_order:
        return all(map(shows, expected, printed))
    left = list(printed)
    for line in expected:
        match = next((other for other in left if shows(line, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def has_main(block):
    return re.search(r"^int main\b", block.text, re.M) is not None


def includes_others(block):
    """Whether a program has further files: they are linked where the page does it."""
    return re.search(r'^#include "', block.text, re.M) is not None


def has_package(name):
    return subprocess.run(["pkg-config", "--exists", name], check=False).returncode == 0


class Pages(fixture.TestCase):
    """One test a page (below)."""
    longMessage = False

    def follow(self, page):
        text = (fixture.ROOT / page).read_text()
        blocks = markdown.blocks(text)
        self.check_verdicts(page, blocks)
        run, missing = self.without_missing([block for block in blocks if block.reason is None])
        if not any(block.language in ("sh", *COMPILERS) for block in run):
            return
        self.page = page
        self.box = sandbox.Sandbox(self, copy, page in WITH_SOURCES)
        if not re.search(r"^hearth-broker &", "".join(block.text for block in run if block.language == "sh"), re.M):
            self.box.start_broker()
        for block, after in zip(run, [*run[1:], None]):
            self.do(block, after.lines if after and after.language == "text" and after.follows else None)
        if missing:
            self.skipTest(f"{', '.join(missing)} is not installed; scripts/setup --with test installs it; the rest of {page} is what it says")

    def without_missing(self, blocks):
        """The blocks that can be run here, and the packages that are missing for the others."""
        missing = sorted({name for block in blocks for name in block.needs if not has_package(name)})
        kept, is_left_out = [], False
        for block in blocks:
            is_output = block.language == "text" and block.follows
            is_left_out = is_left_out if is_output else any(name in missing for name in block.needs)
            if not is_left_out:
                kept.append(block)
        return kept, missing

    def check_verdicts(self, page, blocks):
        for block in blocks:
            known = block.language in ("sh", "text", *COMPILERS, *NOT_RUN)
            self.assertTrue(known or block.reason, f"{page}:{block.line}: nobody knows whether this block is right: ```{block.language}")

    def test_programs_stay_short(self):
        for page in pages():
            for block in markdown.blocks((fixture.ROOT / page).read_text()):
                most = 40 if has_main(block) else 60
                self.assertFalse(block.language in COMPILERS and len(block.lines) > most, f"{page}:{block.line}: more than {most} lines")

    def do(self, block, output):
        for name in block.once:
            self.box.run(f"{fixture.BUILD}/tests/await_name {name}")
        if block.file:
            self.box.write(block.file, block.text)
        if block.language in COMPILERS:
            self.compile(block)
        elif block.language == "sh":
            self.run_commands(block, output)

    def compile(self, block):
        compiler, standard, language = COMPILERS[block.language]
        if block.needs:    # other packages' headers may want more of the C library than the standard has
            standard = standard.replace("=c", "=gnu")
        flags = installed.run(["pkg-config", "--cflags", "--libs", "hearth", *block.needs], env=self.box.environment).split()
        link = ["-x", "none", "-o", "/dev/null"] if has_main(block) and not includes_others(block) else ["-fsyntax-only"]
        command = [compiler, standard, "-Wall", "-Wextra", "-Werror", f"-I{self.box.work}", "-x", language, "-", *link, *flags]
        try:
            installed.run(command, input=block.text)
        except AssertionError as error:
            self.fail(f"{self.page}:{block.line}: {error}")

    def run_commands(self, block, output):
        where = f"{self.page}:{block.line}"
        well, printed = self.box.run(block.text)
        self.assertTrue(well, f"{where}: a command failed\n" + "\n".join(printed))
        if output is None:
            return
        in_any_order = re.search(r"&$", block.text, re.M) is not None
        while not shown(output, printed, in_any_order) and len(printed) < len(output):
            try:
                printed.append(self.box.next_line())
            except fixture.Timeout:
                break
        self.assertTrue(shown(output, printed, in_any_order), "\n".join([f"{where}: it shows", *output, "--- but there was", *printed]))


def _follow(page):
    return lambda self: self.follow(page)


for _page in pages():
    _name = re.sub(r"\W", "_", re.sub(r"\.md$", "", _page)).lower()
    setattr(Pages, f"test_{_name}_is_what_it_says", _follow(_page))


class Rig(fixture.TestCase):
    """Wrong pages are found out."""

    def wrong(self, pattern, *lines):
        path = pathlib.Path(self.folder()) / "page.md"
        path.write_text("\n".join(lines) + "\n")
        pages = Pages()
        pages.setUp()
        try:
            with self.assertRaisesRegex(AssertionError, pattern):
                pages.follow(str(path))
        finally:
            pages.doCleanups()

    def test_a_command_that_fails_is_found(self):
        self.wrong("a command failed\nbefore", "```sh", "echo before", "false", "echo behind", "```")

    def test_another_output_is_found(self):
        self.wrong("it shows\nHELLO\n--- but there was\nHOLA", "```sh", "echo_server &", "```", "```text", "hearth://…/echo.server", "```",
                   "<!-- once echo.server is served -->", "```sh", "echo_client", "```", "```text", "HELLO", "```")

    def test_output_that_is_not_shown_is_found(self):
        self.wrong("it shows\n1\n--- but there was\n1\n2", "```sh", "echo 1; echo 2", "```", "", "```text", "1", "```")

    def test_a_warning_is_found(self):
        self.wrong("unused variable", "```c", "int main (void) { int unused; return 0; }", "```")

    def test_a_block_of_no_known_language_is_found(self):
        self.wrong("nobody knows", "```", "anything", "```")


if __name__ == "__main__":
    fixture.main()

"""The manual's pages, the programs' help and the tables of options tell the same."""
import re
import shutil

import fixture
import installed

PAGES = {path.stem: path for path in sorted((fixture.ROOT / "docs/man").glob("*.[18]"))}
BROKER = "hearth-broker"
OF_ONE_VERB = {"items": "call"}    # options of hearth's that one verb has
TOOLS_OF_TESTS = ("bench_", "chaos_", "hearth_simulate")    # which nobody installs


def plain(page):
    """The page's source without its macros' quoting."""
    return page.read_text().replace("\\-", "-")


def options_of_page(name):
    """Those that the page explains: items of its lists."""
    return set(re.findall(r"^\.It Fl (?:Fl |-)([a-z-]+)", plain(PAGES[name]), re.M))


def options_in(text):
    """Those that stand at the beginning of a line, as in a help."""
    return set(re.findall(r"^ +--([a-z-]+)", text, re.M))


class Manual(fixture.TestCase):
    def help(self, *words):
        program = self.run_program(*words, "--help")
        self.assertEqual((program.code, program.stderr), (0, ""))
        return program.stdout

    def test_every_program_has_a_page(self):
        programs = {path.name for path in (fixture.BUILD / "bin").iterdir()}
        self.assertEqual(set(PAGES), {name for name in programs if not name.startswith(TOOLS_OF_TESTS)})

    def test_pages_and_helps_have_the_same_options(self):
        for name in PAGES:
            of_verbs = set(OF_ONE_VERB) if name == "hearth" else set()
            self.assertEqual(options_of_page(name) - of_verbs, options_in(self.help(name)), name)
            self.assertIn("help", options_of_page(name))

    def test_the_synopsis_names_every_option_of_its_own(self):
        for name in set(PAGES) - {BROKER}:
            synopsis = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh", plain(PAGES[name]), re.M | re.S).group(1)
            told = set(re.findall(r"Fl Fl ([a-z-]+)", synopsis))
            self.assertEqual(told, options_of_page(name) - {"help", "version"}, name)

    def test_page_and_help_have_the_same_verbs_and_operands(self):
        helped = re.findall(r"^  ([a-z]+)(?: +([A-Z\[][A-Z .\[\]]*[A-Z.\]]))?  ", self.help("hearth"), re.M)
        items = re.findall(r"^\.It Ic (\w+)(.*)$", plain(PAGES["hearth"]), re.M)
        told = [(verb, re.sub(r"Op Ar (\w+)( \.\.\.)?", lambda m: f"[{m.group(1)}{'...' if m.group(2) else ''}]", rest)
                 .replace("Ar ", "").strip()) for verb, rest in items]
        self.assertEqual(told, helped)
        self.assertGreater(len(told), 4)

    def test_every_verb_has_the_options_of_the_page(self):
        for verb in re.findall(r"^\.It Ic (\w+)", plain(PAGES["hearth"]), re.M):
            others = {option for option, its in OF_ONE_VERB.items() if its != verb}
            if verb != "help":
                self.assertEqual(options_in(self.help("hearth", verb)), options_of_page("hearth") - others, verb)

    def test_pages_and_helps_have_the_same_exit_codes(self):
        for name in PAGES:
            helped = re.findall(r"(\d) (?=[a-z])", re.search(r"Exit codes:(.*)", self.help(name), re.S).group(1))
            status = re.search(r"^\.Sh EXIT STATUS\n(.*?)^\.El", plain(PAGES[name]), re.M | re.S).group(1)
            self.assertEqual(re.findall(r"^\.It (\d)", status, re.M), helped, name)

    def test_the_brokers_limits_have_one_default(self):
        """In its page, in its help, in docs/limits.md and in the example of a configuration."""
        flat = re.sub(r"\s+", " ", self.help(BROKER))
        helped = dict(re.findall(r"--([a-z-]+) (?:SIZE|COUNT|TIME) (?:(?! --).)*?\((\w+)\)(?= --| SIGTERM| [A-Z])", flat))
        rows = dict(re.findall(r"^\| `--([a-z-]+)` \| [^|]* \| (\w+) \|", (fixture.ROOT / "docs/limits.md").read_text(), re.M))
        self.assertEqual({name: value for name, value in helped.items() if name != "settle"}, rows)
        example = dict(re.findall(r"^#? ?([a-z-]+) = (\S+)$", (fixture.ROOT / "docs/hearth-broker.conf").read_text(), re.M))
        self.assertEqual({name: example.get(name) for name in helped}, helped)
        for name, value in rows.items():
            item = re.search(rf"^\.It Fl -{name} .*?(?=^\.(?:It|El))", plain(PAGES[BROKER]), re.M | re.S).group(0)
            self.assertRegex(item, rf"\({value}\b|default, {value}\b", name)

    def test_the_example_of_a_configuration_has_every_key(self):
        keys = set(re.findall(r"^#? ?([a-z-]+) = ", (fixture.ROOT / "docs/hearth-broker.conf").read_text(), re.M))
        self.assertEqual(keys, options_of_page(BROKER) - {"config", "help", "version"})

    def test_pages_refer_to_pages(self):
        for name, page in PAGES.items():
            for other, section in re.findall(r"^\.Xr (\S+) (\d)", plain(page), re.M):
                if other != "flock":
                    self.assertTrue(other in PAGES and PAGES[other].suffix == f".{section}", f"{name}: {other}({section})")

    def test_formatters_have_nothing_to_say_of_them(self):
        groff, mandoc = shutil.which("groff"), shutil.which("mandoc")
        if not groff and not mandoc:
            self.skipTest("there is neither groff nor mandoc")
        for page in PAGES.values():
            if groff:
                said = installed.run([groff, "-mdoc", "-Tutf8", "-ww", "-z", page], env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
                self.assertEqual(said, "", page.name)
            if mandoc:
                installed.run([mandoc, "-T", "lint", "-W", "warning", page])


if __name__ == "__main__":
    fixture.main()

"""Links between the documents lead somewhere, and the files that they name are there."""
import os
import re

import fixture
import markdown

#  Pages that speak of the sources: what they put between backquotes and looks like a file of ours is one.
OF_THE_SOURCES = ["README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/dependencies.md", "docs/limits.md", "docs/protocol.md"]
FILE = re.compile(r"[\w.*/-]+\.(?:c|h|md|py|cpp|conf|yml|map|sh)|(?:scripts|common|broker|services|clients|tests|docs)/[\w./*-]*|CMakeLists\.txt|Dockerfile")


def pages():
    return sorted(path for pattern in ("*.md", "docs/**/*.md") for path in fixture.ROOT.glob(pattern))


def files():
    """Paths of all files and folders of the sources, below the root."""
    found = []
    for folder, folders, names in os.walk(fixture.ROOT):
        folders[:] = [name for name in folders if name not in (".git", "__pycache__") and not os.path.exists(f"{folder}/{name}/CMakeCache.txt")]
        here = os.path.relpath(folder, fixture.ROOT)
        found += [os.path.normpath(os.path.join(here, name)) for name in names + folders]
    return found


class Links(fixture.TestCase):
    def test_every_link_between_pages_leads_somewhere(self):
        wrong, checked = [], 0
        for page in pages():
            for line, target in markdown.links(page.read_text()):
                if re.match(r"https?://|mailto:", target):
                    continue
                checked += 1
                path, _, anchor = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                there = file.exists() and (not anchor or anchor in markdown.anchors(file.read_text()))
                if not there:
                    wrong.append(f"{page.relative_to(fixture.ROOT)}:{line}: {target}")
        self.assertEqual(wrong, [])
        self.assertGreater(checked, 20)

    def test_every_page_can_be_reached_from_the_readme(self):
        reached, left = set(), [fixture.ROOT / "README.md"]
        while left:
            page = left.pop()
            if page in reached:
                continue
            reached.add(page)
            targets = (target.partition("#")[0] for _, target in markdown.links(page.read_text()) if "://" not in target)
            found = ((page.parent / target).resolve() for target in targets if target.endswith(".md"))
            left += [target for target in found if target.exists()]
        self.assertEqual(set(pages()) - reached, set())

    def test_every_file_that_the_pages_name_is_there(self):
        there = files()
        wrong = []
        for name in OF_THE_SOURCES:
            for line, words in markdown.words_of_code((fixture.ROOT / name).read_text()):
                for word in words.split():
                    if FILE.fullmatch(word) and not any(self.matches(word.rstrip("/"), path) for path in there):
                        wrong.append(f"{name}:{line}: {word}")
        self.assertEqual(wrong, [])

    def test_every_package_that_is_installed_has_its_reason(self):
        table = re.search(r"<<'TABLE'\n(.*?)\nTABLE", (fixture.ROOT / "scripts/setup").read_text(), re.S).group(1)
        packages = {line.split()[1] for line in table.splitlines()}
        explained = {word for _, word in markdown.words_of_code((fixture.ROOT / "docs/dependencies.md").read_text())}
        self.assertEqual(packages - explained, set())

    @staticmethod
    def matches(word, path):
        """A word is a path's end, a `*` any part of a name."""
        pattern = re.escape(word.removeprefix("./")).replace(r"\*", "[^/]*")
        return re.fullmatch(rf"(?:.*/)?{pattern}", path) is not None

    def test_the_rig_sees_broken_ones(self):
        page = "# One `two`\n\nA [link](other.md#three), `no [link](x)`.\n\n```c\n[link](y)\n```\n## One two\n"
        self.assertEqual(markdown.links(page), [(3, "other.md#three")])
        self.assertEqual(markdown.anchors(page), {"one-two", "one-two-1"})


if __name__ == "__main__":
    fixture.main()

"""What a page of the documents holds: its fenced blocks, headings and links, and what its comments say of them.

Comments of these forms stand right before the block that they are about:

    <!-- not run here: REASON -->       the block has no verdict but this
    <!-- once NAME is served -->        it is run when the broker knows the name
    <!-- needs PACKAGE -->              it is run where pkg-config finds the package, and compiled with its flags

It knows the form of a page; nothing of what its blocks mean.
"""
import re

_FENCE = re.compile(r"^( *)(```+)(\S*)\s*$")
_REASON = re.compile(r"<!-- not run here: (.+?) -->")
_ONCE = re.compile(r"<!-- once (\S+) is served -->")
_NEEDS = re.compile(r"<!-- needs (\S+) -->")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


class Block:
    """A fenced block. `follows` is whether nothing but blank lines stands between it and the block before."""

    def __init__(self, language, line, lines, notes, follows):
        self.language = language
        self.line = line
        self.lines = lines
        self.reason = next(iter(_REASON.findall(notes)), None)
        self.once = _ONCE.findall(notes)
        self.needs = _NEEDS.findall(notes)
        self.follows = follows

    @property
    def text(self):
        return "".join(line + "\n" for line in self.lines)

    @property
    def file(self):
        """The name that the block's first line gives it: a comment of nothing else."""
        match = re.fullmatch(r"(?://|#)\s+([\w.-]+\.\w+)", self.lines[0]) if self.lines else None
        return match.group(1) if match else None


def _unfenced(text):
    """The page's lines, blank where they belong to a block."""
    fence = None
    for line in text.splitlines():
        match = _FENCE.match(line)
        if fence is None and match:
            fence = match.group(2)
            yield ""
        elif fence is not None:
            if match and match.group(2) == fence and not match.group(3):
                fence = None
            yield ""
        else:
            yield line


def blocks(text):
    """All fenced blocks, in order. A fence that is not closed is a ValueError."""
    found, notes, follows = [], "", False
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        opened = _FENCE.match(line)
        if not opened:
            notes = notes + line if line.startswith("<!--") else notes if not line.strip() else ""
            follows = follows and not line.strip()
            continue
        indent, fence, language = opened.groups()
        content = []
        for _, inner in lines:
            if inner.strip() == fence:
                break
            content.append(inner[len(indent):])
        else:
            raise ValueError(f"line {number}: the block is not closed")
        found.append(Block(language, number, content, notes, follows))
        notes, follows = "", True
    return found


def anchors(text):
    """The anchors that the page's headings have on GitHub."""
    found = set()
    for line in _unfenced(text):
        if re.match(r"#{1,6} ", line):
            plain = re.sub(r"`|\[([^\]]*)\]\([^)]*\)", r"\1", line.lstrip("#").strip())
            anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
            count = sum(1 for other in found if re.fullmatch(re.escape(anchor) + r"(-\d+)?", other))
            found.add(f"{anchor}-{count}" if count else anchor)
    return found


def links(text):
    """(line, target) of all links that are no code."""
    return [(number, target) for number, line in enumerate(_unfenced(text), 1)
            for target in _LINK.findall(re.sub(r"`[^`]*`", "", line))]


def words_of_code(text):
    """(line, word) of all that stands between backquotes."""
    return [(number, word) for number, line in enumerate(_unfenced(text), 1) for word in re.findall(r"`([^`]+)`", line)]

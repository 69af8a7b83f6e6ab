"""What hearth.h declares, as its tests compare it with other things."""
import re


def text(header):
    return open(header, encoding="utf-8").read()


def functions(header):
    """The functions that are marked with HEARTH_EXPORT."""
    found = set(re.findall(r"^HEARTH_EXPORT\b[^;(]*?\b(\w+) \(", text(header), re.MULTILINE))
    assert len(found) > 50, f"only {len(found)} functions were found in {header}"
    return found


def macros(header):
    """The macros that are called as functions are: from a name to the functions of ours that it stands for."""
    found = re.findall(r"^#define (hearth_\w+)\(.*?\)((?:.*\\\n)*.*)$", text(header), re.MULTILINE)
    return {name: set(re.findall(r"\bhearth_\w+", body)) for name, body in found}

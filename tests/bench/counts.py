"""W7, where a call's work is done: instructions by object under callgrind, and system calls under strace.

Neither depends on how busy the machine is. Each is the difference between a long and a short run of the same programs, divided by the
calls that it makes more, so that starting and ending do not count.
"""

import collections
import pathlib
import re
import shutil
import tempfile

import figures
import process
from sides import Forwarder, Hearth

LENGTHS = {"instructions": (1000, 6000), "system calls": (100, 600)}  # calls of the short and the long run
OBJECTS = (("libhearth", "libhearth"), ("hearth-broker", "hearth-broker"), ("msgpack", "libmsgpack"), ("libzmq", "libzmq"),
           ("libc", "libc.so"), ("libc", "ld-linux"), ("the program", "bench_"))


def object_of(path):
    return next((name for name, part in OBJECTS if part in pathlib.Path(path).name), "others")


def read_callgrind(path):
    """Instructions by object. Costs of a line that follows `calls=` are the callee's, which has lines of its own."""
    names, counts, current, skip = {}, collections.Counter(), "", False
    for line in path.read_text().splitlines():
        found = re.match(r"ob=\((\d+)\)(?: (.*))?", line)
        if found:
            names.setdefault(found[1], found[2])
            current = names[found[1]] or current
        elif re.match(r"cob=\((\d+)\) ", line):
            number, name = re.match(r"cob=\((\d+)\) (.*)", line).groups()
            names.setdefault(number, name)
        elif line.startswith("calls="):
            skip = True
        elif line[:1] in "0123456789+-*" and line:
            if not skip:
                counts[object_of(current)] += int(line.split()[1])
            skip = False
    return counts


def read_strace(path):
    """System calls by name from a summary."""
    counts = collections.Counter()
    for line in path.read_text().splitlines():
        words = line.split()
        if len(words) >= 5 and words[0][0].isdigit() and words[-1] != "total":
            counts[words[-1]] += int(words[3])
    return counts


TOOLS = {"instructions": (lambda out: ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"], read_callgrind),
         "system calls": (lambda out: ["strace", "-f", "-c", "-q", "-o", out], read_strace)}


def count(side_of, tool, calls, in_flight):
    """What each role's programs do for so many calls, by object or by name."""
    wrap, read = TOOLS[tool]
    counts = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        folder, outs = pathlib.Path(folder), []

        def wrapper():
            outs.append(folder / f"out-{len(outs)}")
            return wrap(outs[-1])
        process.wrapper = wrapper
        try:
            side = side_of(folder)
        finally:
            process.wrapper = None
        side.run(16, in_flight, calls)
        side.roles["client"].pop(0).close()
        side.end()
        for role, path in zip(("broker", "service", "client"), outs):
            counts[role] = read(path)
    return counts


def per_call(side_of, tool, in_flight):
    short, long = (count(side_of, tool, calls * (5 if in_flight > 1 else 1), in_flight) for calls in LENGTHS[tool])
    made = (LENGTHS[tool][1] - LENGTHS[tool][0]) * (5 if in_flight > 1 else 1) * 1.05  # warming up makes a twentieth more
    return {role: {name: round((long[role][name] - short[role][name]) / made, 2) for name in long[role]} for role in long}


def rows(run):
    found = []
    for tool, needs in (("instructions", "valgrind"), ("system calls", "strace")):
        if not shutil.which(needs):
            run.report(f"W7: no {tool}, since there is no {needs}")
            continue
        for in_flight in (1, 1000):
            run.report(f"W7: {tool} a call, {in_flight} in flight")
            product = per_call(lambda folder: Hearth(folder, "tcp"), tool, in_flight)
            reference = per_call(lambda folder: Forwarder(folder, "tcp"), tool, in_flight)
            for role in figures.ROLES:
                found.append(figures.single(
                    "W7", sum(product[role].values()), tool, sum(reference[role].values()), "forwarder", what=role,
                    transport="tcp", size=16, inflight=in_flight, parts={"hearth": product[role], "forwarder": reference[role]}))
    return found


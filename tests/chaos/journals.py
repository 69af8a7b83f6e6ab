"""The journals of a run, read: who called, executed, published and was told what, and what was done to the containers.

A journal is FOLDER/CONTAINER.PROGRAM.START.journal, lines of words (chaos.h and the programs beside it write them). The times are nanoseconds of one clock.
"""
import collections
import pathlib

LATE_NS = 1_000_000_000     # what may end that much after its deadline
FAILURES = "failures"       # who ended by itself, and not well: lines of a program and its exit code

Program = collections.namedtuple("Program", "name container start lines")


class Journals:
    """`calls`, `ends`, `runs` by a call's id; `lines` of an id, to be shown; the rest by program."""

    def __init__(self, folder):
        self.programs = [_read(path) for path in sorted(pathlib.Path(folder).glob("*.*.*.journal"))]
        self.kills, self.stops = _read_faults(pathlib.Path(folder) / "nemesis.journal")
        self.failures = _read_lines(pathlib.Path(folder) / FAILURES)
        self.calls, self.ends, self.runs = (collections.defaultdict(list) for _ in range(3))
        self._of_id = collections.defaultdict(list)
        kinds = {"CALL": self.calls, "END": self.ends, "RUN": self.runs}
        for program in self.programs:
            for words in program.lines:
                if words[0] in kinds and len(words) > 3:
                    kinds[words[0]][words[1]].append((program, words))
                    self._of_id[words[1]].append(f"{program.name}: {' '.join(words)}")

    def story(self, identity):
        """All that was journalled of a call."""
        return self._of_id.get(identity, [])

    def killed_at(self, program):
        """When this run of the program was killed, or None."""
        return min((at for at in self.kills[program.container] if at >= program.start), default=None)

    def was_killed(self, program):
        return self.killed_at(program) is not None

    def due(self, program, began, timeout_ms, until):
        """When what the program began has to end, or the end of the program's last stop before `until` if that is later."""
        return max(began + timeout_ms * 1_000_000, self.stopped_until(program.container, began, until))

    def may_be_open(self, program, began, timeout_ms):
        """Whether a kill ended the program before what it began had to end: a later one excuses nothing."""
        killed = self.killed_at(program)
        return killed is not None and killed <= self.due(program, began, timeout_ms, killed) + LATE_NS

    def stopped_until(self, container, begin, end):
        """The end of the last stop of the container that touches this time, or 0."""
        return max((until for since, until in self.stops[container] if since <= end and until >= begin), default=0)


def _read(path):
    words = path.name.split(".")
    text = path.read_text()
    whole = text[:text.rfind("\n") + 1]
    return Program(".".join(words[:-1]), words[0], int(words[-2]), [line.split() for line in whole.splitlines() if line])


def _read_lines(path):
    return [line.split() for line in path.read_text().splitlines()] if path.exists() else []


def _read_faults(path):
    kills, stops, since = collections.defaultdict(list), collections.defaultdict(list), {}
    for kind, at, fault, target in _read_lines(path):
        if fault == "kill" and kind == "BEGIN":
            kills[target].append(int(at))
        elif fault == "pause" and kind == "BEGIN":
            since[target] = int(at)
        elif fault == "pause" and target in since:
            stops[target].append((since.pop(target), int(at)))
    return kills, stops

"""Says what the journals of a run show that must not be: each violation is a sentence and the journal's lines that it is about.

Knows the promises of docs/reliability.md, and neither Docker nor the programs.
"""
import collections

import accounts
import journals as reading

NOT_EXECUTED, MAY_HAVE, EXECUTED = 1, 2, 3
LATE_NS = 1_000_000_000
RESULT, ACKNOWLEDGED = "result", "acknowledged"

Report = collections.namedtuple("Report", "calls outcomes unended runs longest_s published told lost epochs violations")


def _due(journals, call, until):
    """The call's deadline, or the end of the last stop of its caller before that time."""
    caller, (_, _, _, timeout_ms, began) = call
    return max(int(began) + int(timeout_ms) * 1_000_000, journals.stopped_until(caller.container, int(began), until))


def _check_end(journals, identity, call, end):
    """What one call, its end and its executions say together, as sentences."""
    _, (_, _, method, _, _) = call
    _, (_, _, name, mark, ended) = end
    mark, runs = int(mark), len(journals.runs.get(identity, ()))
    if name == "wrong":
        yield "was answered with what belongs to another call"
    if name in (RESULT, ACKNOWLEDGED) and mark or name not in (RESULT, ACKNOWLEDGED) and mark not in (NOT_EXECUTED, MAY_HAVE, EXECUTED):
        yield f"ended as {name} with the mark {mark}"
    if mark == NOT_EXECUTED and runs:
        yield f"ended as {name}, not executed, and was executed"
    if (mark == EXECUTED or name == RESULT) and runs != 1:
        yield f"ended as {name}, executed, and was executed {runs} times"
    if method in ("bad", "nothing") and runs:
        yield "was executed although its method or its arguments do not exist"
    due = _due(journals, call, int(ended))
    if int(ended) > due + LATE_NS:
        yield f"ended {(int(ended) - due) / 1e9:.3f} s after its deadline"


def _may_be_open(journals, call):
    """Whether a kill ended its caller before the call had to end: a later one excuses nothing."""
    killed = journals.killed_at(call[0])
    return killed is not None and killed <= _due(journals, call, killed) + LATE_NS


def _check_call(journals, identity, calls):
    ends, runs = (of.get(identity, ()) for of in (journals.ends, journals.runs))
    if len(calls) != 1:
        yield f"was made {len(calls)} times under one id"
    if len(runs) > 1:
        yield f"was executed {len(runs)} times"
    if len(ends) > 1:
        yield f"ended {len(ends)} times"
    if not ends and not _may_be_open(journals, calls[0]):
        yield "never ended, and its caller was not killed before it had to"
    if ends:
        yield from _check_end(journals, identity, calls[0], ends[0])


def _check_calls(journals):
    for identity, calls in journals.calls.items():
        for sentence in _check_call(journals, identity, calls):
            yield f"call {identity} {sentence}", journals.story(identity)
    for identity in [*journals.runs, *journals.ends]:
        if identity not in journals.calls:
            yield f"call {identity} was executed or ended, and nobody made it", journals.story(identity)


def _check_programs(journals):
    """Whoever was not killed went on to the end, and nobody ended by itself before that."""
    for program, code in journals.failures:
        yield f"{program} ended with {code}", []
    for program in journals.programs:
        quit_lines = sum(words[0] == "QUIT" for words in program.lines)
        if quit_lines == 0 and not journals.was_killed(program):
            yield f"{program.name} did not come to its end, and was not killed", []


def check(folder):
    """A Report of the journals in the folder."""
    journals = reading.Journals(folder)
    story = accounts.Accounts(journals)
    violations = [*_check_programs(journals), *_check_calls(journals), *story.check()]
    outcomes = collections.Counter(ends[0][1][2] for ends in journals.ends.values())
    longest = max((int(ends[0][1][4]) - int(journals.calls[identity][0][1][4])
                   for identity, ends in journals.ends.items() if identity in journals.calls), default=0)
    unended = len(journals.calls.keys() - journals.ends.keys())
    return Report(len(journals.calls), outcomes, unended, sum(map(len, journals.runs.values())), longest / 1e9,
                  len(story.published), story.told, story.lost, len(story.epochs), violations)

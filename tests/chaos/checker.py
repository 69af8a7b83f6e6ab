"""Says what the journals of a run show that must not be: each violation is a sentence and the journal's lines that it is about.

Knows the promises of docs/reliability.md, and neither Docker nor the programs.
"""
import collections

import accounts
import journals as reading

NOT_EXECUTED, MAY_HAVE, EXECUTED = 1, 2, 3
PUBLISH_MS = 10_000     # the library's default: publications have no other
RESULT, ACKNOWLEDGED = "result", "acknowledged"

Report = collections.namedtuple("Report", "calls outcomes unended runs longest_s published told lost epochs violations")


def _began(call):
    """Program, time and timeout of a call."""
    program, (_, _, _, timeout_ms, began) = call
    return program, int(began), int(timeout_ms)


def _check_time(journals, began, ended):
    """What ended does so in time, and what did not was cut short by a kill, as sentences."""
    if ended is None:
        if not journals.may_be_open(*began):
            yield "never ended, and its caller was not killed before it had to"
        return
    due = journals.due(*began, ended)
    if ended > due + reading.LATE_NS:
        yield f"ended {(ended - due) / 1e9:.3f} s after its deadline"


def _check_end(journals, identity, call, end):
    """What one call, its end and its executions say together, as sentences."""
    _, (_, _, method, _, _) = call
    _, (_, _, name, mark, _) = end
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


def _check_call(journals, identity, calls):
    ends, runs = (of.get(identity, ()) for of in (journals.ends, journals.runs))
    if len(calls) != 1:
        yield f"was made {len(calls)} times under one id"
    if len(runs) > 1:
        yield f"was executed {len(runs)} times"
    if len(ends) > 1:
        yield f"ended {len(ends)} times"
    yield from _check_time(journals, _began(calls[0]), int(ends[0][1][4]) if ends else None)
    if ends:
        yield from _check_end(journals, identity, calls[0], ends[0])


def _check_calls(journals):
    for identity, calls in journals.calls.items():
        for sentence in _check_call(journals, identity, calls):
            yield f"call {identity} {sentence}", journals.story(identity)
    for identity in [*journals.runs, *journals.ends]:
        if identity not in journals.calls:
            yield f"call {identity} was executed or ended, and nobody made it", journals.story(identity)


def _check_publications(journals, story):
    for text, (program, began) in story.asked.items():
        for sentence in _check_time(journals, (program, began, PUBLISH_MS), story.answered.get(text)):
            yield f"publication {text} {sentence}", [program.name]


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
    violations = [*_check_programs(journals), *_check_calls(journals), *_check_publications(journals, story), *story.check()]
    outcomes = collections.Counter(ends[0][1][2] for ends in journals.ends.values())
    longest = max((int(ends[0][1][4]) - int(journals.calls[identity][0][1][4])
                   for identity, ends in journals.ends.items() if identity in journals.calls), default=0)
    unended = len(journals.calls.keys() - journals.ends.keys())
    return Report(len(journals.calls), outcomes, unended, sum(map(len, journals.runs.values())), longest / 1e9,
                  len(story.published), story.told, story.lost, len(story.epochs), violations)

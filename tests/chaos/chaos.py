"""Kills, stops and cuts off containers that call, serve, publish and observe, and says whether every promise was kept. Run by scripts/chaos.

The last line is the summary. Ends with 0 if nothing was violated, 1 if something was, 77 where there is no Docker, 130 if it was
interrupted.
"""
import argparse
import collections
import random
import shutil
import signal
import sys
import time
import unittest

import accounts
import checker
import journals
import plan
import stage
import stack

CALLS_END = 90      # seconds: the longest deadline, and what a busy machine adds
ACCOUNTS_END = 45
LOOK = 0.5
SHOWN = 20          # violations
INTERRUPTED = 130
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def read_arguments():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description="Faults between a broker, a pool of three services and six containers of clients.")
    parser.add_argument("--minutes", type=float, default=1, help="how long faults are injected (default: 1)")
    parser.add_argument("--seed", type=int, help="what decides the faults; the same seed injects the same ones (default: another each time)")
    parser.add_argument("--plan", action="store_true", help="print the seed's faults, and inject none")
    parser.add_argument("--keep", metavar="FOLDER", help="copy the journals there")
    parser.add_argument("--figures", action="store_true", help="as the first word: measure instead (--figures --help)")
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(1_000_000)
    return arguments


def say(text):
    print(f"chaos: {text}", file=sys.stderr, flush=True)


def planned(arguments):
    """The seed's events, but for those that this machine cannot inject."""
    events = plan.events(arguments.seed, arguments.minutes * 60)
    if stage.can_filter():
        return events
    say("without root, nsenter and iptables nothing is cut one way, and no packets are dropped")
    return [event for event in events if event.fault not in plan.NETWORK]


def inject(theatre, events):
    began = time.monotonic()
    for event in events:
        time.sleep(max(0, began + event.at - time.monotonic()))
        if event.begins:
            say(f"{event.at:7.1f} s  {event.fault} {event.target}")
        theatre.inject(event)


def wait_until(fact, seconds):
    """Whether the fact came to be."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK)
    return True


def have_quit(theatre, roles):
    read = journals.Journals(theatre.journal)
    return all(any(words[0] == "QUIT" for words in program.lines) or read.was_killed(program)
               for program in read.programs if program.name.split(".")[1].startswith(roles))


def end(theatre):
    """Lets all calls end, then all accounts, then the programs."""
    theatre.tell("stop")
    wait_until(lambda: have_quit(theatre, ("caller", "publisher")), CALLS_END) or say("not all calls ended in time")
    complete = wait_until(lambda: not any(accounts.Accounts(journals.Journals(theatre.journal)).behind()), ACCOUNTS_END)
    complete or say("not all accounts came to their end in time")
    theatre.tell("done")
    for service in plan.SERVICES:
        theatre.do("kill", "--signal", "TERM", service)
    wait_until(lambda: not theatre.running() - {plan.BROKER, plan.RELAY}, ACCOUNTS_END) or say("not all programs ended in time")


def perform(arguments):
    """Injects the faults; returns how many of each kind, and what the checker says."""
    events = planned(arguments)
    stage.prepare_image()
    theatre = stage.Stage(arguments.seed)
    try:
        inject(theatre, events)
        end(theatre)
        if arguments.keep:
            shutil.copytree(theatre.journal, arguments.keep, dirs_exist_ok=True)
        return collections.Counter(event.fault for event in events if event.begins), checker.check(theatre.journal)
    finally:
        for number in INTERRUPTS:
            signal.signal(number, signal.SIG_IGN)    # what is taken away is taken away in peace
        theatre.close()


def counted(counter):
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])))


def summarize(arguments, faults, report):
    for sentence, lines in report.violations[:SHOWN]:
        print(f"VIOLATION: {sentence}", *lines, sep="\n    ")
    print(f"chaos: seed {arguments.seed}, {arguments.minutes:g} min, {report.calls} calls ({counted(report.outcomes)}; {report.unended} of killed callers; "
          f"longest {report.longest_s:.1f} s), {report.runs} executions, {report.published} publications in {report.epochs} epochs ({report.told} told, "
          f"{report.lost} lost), {faults.total()} faults ({counted(faults)}), {len(report.violations)} violations")
    return 1 if report.violations or report.calls == 0 else 0


def interrupted(number, _frame):
    raise KeyboardInterrupt(signal.Signals(number).name)


def main():
    arguments = read_arguments()
    if arguments.plan:
        for event in plan.events(arguments.seed, arguments.minutes * 60):
            print(f"{event.at:9.3f} {'begin' if event.begins else 'end':5} {event.fault} {event.target}")
        return 0
    try:
        stack.require_docker()
    except unittest.SkipTest as reason:
        print(f"SKIPPED scripts/chaos: {reason}")
        return 77
    for number in INTERRUPTS:
        signal.signal(number, interrupted)
    try:
        return summarize(arguments, *perform(arguments))
    except KeyboardInterrupt:
        say("interrupted; nothing is left behind")
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())

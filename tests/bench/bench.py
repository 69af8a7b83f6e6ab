"""The benchmark's command line: scripts/bench runs it. What is measured stands in workloads.py and growth.py."""

import argparse
import json
import os
import pathlib
import platform
import resource
import sys

import counts
import growth
import peers
import report
import transport
import workloads

ROUNDS, QUICK_ROUNDS = 15, 5
WORKLOADS = {"W1": workloads.latency, "W2": workloads.throughput, "W3": workloads.crowd, "W4": workloads.notifications,
             "W5": workloads.streams, "W6": growth.growth, "W7": counts.rows, "memory": growth.memory, "W8": workloads.starts,
             "W9": workloads.workers, "transport": transport.transport}
HELP = """\
W1      latency of one caller
W2      throughput with calls in flight
W3      64 callers at once: one service, eight, a pool of eight
W4      notifications to 1, 8 and 32 observers
W5      items of streams: down, 8 streams at once, up
W6      how the ratio to the forwarder grows with names, connections, calls in flight
W7      instructions and system calls a call, by process, where valgrind and strace are (CPU a call stands beside every workload)
memory  the broker's memory a name, connection, call and topic
W8      how long the broker and the command-line tool take to start
W9      a handler that waits a millisecond: two workers against one
transport  a forwarder on epoll, without libzmq, in the product's place: what a transport of our own could gain
"""


def machine():
    cpus = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")]
    return {"cpu": cpus[0] if cpus else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            **{name: os.environ.get(f"HEARTH_BENCH_{name.upper()}", "?") for name in ("libzmq", "compiler")}}


def told(text):
    is_terminal = sys.stderr.isatty()
    print(f"\r\033[K{text}" if is_terminal else text, end="" if is_terminal else "\n", file=sys.stderr, flush=True)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures Hearth against references in the same run.",
                                     epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", nargs="*", help="all of them unless given")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}, of fewer calls: whether anything broke")
    parser.add_argument("--rounds", type=int, help="so many rounds")
    parser.add_argument("--peers", action="store_true", help="NATS, dbus-broker and Pyro4, too")
    options = parser.parse_args()
    unknown = set(options.workload) - set(WORKLOADS)
    if unknown:
        parser.error(f"unknown workload {', '.join(sorted(unknown))}; there are {', '.join(WORKLOADS)}")
    return options


def main():
    options = arguments()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    wanted = [WORKLOADS[name] for name in options.workload or WORKLOADS]
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    sides = (lambda *what: lambda folder: peers.start(folder, *what)) if options.peers else lambda *what: lambda folder: []
    run = workloads.Run(rounds, options.quick, sides, told)
    rows = []
    for workload in dict.fromkeys(wanted):
        rows += workload(run)
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")
    told("")
    report.show(rows)


if __name__ == "__main__":
    main()

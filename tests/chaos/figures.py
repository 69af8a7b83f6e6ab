"""The figures of docs/reliability.md: from a kill, or a cut of the network, to the caller's error, and many connections. Run by scripts/chaos --figures.

Cuts need Docker, and root for those that are of one direction; the others need no container.
"""
import argparse
import os
import pathlib
import random
import resource
import subprocess
import sys
import time
import unittest

import plan
import stage
import stack

import fixture  # stage knows where it is

CUTS = ("disconnect", "cut-in", "cut-out")
HEARTBEAT_S = 3
CALL = ("hearth", "call", "--wait", "20s", "--timeout", "60s", "chaos.victim", "hang")


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


class Held:
    """A program of the build folder that says `ready`, and goes on at the end of its input."""

    def __init__(self, broker, *words):
        self._process = subprocess.Popen([fixture.BUILD / words[0], *words[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         text=True, env={**os.environ, "HEARTH_BROKER": broker.address})
        fixture.open_things.add(self)
        said = self._process.stdout.readline()
        if said != "ready\n":
            raise AssertionError(f"{words[0]} ended with {self._process.wait()}")

    def go_on(self):
        """What it says until its end."""
        return self._process.communicate()[0].strip()

    def close(self):
        fixture.open_things.discard(self)
        self._process.kill()
        self._process.communicate()


def measure_deaths(rounds):
    with fixture.Broker(transport="tcp") as broker, fixture.Program("chaos_death", rounds, broker=broker) as death:
        code = death.wait(600)
        print(death.stdout.strip() or death.transcript())
        return code


def measure_connections(idle, busy, rounds):
    with fixture.Broker(transport="tcp") as broker, fixture.Program("echo_server", broker=broker) as service:
        service.wait_for_line("echo.server")
        alone = resident_kib(broker.pid)
        quiet = Held(broker, "bench/bench_idle", broker.address, str(idle), "hello")
        with_idle = resident_kib(broker.pid)
        loud = Held(broker, "bin/chaos_busy", str(busy), str(rounds))
        said = loud.go_on()
        with_all = resident_kib(broker.pid)
        print(f"{idle} idle and {busy} busy connections: {said}; the broker's memory: {alone / 1024:.1f} MiB alone, "
              f"{(with_idle - alone) / idle:.1f} KiB for each idle one, {(with_all - with_idle) / busy:.1f} KiB for each busy one, "
              f"{with_all / 1024:.1f} MiB in all")
        loud.close()
        quiet.close()
        return " 0 errors" not in said


def measure_cut(theatre, fault, number):
    """Seconds from before a service's network is cut to its caller's error."""
    service = f"victim{number}"
    address = stack.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", theatre.full(plan.BROKER)).stdout.strip()
    theatre.run(service, "chaos_death")
    with fixture.Program(*CALL, broker=f"tcp://{address}:9797") as caller, \
            fixture.Program(stack.DOCKER, "logs", "--follow", theatre.full(service)) as log:
        log.wait_for_line("^runs$")
        time.sleep(random.uniform(0, HEARTBEAT_S))      # at any time between two heartbeats
        began = time.monotonic()
        stage.FAULTS[fault][0](theatre, service)
        caller.wait_for_log("hearth.ServiceGone")
        took = time.monotonic() - began
        theatre.do("kill", service)
    return took


def measure_cuts(rounds):
    """Each kind of cut as often as the others."""
    try:
        stack.require_docker()
    except unittest.SkipTest as reason:
        print(f"SKIPPED silent cuts: {reason}")
        return 0
    stage.prepare_image()
    faults = [fault for fault in CUTS if fault not in plan.NETWORK or stage.can_filter()]
    theatre = stage.Containers()
    try:
        theatre.run_broker()
        found = [(measure_cut(theatre, faults[number % len(faults)], number), faults[number % len(faults)]) for number in range(rounds)]
    finally:
        theatre.close()
    each = ", ".join(f"{fault} {took:.1f}" for took, fault in found)
    print(f"{rounds} silent cuts: {min(found)[0]:.1f} to {max(found)[0]:.1f} s ({each})")
    return 0


def main():
    parser = argparse.ArgumentParser(description="Measures what happens after a kill, after a cut of the network, and with many connections.")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--cuts", type=int, default=9)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--busy", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        failed = arguments.kills and measure_deaths(arguments.kills) != 0
        failed |= arguments.idle and measure_connections(arguments.idle, arguments.busy, arguments.rounds)
        failed |= arguments.cuts and measure_cuts(arguments.cuts)
        return int(failed)
    finally:
        for thing in list(fixture.open_things):
            thing.close()


if __name__ == "__main__":
    sys.exit(main())

"""The figures of docs/reliability.md: from a kill to the caller's error, and many connections. Run by scripts/chaos --figures, without a container."""
import argparse
import os
import pathlib
import resource
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "fixture"))

import fixture  # noqa: E402


def resident_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


class Held:
    """A program that says `ready`, and goes on at the end of its input."""

    def __init__(self, broker, *words):
        self._process = subprocess.Popen([fixture.BUILD / "bin" / words[0], *words[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
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
        quiet = Held(broker, "bench_idle", broker.address, str(idle), "hello")
        with_idle = resident_kib(broker.pid)
        loud = Held(broker, "chaos_busy", str(busy), str(rounds))
        said = loud.go_on()
        with_all = resident_kib(broker.pid)
        print(f"{idle} idle and {busy} busy connections: {said}; the broker's memory: {alone / 1024:.1f} MiB alone, "
              f"{(with_idle - alone) / idle:.1f} KiB for each idle one, {with_all / 1024:.1f} MiB in all")
        loud.close()
        quiet.close()
        return " 0 errors" not in said


def main():
    parser = argparse.ArgumentParser(description="Measures what happens after a kill, and with many connections.")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--busy", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=200)
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        return int(measure_deaths(arguments.kills) != 0) | int(measure_connections(arguments.idle, arguments.busy, arguments.rounds))
    finally:
        for thing in list(fixture.open_things):
            thing.close()


if __name__ == "__main__":
    sys.exit(main())

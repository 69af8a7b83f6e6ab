"""A broker in a container of 256 MiB, under more load than fits: the newest is shed, honest work goes on, and all is well again afterwards."""
import os
import pathlib
import subprocess
import sys

import fixture

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "containers"))

import stack  # noqa: E402

MEMORY = 256 << 20
SIZE = 256 << 10
CALLS = 900             # of each load: below what a session may have parked
LOADS = 3               # that is 675 MiB
STUCK = ("chaos.one", "chaos.two", "chaos.three")       # each name's queue has a limit of its own


class Load:
    """chaos_load as a process that is told to end by its input."""

    def __init__(self, address, *name):
        self._process = subprocess.Popen(
            [fixture.BUILD / "bin" / "chaos_load", str(CALLS), str(SIZE), *name], env={**os.environ, "HEARTH_BROKER": address}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        fixture.open_things.add(self)

    def counted(self):
        """How many calls are held and shed, and which one was shed first."""
        _, held, _, shed, _, first = self._process.stdout.readline().split() or self._failed()
        return int(held), int(shed), int(first)

    def _failed(self):
        raise AssertionError(f"chaos_load ended with {self._process.wait()}")

    def release(self):
        """Returns when the broker holds none of its calls any more, and what became of them."""
        return self._process.communicate(timeout=fixture.PATIENCE)[0].strip()

    def close(self):
        fixture.open_things.discard(self)
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class MemoryLimit(fixture.TestCase):
    def setUp(self):
        super().setUp()
        stack.require_docker()
        self.name = f"hearth-chaos-memory-{os.getpid()}"
        self.addCleanup(stack.docker, "rm", "--force", self.name, check=False)
        stack.docker("run", "--detach", "--name", self.name, "--no-healthcheck", "--memory", str(MEMORY), "--memory-swap", str(MEMORY),
                     "--volume", f"{fixture.BUILD}/bin/hearth-broker:/usr/local/bin/hearth-broker:ro", stack.IMAGE,
                     "hearth-broker", "--bind", "tcp://0.0.0.0:9797", "--publish", "tcp://0.0.0.0:9798", "--advertise-publish", "tcp://*:9798",
                     "--allow-anonymous", "--settle", "0")
        self.address = f"tcp://{self.inspect('.NetworkSettings.IPAddress')}:9797"
        self.started = self.inspect(".State.StartedAt")
        self.program("echo_server", broker=self.address, ready="echo.server")

    def inspect(self, path):
        return stack.docker("inspect", "--format", f"{{{{{path}}}}}", self.name).stdout.strip()

    def load(self, *name):
        load = Load(self.address, *name)
        self.addCleanup(load.close)
        return load

    def assert_an_honest_call_works(self):
        self.assertEqual(self.run_program("echo_client", broker=self.address).stdout, "HOLA\n")

    def assert_the_broker_lived(self):
        self.assertEqual(self.inspect(".State.OOMKilled"), "false")
        self.assertEqual(self.inspect(".State.Running"), "true")
        self.assertEqual(self.inspect(".State.StartedAt"), self.started)

    def bring(self, *names):
        """A load for each of the names, one after the other, and how many calls of each are held. The last one finds next to no room."""
        loads, held = [], []
        for name in names:
            loads.append(self.load(*name))
            kept, shed, first_shed = loads[-1].counted()
            held.append(kept)
            self.assertEqual((kept + shed, first_shed), (CALLS, kept), "what came last was to be shed")
            self.assert_an_honest_call_works()
        self.assertGreater(held[0], 100)
        self.assertLess(held[-1], 5)
        self.assertLess(sum(held) * SIZE, MEMORY)
        print(f"held {sum(held)} of {CALLS * len(names)} calls of {SIZE >> 10} KiB")
        return loads, held

    def stuck_service(self):
        return self.program("chaos_stuck", *STUCK, broker=self.address, ready="ready")

    def call_stuck(self, method):
        ended = self.run_program("hearth", "call", "chaos.stuck", method, broker=self.address)
        self.assertEqual(ended.code, 0, ended.stderr)
        return ended.stdout.strip()

    def test_the_newest_load_is_shed_and_all_recovers_when_the_pressure_ends(self):
        loads, held = self.bring(*[()] * LOADS)
        self.assertEqual([load.release() for load in loads], ["gone"] * LOADS)
        again = self.load()
        self.assertEqual(again.counted()[0], held[0])
        again.release()
        self.assert_an_honest_call_works()
        self.assert_the_broker_lived()

    def test_of_calls_that_are_queued_the_newest_are_shed_and_all_others_run_when_their_service_goes_on(self):
        service = self.stuck_service()
        loads, held = self.bring(*((name,) for name in STUCK))
        self.call_stuck("go_on")
        self.assertEqual([load.release() for load in loads], [f"answered {count}" for count in held])
        self.assertEqual(self.call_stuck("ran"), str(sum(held)))
        service.terminate()
        self.stuck_service()
        self.assertEqual(self.load(STUCK[0]).counted()[0], held[0])
        self.assert_an_honest_call_works()
        self.assert_the_broker_lived()


if __name__ == "__main__":
    fixture.main()

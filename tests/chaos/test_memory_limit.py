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


class Load:
    """chaos_load as a process that is told to end by its input."""

    def __init__(self, address):
        self._process = subprocess.Popen(
            [fixture.BUILD / "bin" / "chaos_load", str(CALLS), str(SIZE)], env={**os.environ, "HEARTH_BROKER": address}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        fixture.open_things.add(self)

    def counted(self):
        """How many calls are held and shed, and which one was shed first."""
        _, held, _, shed, _, first = self._process.stdout.readline().split() or self._failed()
        return int(held), int(shed), int(first)

    def _failed(self):
        raise AssertionError(f"chaos_load ended with {self._process.wait()}")

    def release(self):
        """Returns when the broker holds none of its calls any more."""
        said, _ = self._process.communicate(timeout=fixture.PATIENCE)
        assert said == "gone\n", said

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

    def load(self):
        load = Load(self.address)
        self.addCleanup(load.close)
        return load

    def assert_an_honest_call_works(self):
        self.assertEqual(self.run_program("echo_client", broker=self.address).stdout, "HOLA\n")

    def assert_the_broker_lived(self):
        self.assertEqual(self.inspect(".State.OOMKilled"), "false")
        self.assertEqual(self.inspect(".State.Running"), "true")
        self.assertEqual(self.inspect(".State.StartedAt"), self.started)

    def test_the_newest_load_is_shed_and_all_recovers_when_the_pressure_ends(self):
        loads, held = [], []
        for _ in range(LOADS):
            loads.append(self.load())
            counted = loads[-1].counted()
            held.append(counted[0])
            self.assertEqual(sum(counted[:2]), CALLS)
            self.assert_an_honest_call_works()
        self.assertEqual(counted[1:], (CALLS, 0), "what came last was to be shed")
        self.assertGreater(held[0], 0)
        self.assertLess(sum(held) * SIZE, MEMORY)
        for load in loads:
            load.release()
        again = self.load()
        self.assertEqual(again.counted()[0], held[0])
        again.release()
        self.assert_an_honest_call_works()
        self.assert_the_broker_lived()
        print(f"held {sum(held)} of {CALLS * LOADS} calls of {SIZE >> 10} KiB")


if __name__ == "__main__":
    fixture.main()

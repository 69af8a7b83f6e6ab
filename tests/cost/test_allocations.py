"""In the steady state the broker allocates nothing for a call: none of its own objects does, over 10^5 calls."""
import os
import pathlib
import struct
import sys

import fixture

sys.path.insert(0, str(fixture.ROOT / "tests" / "bench"))
os.environ["HEARTH_BENCH_BIN"] = str(fixture.BUILD / "bin")
from process import TOOLS, Process  # noqa: E402

CALLS = 100000
IN_FLIGHT = 100


class Allocations(fixture.TestCase):
    def setUp(self):
        super().setUp()
        folder = pathlib.Path(self.folder())
        self.counter = folder / "allocations"
        self.counter.write_bytes(bytes(8))
        self.address = f"ipc://{folder}/calls"
        self.start(fixture.BUILD / "tests" / "cost_broker", "--bind", self.address, "--publish", f"ipc://{folder}/events",
                   "--settle", "0", lines=0, env={**os.environ, "HEARTH_ALLOCATIONS": str(self.counter)})
        self.start(TOOLS / "bench_hearth_service", self.address, "bench.echo", IN_FLIGHT)
        self.caller = self.start(TOOLS / "bench_hearth_client", self.address, "bench.echo")

    def start(self, *words, **settings):
        process = Process(*words, **settings)
        self.addCleanup(process.end)
        return process

    def allocated(self):
        return struct.unpack("=Q", self.counter.read_bytes())[0]

    def call(self, in_flight, calls):
        self.caller.ask(f"16 {in_flight} {calls}")
        self.assertEqual(self.caller.answer()["calls"], calls)

    def test_registering_a_name_allocates(self):
        before = self.allocated()
        self.start(TOOLS / "bench_hearth_service", self.address, "bench.other", IN_FLIGHT)
        self.assertGreater(self.allocated(), before)

    def test_calls_in_flight_allocate_nothing(self):
        self.call(IN_FLIGHT, 10 * IN_FLIGHT)
        before = self.allocated()
        self.call(IN_FLIGHT, CALLS)
        self.assertEqual(self.allocated() - before, 0)

    def test_calls_one_by_one_allocate_nothing(self):
        self.call(1, 10)
        before = self.allocated()
        self.call(1, 1000)
        self.assertEqual(self.allocated() - before, 0)


if __name__ == "__main__":
    fixture.main()

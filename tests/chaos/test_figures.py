"""The program of docs/reliability.md's figures measures all of them: a few rounds of each."""
import pathlib
import sys

import fixture

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "containers")]

import stack  # noqa: E402

FEW = ("--kills", 3, "--idle", 20, "--busy", 5, "--rounds", 10, "--cuts", 1)
FIGURE = r"\d+\.\d+"


class Figures(fixture.TestCase):
    def test_kills_connections_and_cuts_are_measured(self):
        stack.require_docker()
        run = self.program(sys.executable, HERE / "figures.py", *FEW)
        run.wait_for_line(f"^3 kills: p50 {FIGURE} ms, p99 {FIGURE} ms, longest {FIGURE} ms$")
        run.wait_for_line(f"^20 idle and 5 busy connections: 50 calls, 0 errors, .* {FIGURE} KiB for each idle one, {FIGURE} KiB for each busy one, ")
        run.wait_for_line(rf"^1 silent cuts: {FIGURE} to {FIGURE} s \(disconnect {FIGURE}\)$")
        self.assertEqual(run.wait(), 0)


if __name__ == "__main__":
    fixture.main()

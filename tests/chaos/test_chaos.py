"""A minute of chaos, which has to keep every promise, and one that is interrupted, which has to leave nothing behind."""
import pathlib
import signal
import sys

import fixture

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "containers"))

import stack  # noqa: E402

SEED = 7        # its minute has each kind of fault
PATIENCE = 330


class Chaos(fixture.TestCase):
    @classmethod
    def setUpClass(cls):
        stack.require_docker()

    def chaos(self, minutes, **settings):
        return self.program(sys.executable, HERE / "chaos.py", "--minutes", minutes, "--seed", SEED, **settings)

    def assert_nothing_is_left(self, run):
        for kind in (("ps", "--all"), ("network", "ls")):
            left = stack.docker(*kind, "--quiet", "--filter", f"label=hearth-chaos=hearth-chaos-{run.pid}").stdout
            self.assertEqual(left, "")

    def test_a_minute_of_chaos_keeps_every_promise_and_leaves_nothing_behind(self):
        run = self.chaos(1)
        self.assertEqual(run.wait(PATIENCE), 0, run.transcript())
        self.assertRegex(run.stdout, r"chaos: seed \d+, 1 min, [1-9]\d+ calls .* 0 violations\n$")
        self.assert_nothing_is_left(run)

    def test_chaos_that_is_interrupted_leaves_nothing_behind(self):
        run = self.chaos(10)
        run.wait_for_log(r"chaos: +[\d.]+ s ")
        run.signal(signal.SIGHUP)    # the terminal was closed
        self.assertEqual(run.wait(), 130, run.transcript())
        self.assert_nothing_is_left(run)


if __name__ == "__main__":
    fixture.main()

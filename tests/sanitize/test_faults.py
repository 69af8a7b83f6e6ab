"""The rig sees a leak and an overflow that were planted, in plain programs and in Criterion's tests, and nothing where nothing is."""
import subprocess
import sys

import fixture

CRITERION = fixture.ROOT / "tests" / "fixture" / "criterion.py"
FOUND = {"leak": r"definitely lost|detected memory leaks", "overflow": r"Invalid write|heap-buffer-overflow"}


class PlantedFaults(fixture.TestCase):
    def assert_program_fails_with(self, fault):
        program = fixture.Program("planted_program", fault)
        program.wait()
        with self.assertRaisesRegex(AssertionError, FOUND[fault]):
            program.close()

    def run_criterion(self, test):
        return subprocess.run([sys.executable, CRITERION, fixture.BUILD / "bin" / "planted_criterion", "--filter", f"planted/{test}"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def assert_criterion_fails_with(self, fault):
        ended = self.run_criterion(fault)
        self.assertNotEqual(ended.returncode, 0)
        self.assertRegex(ended.stdout, FOUND[fault])

    def test_a_leak_in_a_program_is_seen(self):
        self.assert_program_fails_with("leak")

    def test_an_overflow_in_a_program_is_seen(self):
        self.assert_program_fails_with("overflow")

    def test_a_leak_in_a_criterion_test_is_seen(self):
        self.assert_criterion_fails_with("leak")

    def test_an_overflow_in_a_criterion_test_is_seen(self):
        self.assert_criterion_fails_with("overflow")

    def test_a_program_without_a_fault_passes(self):
        self.assertEqual(self.run_program("planted_program").code, 0)

    def test_a_criterion_test_without_a_fault_passes(self):
        ended = self.run_criterion("nothing")
        self.assertEqual(ended.returncode, 0, ended.stdout)


if __name__ == "__main__":
    fixture.main()

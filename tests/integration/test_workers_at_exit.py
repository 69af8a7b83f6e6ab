"""A program may end while its workers run handlers."""
import fixture

LEAVER = fixture.BUILD / "tests" / "workers_leaver"


class AtExit(fixture.TestCase):
    def assert_leaves(self, how, code):
        program = self.run_program(LEAVER, how, broker=self.bus)
        self.assertEqual((program.stdout, program.stderr, program.code), ("", "", code))

    def setUp(self):
        super().setUp()
        self.bus = self.broker()

    def test_main_may_return(self):
        self.assert_leaves("main", 4)

    def test_main_may_exit(self):
        self.assert_leaves("exit", 3)

    def test_a_handler_may_exit(self):
        self.assert_leaves("handler", 5)


if __name__ == "__main__":
    fixture.main()

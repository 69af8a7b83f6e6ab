"""The three exercises, between containers and from the host."""
import fixture
import stack


class Exercises(stack.TestCase):
    def run_client(self, *argv):
        return self.stack.compose("run", "--rm", "-T", "client", *argv).stdout

    def test_echo_answers_a_client_in_a_container(self):
        self.assertEqual(self.run_client("echo_client"), "HOLA\n")
        self.assertEqual(self.run_client("echo_client", "good morning"), "good morning\n")

    def test_an_observer_in_a_container_is_notified(self):
        observer = self.start_client("observer", "--count", "1", ready="^ready$")
        self.assertEqual(self.run_client("notify"), "1\n")
        observer.wait_for_line("^Hello, Observers!$")
        self.assertEqual(observer.wait(), 0)
        self.assertEqual(self.run_client("hearth", "call", "example.observable", "observers"), "[]\n")

    def test_the_remote_object_answers_and_is_described(self):
        lines = self.run_client("remote_object_client").splitlines()
        self.assertEqual(lines[:2], ["Hello, World!", "5"])
        self.assertIn("greet(name: str) -> str", lines)
        self.assertIn("add(a: int, b: int) -> int", lines)

    def test_echo_answers_a_client_on_the_host(self):
        self.assertEqual(self.run_program("echo_client", broker=self.stack).stdout, "HOLA\n")

    def test_an_observer_on_the_host_is_notified_through_the_published_port(self):
        observer = self.program("observer", "--count", "1", broker=self.stack, ready="^ready$")
        self.assertEqual(self.run_program("notify", broker=self.stack).stdout, "1\n")
        observer.wait_for_line("^Hello, Observers!$")
        self.assertEqual(observer.wait(), 0)


if __name__ == "__main__":
    fixture.main()

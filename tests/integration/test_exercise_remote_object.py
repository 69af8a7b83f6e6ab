"""The third exercise: an object with two methods, and its client."""
import fixture

NAME = "example.remote.object"
LEAST, MOST = -2**63, 2**64 - 1


class RemoteObject(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        server = self.program("remote_object_server", broker=self.bus)
        self.uri = server.wait_for_line("example").string

    def client(self, *arguments, broker=None):
        return self.run_program("remote_object_client", *arguments, broker=broker or self.bus)

    def add(self, a, b):
        return self.run_program("hearth", "call", NAME, "add", a, b, broker=self.bus)

    def test_the_client_calls_both_methods_and_lists_them(self):
        for arguments in (), (NAME,):
            client = self.client(*arguments)
            self.assertEqual((client.stderr, client.code), ("", 0))
            lines = client.stdout.splitlines()
            self.assertEqual(lines[:2], ["Hello, World!", "5"])
            self.assertIn("greet(name: str) -> str", lines)
            self.assertIn("add(a: int, b: int) -> int", lines)
            self.assertIn("    Greets whoever bears the name.", lines)

    def test_the_client_takes_a_uri(self):
        client = self.client(self.uri, broker="tcp://127.0.0.1:1")
        self.assertEqual(client.code, 0)
        self.assertEqual(client.stdout.splitlines()[:2], ["Hello, World!", "5"])

    def test_the_client_lists_the_methods_of_any_service(self):
        self.program("echo_server", broker=self.bus, ready="echo.server")
        client = self.client("echo.server")
        self.assertEqual((client.stderr, client.code), ("", 0))
        self.assertEqual(client.stdout.splitlines()[0], "echo(message: str) -> str")

    def test_the_directory_is_listed_like_any_other_service(self):
        client = self.client("hearth")
        self.assertEqual((client.stderr, client.code), ("", 0))
        self.assertIn("lookup(name: str)", client.stdout)

    def test_a_service_that_is_not_there_is_an_error(self):
        client = self.client("nobody.here")
        self.assertEqual((client.stdout, client.code), ("", 1))
        self.assertRegex(client.stderr, r"\A[^\n]*hearth.NoSuchService[^\n]*\n\Z")

    def test_sums_are_exact_over_the_whole_range(self):
        for a, b in (2, 3), (-1, 3), (3, -1), (0, 0), (MOST, 0), (LEAST, 0), (MOST, -1), (LEAST, MOST), (2**63 - 1, 1), (2**63, -2**63), (-1, LEAST + 1):
            with self.subTest(a=a, b=b):
                answer = self.add(a, b)
                self.assertEqual((answer.stdout, answer.code), (f"{a + b}\n", 0))

    def test_a_sum_that_is_no_int_is_an_error(self):
        for a, b in (MOST, 1), (1, MOST), (MOST, MOST), (2**63, 2**63), (LEAST, -1), (-1, LEAST), (LEAST, LEAST):
            with self.subTest(a=a, b=b):
                answer = self.add(a, b)
                self.assertEqual((answer.stdout, answer.code), ("", 1))
                self.assertIn("example.Overflow, OUT_OF_RANGE", answer.stderr)

    def test_a_greeting_names_whom_it_greets(self):
        for name in "Ada", "", "%s%n", "日本":
            answer = self.run_program("hearth", "call", NAME, "greet", name, broker=self.bus)
            self.assertEqual(answer.stdout, f"Hello, {name}!\n")


if __name__ == "__main__":
    fixture.main()

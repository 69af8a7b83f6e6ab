"""The first exercise: the echo service and its client."""
import fixture


class Echo(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        server = self.program("echo_server", broker=self.bus)
        self.uri = server.wait_for_line(r"echo\.server").string

    def client(self, *arguments):
        return self.run_program("echo_client", *arguments, broker=self.bus)

    def test_the_answer_is_hola_unless_told_otherwise(self):
        client = self.client()
        self.assertEqual((client.stdout, client.stderr, client.code), ("HOLA\n", "", 0))

    def test_a_text_comes_back_as_it_was(self):
        for text in "¡Qué tal, señor?", "", "  two  spaces  ", "-1", "%s%n":
            with self.subTest(text=text):
                self.assertEqual(self.client(text).stdout, text + "\n")

    def test_a_long_text_comes_back_as_it_was(self):
        text = "0123456789abcdef" * 6000
        self.assertEqual(self.client(text).stdout, text + "\n")

    def test_control_characters_do_not_reach_the_terminal(self):
        client = self.client("red \x1b[31m\nsecond line\u009b31m")
        self.assertEqual(client.code, 0)
        self.assertEqual(len(client.stdout.splitlines()), 1)
        self.assertNotIn("\x1b", client.stdout)
        self.assertNotIn("\u009b", client.stdout)
        self.assertTrue(client.stdout.startswith('"'), client.stdout)

    def test_the_uri_that_the_server_prints_leads_to_it(self):
        answer = self.run_program("hearth", "call", self.uri, "echo", "by URI", broker="tcp://127.0.0.1:1")
        self.assertEqual((answer.stdout, answer.code), ("by URI\n", 0))

    def test_a_second_server_is_told_that_the_name_is_taken(self):
        second = self.run_program("echo_server", broker=self.bus)
        self.assertEqual(second.code, 1)
        self.assertRegex(second.stderr, r'\Aecho_server: echo.server is not registered yet: "echo.server" belongs to [^\n]*; trying on for 12 s[^\n]*\n'
                                        r"echo_server: [^\n]*hearth.NameTaken[^\n]*\n\Z")
        self.assertEqual(self.client("still here").stdout, "still here\n")


class NoServer(fixture.TestCase):
    def test_a_client_without_a_server_is_told_so(self):
        client = self.run_program("echo_client", broker=self.broker())
        self.assertEqual((client.stdout, client.code), ("", 1))
        self.assertEqual(len(client.stderr.splitlines()), 1)
        self.assertIn("hearth.NoSuchService", client.stderr)


if __name__ == "__main__":
    fixture.main()

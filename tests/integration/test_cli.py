"""The command-line tool's verbs."""
import json
import re

import fixture

OBJECT = "example.remote.object"


class Verbs(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()

    def serve(self, *names):
        services = {"echo_server": "echo.server", "observable_server": "example.observable", "remote_object_server": OBJECT}
        for name in names:
            self.program(name, broker=self.bus, ready=services[name])

    def hearth(self, *words, broker=None):
        return self.run_program("hearth", *words, broker=broker or self.bus)

    def prints(self, expected, *words):
        program = self.hearth(*words)
        self.assertEqual((program.stdout, program.stderr, program.code), (expected, "", 0))

    def fails(self, code, pattern, *words, broker=None):
        program = self.hearth(*words, broker=broker)
        self.assertEqual((program.stdout, program.code), ("", code), program.stderr)
        self.assertRegex(program.stderr, pattern)
        self.assertEqual(len(program.stderr.splitlines()), 1)

    def test_ping_tells_the_round_trip(self):
        program = self.hearth("ping")
        self.assertEqual(program.code, 0)
        self.assertRegex(program.stdout, rf"^{re.escape(self.bus.address)} answers in \d+\.\d+ ms\n$")

    def test_list_tells_the_names_below_a_prefix(self):
        self.serve("echo_server", "observable_server", "remote_object_server")
        everything = self.hearth("list").stdout.splitlines()
        self.assertIn("NAME", everything[0])
        names = [line.split()[0] for line in everything[1:]]
        self.assertEqual(names, sorted(names))
        self.assertLessEqual({"echo.server", "example.observable", OBJECT}, set(names))
        some = self.hearth("list", "example.").stdout.splitlines()
        self.assertEqual([line.split() for line in some[1:]], [["example.observable", "1", "exclusive"], [OBJECT, "1", "exclusive"]])
        self.assertEqual(len(self.hearth("list", "nobody").stdout.splitlines()), 1)

    def test_describe_tells_methods_events_and_documentation(self):
        self.serve("observable_server")
        text = self.hearth("describe", "example.observable").stdout
        for part in ("example.observable (exclusive, instances: 1)", "    An object that notifies its observers.", "    observers() -> list<str>",
                     "        Who is registered.", "    message: str", "        [idempotent]"):
            self.assertIn(part, text.splitlines())

    def test_describe_of_nobody_is_an_error(self):
        self.fails(1, "nobody.here.*hearth list", "describe", "nobody.here")

    def test_verbs_and_clients_wait_for_a_service_that_is_late(self):
        late = [self.program("hearth", "--wait", "30s", "call", "echo.server", "echo", "late", broker=self.bus),
                self.program("hearth", "describe", "--wait=30s", "echo.server", broker=self.bus),
                self.program("echo_client", "--wait", "30s", "late", broker=self.bus)]
        self.serve("echo_server")
        self.assertEqual([program.wait() for program in late], [0, 0, 0], late[0].stderr)
        self.assertEqual((late[0].stdout, late[2].stdout), ("late\n", "late\n"))
        self.assertIn("    echo(message: str) -> str\n", late[1].stdout)

    def test_who_waits_in_vain_is_told_so(self):
        for words in (("call", "nobody.here", "echo"), ("describe", "nobody.here")):
            self.fails(1, r"nobody\.here.*NoSuchService", "--wait", "50ms", *words)
        program = self.run_program("echo_client", "--wait", "50ms", "--timeout", "10s", broker=self.bus)
        self.assertEqual(program.code, 1)
        self.assertIn("hearth.NoSuchService", program.stderr)

    def test_call_prints_what_can_be_typed_again(self):
        self.serve("echo_server", "observable_server", "remote_object_server")
        self.prints("5\n", "call", OBJECT, "add", "2", "3")
        self.prints("-3\n", "call", OBJECT, "add", "-1", "-2")
        self.prints("HOLA\n", "call", "echo.server", "echo", "HOLA")
        self.prints("2\n", "call", "echo.server", "echo", "2")
        self.prints("nil\n", "call", "echo.server", "echo", "nil")
        self.prints("[]\n", "call", "example.observable", "observers")

    def test_call_takes_arguments_by_name(self):
        self.serve("remote_object_server")
        self.prints("5\n", "call", OBJECT, "add", "b=3", "a=2")

    def test_call_refuses_arguments_that_do_not_fit_the_signature(self):
        self.serve("remote_object_server")
        self.fails(2, 'argument "b"', "call", OBJECT, "add", "2")
        for words in (["2", "3", "4"], ["2", "three"], ["2", "3.5"], ["2", ""], ["2", "18446744073709551616"], ["a=2", "a=3"],
                      ["a=2", "c=3"], ["[2]", "3"]):
            with self.subTest(words=words):
                self.fails(2, r"add \(a: int, b: int\)", "call", OBJECT, "add", *words)

    def test_call_of_a_method_that_is_not_there_is_an_error(self):
        self.serve("remote_object_server")
        self.fails(1, "hearth.NoSuchMethod.*hearth describe", "call", OBJECT, "subtract", "2", "3")

    def test_call_of_a_service_that_is_not_there_is_an_error(self):
        self.fails(1, "hearth.NoSuchService", "call", "nobody.here", "anything")

    def test_call_of_the_directory_itself(self):
        self.serve("echo_server")
        self.assertEqual(json.loads(self.hearth("call", "hearth", "lookup", "echo.server").stdout)["mode"], "exclusive")
        self.prints('{"a": [1, 2.5, null, "x"]}\n', "call", "hearth", "ping", '{"a":[1,2.5,nil,"x"]}')

    def test_a_name_may_be_a_uri(self):
        server = self.program("echo_server", broker=self.bus)
        uri = server.wait_for_line("echo.server").string
        nowhere = "tcp://127.0.0.1:1"
        self.assertEqual(self.hearth("call", uri, "echo", "x", broker=nowhere).stdout, "x\n")
        self.assertIn("echo(message: str) -> str", self.hearth("describe", uri, broker=nowhere).stdout)

    def test_options_stand_before_or_after_the_verb(self):
        self.serve("echo_server")
        for words in (["--timeout", "5s", "call", "echo.server", "echo", "x"], ["call", "--timeout=5s", "echo.server", "echo", "x"],
                      ["call", "echo.server", "echo", "x", "--timeout", "5s"], ["call", "echo.server", "echo", "--", "x"]):
            with self.subTest(words=words):
                self.prints("x\n", *words)

    def test_a_wrong_command_line_is_2(self):
        for pattern, words in {"which verb": [], "did you mean list": ["lst"], "no verb": ["conjure"], "too few": ["describe"],
                               "NAME METHOD": ["call", "echo.server"], "unexpected": ["ping", "x"], "no option": ["list", "--frob"],
                               "bad name": ["describe", "bad name"]}.items():
            with self.subTest(words=words):
                self.fails(2, pattern, *words)

    def test_help_tells_of_each_verb(self):
        text = self.hearth("help").stdout
        for verb in "call", "describe", "list", "ping":
            self.assertRegex(text, rf"(?m)^  {verb}\b")
            asked = self.hearth("help", verb)
            self.assertEqual((asked.stderr, asked.code), ("", 0))
            self.assertEqual(asked.stdout, self.hearth(verb, "--help").stdout)
        self.fails(2, "did you mean ping", "help", "pin")


if __name__ == "__main__":
    fixture.main()

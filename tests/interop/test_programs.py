"""The peer in Python and the programs in C: each serves, calls and observes the other."""
import fixture

import hearth_wire as wire
import interop
from hearth_service import LATER
from hearth_wire import HearthError

OBSERVABLE = "example.observable"


class ServicesInC(interop.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.client = self.peer(self.bus)

    def echo_server(self):
        self.program("echo_server", broker=self.bus, ready="echo.server")

    def test_a_method_is_called_with_arguments_in_order_and_by_name(self):
        self.echo_server()
        for text in ("HOLA", "", "žluťoučký", "x" * 100000):
            self.assertEqual(self.client.call("echo.server", "echo", text), text)
            self.assertEqual(self.client.call("echo.server", "echo", named={"message": text}), text)

    def test_wrong_arguments_are_refused_and_named(self):
        self.echo_server()
        for arguments in ((1,), (), ("a", "b"), (b"HOLA",), (None,)):
            error = self.refusal(self.client.call, "echo.server", "echo", *arguments)
            self.assertEqual((error.name, error.code, error.mark), ("hearth.BadArguments", 3, wire.NOT_EXECUTED))
        self.assertIn("message", self.refusal(self.client.call, "echo.server", "echo", 1).message)

    def test_bodies_that_are_no_value_are_answered(self):
        self.echo_server()
        for body in (b"\xc1", b"\x92\x01", b"\x91\xa1x\x01", b"\xdd\xff\xff\xff\xff", b"\x91" * 100000 + b"\xc0", b"\x91" * 33 + b"\xc0",
                     b"\xc0", b"\x91\xa1\xff"):
            with self.subTest(body=body[:20]):
                frame = wire.Frame(wire.REQUEST, ("echo.server", "echo"), body)
                self.assertEqual(self.refusal(self.client.start_frame(frame, 10).result).name, "hearth.BadArguments")
        self.assertEqual(self.client.call("echo.server", "echo", "HOLA"), "HOLA")

    def test_a_service_is_described_as_it_was_declared(self):
        self.echo_server()
        method = self.client.call("hearth", "describe", "echo.server")["methods"][0]
        self.assertEqual((method["name"], method["parameters"], method["result"]), ("echo", "message: str", "str"))

    def test_an_error_of_the_service_arrives_with_its_name(self):
        self.program("remote_object_server", broker=self.bus, ready="example.remote.object")
        self.assertEqual(self.client.call("example.remote.object", "add", 2, 3), 5)
        self.assertEqual(self.client.call("example.remote.object", "add", 2**63, -1), 2**63 - 1)
        error = self.refusal(self.client.call, "example.remote.object", "add", 2**64 - 1, 1)
        self.assertEqual((error.code, error.name, error.mark), (11, "example.Overflow", wire.EXECUTED))

    def test_what_a_service_publishes_is_observed(self):
        self.program("observable_server", broker=self.bus, ready=OBSERVABLE)
        topic = self.client.call(OBSERVABLE, "register_observer", self.client.unique_name)
        observation = self.client.observe(topic)
        self.assertEqual(self.run_program("notify", "one", broker=self.bus).stdout, "1\n")
        self.assertEqual(self.client.call(OBSERVABLE, "notify_observers", "two"), 1)
        self.assertEqual([observation.next(fixture.PATIENCE).value for _ in range(2)], ["one", "two"])
        self.assertIs(self.client.call(OBSERVABLE, "unregister_observer", self.client.unique_name), True)

    def test_a_service_comes_back_with_the_broker(self):
        self.echo_server()
        self.bus.kill()
        self.restart(self.bus)
        self.assertEqual(self.client.connect(fixture.PATIENCE).count, 2)
        answer = self.client.call("echo.server", "echo", "HOLA", wait=fixture.PATIENCE, timeout=fixture.PATIENCE)
        self.assertEqual(answer, "HOLA")

    def test_a_service_that_is_killed_in_the_middle_of_calls_is_told(self):
        server = self.program("echo_server", broker=self.bus, ready="echo.server")
        server.stop()
        call = self.client.start("echo.server", "echo", "HOLA")
        self.client.call("hearth", "ping")
        server.kill()
        error = self.failure(call)
        self.assertEqual((error.name, error.mark), ("hearth.ServiceGone", wire.MAY_HAVE_EXECUTED))
        self.assertTrue(call.answer.flags & wire.IDEMPOTENT)


class ClientsInC(interop.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.service = self.peer(self.bus)
        self.handled = 0

    def serve(self, name, **handlers):
        """Serves handlers; `handled` counts the calls that they have answered."""
        self.service.serve(name, handlers, interface={
            "methods": [{"name": method} for method in handlers], "events": [{"name": "message"}]})

    def run_client(self, name, *arguments, calls=1):
        """Runs a client to its end, for which so many calls have to be answered."""
        program = self.program(name, *arguments, broker=self.bus)
        goal = self.handled + calls
        self.drive(lambda: self.handled >= goal, self.service)
        program.wait()
        return program

    def counted(self, answer):
        def handler(request, *arguments):
            self.handled += 1
            return answer(*arguments)
        return handler

    def test_echo_client_prints_what_it_is_answered(self):
        self.serve("echo.server", echo=self.counted(lambda message: message))
        for arguments, printed in (((), "HOLA\n"), (("žluťoučký",), "žluťoučký\n")):
            client = self.run_client("echo_client", *arguments)
            self.assertEqual((client.code, client.stdout), (0, printed))

    def test_remote_object_client_calls_and_lists(self):
        def greet(request, name: str) -> str:
            """Greets."""
            self.handled += 1
            return f"Hello, {name}!"

        def add(request, a: int, b: int) -> int:
            """Adds."""
            self.handled += 1
            return a + b
        self.service.serve("example.remote.object", {"greet": greet, "add": add})
        client = self.run_client("remote_object_client", calls=2)
        self.assertEqual(client.code, 0, client.stderr)
        self.assertTrue(client.stdout.startswith("Hello, World!\n5\n"), client.stdout)
        for part in ("name: str", "a: int, b: int", "Greets.", "Adds."):
            self.assertIn(part, client.stdout)

    def test_an_error_ends_a_client_with_1_and_is_told(self):
        def fail(message):
            raise HearthError(9, "python.NotToday", "come back \x1b[2Jtomorrow", None, wire.EXECUTED)
        self.serve("echo.server", echo=self.counted(fail))
        client = self.run_client("echo_client")
        self.assertEqual((client.code, client.stdout), (1, ""))
        self.assertIn("python.NotToday", client.stderr)
        self.assertNotIn("\x1b", client.stderr)

    def test_a_service_that_does_not_answer_ends_a_client_with_4(self):
        self.serve("echo.server", echo=self.counted(lambda message: LATER))
        self.assertEqual(self.run_client("echo_client", "--timeout", "300ms").code, 4)

    def test_a_system_error_from_a_service_is_not_believed(self):
        def lie(message):
            raise HearthError(wire.NOT_FOUND, "hearth.NoSuchService", "not really")
        self.serve("echo.server", echo=self.counted(lie))
        client = self.run_client("echo_client")
        self.assertEqual(client.code, 1)
        self.assertIn("INTERNAL", client.stderr)

    def test_observer_prints_what_is_published(self):
        registered = []
        self.serve(OBSERVABLE, register_observer=self.counted(lambda name: registered.append(name) or OBSERVABLE + "/message/"),
                   unregister_observer=self.counted(lambda name: True))
        observer = self.program("observer", "--count", "2", broker=self.bus)
        self.drive(lambda: registered, self.service)
        observer.wait_for_line("ready")
        for message in ("one", "two"):
            self.service.publish(OBSERVABLE, "message", message)
        self.drive(lambda: self.handled == 2, self.service)
        self.assertEqual(observer.wait(), 0)
        self.assertEqual(observer.stdout, "ready\none\ntwo\n")

    def test_the_command_line_tool_reads_arguments_by_the_signature_that_python_declared(self):
        def add(request, a: int, b: int) -> int:
            self.handled += 1
            return a + b
        self.service.serve("calculator", {"add": add})
        client = self.run_client("hearth", "call", "calculator", "add", "2", "3")
        self.assertEqual((client.code, client.stdout), (0, "5\n"))


if __name__ == "__main__":
    fixture.main()

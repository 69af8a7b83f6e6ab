"""The second exercise: the observable, those who notify, and observers that outlive broker and server."""
import json
import time

import fixture

SERVER = "example.observable"


class Observers(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.server = self.start_server()

    def start_server(self):
        return self.program("observable_server", broker=self.bus, ready=SERVER)

    def observer(self, *arguments):
        return self.program("observer", *arguments, broker=self.bus, ready="^ready$")

    def notify(self, *message):
        """How many were registered."""
        client = self.run_program("notify", *message, broker=self.bus)
        self.assertEqual((client.stderr, client.code), ("", 0))
        return int(client.stdout)

    def call(self, *words):
        return self.run_program("hearth", "call", SERVER, *words, broker=self.bus)

    def observers(self):
        return json.loads(self.call("observers").stdout)

    def wait_until_nobody_is_registered(self):
        """The server hears by itself that somebody has gone: it is asked until it has."""
        deadline = time.monotonic() + fixture.PATIENCE
        while self.observers():
            self.assertLess(time.monotonic(), deadline, "an observer that has gone is still registered")

    def test_an_observer_is_notified(self):
        observer = self.observer("--count", "1")
        self.assertEqual(self.notify(), 1)
        self.assertEqual(observer.wait(), 0)
        self.assertEqual((observer.stdout, observer.stderr), ("ready\nHello, Observers!\n", ""))

    def test_all_observers_are_notified_of_all_messages_in_order(self):
        messages = [f"message {number}" for number in range(10)]
        observers = [self.observer("--count", len(messages)) for _ in range(3)]
        for message in messages:
            self.assertEqual(self.notify(message), 3)
        for observer in observers:
            self.assertEqual(observer.wait(), 0)
            self.assertEqual(observer.stdout.splitlines(), ["ready"] + messages)

    def test_a_message_is_published_when_nobody_is_registered(self):
        self.assertEqual(self.notify(), 0)

    def test_an_observer_unregisters_after_its_last_message(self):
        observer = self.observer("--count", "2")
        for expected in 1, 1:
            self.assertEqual(self.notify(), expected)
        self.assertEqual(observer.wait(), 0)
        self.assertEqual(self.observers(), [])
        self.assertEqual(self.notify(), 0)

    def test_an_interrupted_observer_unregisters(self):
        for end in "interrupt", "terminate":
            observer = self.observer()
            self.assertEqual(getattr(observer, end)(), 0)
            self.assertEqual(self.observers(), [])

    def test_an_observer_that_is_killed_is_not_kept(self):
        self.observer().kill()
        self.wait_until_nobody_is_registered()

    def test_an_observer_in_the_list_is_named_by_its_unique_name(self):
        self.observer()
        self.assertRegex(self.observers()[0], r"^:[0-9a-f]{12}\.\d+$")

    def test_a_registered_name_is_an_observer_until_it_goes(self):
        echo = self.program("echo_server", broker=self.bus, ready="echo.server")
        for _ in "once", "twice":
            self.assertEqual(self.call("register_observer", "echo.server").stdout, "example.observable/message/\n")
        self.assertEqual(self.observers(), ["echo.server"])
        self.assertEqual(self.notify(), 1)
        echo.terminate()
        self.wait_until_nobody_is_registered()

    def test_unregistering_tells_whether_the_observer_was_registered(self):
        self.program("echo_server", broker=self.bus, ready="echo.server")
        self.call("register_observer", "echo.server")
        self.assertEqual(self.call("unregister_observer", "echo.server").stdout, "true\n")
        self.assertEqual(self.call("unregister_observer", "echo.server").stdout, "false\n")

    def test_nobody_registers_for_a_name_that_is_not_there(self):
        epoch = self.call("observers", "--timeout", "10s")
        self.assertEqual(epoch.code, 0)
        for name in "nobody.here", ":0123456789ab.7", "no name", "":
            with self.subTest(name=name):
                answer = self.call("register_observer", name)
                self.assertEqual(answer.code, 1)
                self.assertIn("NOT_FOUND", answer.stderr)
        self.assertEqual(self.observers(), [])

    def test_an_observer_outlives_the_server(self):
        observer = self.observer()
        self.server.kill()
        self.server = self.start_server()
        observer.wait_for_line("^ready$")
        self.assertEqual(self.notify("after the server"), 1)
        observer.wait_for_line("^after the server$")

    def test_an_observer_and_the_server_outlive_the_broker(self):
        observer = self.observer()
        self.notify("first")
        observer.wait_for_line("^first$")
        for end in "kill", "terminate":
            getattr(self.bus, end)()
            self.bus = self.restart(self.bus)
            observer.wait_for_line("^ready$")
            self.assertEqual(self.notify(f"after {end}"), 1)
            observer.wait_for_line(f"^after {end}$")
        self.assertEqual(observer.terminate(), 0)
        self.assertEqual(self.observers(), [])
        self.assertEqual(observer.stdout.splitlines().count("first"), 1)

    def test_nothing_is_missed_from_the_second_ready_on(self):
        observer = self.observer()
        self.bus.kill()
        self.bus = self.restart(self.bus)
        observer.wait_for_log("the broker was restarted")
        observer.wait_for_line("^ready$")
        messages = [f"message {number}" for number in range(10)]
        for message in messages:
            self.notify(message)
        observer.wait_for_line(f"^{messages[-1]}$")
        self.assertEqual(observer.stdout.splitlines()[-len(messages):], messages)

    def test_a_message_of_several_lines_is_one_line(self):
        observer = self.observer("--count", "1")
        self.notify("one\ntwo\x1b[2J")
        self.assertEqual(observer.wait(), 0)
        self.assertEqual(len(observer.stdout.splitlines()), 2)
        self.assertNotIn("\x1b", observer.stdout)


class StartOrder(fixture.TestCase):
    def test_everything_may_start_before_the_broker(self):
        folder = self.folder()
        address = f"ipc://{folder}/calls"
        observer = self.program("observer", "--count", "1", broker=address)
        observer.wait_for_log("waiting")
        server = self.program("observable_server", broker=address)
        server.wait_for_log("waiting")
        bus = self.broker(directory=folder, bind=address)
        server.wait_for_line(SERVER)
        observer.wait_for_line("^ready$")
        self.assertEqual(self.run_program("notify", broker=bus).stdout, "1\n")
        self.assertEqual(observer.wait(), 0)
        self.assertEqual(server.terminate(), 0)
        self.assertEqual(len(server.stderr.splitlines()), 1)


if __name__ == "__main__":
    fixture.main()

"""What all programs have in common: their options, their exit codes, how they end."""
import os
import signal

import fixture

SERVERS = {"echo_server": "echo.server", "observable_server": "example.observable", "remote_object_server": "example.remote.object",
           "clock_server": "clock", "numbers_server": "numbers"}
CLIENTS = {"echo_client": (), "notify": (), "remote_object_client": (), "clock_client": (), "file_client": ("ls",), "hearth": ("ping",)}
NOWHERE = "tcp://127.0.0.1:1"


class Options(fixture.TestCase):
    def test_help_and_version_end_well(self):
        for name in [*SERVERS, *CLIENTS, "file_server", "observer"]:
            with self.subTest(name=name):
                help_text = self.run_program(name, "--help")
                self.assertEqual((help_text.stderr, help_text.code), ("", 0))
                self.assertIn(f"Usage: {name}", help_text.stdout)
                self.assertIn("--broker ADDR", help_text.stdout)
                version = self.run_program(name, "--version")
                self.assertEqual(version.code, 0)
                self.assertRegex(version.stdout, rf"^{name} \(Hearth\) \d+\.\d+\.\d+\n$")

    def test_a_wrong_command_line_is_one_line_and_2(self):
        wrong = [["echo_server", "operand"], ["echo_server", "--timeout", "1s"], ["echo_client", "one", "two"],
                 ["echo_client", "--brokr", "x"], ["echo_client", "--broker"], ["echo_client", "--broker", "nonsense"],
                 ["echo_client", "--broker="], ["echo_client", "--help=yes"], ["notify", "-x"],
                 ["remote_object_client", "no name"], ["observer", "--count", "0"], ["observer", "--count", "many"],
                 ["observer", "--count", "9223372036854775808"], ["observer", "--count=1x"],
                 ["file_server"], ["file_server", "one", "two"], ["file_server", "/", "--max-size", "0"], ["clock_client", "--every", "0s"],
                 ["clock_client", "operand"]]
        wrong += [["echo_client", "--timeout", time] for time in ("", "5", "0s", "-1s", "1.5s", "25h", "1d", "99999999999999999999ms")]
        for words in wrong:
            with self.subTest(words=words):
                program = self.run_program(*words, broker=NOWHERE)
                self.assertEqual((program.stdout, program.code), ("", 2))
                self.assertEqual(len(program.stderr.splitlines()), 1)
                self.assertTrue(program.stderr.startswith(f"{words[0]}: "), program.stderr)

    def test_a_misspelled_option_is_recognized(self):
        self.assertIn("did you mean --broker?", self.run_program("echo_client", "--brokr", "x").stderr)
        self.assertIn("did you mean --count?", self.run_program("observer", "--cont=3").stderr)

    def test_a_bad_address_in_the_environment_is_named(self):
        program = self.run_program("echo_client", broker="nonsense://x")
        self.assertEqual(program.code, 2)
        self.assertIn("nonsense://x", program.stderr)

    def test_what_is_wrong_is_told_without_control_characters(self):
        for words in ["echo_client", "--\x1b[31m"], ["hearth", "verb\x1b\n"], ["echo_client", "--timeout", "\x07"]:
            program = self.run_program(*words)
            self.assertEqual((len(program.stderr.splitlines()), program.code), (1, 2))
            self.assertNotRegex(program.stderr[:-1], r"[\x00-\x1f]")

    def test_after_two_dashes_everything_is_an_operand(self):
        bus = self.broker()
        self.program("echo_server", broker=bus, ready="echo.server")
        self.assertEqual(self.run_program("echo_client", "--", "--help", broker=bus).stdout, "--help\n")

    def test_the_option_comes_before_the_environment(self):
        bus = self.broker()
        self.assertEqual(self.run_program("hearth", "ping", "--broker", bus.address, broker=NOWHERE).code, 0)


class ExitCodes(fixture.TestCase):
    def test_without_a_broker_it_is_3(self):
        for name, words in CLIENTS.items():
            for timeout in "200ms", "5s":
                with self.subTest(name=name, timeout=timeout):
                    program = self.run_program(name, *words, "--timeout", timeout, broker=NOWHERE)
                    self.assertEqual((program.stdout, program.code), ("", 3))
                    self.assertRegex(program.stderr, r"\A[^\n]*hearth-broker[^\n]*\n\Z")

    def test_a_deadline_is_4(self):
        bus = self.broker()
        servers = [self.program(name, broker=bus, ready=service) for name, service in SERVERS.items()]
        for server in servers:
            server.stop()
        for name in "echo_client", "notify":
            with self.subTest(name=name):
                program = self.run_program(name, "--timeout", "1s", broker=bus)
                self.assertEqual((program.stdout, program.code), ("", 4))
        program = self.run_program("hearth", "call", "echo.server", "echo", "x", "--timeout", "1s", broker=bus)
        self.assertEqual((program.stdout, program.code), ("", 4))

    def test_output_that_cannot_be_written_is_1(self):
        bus = self.broker()
        self.program("echo_server", broker=bus, ready="echo.server")
        for name, words in {"echo_client": (), "hearth": ("list",)}.items():
            for where in ">&-", ">/dev/full":
                with self.subTest(name=name, where=where):
                    path = fixture.BUILD / "bin" / name
                    program = self.run_program("/bin/sh", "-c", f'exec "$0" "$@" {where}', path, *words, broker=bus)
                    self.assertEqual(program.code, 1)
                    self.assertIn("standard output", program.stderr)

    def test_help_that_cannot_be_written_is_1(self):
        program = self.run_program("/bin/sh", "-c", 'exec "$0" --help >/dev/full', fixture.BUILD / "bin" / "hearth")
        self.assertEqual(program.code, 1)

    def test_an_observer_that_cannot_say_ready_ends(self):
        bus = self.broker()
        self.program("observable_server", broker=bus, ready="example.observable")
        for where in ">&-", ">/dev/full":
            with self.subTest(where=where):
                observer = self.run_program("/bin/sh", "-c", f'exec "$0" {where}', fixture.BUILD / "bin" / "observer", broker=bus)
                self.assertEqual((observer.code, observer.stderr), (1, "observer: cannot write to the standard output\n"))
                answer = self.run_program("hearth", "call", "example.observable", "observers", broker=bus)
                self.assertEqual(answer.stdout, "[]\n")

    def test_an_observer_whose_reader_has_gone_unregisters_and_ends(self):
        bus = self.broker()
        self.program("observable_server", broker=bus, ready="example.observable")
        reader, writer = os.pipe()
        observer = self.program("/bin/sh", "-c", f'exec "$0" >&{writer}', fixture.BUILD / "bin" / "observer", broker=bus,
                                pass_fds=(writer,))
        os.close(writer)
        with os.fdopen(reader) as lines:
            self.assertEqual(lines.readline(), "ready\n")
        self.run_program("notify", broker=bus)
        self.assertEqual(observer.wait(), 1)
        self.assertIn("standard output", observer.stderr)
        answer = self.run_program("hearth", "call", "example.observable", "observers", broker=bus)
        self.assertEqual(answer.stdout, "[]\n")


class Ends(fixture.TestCase):
    def test_a_server_ends_well_on_a_signal(self):
        bus = self.broker()
        for name, service in SERVERS.items():
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(name=name, number=number):
                    server = self.program(name, broker=bus, ready=service)
                    server.signal(number)
                    self.assertEqual(server.wait(), 0)
                    self.assertEqual(server.stderr, "")
                    self.assertNotIn(service, self.run_program("hearth", "list", broker=bus).stdout)

    def test_a_program_that_waits_for_a_broker_says_so_once_and_ends_well(self):
        for name in [*SERVERS, "observer"]:
            for number in signal.SIGTERM, signal.SIGINT:
                with self.subTest(name=name, number=number):
                    program = self.program(name, broker=NOWHERE)
                    program.wait_for_log("waiting")
                    program.signal(number)
                    self.assertEqual(program.wait(), 0)
                    self.assertEqual((program.stdout, len(program.stderr.splitlines())), ("", 1))

    def test_a_server_whose_name_is_taken_says_so_once_and_serves_when_it_is_free(self):
        bus = self.broker()
        for name, service in SERVERS.items():
            with self.subTest(name=name):
                first = self.program(name, broker=bus, ready=service)
                second, third = self.program(name, broker=bus), self.program(name, broker=bus)
                for server in second, third:
                    server.wait_for_log(f"{service} is not registered yet: .*; trying on for 12 s")
                self.assertEqual((third.interrupt(), first.terminate()), (0, 0))
                second.wait_for_line(service)
                self.assertEqual((second.terminate(), len(second.stderr.splitlines()), len(third.stderr.splitlines())), (0, 1, 1))

    def test_an_observer_that_waits_for_the_server_ends_well(self):
        observer = self.program("observer", broker=self.broker())
        observer.wait_for_log("example.observable is not there")
        self.assertEqual(observer.interrupt(), 0)

    def test_an_observer_ends_well_while_the_server_does_not_answer(self):
        bus = self.broker()
        server = self.program("observable_server", broker=bus, ready="example.observable")
        server.stop()
        observer = self.program("observer", "--timeout", "100ms", broker=bus)
        observer.wait_for_log("does not answer")
        self.assertEqual(observer.terminate(), 0)
        server.resume()

    def test_a_server_serves_again_when_the_broker_is_back(self):
        bus = self.broker()
        server = self.program("echo_server", broker=bus, ready="echo.server")
        bus.kill()
        server.wait_for_log("lost the broker")
        bus = self.restart(bus)
        server.wait_for_line("echo.server")
        self.assertEqual(self.run_program("echo_client", broker=bus).stdout, "HOLA\n")
        self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    fixture.main()

"""Streams on the command line: items come on lines of their own, go from lines, and the result is the last line."""
import os
import signal

import fixture


class Streams(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.numbers = self.program("numbers_server", broker=self.bus, ready="numbers")

    def call(self, *words, service="numbers"):
        return self.run_program("hearth", "call", service, *words, broker=self.bus)

    def start_call(self, *words, service="numbers", redirected, fd):
        """With a descriptor of ours in the place of one of its own."""
        return self.program("/bin/bash", "-c", f'exec "$0" "$@" {redirected}{fd}', fixture.BUILD / "bin" / "hearth", "call", service, *words,
                            broker=self.bus, pass_fds=(fd,))

    def with_input(self, text, *words):
        reader, writer = os.pipe()
        program = self.start_call(*words, "--items", redirected="<&", fd=reader)
        os.close(reader)
        with os.fdopen(writer, "w") as lines:
            lines.write(text)
        program.wait()
        return program

    def talk(self, *words):
        """A call whose lines are typed one by one: the program, and where to type."""
        reader, writer = os.pipe()
        program = self.start_call(*words, "--items", redirected="<&", fd=reader)
        os.close(reader)
        lines = os.fdopen(writer, "w", buffering=1)
        self.addCleanup(lines.close)
        return program, lines

    def printed(self, program, *lines):
        self.assertEqual((program.stdout.splitlines(), program.stderr, program.code), (list(lines), "", 0))

    def fails(self, program, code, pattern, *lines):
        self.assertEqual((program.stdout.splitlines(), program.code), (list(lines), code), program.stderr)
        self.assertRegex(program.stderr, pattern)
        self.assertEqual(len(program.stderr.splitlines()), 1)

    def test_items_are_printed_and_the_result_last(self):
        self.printed(self.call("range", "3"), "0", "1", "2", "= 3")
        self.printed(self.call("range", "end=1"), "0", "= 1")
        self.printed(self.call("range", "0"), "= 0")

    def test_many_items_come_in_order(self):
        count = fixture.repetitions(20000)
        self.printed(self.call("range", str(count)), *map(str, range(count)), f"= {count}")

    def test_lines_of_the_input_go_up_as_items(self):
        self.printed(self.with_input("1\n2\n3\n", "sum"), "= 6")
        self.printed(self.with_input("1\n-2\n30", "sum"), "= 29")
        self.printed(self.with_input("", "sum"), "= 0")
        count = fixture.repetitions(20000)
        self.printed(self.with_input("".join(f"{number}\n" for number in range(count)), "sum"), f"= {count * (count - 1) // 2}")

    def test_without_items_none_go_up(self):
        self.printed(self.call("sum"), "= 0")

    def test_items_go_both_ways_in_step(self):
        program, lines = self.talk("squares")
        for number in range(20):
            lines.write(f"{number}\n")
            program.wait_for_line(f"^{number * number}$")
        lines.close()
        self.assertEqual(program.wait(), 0)
        self.assertEqual(program.stdout.splitlines()[-1], "= 20")

    def test_items_go_both_ways_without_a_pause(self):
        count = fixture.repetitions(20000)
        program = self.with_input("".join(f"{number}\n" for number in range(count)), "squares", "--timeout", "3s")
        self.printed(program, *(str(number * number) for number in range(count)), f"= {count}")

    def test_an_error_comes_behind_the_items(self):
        self.fails(self.with_input("5\nsix\n", "squares"), 1, "numbers.NoNumber, INVALID_ARGUMENT, executed", "25")

    def test_an_answer_ends_it_while_the_input_goes_on(self):
        program, lines = self.talk("sum")
        lines.write("none\n")
        self.assertEqual(program.wait(), 1)
        self.assertIn("numbers.NoNumber", program.stderr)

    def with_bytes(self, data):
        reader, writer = os.pipe()
        os.write(writer, data)
        os.close(writer)
        program = self.start_call("sum", "--items", redirected="<&", fd=reader)
        os.close(reader)
        program.wait()
        return program

    def test_a_line_that_cannot_be_read_is_told_by_its_number(self):
        self.fails(self.with_bytes(b"1\n\xff\n"), 1, r"line 2 of the input: expected UTF-8")

    def test_a_line_with_a_zero_byte_is_not_cut_but_told(self):
        for data in b"1\n2\0003\n", b"1\n2\0", b"1\n\0\n":
            with self.subTest(data=data):
                self.fails(self.with_bytes(data), 1, r"line 2 of the input: it holds a zero byte")
        self.fails(self.with_bytes(b'1\n"2\\u0000"\n'), 1, "numbers.NoNumber")

    def test_an_item_that_is_too_large_is_told_by_its_number(self):
        program, lines = self.talk("sum")
        lines.write("1\n" + 3000000 * "x" + "\n")
        program.wait()
        self.fails(program, 1, r"line 2 of the input: .*hearth.Limit")

    def test_an_input_that_cannot_be_read_is_told(self):
        folder = os.open("/", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        program = self.start_call("sum", "--items", redirected="<&", fd=folder)
        program.wait()
        self.fails(program, 1, "standard input: ")

    def test_an_interrupted_stream_ends_with_the_signals_number(self):
        self.program("clock_server", broker=self.bus, ready="clock")
        for number in signal.SIGINT, signal.SIGTERM:
            program = self.program("hearth", "call", "clock", "ticks", "3600000", broker=self.bus, ready="Z$")
            program.signal(number)
            self.assertEqual((program.wait(), program.stderr, len(program.stdout.splitlines())), (128 + number, "", 1))

    def test_an_interrupted_stream_that_waits_for_its_input_ends_too(self):
        program, lines = self.talk("squares")
        lines.write("3\n")
        program.wait_for_line("^9$")
        self.assertEqual((program.interrupt(), program.stderr), (130, ""))

    def test_a_stream_whose_reader_has_gone_ends(self):
        reader, writer = os.pipe()
        program = self.start_call("range", "1000000000", redirected=">&", fd=writer)
        os.close(writer)
        self.assertEqual(os.read(reader, 2), b"0\n")
        os.close(reader)
        self.assertEqual(program.wait(), 1)
        self.assertIn("standard output", program.stderr)

    def test_a_silence_longer_than_the_timeout_is_4(self):
        self.program("clock_server", broker=self.bus, ready="clock")
        program = self.call("ticks", "3600000", "--timeout", "200ms", service="clock")
        self.assertEqual((program.code, len(program.stdout.splitlines())), (4, 1))
        self.assertIn("after 1 item", program.stderr)

    def test_a_stream_may_last_longer_than_the_timeout(self):
        self.program("clock_server", broker=self.bus, ready="clock")
        program = self.call("ticks", "100", "6", "--timeout", "400ms", service="clock")
        self.assertEqual((program.code, len(program.stdout.splitlines())), (0, 7), program.stderr)

    def goes_while_it_streams(self, peer, code, name):
        program, lines = self.talk("squares")
        lines.write("3\n")
        program.wait_for_line("^9$")
        peer.kill()
        self.assertEqual(program.wait(), code)
        self.fails(program, code, f"after 1 item .*{name}", "9")

    def test_a_service_that_goes_is_told(self):
        self.goes_while_it_streams(self.numbers, 1, "hearth.ServiceGone")

    def test_a_broker_that_goes_is_told(self):
        self.goes_while_it_streams(self.bus, 3, "hearth.BrokerGone")

    def test_any_method_takes_items_and_ignores_them(self):
        self.program("echo_server", broker=self.bus, ready="echo.server")
        reader, writer = os.pipe()
        os.close(writer)
        program = self.start_call("echo", "HOLA", "--items", service="echo.server", redirected="<&", fd=reader)
        os.close(reader)
        program.wait()
        self.printed(program, "= HOLA")

    def test_arguments_are_checked_as_those_of_any_call(self):
        for words in (["range"], ["range", "many"], ["range", "1", "2"], ["sum", "1"]):
            with self.subTest(words=words):
                self.fails(self.call(*words), 2, "range|sum|end")
        self.fails(self.call("nothing"), 1, "hearth.NoSuchMethod")

    def test_describe_tells_which_methods_stream(self):
        text = self.run_program("hearth", "describe", "numbers", broker=self.bus).stdout.splitlines()
        at = text.index("    range(end: int) -> int")
        self.assertEqual(text[at + 2], "        [idempotent, streaming]")


if __name__ == "__main__":
    fixture.main()

"""The clock: a stream that lasts, read by several at once, and what each side says when the other goes."""
import datetime
import signal
import time

import fixture


def moment(text):
    """Of what a clock printed, cut to microseconds."""
    whole, _, fraction = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(f"{whole}.{fraction[:6]:0<6}+00:00")


class Clock(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.server = self.start_server()

    def start_server(self):
        return self.program("clock_server", broker=self.bus, ready="clock")

    def client(self, *arguments):
        """One that has printed its first tick."""
        return self.program("clock_client", *arguments, broker=self.bus, ready="Z$")

    def call(self, *words):
        return self.run_program("hearth", "call", "clock", *words, broker=self.bus)

    def wait_until_nobody_reads(self):
        """The server hears by itself that somebody has gone: it is asked until it has."""
        deadline = time.monotonic() + fixture.PATIENCE
        while self.call("readers").stdout != "0\n":
            self.assertLess(time.monotonic(), deadline, "one who has gone is still sent ticks")

    def test_it_tells_the_time(self):
        before = datetime.datetime.now(datetime.timezone.utc)
        now = moment(self.call("now").stdout.strip())
        self.assertLessEqual(before.replace(microsecond=before.microsecond // 1000 * 1000), now)
        self.assertLessEqual(now, datetime.datetime.now(datetime.timezone.utc))

    def test_a_client_prints_as_many_ticks_as_it_was_told_to(self):
        client = self.client("--every", "5ms", "--count", "20")
        self.assertEqual((client.wait(), client.stderr), (0, ""))
        ticks = [moment(line) for line in client.stdout.splitlines()]
        self.assertEqual((len(ticks), ticks), (20, sorted(ticks)))
        self.wait_until_nobody_reads()

    def test_an_interrupted_client_ends_well_and_is_forgotten(self):
        for number in signal.SIGINT, signal.SIGTERM:
            client = self.client("--every", "1h")
            self.assertEqual(self.call("readers").stdout, "1\n")
            client.signal(number)
            self.assertEqual((client.wait(), client.stderr, len(client.stdout.splitlines())), (0, "", 1))
            self.wait_until_nobody_reads()

    def test_a_client_that_is_killed_is_forgotten(self):
        self.client("--every", "5ms").kill()
        self.wait_until_nobody_reads()

    def test_each_reader_has_a_rhythm_of_its_own(self):
        slow = self.client("--every", "1h")
        quick = [self.client("--every", f"{number}ms", "--count", "10") for number in range(1, 9)]
        self.assertEqual([client.wait() for client in quick], 8 * [0])
        self.assertEqual(len(slow.stdout.splitlines()), 1)
        self.assertEqual(self.call("readers").stdout, "1\n")

    def test_a_reader_that_is_stopped_misses_ticks_and_slows_nobody_down(self):
        stopped = self.program("hearth", "call", "clock", "ticks", "1", "1500", broker=self.bus, ready="Z$")
        stopped.stop()
        other = self.client("--every", "20ms", "--count", "100")
        self.assertEqual(other.wait(), 0)
        stopped.resume()
        missed = int(stopped.wait_for_line(r"^= (\d+)$").group(1))
        self.assertEqual(stopped.wait(), 0)
        self.assertGreater(missed, 0)
        self.assertEqual(len(stopped.stdout.splitlines()), 1500 - missed + 1)

    def test_a_count_of_none_ends_at_once(self):
        self.assertEqual(self.call("ticks", "1", "0").stdout, "= 0\n")

    def test_a_rhythm_or_count_that_is_none_is_refused(self):
        for words in ["0"], ["-1"], ["86400001"], ["1", "-1"]:
            answer = self.call("ticks", *words)
            self.assertEqual((answer.stdout, answer.code), ("", 1))
            self.assertRegex(answer.stderr, "clock.Bad(Rhythm|Count), OUT_OF_RANGE, executed")

    def ends(self, client, code, pattern):
        self.assertEqual(client.wait(), code, client.transcript())
        self.assertRegex(client.stderr, pattern)
        self.assertEqual(len(client.stderr.splitlines()), 1)

    def test_a_client_says_that_the_clock_has_gone(self):
        for end in "kill", "terminate":
            with self.subTest(end=end):
                client = self.client("--every", "5ms")
                getattr(self.server, end)()
                self.ends(client, 1, r"clock: .*after \d+ items? \(hearth\.ServiceGone")
                self.server = self.start_server()

    def test_a_client_says_that_the_broker_has_gone(self):
        client = self.client("--every", "1h")
        self.bus.kill()
        self.ends(client, 3, "after 1 item .*hearth.BrokerGone")

    def test_a_clock_that_falls_silent_is_late(self):
        client = self.client("--every", "5ms", "--timeout", "300ms")
        self.server.stop()
        self.ends(client, 4, "hearth.Deadline")

    def test_a_clock_that_ticks_seldom_is_not_silent(self):
        client = self.client("--every", "400ms", "--count", "3", "--timeout", "300ms")
        self.assertEqual((client.wait(), client.stderr), (0, ""))

    def test_a_server_ends_well_with_readers(self):
        self.client("--every", "1h")
        self.client("--every", "5ms")
        self.assertEqual((self.server.terminate(), self.server.stderr), (0, ""))

    def test_a_server_outlives_the_broker_and_forgets_its_readers(self):
        client = self.client("--every", "5ms")
        self.bus.kill()
        self.assertEqual(client.wait(), 3)
        self.bus = self.restart(self.bus)
        self.server.wait_for_line("clock")
        self.wait_until_nobody_reads()
        self.assertEqual(self.client("--every", "5ms", "--count", "3").wait(), 0)


class NoClock(fixture.TestCase):
    def test_a_client_without_a_clock_is_told_so(self):
        client = self.run_program("clock_client", broker=self.broker())
        self.assertEqual((client.stdout, client.code), ("", 1))
        self.assertIn("hearth.NoSuchService", client.stderr)

    def test_a_client_waits_for_a_clock_that_is_late(self):
        bus = self.broker()
        client = self.program("clock_client", "--wait", "30s", "--count", "1", broker=bus)
        self.program("clock_server", broker=bus, ready="clock")
        self.assertEqual((client.wait(), client.stderr), (0, ""))


if __name__ == "__main__":
    fixture.main()

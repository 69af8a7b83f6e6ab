"""hearth-broker as a process: it says when it serves, ends on signals, and survives the loss of its standard descriptors."""
import os
import signal

import fixture
import hostile

BROKER = fixture.BUILD / "bin" / "hearth-broker"


class Process(hostile.TestCase):
    def start_by_shell(self, redirections, *options, pass_fds=()):
        """A broker with other standard descriptors, in a folder of its own; returns when it serves. $1 … are the options."""
        reader, writer = os.pipe()
        folder = self.folder()
        command = f'exec "$0" --bind ipc://{folder}/calls --ready-fd {writer} "$@" {redirections}'
        with os.fdopen(reader) as ready:
            try:
                broker = self.program("/bin/bash", "-c", command, BROKER, *options, pass_fds=(writer, *pass_fds))
            finally:
                os.close(writer)
            self.assertRegex(ready.read(), r"\Aready ipc://\S+ publish ipc://\S+\n\Z")
        broker.address = f"ipc://{folder}/calls"
        return broker

    def assert_serves_and_ends(self, broker):
        raw = hostile.RawPeer(broker.address)
        self.addCleanup(raw.close)
        raw.begin().ping()
        self.assertEqual(broker.terminate(), 0)

    def test_the_ready_line_names_real_addresses_and_then_the_descriptor_is_closed(self):
        reader, writer = os.pipe()
        with os.fdopen(reader) as ready:
            try:
                broker = self.program("hearth-broker", "--bind", "tcp://127.0.0.1:*", "--ready-fd", writer, pass_fds=(writer,))
            finally:
                os.close(writer)
            line = ready.read()
        self.assertRegex(line, r"\Aready tcp://127\.0\.0\.1:[1-9]\d* publish tcp://127\.0\.0\.1:[1-9]\d*\n\Z")
        broker.wait_for_log("ready tcp://")

    def test_each_signal_ends_it_with_0_and_tells_peers(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                broker = self.broker()
                raw = hostile.RawPeer(broker.address)
                self.addCleanup(raw.close)
                raw.begin()
                broker.signal(number)
                kind, _, name, _ = raw.error()
                self.assertEqual((kind, name), (hostile.GOODBYE, "hearth.Stopping"))
                self.assertEqual(broker.wait(), 0)

    def test_a_peer_that_does_not_read_does_not_hold_up_the_end(self):
        broker = self.start()
        deaf = self.raw()
        for slot in range(500):
            deaf.send(hostile.request("hearth", "ping", hostile.text("x" * 20000), slot=slot))
        self.assert_work_goes_on()
        self.assertEqual(broker.terminate(), 0)

    def test_it_serves_with_all_standard_descriptors_closed(self):
        self.assert_serves_and_ends(self.start_by_shell("<&- >&- 2>&-"))

    def test_it_serves_when_nobody_can_read_its_log(self):
        reader, writer = os.pipe()
        os.close(reader)
        try:
            broker = self.start_by_shell(f"2>&{writer}", pass_fds=(writer,))
        finally:
            os.close(writer)
        self.assert_serves_and_ends(broker)

    def test_a_reader_of_the_log_that_has_stopped_does_not_stop_the_broker(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        with os.fdopen(reader, "rb"), os.fdopen(writer, "wb", buffering=0) as full:
            while full.write(b"x" * 4096):
                pass
            os.set_blocking(writer, True)
            self.assert_serves_and_ends(self.start_by_shell(f"2>&{writer}", "--log-level", "debug", pass_fds=(writer,)))

    def test_repeats_in_the_log_are_summed(self):
        broker = self.start()
        raw = self.raw()
        for _ in range(100):
            raw.send(b"", b"")
            raw = self.raw()
        broker.wait_for_log(r"a message of several frames \(\d+ more\)")
        #  How many seconds it took is the machine's business.
        lines = [line for line in broker.stderr.splitlines() if "of several frames" in line]
        self.assertLess(len(lines), 100)


if __name__ == "__main__":
    fixture.main()

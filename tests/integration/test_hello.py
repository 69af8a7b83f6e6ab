"""How a session may not begin, docs/protocol.md, section 5."""
import os
import struct

import fixture
import hostile
from hostile import CANCEL, GOODBYE, PROBE, PUBLISH, REPLY, REQUEST, WELCOME, frame, hello, text

NAMES = (text("honest"), text("echo"))


class Hello(hostile.TestCase):
    def test_any_other_frame_before_the_hello_is_told_so(self):
        self.start()
        others = [frame(REQUEST, *NAMES), frame(PUBLISH, *NAMES), frame(CANCEL, b"\0"), frame(REQUEST), frame(0), frame(9), frame(10),
                  frame(127), frame(WELCOME, b"\x01", b"\x01", text(":000000000001.1")), frame(REQUEST, *NAMES, flags=0xffffffff)]
        for other in others:
            with self.subTest(frame=other):
                before = self.dropped("before_hello")
                raw = self.stranger()
                raw.send(other)
                self.assertEqual(raw.error()[0::2], (GOODBYE, "hearth.HelloFirst"))
                self.assertEqual(self.dropped("before_hello"), before + 1)
        self.assert_work_goes_on()

    def test_what_is_no_frame_or_wants_no_answer_is_ignored_before_the_hello(self):
        self.start()
        for other in (frame(GOODBYE, b"\0"), frame(REPLY, b"\0", b"\0"), frame(PROBE), b"", b"MDPC02", b"\x94\x04\xc4\x18", b"\xff" * 100):
            with self.subTest(frame=other):
                before = self.dropped("before_hello")
                raw = self.stranger()
                raw.send(other)
                raw.begin()
                self.assertEqual(self.dropped("before_hello"), before + 1)
        self.assert_work_goes_on()

    def test_a_malformed_hello_is_refused(self):
        self.start()
        instance = b"\xc4\x10" + os.urandom(16)
        parts = [(), (b"\x01",), (b"\x01", text("x"), instance), (text("1"), text("x"), instance, b"\x01"),
                 (b"\x01", b"\x01", instance, b"\x01"), (b"\x01", text("x"), b"\xc4\x0f" + b"x" * 15, b"\x01"),
                 (b"\x01", text("x"), b"\xc4\x11" + b"x" * 17, b"\x01"), (b"\x01", text("x"), text("x" * 16), b"\x01"),
                 (b"\x01", text("x"), instance, b"\xff"), (b"\x01", text("x"), instance, text("1")),
                 (b"\x01", text("x" * 256), instance, b"\x01"), (b"\xff", text("x"), instance, b"\x01"),
                 (b"\x01", text("x"), instance, b"\x01", b"\xdf\xff\xff\xff\xff")]
        for each in parts:
            with self.subTest(elements=each):
                raw = self.stranger()
                raw.send(frame(hostile.HELLO, *each))
                self.assert_ended("hearth.Malformed", raw)

    def test_a_version_that_is_not_spoken_is_refused_and_told_which_is(self):
        self.start()
        for version in (b"\x00", b"\x02", b"\x7f", b"\xcf" + b"\xff" * 8):
            raw = self.stranger()
            raw.send(hello(version=version))
            kind, _, name, message = raw.error()
            self.assertEqual((kind, name), (GOODBYE, "hearth.BadVersion"))
            self.assertIn("1", message)
            raw.wait_for_end()
        self.assert_work_goes_on()

    def test_a_second_hello_ends_the_session(self):
        self.start()
        for count in (b"\x01", b"\x02"):
            raw = self.raw()
            raw.send(hello(count=count))
            self.assert_ended("hearth.Malformed", raw)

    def test_a_session_count_that_is_not_higher_is_refused(self):
        self.start()
        instance = os.urandom(16)
        present = self.stranger().begin(instance=instance, count=b"\x05")
        for count in (b"\x05", b"\x04", b"\x01"):
            raw = self.stranger()
            raw.send(hello(instance=instance, count=count))
            kind, _, name, _ = raw.error()
            self.assertEqual((kind, name), (GOODBYE, "hearth.StaleSession"))
            raw.wait_for_end()
        present.ping()
        self.assert_work_goes_on()

    def test_a_session_count_of_0_is_malformed(self):
        self.start()
        raw = self.stranger()
        raw.send(hello(instance=os.urandom(16), count=b"\x00"))
        kind, _, name, _ = raw.error()
        self.assertEqual((kind, name), (GOODBYE, "hearth.Malformed"))
        raw.wait_for_end()
        self.assert_work_goes_on()

    def test_a_higher_session_count_ends_the_older_session_and_frees_its_names(self):
        self.start()
        instance = os.urandom(16)
        older = self.stranger().begin(instance=instance)
        older.send(hostile.request("hearth", "register", text("twice")))
        self.assertEqual(older.receive().elements, (0, 0))
        newer = self.stranger().begin(instance=instance, count=b"\xcf" + struct.pack(">Q", 2**64 - 1))
        newer.send(hostile.request("hearth", "register", text("twice")))
        self.assertEqual(newer.receive().elements, (0, 0))
        older.wait_for_end()
        self.assert_work_goes_on()

    def test_what_follows_a_goodbye_is_ignored(self):
        self.start()
        observation = self.caller.observe("hearth/name/")
        for code in (b"\x00", b"\x0e"):
            raw = self.raw()
            raw.send(frame(GOODBYE, code))
            for late in (hostile.request("hearth", "register", text("late")), hello(count=b"\x02"), frame(GOODBYE, b"\0"), b"garbage"):
                raw.send(late)
            raw.wait_for_end()
        self.service.serve("last", {})
        self.assertEqual(observation.next(fixture.PATIENCE).value["name"], "last")
        self.assert_work_goes_on()

    def test_peers_that_come_and_go_leave_nothing(self):
        self.start()
        before = self.stats()["sessions"]
        watcher = self.caller.observe("hearth/session/")
        left = set()
        for _ in range(fixture.repetitions(200)):
            raw = self.raw()
            left.add(raw.welcome.elements[2])
            raw.close()
        while left:
            change = watcher.next(fixture.PATIENCE).value
            if change["change"] == "went":
                left.remove(change["session"])
        self.assertEqual(self.stats()["sessions"], before)
        self.assert_work_goes_on()

    def test_a_connection_without_a_hello_is_ended_and_counted(self):
        self.start("--hello-timeout", "1s")
        before = self.stats()["limits_hit"]["hello-timeout"]
        self.stranger().wait_for_end()
        self.assertEqual(self.stats()["limits_hit"]["hello-timeout"], before + 1)
        self.assert_work_goes_on()

    def test_a_library_name_that_is_no_text_is_refused_since_watchers_of_sessions_would_be_told_it(self):
        self.start()
        for library in (b"\xff\xfe", b"caf\xc3", b"\xed\xa0\x80", b"\xc0\x80"):
            raw = self.stranger()
            raw.send(hello(library=text(library)))
            self.assert_ended("hearth.Malformed", raw)

    def test_a_library_name_with_control_characters_reaches_no_log_raw(self):
        self.start("--log-level", "debug")
        raw = self.stranger().begin(library=text("\x1b[2J%s%n\n"))
        raw.ping()
        self.assertEqual(self.bus.terminate(), 0)
        self.assertNotIn("\x1b", self.bus.stderr)


if __name__ == "__main__":
    fixture.main()

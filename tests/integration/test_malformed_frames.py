"""Frames that break docs/protocol.md, sections 3 and 4: refused under their token, or dropped and counted."""
import fixture
import hostile
from hostile import NIL, CANCEL, CREDIT, GOODBYE, HELLO, ITEM, PROBE, PUBLISH, REPLY, REQUEST, WELCOME, block, frame, text

NAMES = text("honest") + text("echo")


def nested(levels):
    return b"\x91" * levels + NIL


class MalformedFrames(hostile.TestCase):
    def test_what_has_no_block_is_dropped_and_counted(self):
        self.start()
        whole = hostile.request("honest", "echo", NIL)
        cut = [whole[:size] for size in (0, 1, 2, 3, 4, 5, 12, 27)]
        first_bytes = [bytes([first]) + whole[1:] for first in (0x00, 0x84, 0x90, 0x91, 0xa0, 0xc1, 0xdc, 0xdd, 0xff)]
        kinds = [whole[:1] + bytes([kind]) + whole[2:] for kind in (0x80, 0xcc, 0xff)]
        blocks = [whole[:2] + start + whole[4:] for start in (b"\xc4\x17", b"\xc4\x19", b"\xc5\x00", b"\xd9\x18", b"\xc7\x18")]
        others = [b"MDPC02", b"MDPW02", b"MDPC01", b"GET / HTTP/1.1\r\n\r\n", b"\0" * 1048576, b"\xff" * 1048576]
        self.assert_counted("garbage", self.raw(), *cut, *first_bytes, *kinds, *blocks, *others)

    def test_requests_and_publications_that_are_malformed_are_refused_under_their_token(self):
        self.start()
        elements = [(), (text("honest"),), (b"\x01", b"\x02"), (NIL, NIL), (text("honest"), b"\xc4\x04echo"),
                    (text("x" * 256), text("echo")), (text("honest"), text("x" * 256)),
                    (text("honest"), b"\xdb\xff\xff\xff\xffecho"), (b"\xc1", b"\xc1"),
                    (text("honest"), text("echo"), b"\xdf\xff\xff\xff\xff"), (text("honest"), text("echo"), nested(33))]
        raw = self.raw()
        for kind in (REQUEST, PUBLISH):
            self.assert_answered("hearth.Malformed", raw, *[frame(kind, *each) for each in elements])
            self.assert_answered("hearth.Malformed", raw, frame(kind, text("honest"), text("echo"), body=b""))
            more_promised = bytes([0x9f, kind]) + block() + NAMES + NIL
            self.assert_answered("hearth.Malformed", raw, more_promised)
            self.assert_counted("malformed", raw, *[frame(kind, *each, flags=flags) for each in elements for flags in (2, 3)])

    def test_flags_that_are_not_defined_are_refused(self):
        self.start()
        raw = self.raw()
        undefined = [1 << bit for bit in range(3, 32) if bit != 4] + [0x11, 0x30, 0xfffffffd]
        self.assert_answered("hearth.Malformed", raw, *[hostile.request("honest", "echo", NIL, flags=each) for each in undefined])
        undefined = [1 << bit for bit in range(32) if bit != 1] + [0x05]
        self.assert_answered("hearth.Malformed", raw,
                             *[frame(PUBLISH, text("honest"), text("said"), flags=each) for each in undefined])
        self.assert_counted("malformed", raw, *[hostile.request("honest", "echo", NIL, flags=each) for each in (0x02, 0x0a, 0x12, 0x13, 0xffffffff)],
                            *[frame(PUBLISH, text("honest"), text("said"), flags=each) for each in (0x03, 0x06, 0xffffffff)])
        self.assert_counted("malformed", raw, frame(CANCEL, b"\0", flags=1), frame(REPLY, b"\0", b"\0", flags=0x10),
                            *[frame(ITEM, flags=1 << bit) for bit in range(32) if bit != 6],
                            *[frame(CREDIT, b"\1", b"\1", flags=1 << bit) for bit in range(32) if bit != 6],
                            frame(CREDIT, b"\1", b"\1", flags=0x60))

    def test_items_and_credits_that_are_malformed_are_dropped_and_counted(self):
        self.start()
        credits = [(), (b"\1",), (NIL, NIL), (text("1"), b"\1"), (b"\1", b"\xff"), (b"\1", b"\xcf" + b"\xff" * 8),
                   (b"\xcf\0\0\0\1\0\0\0\0", b"\1"), (b"\xc4\1\1", b"\1"), (b"\0", b"\1"), (b"\0", b"\0")]
        for flags in (0, 0x40):
            self.assert_counted("malformed", self.raw(), *[frame(CREDIT, *each, flags=flags) for each in credits],
                                frame(ITEM, body=b"", flags=flags), frame(ITEM, b"\xc1", flags=flags),
                                bytes([0x9f, ITEM]) + block(flags=flags) + NIL, frame(CREDIT, b"\1", b"\1", body=b"", flags=flags))

    def test_unknown_kinds_are_dropped_and_counted(self):
        self.start()
        kinds = (0, 12, 64, 127)  # 11 is a bundle
        self.assert_counted("malformed", self.raw(), *[frame(kind) for kind in kinds],
                            *[frame(kind, text("honest"), text("echo")) for kind in kinds])

    def test_replies_cancels_and_goodbyes_that_are_malformed_are_dropped_and_counted(self):
        self.start()
        replies = [(), (b"\0",), (b"\x11", b"\x01"), (b"\x01", b"\x04"), (b"\x01", b"\x00"), (b"\x00", b"\x01"),
                   (text("0"), b"\0"), (b"\xff", b"\x01"), (b"\xcf" + b"\xff" * 8, b"\x01")]
        self.assert_counted("malformed", self.raw(), *[frame(REPLY, *each) for each in replies], frame(CANCEL),
                            frame(CANCEL, b"\x03"), frame(CANCEL, text("0")), frame(GOODBYE), frame(GOODBYE, text("bye")),
                            frame(GOODBYE, b"\x11"), frame(HELLO), frame(HELLO, b"\x01", text("x"), b"\xc4\x01x", b"\x01"))

    def test_a_welcome_from_a_peer_is_dropped_and_counted(self):
        self.start()
        welcome = frame(WELCOME, b"\x01", b"\x01", text(":000000000001.1"), session=1)
        self.assert_counted("malformed", self.raw(), welcome)

    def test_a_probe_is_ignored_whatever_it_carries(self):
        self.start()
        raw = self.raw()
        for probe in (frame(PROBE), frame(PROBE, text("x"), body=b""), frame(PROBE, flags=0xffffffff), frame(PROBE, body=b"\xc1\xc1")):
            raw.send(probe)
        raw.ping()
        self.assert_work_goes_on()

    def test_elements_and_options_that_are_not_known_are_ignored(self):
        self.start()
        raw = self.raw()
        unknown = b"\x82" + text("future") + b"\x01" + b"\x01" + b"\x02"
        for extra in ((unknown,), (b"\x01",), (unknown, NIL, text("more")), (b"\x80",) * 11):
            raw.send(hostile.request("hearth", "ping", b"\x2a", options=extra, slot=3))
            self.assertEqual(raw.receive().body, b"\x2a")

    def test_bodies_that_are_no_value_hurt_only_the_call(self):
        """The broker forwards a body unread. A service answers all the same, and so keeps its capacity."""
        self.start()
        raw = self.raw()
        self.service.serve("narrow", {"echo": lambda request, value: value}, capacity=1)
        bodies = [b"\xc1", b"\x92\x01", b"\x91\x01\x02", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
                  b"\xdb\xff\xff\xff\xffx", nested(33), nested(100000), b"\x91\xc1", b"\x01", text("x"), b"\x91" + b"\x81\x90\x01"]
        for slot, body in enumerate(bodies):
            raw.send(frame(REQUEST, text("narrow"), text("echo"), body=body, slot=slot + 100))
        for slot, body in enumerate(bodies):
            with self.subTest(body=body[:16]):
                self.drive(lambda: raw.socket.poll(0), self.service, raw)
                self.assertEqual(raw.error()[:3], (REPLY, slot + 100, "hearth.BadArguments"))
        self.assert_work_goes_on()

    def test_arguments_of_the_directory_that_are_no_value_are_refused(self):
        self.start()
        raw = self.raw()
        bodies = [b"\xc1", b"\x92\x01", b"\x91\x01\x02", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", nested(33), nested(100000)]
        refused = []
        for slot, body in enumerate(bodies):
            raw.send(frame(REQUEST, text("hearth"), text("ping"), body=body, slot=slot))
            refused.append(raw.error()[:3])
        self.assertEqual([each[:2] for each in refused], [(REPLY, slot) for slot in range(len(bodies))])
        self.assertLessEqual({each[2] for each in refused}, {"hearth.BadArguments", "hearth.Malformed", "hearth.Limit"})
        self.assert_work_goes_on()

    def test_replies_with_bodies_that_are_no_value_end_the_call_for_the_caller(self):
        self.start()
        raw = self.raw()
        raw.send(hostile.request("hearth", "register", text("liar")))
        raw.receive()
        for body in (b"\xc1", b"\xdd\xff\xff\xff\xff", nested(100000), b"\x01\x02"):
            call = self.caller.start("liar", "lie")
            asked = raw.receive()
            raw.send(frame(REPLY, b"\0", b"\0", body=body, slot=asked.slot, generation=asked.generation))
            self.assertEqual(self.failure(call).code, 13)
        self.assert_work_goes_on()

    def test_random_changes_of_good_frames_end_nothing(self):
        """Each byte of the header in turn, set to values at the edges of msgpack's types."""
        self.start()
        whole = hostile.request("honest", "echo", text("HOLA"), options=(b"\x81" + text("wait") + b"\x01",))
        for at in range(len(whole)):
            raw = self.raw()
            for value in (0x00, 0x7f, 0x80, 0x9f, 0xc1, 0xc4, 0xd9, 0xdd, 0xdf, 0xff):
                raw.send(whole[:at] + bytes([value]) + whole[at + 1:])
        for size in range(len(whole)):
            raw.send(whole[:size])
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

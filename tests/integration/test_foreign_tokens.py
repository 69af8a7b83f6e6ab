"""Tokens, slots, names and deadlines that are not the peer's to use, docs/protocol.md, sections 6 and 8.1."""
import struct

import fixture
import hostile
from hostile import CANCEL, EMPTY_LIST, LATER, NIL, PUBLISH, REPLY, frame, request, text


class ForeignTokens(hostile.TestCase):
    def start(self, *options, **settings):
        super().start(*options, **settings)
        self.kept = []
        self.service.serve("slow", {"work": lambda request, *_: self.kept.append(request) or LATER})

    def dispatch(self, start):
        """Returns what was started once the slow service has one request more."""
        before = len(self.kept)
        call = start()
        self.drive(lambda: len(self.kept) > before, self.service)
        return call

    def test_a_reply_with_a_token_that_was_given_to_another_is_dropped_and_the_true_one_arrives(self):
        self.start()
        call = self.dispatch(lambda: self.caller.start("slow", "work"))
        token = {"slot": self.kept[0].frame.slot, "generation": self.kept[0].frame.generation}
        self.assert_counted("stray_replies", self.raw(), frame(REPLY, b"\0", b"\0", body=text("forged"), **token),
                            frame(REPLY, b"\x01", b"\x01", body=b"\x92" + text("a.b") + text("forged"), **token))
        self.kept[0].reply("true")
        self.assertEqual(self.result(call), "true")

    def test_replies_with_tokens_that_nobody_was_given_are_dropped(self):
        self.start()
        tokens = [(0, 0), (0, 1), (1, 1), (9999, 7), (2**31, 1), (2**32 - 1, 2**32 - 1)]
        self.assert_counted("stray_replies", self.raw(), *[frame(REPLY, b"\0", b"\0", slot=slot, generation=generation)
                                                           for slot, generation in tokens])

    def test_the_second_reply_to_a_request_is_dropped(self):
        self.start()
        raw = self.raw()
        raw.send(request("hearth", "register", text("twice")))
        raw.receive()
        call = self.caller.start("twice", "anything")
        asked = raw.receive()
        answer = frame(REPLY, b"\0", b"\0", body=text("first"), slot=asked.slot, generation=asked.generation)
        raw.send(answer)
        self.assertEqual(self.result(call), "first")
        self.assert_counted("stray_replies", raw, answer, answer)
        call = self.caller.start("twice", "anything")
        later = raw.receive()
        self.assertEqual(later.slot, asked.slot)
        self.assert_counted("stray_replies", raw, answer)
        raw.send(frame(REPLY, b"\0", b"\0", body=text("second"), slot=later.slot, generation=later.generation))
        self.assertEqual(self.result(call), "second")

    def test_a_reply_in_the_name_of_another_session_is_told_as_its_own(self):
        self.start()
        raw = self.raw()
        raw.send(request("hearth", "register", text("liar")))
        raw.receive()
        call = self.caller.start("liar", "lie")
        asked = raw.receive()
        raw.send(frame(REPLY, b"\x0e", b"\x02", body=b"\x92" + text("hearth.ServiceGone") + text("not really"), session=0,
                       remaining=7, flags=0x08, slot=asked.slot, generation=asked.generation))
        self.assertEqual(self.failure(call).code, 13)
        self.assertEqual((call.answer.session, call.answer.flags), (raw.welcome.session, 0))

    def test_a_request_in_the_name_of_another_session_is_told_as_its_own(self):
        self.start()
        raw = self.raw()
        self.dispatch(lambda: raw.send(request("slow", "work", session=self.caller.session)))
        self.assertEqual(self.kept[0].caller, raw.welcome.elements[2])

    def test_a_cancel_reaches_only_the_peers_own_calls(self):
        self.start()
        call = self.dispatch(lambda: self.caller.start("slow", "work"))
        raw = self.raw()
        for slot in range(20):
            for generation in range(5):
                raw.send(frame(CANCEL, b"\0", slot=slot, generation=generation))
        raw.send(frame(CANCEL, b"\0", slot=call.slot, generation=call.generation))
        raw.send(frame(CANCEL, b"\0", slot=self.kept[0].frame.slot, generation=self.kept[0].frame.generation))
        raw.send(frame(CANCEL, b"\0", slot=2**32 - 1, generation=1))
        raw.ping()
        self.kept[0].reply("done")
        self.assertEqual(self.result(call), "done")
        self.assertIsNone(self.kept[0].cancelled)

    def test_a_cancel_with_another_generation_is_ignored(self):
        self.start()
        raw = self.raw()
        self.dispatch(lambda: raw.send(request("slow", "work", slot=5, generation=7)))
        for generation in (0, 6, 8, 2**32 - 1):
            raw.send(frame(CANCEL, b"\0", slot=5, generation=generation))
        raw.ping()
        self.kept[0].reply("done")
        self.assertEqual(raw.receive().elements, (0, 0))

    def test_a_slot_that_is_still_in_use_ends_the_session(self):
        self.start()
        for again in (request("slow", "work", slot=5, generation=2), request("hearth", "ping", slot=5, generation=1),
                      frame(PUBLISH, text("slow"), text("said"), slot=5, generation=3)):
            raw = self.raw()
            self.dispatch(lambda: raw.send(request("slow", "work", slot=5)))
            raw.send(again)
            self.assert_ended("hearth.Malformed", raw)
            self.drive(lambda: self.kept[-1].cancelled is not None, self.service)
            self.assertEqual(self.kept[-1].cancelled, 2)

    def test_a_slot_beyond_the_limit_is_refused(self):
        self.start()
        raw = self.raw()
        for slot in (self.caller.welcome["limits"]["calls"], 2**31, 2**32 - 1):
            for message in (request("honest", "echo", NIL, slot=slot), frame(PUBLISH, text("x"), text("y"), slot=slot)):
                raw.send(message)
                kind, answered, name, text_ = raw.error()
                self.assertEqual((kind, answered, name), (REPLY, slot, "hearth.Limit"))
                self.assertIn("--max-calls", text_)
        raw.ping()
        self.assert_work_goes_on()

    def test_a_deadline_beyond_the_limit_is_refused_and_one_that_has_passed_is_not_dispatched(self):
        self.start()
        raw = self.raw()
        for remaining in (86400001, 2**32 - 1):
            raw.send(request("slow", "work", remaining=remaining))
            self.assertEqual(raw.error()[2], "hearth.Limit")
        raw.send(request("slow", "work", remaining=0))
        self.assertEqual(raw.error()[2], "hearth.Deadline")
        raw.ping()
        self.service.call("hearth", "ping")
        self.assertEqual(self.kept, [])
        self.assert_work_goes_on()

    def test_a_publication_under_the_name_of_another_is_refused(self):
        self.start()
        raw = self.raw()
        observation = self.caller.observe("")
        names = ["honest", "hearth", "hearth.name", "nobody", "", self.service.unique_name, ":000000000001.1", "a b", "\x1b[2J",
                 "honest/said", b"\xff\xfe", "x" * 255, "%s%n%s%n"]
        self.assert_answered("hearth.NotOwner", raw, *[frame(PUBLISH, text(name), text("said")) for name in names])
        self.service.publish("honest", "said", "mine")
        self.assertEqual(observation.next(fixture.PATIENCE).value, "mine")

    def test_an_event_without_a_proper_name_is_refused(self):
        self.start()
        raw = self.raw()
        raw.send(request("hearth", "register", text("raw")))
        raw.receive()
        for event in ("", "/", "a/b", "a/", ".", "a..b", "a b", "é", "\0", "x\0", b"\xff"):
            self.assert_answered("hearth.Malformed", raw, frame(PUBLISH, text("raw"), text(event)))

    def test_a_publication_whose_body_is_no_value_disturbs_no_observer(self):
        self.start()
        raw = self.raw()
        raw.send(request("hearth", "register", text("raw")))
        raw.receive()
        observation = self.caller.observe("")
        for body in (b"\xc1", b"\xdd\xff\xff\xff\xff", b"\x91" * 100000, b"\x01\x02", text(b"\xff")):
            raw.send(frame(PUBLISH, text("raw"), text("said"), body=body))
            raw.receive()
        self.service.publish("honest", "said", "mine")
        while observation.next(fixture.PATIENCE).topic != "honest/said/":
            pass
        self.assert_work_goes_on()

    def test_names_of_services_that_cannot_be_are_not_there(self):
        self.start()
        raw = self.raw()
        names = ["", ".", "a..b", " honest", "honest ", "honest\0", "HONEST", "hearth.x", ":", ":0.0", ":000000000000.0", "x" * 255,
                 f":{self.caller.epoch:012x}.0", f":{self.caller.epoch:012x}.99999999999999999999", b"\xff", "%s%n", "\x1b[2J",
                 "hearth://127.0.0.1:1/x"]
        self.assert_answered("hearth.NoSuchService", raw, *[request(name, "echo", NIL) for name in names])
        self.assert_answered("hearth.NoSuchMethod", raw, *[request("honest", method, NIL) for method in
                                                           ("", ".", "ECHO", "echo\0", "x" * 255, b"\xff", "%s%n", "\x1b[2J")])

    def test_a_wait_that_is_no_number_is_no_wait(self):
        self.start()
        raw = self.raw()
        values = (NIL, text("1"), b"\xff", b"\xcb" + struct.pack(">d", 1.0), EMPTY_LIST, b"\0")
        options = [(b"\x81" + text("wait") + value,) for value in values] + [(), (b"\x80",), (NIL,)]
        self.assert_answered("hearth.NoSuchService", raw, *[request("nobody", "x", options=each, flags=4) for each in options])

    def test_a_wait_beyond_the_deadline_ends_with_the_deadline(self):
        self.start()
        raw = self.raw()
        raw.send(request("nobody", "x", options=(b"\x81" + text("wait") + b"\xcf" + b"\xff" * 8,), flags=4, remaining=50))
        self.assertEqual(raw.error()[2], "hearth.Deadline")
        self.assert_work_goes_on()

    def test_a_goodbye_ends_everything_that_the_session_had(self):
        self.start()
        raw = self.raw()
        self.dispatch(lambda: raw.send(request("slow", "work", slot=1)))
        raw.send(request("hearth", "register", text("raw"), slot=2))
        raw.receive()
        call = self.caller.start("raw", "work")
        raw.receive()
        raw.send(frame(hostile.GOODBYE, b"\0"))
        raw.wait_for_end()
        self.assertEqual(self.failure(call).name, "hearth.ServiceGone")
        self.drive(lambda: self.kept[0].cancelled == 2, self.service)
        self.service.serve("raw", {})


if __name__ == "__main__":
    fixture.main()

"""A service that answers wrongly ends its own calls at most: no other call, and neither the broker nor the caller."""
import fixture
import hostile
from hostile import REPLY, frame, request, text


class WrongAnswers(hostile.TestCase):
    def setUp(self):
        super().setUp()
        self.start()
        self.liar = self.raw()
        method = b"\x83" + text("name") + text("count") + text("parameters") + text("") + text("result") + text("int")
        interface = b"\x81" + text("interface") + b"\x81" + text("methods") + b"\x91" + method
        self.liar.send(request("hearth", "register", text("liar"), interface))
        self.assertEqual(self.liar.receive().elements, (0, 0))

    def asked(self, call):
        """What the service was asked; the call is in flight."""
        asked = self.liar.receive()
        self.assertEqual(asked.elements[:2], ("liar", "count"), call)
        return {"slot": asked.slot, "generation": asked.generation}

    def test_an_answer_that_is_malformed_is_none_and_the_call_waits_for_a_good_one(self):
        wrong = [(), (b"\0",), (text("0"), b"\0"), (b"\0", text("0")), (b"\xff", b"\x01"), (b"\x11", b"\x01"), (b"\x01", b"\x04"),
                 (b"\0", b"\x01"), (b"\x01", b"\0"), (b"\x90", b"\x80"), (b"\xcb" + bytes(8), b"\0")]
        call = self.caller.start("liar", "count")
        token = self.asked(call)
        self.assert_counted("malformed", self.liar, *[frame(REPLY, *elements, **token) for elements in wrong])
        self.assertFalse(call.done)
        self.liar.send(frame(REPLY, b"\0", b"\0", body=b"\x05", **token))
        self.assertEqual(self.result(call), 5)

    def test_an_answer_after_the_deadline_is_counted_and_the_next_call_is_answered(self):
        late = self.caller.start("liar", "count", timeout=0.05)
        token = self.asked(late)
        self.assertEqual(self.failure(late).name, "hearth.Deadline")
        self.assertEqual(self.liar.receive().kind, hostile.CANCEL)
        next_one = self.caller.start("liar", "count")
        next_token = self.asked(next_one)
        self.assert_counted("late_replies", self.liar, frame(REPLY, b"\0", b"\0", body=b"\x01", **token))
        self.assert_counted("stray_replies", self.liar, frame(REPLY, b"\0", b"\0", body=b"\x01", **token))
        self.assertFalse(next_one.done)
        self.liar.send(frame(REPLY, b"\0", b"\0", body=b"\x02", **next_token))
        self.assertEqual(self.result(next_one), 2)

    def test_an_answer_after_a_cancel_is_counted_and_reaches_nobody(self):
        call = self.caller.start("liar", "count")
        token = self.asked(call)
        call.cancel()
        self.assertEqual(self.failure(call).name, "hearth.Cancelled")
        self.assertEqual(self.liar.receive().kind, hostile.CANCEL)
        self.assert_counted("late_replies", self.liar, frame(REPLY, b"\0", b"\0", body=b"\x01", **token))

    def test_a_result_of_another_type_than_was_declared_arrives_as_it_is(self):
        """The broker does not look into bodies: a caller must not take the declared type for granted, and the library's accessors do not."""
        bodies = [(text("five"), "five"), (b"\xc0", "null"), (b"\x90", "[]"), (b"\xcb" + bytes(8), "0.0"), (b"\x81" + text("a") + b"\x01", '{"a": 1}')]
        for body, shown in bodies:
            program = self.program("hearth", "call", "liar", "count", broker=self.bus)
            self.liar.send(frame(REPLY, b"\0", b"\0", body=body, **self.asked(program)))
            self.assertEqual((program.wait(), program.stdout), (0, f"{shown}\n"), program.stderr)
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

"""Streams of peers that keep no rule of docs/protocol.md, section 6.1: hand-made bytes, on either side of a call."""
import struct

import fixture
import hostile
from hearth_stream import END, TAKE
from hostile import CANCEL, CREDIT, GOODBYE, ITEM, NIL, REPLY, frame, request, text

STREAM, ENDS, UP = 0x10, 0x20, 0x40


def number(value):
    return b"\xce" + struct.pack(">I", value)


def credit_option(items, size):
    return (b"\x81" + text("credit") + b"\x92" + number(items) + number(size),)


def stream(service, *arguments, items=10, size=1000, **fields):
    return request(service, "work", *arguments, options=credit_option(items, size), flags=STREAM, **fields)


def credit(items, size, **fields):
    return frame(CREDIT, number(items), number(size), **fields)


def collect(request):
    items = []
    while (item := (yield TAKE)) is not END:
        items.append(item)
    return items


def count(request):
    number = 0
    while True:
        yield number
        number += 1


class HostileStreams(hostile.TestCase):
    def start(self, *options, **settings):
        """Besides the honest ones: services of streams, and a raw peer that is a service, too."""
        super().start(*options, **settings)
        self.service.serve("collect", {"work": collect}, window=(3, 1000))
        self.service.serve("count", {"work": count})
        self.liar = self.raw()
        self.liar.send(request("hearth", "register", text("liar")))
        self.assertEqual(self.liar.receive().elements, (0, 0))

    def open_to_liar(self, **settings):
        """An honest caller's stream, and the raw service's token for it."""
        call = self.caller.stream("liar", "work", **settings)
        asked = self.liar.receive()
        return call, {"slot": asked.slot, "generation": asked.generation}

    def open_by_liar(self, service="collect", slot=5, **settings):
        """A raw caller's stream at an honest service that has granted credit for its items."""
        self.liar.send(stream(service, slot=slot, **settings))
        self.drive(lambda: self.liar.socket.poll(0), self.service, self.liar)
        self.assertEqual(self.liar.receive().kind, CREDIT)

    def assert_broken(self, call, said):
        """The caller is told once, and the service is told to stop."""
        self.drive(lambda: call.call.done, self.caller)
        error = self.refusal(call.result)
        self.assertEqual((error.name, error.code, error.mark), ("hearth.Limit", 8, 2))
        self.assertIn(said, error.message)
        self.assertEqual(self.liar.receive().kind, CANCEL)
        self.assert_work_goes_on()

    def test_items_and_credit_before_the_hello_are_told_that_it_comes_first(self):
        self.start()
        raw = self.stranger()
        for message in (frame(ITEM), frame(ITEM, flags=UP), frame(ITEM, flags=UP | ENDS), credit(1, 1), credit(1, 1, flags=UP)):
            raw.send(message)
            self.assertEqual(raw.error()[0::2][:2], (GOODBYE, "hearth.HelloFirst"))
        self.assertTrue(raw.is_welcome())
        self.assert_work_goes_on()

    def test_tokens_of_others_reach_nobody(self):
        self.start()
        call, token = self.open_to_liar(window=(5, 5000))
        own = {"slot": call.call.slot, "generation": call.call.generation}
        raw = self.raw()
        self.assert_counted("stray_items", raw, frame(ITEM, body=text("forged"), **token), credit(1, 1, **token),
                            frame(ITEM, body=text("forged"), **own), frame(ITEM, slot=2**32 - 1), credit(1, 1, slot=9999))
        for message in (frame(ITEM, body=text("forged"), flags=UP, **own), frame(ITEM, flags=UP | ENDS, **own),
                        credit(1, 1, flags=UP, **own), frame(ITEM, flags=UP, slot=2**32 - 1), credit(1, 1, flags=UP, **token)):
            raw.send(message)
        raw.ping()
        self.liar.send(frame(ITEM, body=text("true"), **token))
        self.liar.send(frame(REPLY, b"\0", b"\0", **token))
        self.drive(lambda: call.call.done, self.caller)
        self.assertEqual((list(call), call.result()), (["true"], None))
        self.assert_work_goes_on()

    def test_a_service_in_the_name_of_another_session_is_told_as_its_own(self):
        self.start()
        call, token = self.open_to_liar(window=(5, 5000))
        frames = []
        call.on_item = frames.append
        self.liar.send(frame(ITEM, session=self.service.session, remaining=1, **token))
        self.drive(lambda: frames, self.caller)
        self.assertEqual(frames[0].session, self.liar.welcome.session)
        self.assertLess(1, frames[0].remaining)

    def test_a_service_past_its_credit_ends_the_call(self):
        self.start()
        for window, messages in (((2, 1000), 3), ((1000, 60), 3), ((0, 1000), 1), ((1000, 0), 1)):
            call, token = self.open_to_liar(window=window)
            for _ in range(messages + 5):
                self.liar.send(frame(ITEM, body=text("x"), **token))
            self.assert_broken(call, "the service sent an item without credit")
            self.liar.send(frame(REPLY, b"\0", b"\0", **token))
        self.assertEqual(self.dropped("late_items"), 20)

    def test_a_caller_past_its_credit_ends_its_call(self):
        self.start()
        self.open_by_liar()
        for value in range(5):
            self.liar.send(frame(ITEM, body=bytes([value]), flags=UP, slot=5))
        kind, slot, name, message = self.liar.error()
        self.assertEqual((kind, slot, name), (REPLY, 5, "hearth.Limit"))
        self.assertIn("the caller sent an item without credit", message)
        self.drive(lambda: not self.service.requests, self.service)
        self.assert_work_goes_on()

    def test_an_item_before_the_dispatch_ends_a_call_that_was_not_executed(self):
        self.start()
        self.service.serve("narrow", {"work": collect}, capacity=1)
        self.open_by_liar("narrow")
        self.liar.send(stream("narrow", slot=6))
        self.liar.send(frame(ITEM, flags=UP, slot=6))
        received = self.liar.receive()
        self.assertEqual((received.slot, received.elements), (6, (8, 1)))
        self.assert_work_goes_on()

    def test_whatever_comes_after_the_end_of_items_up_is_dropped(self):
        self.start()
        self.open_by_liar()
        self.liar.send(frame(ITEM, body=b"\1", flags=UP, slot=5))
        self.liar.send(frame(ITEM, body=text("a body that nobody asked for" * 1000), flags=UP | ENDS, slot=5))
        self.assert_counted("malformed", self.liar, frame(ITEM, body=b"\2", flags=UP, slot=5),
                            frame(ITEM, flags=UP | ENDS, slot=5), frame(ITEM, flags=UP | ENDS, slot=5))
        self.drive(lambda: self.liar.socket.poll(0), self.service, self.liar)
        self.assertEqual(hostile.wire.unpack(self.liar.receive().body), [1])

    def test_what_comes_after_the_end_of_the_call_is_dropped(self):
        self.start()
        call, token = self.open_to_liar()
        self.liar.send(frame(REPLY, b"\0", b"\0", **token))
        self.drive(lambda: call.call.done, self.caller)
        self.assert_counted("stray_items", self.liar, frame(ITEM, **token), credit(1, 1, **token))
        self.open_by_liar()
        self.liar.send(frame(CANCEL, b"\0", slot=5))
        self.assertEqual(self.liar.error()[2], "hearth.Cancelled")
        for message in (frame(ITEM, flags=UP, slot=5), frame(ITEM, flags=UP | ENDS, slot=5), credit(1, 1, flags=UP, slot=5)):
            self.liar.send(message)
        self.liar.ping()
        self.assert_work_goes_on()

    def test_items_of_a_call_that_is_no_stream_are_malformed(self):
        self.start()
        call = self.caller.start("liar", "work")
        asked = self.liar.receive()
        token = {"slot": asked.slot, "generation": asked.generation}
        self.assert_counted("malformed", self.liar, frame(ITEM, **token), credit(1, 1, **token))
        self.liar.send(frame(REPLY, b"\0", b"\0", body=text("done"), **token))
        self.assertEqual(self.result(call), "done")
        kept = []
        self.service.serve("slow", {"work": lambda request: kept.append(request) or hostile.LATER})
        self.liar.send(request("slow", "work", slot=6))
        self.drive(lambda: kept, self.service)
        self.assert_counted("malformed", self.liar, frame(ITEM, flags=UP, slot=6), credit(1, 1, flags=UP, slot=6),
                            frame(ITEM, flags=UP | ENDS, slot=6))

    def test_credit_beyond_what_there_can_be_ends_the_call(self):
        self.start("--max-granted-bytes", "16G")
        call, token = self.open_to_liar()
        self.liar.send(credit(1, 2**32 - 1, **token))
        self.liar.send(credit(1, 1, **token))
        self.assert_broken(call, "more credit was granted than there can be")
        self.liar.send(frame(REPLY, b"\0", b"\0", **token))
        for items in (10001, 2**32 - 1):
            call, token = self.open_to_liar()
            self.liar.send(credit(items, 2**32 - 1, **token))
            self.assert_broken(call, "--max-granted")
            self.liar.send(frame(REPLY, b"\0", b"\0", **token))
        self.open_by_liar()
        self.liar.send(credit(2**32 - 1, 2**32 - 1, flags=UP, slot=5))
        self.assertEqual(self.liar.error()[2], "hearth.Limit")
        self.assert_work_goes_on()

    def test_an_item_larger_than_a_message_may_be_ends_the_call(self):
        self.start("--max-message", "4k")
        call, token = self.open_to_liar()
        self.liar.send(frame(ITEM, body=text("x" * 4096), **token))
        self.assert_broken(call, "--max-message")
        self.open_by_liar()
        self.liar.send(frame(ITEM, body=text("x" * 4096), flags=UP, slot=5))
        self.assertIn("--max-message", self.liar.error()[3])
        self.assert_work_goes_on()

    def test_a_first_credit_that_is_none_is_no_credit(self):
        self.start()
        for value in (NIL, b"\x01", b"\x90", b"\x91\x01", b"\x93\x01\x01\x01", b"\x92\xff\x01", b"\x92\x01\xcf" + b"\xff" * 8, text("x")):
            option = (b"\x81" + text("credit") + value,)
            self.liar.send(request("collect", "work", options=option, flags=STREAM, slot=5))
            self.liar.send(frame(ITEM, flags=UP | ENDS, slot=5))
            self.drive(lambda: self.liar.socket.poll(0), self.service, self.liar)
            received = self.liar.receive()
            self.assertIn(received.kind, (CREDIT, REPLY))
            while received.kind != REPLY:
                self.drive(lambda: self.liar.socket.poll(0), self.service, self.liar)
                received = self.liar.receive()
            self.assertEqual(received.elements, (0, 0))

    def test_credits_that_carry_more_than_numbers_are_passed_on_without(self):
        self.start()
        call, token = self.open_to_liar()
        sizes = []
        call.on_credit = lambda each: sizes.append(len(each.pack()))
        for _ in range(10):
            self.liar.send(frame(CREDIT, number(1), number(1), text("x" * 10000), body=text("x" * 10000), **token))
        self.drive(lambda: len(sizes) == 10, self.caller)
        self.assertEqual(set(sizes), {31})

    def test_a_caller_that_never_grants_ends_at_its_silence(self):
        self.start()
        self.liar.send(stream("count", items=0, size=0, slot=5, remaining=200))
        self.drive(lambda: self.service.requests, self.service)
        self.assertEqual(self.liar.error()[:3], (REPLY, 5, "hearth.Deadline"))
        self.drive(lambda: not self.service.requests, self.service)
        self.assert_work_goes_on()

    def test_bytes_alone_do_not_keep_a_stream_going(self):
        self.start()
        self.liar.send(stream("count", items=0, size=0, slot=5, remaining=300))
        for _ in range(100):
            self.liar.send(credit(0, 1000, flags=UP, slot=5))
        self.assertEqual(self.liar.error()[:3], (REPLY, 5, "hearth.Deadline"))
        self.assertEqual(self.dropped("malformed"), 100)
        self.drive(lambda: not self.service.requests, self.service)

    def test_streams_up_to_the_limit_leave_room_for_others(self):
        self.start("--max-granted", 50, "--max-calls", 100)
        for slot in range(100):
            self.liar.send(stream("collect", slot=slot, items=1, size=1))
        self.drive(lambda: len(self.service.requests) == 50, self.service, self.liar)
        kinds = [self.liar.receive() for _ in range(50)]
        self.assertLessEqual({each.kind for each in kinds}, {REPLY, CREDIT})
        self.assertEqual(self.caller.call("hearth", "stats")["limits_hit"]["max-granted"] > 0, True)
        honest = self.caller.stream("count", "work", window=(3, 300))
        self.drive(lambda: len(honest.inbox.waiting) == 3, self.caller, self.service)
        honest.cancel()
        self.liar.send(frame(GOODBYE, b"\0"))
        self.drive(lambda: not self.service.requests, self.service, self.caller)
        self.assert_work_goes_on()

    def test_a_peer_that_grants_and_does_not_read_loses_its_session(self):
        """As much as a session may be granted is more than what its connection holds."""
        self.start("--max-backlog", "1M", transport="tcp")
        sent = []
        self.service.serve("flood", {"work": lambda request: flood(200, sent)})
        deaf = hostile.RawPeer(self.bus.address, receive_limit=1)
        deaf.socket.setsockopt(hostile.zmq.RCVBUF, 4096)
        self.addCleanup(deaf.close)
        deaf.send(hostile.hello())
        deaf.send(stream("flood", items=10000, size=60000000, slot=1))
        self.drive(lambda: sent, self.service)
        self.bus.wait_for_log("does not read")
        self.assert_work_goes_on()


def flood(items, sent):
    for _ in range(items):
        yield "x" * 200000
    sent.append(items)


if __name__ == "__main__":
    fixture.main()

"""Streams, as docs/protocol.md says (section 6.1): a peer in Python calls a peer in Python through the broker."""
import fixture

import hearth_wire as wire
import interop
from hearth_stream import END, TAKE, Credit
from hearth_wire import HearthError
from stream_handlers import add, count, repeat

NONE = object()


class Streams(interop.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.service, self.caller = self.peer(self.bus), self.peer(self.bus)
        self.service.serve("feed", {"count": count, "add": add, "repeat": repeat})

    def next(self, stream, *peers):
        """The next item that comes down; NONE: the call has ended."""
        self.drive(lambda: stream.inbox.waiting or stream.call.done, stream.call.peer, self.service, *peers)
        return next(iter(stream), NONE)

    def items(self, stream):
        items = []
        while (item := self.next(stream)) is not NONE:
            items.append(item)
        return items

    def send(self, stream, value):
        self.drive(lambda: stream.may_send.is_there or stream.call.done, stream.call.peer, self.service)
        stream.send(value)

    def outcome(self, stream):
        self.drive(lambda: stream.call.done, stream.call.peer, self.service)
        return stream.result()

    def failure_of(self, stream):
        self.drive(lambda: stream.call.done, stream.call.peer, self.service)
        return self.refusal(stream.result)

    def dropped(self, reason):
        return self.caller.call("hearth", "stats")["dropped"][reason]

    def test_items_come_down_in_order_and_then_the_result(self):
        stream = self.caller.stream("feed", "count", 5)
        self.assertEqual(self.items(stream), [0, 1, 2, 3, 4])
        self.assertEqual(stream.result(), 5)
        self.assertEqual(self.caller.call("hearth", "stats")["items"], 5)

    def test_a_stream_may_send_nothing(self):
        stream = self.caller.stream("feed", "count", 0)
        self.assertEqual((self.items(stream), stream.result()), ([], 0))

    def test_a_small_window_lets_any_number_of_items_through(self):
        for window in ((1, 1), (2, 100), (3, 1 << 20)):
            stream = self.caller.stream("feed", "count", 200, window=window)
            self.assertEqual(self.items(stream), list(range(200)), window)
            self.assertEqual(stream.result(), 200)

    def test_a_service_sends_no_more_than_it_may(self):
        stream = self.caller.stream("feed", "count", 100, window=(7, 1 << 20))
        self.drive(lambda: len(stream.inbox.waiting) == 7, self.caller, self.service)
        self.service.call("hearth", "ping")
        self.caller.call("hearth", "ping")
        self.assertEqual(len(stream.inbox.waiting), 7)
        self.assertEqual(self.items(stream), list(range(100)))

    def test_items_go_up_until_their_end(self):
        stream = self.caller.stream("feed", "add")
        for number in range(100):
            self.send(stream, number)
        stream.end()
        self.assertEqual(self.outcome(stream), sum(range(100)))

    def test_an_end_without_items_may_be_sent_at_once(self):
        stream = self.caller.stream("feed", "add")
        stream.end()
        self.assertEqual(self.outcome(stream), 0)

    def test_items_go_both_ways(self):
        stream = self.caller.stream("feed", "repeat", window=(2, 1000))
        values = [None, True, -1, 2**64 - 1, 1.5, "žluťoučký", b"\0\xff", [[[{}]]], {"a": [1]}, "x" * 5000]
        for value in values:
            self.send(stream, value)
            self.assertEqual(self.next(stream), value)
        stream.end()
        self.assertEqual((self.items(stream), self.outcome(stream)), ([], None))

    def test_arguments_may_be_named(self):
        stream = self.caller.stream("feed", "count", named={"to": 2})
        self.assertEqual(self.items(stream), [0, 1])

    def test_many_streams_and_calls_go_on_at_once(self):
        self.service.serve("plain", {"echo": lambda request, value: value})
        streams = [self.caller.stream("feed", "count", 20 + number, window=(3, 500)) for number in range(20)]
        calls = [self.caller.start("plain", "echo", number) for number in range(20)]
        for number, stream in enumerate(streams):
            self.assertEqual(self.items(stream), list(range(20 + number)))
        self.assertEqual([self.result(call, self.service) for call in calls], list(range(20)))

    def test_a_handlers_error_ends_the_stream_behind_its_items(self):
        def fail(request):
            yield "one"
            raise HearthError(9, "bank.Overdrawn", "by 3", None, wire.EXECUTED)
        self.service.serve("bank", {"pay": fail})
        stream = self.caller.stream("bank", "pay")
        self.assertEqual(self.items(stream), ["one"])
        error = self.refusal(stream.result)
        self.assertEqual((error.name, error.mark), ("bank.Overdrawn", wire.EXECUTED))

    def test_a_service_may_reply_while_items_come_up(self):
        def first(request):
            return (yield TAKE)
        self.service.serve("impatient", {"first": first}, window=(5, 5000))
        stream = self.caller.stream("impatient", "first")
        self.drive(lambda: stream.may_send.is_there, self.caller, self.service)
        for number in range(5):
            stream.send(number)
        self.assertEqual(self.outcome(stream), 0)
        self.assertEqual(self.refusal(stream.send, 6).name, "python.Ended")
        self.assertEqual(self.caller.call("hearth", "ping", 1), 1)

    def test_a_cancelled_stream_ends_and_its_handler_is_closed(self):
        closed = []
        def endless(request):
            try:
                while True:
                    yield "again"
            finally:
                closed.append(True)
        self.service.serve("endless", {"go": endless}, capacity=1)
        stream = self.caller.stream("endless", "go", window=(3, 1000))
        self.assertEqual(self.next(stream), "again")
        stream.cancel()
        error = self.failure_of(stream)
        self.assertEqual((error.name, error.mark), ("hearth.Cancelled", wire.MAY_HAVE_EXECUTED))
        self.drive(lambda: closed, self.service)
        stream = self.caller.stream("endless", "go")
        self.assertEqual(self.next(stream), "again", "the place of the first is free")

    def test_a_stream_that_waits_is_cancelled_and_was_not_executed(self):
        self.service.serve("endless", {"go": add}, capacity=1)
        running = self.caller.stream("endless", "go")
        waiting = self.caller.stream("endless", "go")
        waiting.cancel()
        error = self.failure_of(waiting)
        self.assertEqual((error.name, error.mark), ("hearth.Cancelled", wire.NOT_EXECUTED))
        running.end()
        self.assertEqual(self.outcome(running), 0)

    def test_what_a_caller_grants_and_ends_while_its_stream_waits_is_not_lost(self):
        def both(request):
            taken = yield TAKE
            for number in range(4):
                yield number
            return "end" if taken is END else taken
        self.service.serve("one.at.a.time", {"first": add, "then": both}, capacity=1)
        running = self.caller.stream("one.at.a.time", "first")
        waiting = self.caller.stream("one.at.a.time", "then", window=(1, 100))
        waiting.grant(Credit(3, 300))
        waiting.end()
        running.end()
        self.assertEqual(self.outcome(running), 0)
        self.drive(lambda: waiting.call.done, self.caller, self.service)
        self.assertEqual(([wire.unpack(frame.body) for frame in waiting.inbox.waiting], waiting.result()), ([0, 1, 2, 3], "end"))

    def test_a_stream_may_wait_for_its_name(self):
        stream = self.caller.stream("later", "count", 3, wait=fixture.PATIENCE, timeout=fixture.PATIENCE)
        self.caller.call("hearth", "ping")
        self.service.serve("later", {"count": count})
        self.assertEqual(self.items(stream), [0, 1, 2])

    def test_an_item_that_is_too_large_is_told_to_the_handler(self):
        def large(request, size: int):
            yield "x" * size
        most = self.service.welcome["limits"]["message"]
        self.service.serve("large", {"make": large})
        stream = self.caller.stream("large", "make", most)
        self.assertEqual(self.failure_of(stream).name, "python.TooLarge")
        stream = self.caller.stream("large", "make", most - 100)
        self.assertEqual(self.items(stream), ["x" * (most - 100)])

    def test_a_service_that_goes_ends_the_stream(self):
        stream = self.caller.stream("feed", "count", 100, window=(1, 1000))
        self.assertEqual(self.next(stream), 0)
        self.service.close()
        self.drive(lambda: stream.call.done, self.caller)
        error = self.refusal(stream.call.result)
        self.assertEqual((error.name, error.mark), ("hearth.ServiceGone", wire.MAY_HAVE_EXECUTED))

    def test_a_silent_stream_ends_and_both_sides_are_told(self):
        self.service.serve("silent", {"go": add})
        stream = self.caller.stream("silent", "go", timeout=0.2)
        self.drive(lambda: self.service.requests, self.service)
        request = next(iter(self.service.requests.values()))
        error = self.failure_of(stream)
        self.assertEqual((error.name, error.mark), ("hearth.Deadline", wire.MAY_HAVE_EXECUTED))
        self.drive(lambda: request.cancelled is not None, self.service)
        self.assertEqual(request.cancelled, 1)

    def test_a_stream_that_goes_on_outlives_its_first_deadline(self):
        """Between its items another call waits for nothing, in all longer than this may be silent."""
        stream = self.caller.stream("feed", "repeat", timeout=4.0)
        for number in range(3):
            self.send(stream, number)
            self.assertEqual(self.next(stream), number)
            self.refusal(self.caller.call, "nobody.here", "x", wait=1.5)
        stream.end()
        self.assertEqual(self.outcome(stream), None)

    def test_a_oneway_stream_is_malformed(self):
        call = self.caller.start("feed", "count", 1, flags=wire.ONEWAY | wire.STREAM, credit=(1, 1))
        self.assertEqual(self.failure(call).name, "hearth.Malformed")

    def test_a_method_that_streams_is_described_so(self):
        methods = {each["name"]: each for each in self.caller.call("hearth", "describe", "feed")["methods"]}
        self.assertEqual(methods["count"]["flags"], ["streaming"])

    def test_a_method_that_does_not_stream_may_be_called_as_one(self):
        self.service.serve("plain", {"echo": lambda request, value: value})
        stream = self.caller.stream("plain", "echo", "HOLA")
        self.assertEqual((self.items(stream), self.outcome(stream)), ([], "HOLA"))

    def test_a_peer_may_stream_to_itself(self):
        stream = self.service.stream("feed", "repeat", window=(2, 200))
        for number in range(10):
            self.send(stream, number)
            self.assertEqual(self.next(stream), number)
        stream.end()
        self.assertEqual(self.outcome(stream), None)
        self.assertEqual((self.dropped("stray_items"), self.dropped("malformed")), (0, 0))

    def test_what_comes_for_streams_that_are_over_is_ignored(self):
        stream = self.caller.stream("feed", "count", 3)
        self.items(stream)
        stream.grant(Credit(5, 50))
        stream.end()
        self.assertEqual(self.caller.call("hearth", "ping", 1), 1)
        self.assertEqual((self.dropped("stray_items"), self.dropped("malformed")), (0, 0))

    def test_a_stream_without_its_broker_ends(self):
        stream = self.caller.stream("feed", "count", 100, window=(1, 1000))
        self.assertEqual(self.next(stream), 0)
        self.bus.kill()
        self.drive(lambda: stream.call.done, self.caller)
        self.assertEqual(self.refusal(stream.call.result).name, "hearth.BrokerGone")


if __name__ == "__main__":
    fixture.main()

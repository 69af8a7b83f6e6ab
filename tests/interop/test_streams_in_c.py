"""Streams between the peer in Python and the library in C: each calls the other."""
import fixture

import hearth_wire as wire
import interop
from hearth_wire import HearthError
from stream_handlers import add, count, repeat

PEER = fixture.BUILD / "tests" / "stream_peer"


def fail(request):
    yield "one"
    raise HearthError(9, "bank.Overdrawn", "by 3", None, wire.EXECUTED)


def endless(request):
    while True:
        yield "again"


class CallerInPython(interop.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.caller = self.peer(self.bus)
        self.feed = self.program(PEER, "serve", broker=self.bus, ready="c.feed")

    def test_items_come_down_whatever_the_window(self):
        for window in ((1, 1), (7, 100), (16, 65536), (1000, 1 << 20)):
            stream = self.caller.stream("c.feed", "count", 500, window=window)
            self.assertEqual(list(stream), list(range(500)), window)
            self.assertEqual(stream.result(), 500)

    def test_items_go_up(self):
        stream = self.caller.stream("c.feed", "add")
        for number in range(5000):
            stream.send(number)
        stream.end()
        self.assertEqual(stream.result(), sum(range(5000)))

    def test_items_go_both_ways_as_they_are(self):
        stream = self.caller.stream("c.feed", "repeat", window=(2, 100))
        values = [None, True, -1, 2**64 - 1, 1.5, "žluťoučký", b"\0\xff", [[[{}]]], {"a": [1]}, "x" * 70000]
        for value in values:
            stream.send(value)
            self.assertEqual(next(iter(stream)), value)
        stream.end()
        self.assertEqual((list(stream), stream.result()), ([], None))

    def test_a_cancelled_stream_leaves_room_for_the_next(self):
        for _ in range(3):
            stream = self.caller.stream("c.feed", "endless", window=(3, 1000))
            self.assertEqual(next(iter(stream)), "again")
            stream.cancel()
            self.assertEqual(self.refusal(stream.result).name, "hearth.Cancelled")
        self.assertEqual(list(self.caller.stream("c.feed", "count", 3)), [0, 1, 2])

    def test_an_end_that_comes_while_the_call_waits_is_not_lost(self):
        running = self.caller.stream("c.feed", "add")
        waiting = self.caller.stream("c.feed", "add")
        waiting.end()
        running.send(1)
        running.end()
        self.assertEqual((running.result(), waiting.result()), (1, 0))

    def test_a_service_that_dies_ends_the_stream(self):
        stream = self.caller.stream("c.feed", "endless", window=(1, 100))
        self.assertEqual(next(iter(stream)), "again")
        self.feed.kill()
        self.assertEqual(self.refusal(stream.result).name, "hearth.ServiceGone")

    def test_wrong_arguments_end_a_stream_that_was_not_executed(self):
        error = self.refusal(self.caller.stream("c.feed", "count", "x").result)
        self.assertEqual((error.name, error.mark), ("hearth.BadArguments", wire.NOT_EXECUTED))


class CallerInC(interop.TestCase):
    def test_every_stream_carries_what_it_should(self):
        bus = self.broker()
        service = self.peer(bus)
        finished = []
        handlers = {"count": count, "add": add, "repeat": repeat, "fail": fail, "endless": endless,
                    "finish": lambda request: finished.append(True)}
        service.serve("py.feed", handlers, window=(5, 200))
        caller = self.program(PEER, "call", broker=bus)
        self.drive(lambda: finished, service)
        self.assertEqual(caller.wait(), 0)
        self.assertEqual(caller.stdout.splitlines(), 2 * [
            "count: 500 items, sum 124750, done", "add: 124750", "repeat: 100 items, sum 4950, done",
            "fail: 1 items, sum 0, bank.Overdrawn", "endless: again"])


if __name__ == "__main__":
    fixture.main()

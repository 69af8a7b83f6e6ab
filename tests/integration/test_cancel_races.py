"""A cancel and the reply that it races with: whichever comes first ends the call, and nothing comes after it (docs/protocol.md, section 6)."""
import collections

import fixture
import hostile
from hearth_peer import HearthError, Peer
from hostile import wire

ROUNDS = fixture.repetitions(10000)
MOST = 20 * ROUNDS      #  where one of the orders does not want to be seen


class Caller(Peer):
    """Counts what ends each call."""

    def __init__(self, *arguments, **settings):
        super().__init__(*arguments, **settings)
        self.ends = collections.Counter()

    def _on_reply(self, frame):
        self.ends[frame.slot, frame.generation] += 1
        super()._on_reply(frame)

    ON_FRAME = {**Peer.ON_FRAME, wire.REPLY: _on_reply}


class CancelRaces(hostile.TestCase):
    def outcome(self, call):
        """"answered", or the mark with which the call was cancelled."""
        try:
            self.assertEqual(call.result(), "HOLA")
            return "answered"
        except HearthError as error:
            self.assertEqual(error.name, "hearth.Cancelled")
            return error.mark

    def test_each_call_ends_once_whichever_comes_first(self):
        bus = self.broker()
        self.program("echo_server", broker=bus, ready="echo.server")
        caller = Caller(bus.address)
        self.addCleanup(caller.close)
        caller.connect(fixture.PATIENCE)
        seen, rounds = collections.Counter(), 0
        while rounds < ROUNDS or (len(seen) < 2 and rounds < MOST):
            call = caller.start("echo.server", "echo", "HOLA")
            for _ in range(rounds % 3):     #  as far as the broker, and back: a reply has farther to go
                caller.call("hearth", "ping")
            call.cancel()
            seen[self.outcome(call)] += 1
            rounds += 1
        self.assertEqual(caller.call("echo.server", "echo", "last"), "last")    #  and so all others have been answered
        stats = caller.call("hearth", "stats")
        self.assertEqual(set(caller.ends.values()), {1})
        self.assertIn("answered", seen)
        self.assertIn(wire.MAY_HAVE_EXECUTED, seen)
        self.assertEqual(stats["dropped"]["late_replies"], seen[wire.MAY_HAVE_EXECUTED])
        self.assertEqual((stats["calls"], stats["dropped"]["stray_replies"]), (0, 0))


if __name__ == "__main__":
    fixture.main()

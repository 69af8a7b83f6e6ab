"""Each limit of common/core/limits.h is reached with a small value, and says so: what, how much, and by which option."""
import os
import pathlib
import re
import unittest.mock

import fixture
import hostile
import zmq
from hearth_stream import END, TAKE, Credit
from hostile import LATER, request

TABLE = (pathlib.Path(__file__).resolve().parents[2] / "common" / "core" / "limits.h").read_text()
ROWS = {option: (kind, what) for option, kind, what in
        re.findall(r'X \(\w+,\s*"([\w-]+)",[^"]*?\b(PROTOCOL|TRANSPORT|LIBRARY),\s*"([^"]*)"', TABLE)}


def add(request):
    total = 0
    while (number := (yield TAKE)) is not END:
        total += number
    return total


class Limits(hostile.TestCase):
    def start(self, *options, under="", **settings):
        """A broker under a command, besides what all programs run under."""
        outer = os.environ.get("HEARTH_WRAPPER", "")
        with unittest.mock.patch.dict(os.environ, HEARTH_WRAPPER=f"{under} {outer}"):
            return super().start(*options, **settings)

    def hit(self, option):
        return self.stats()["limits_hit"][option]

    def assert_limit(self, option, error, code=8, mark=1):
        """The error names the limit, its use and its option, and it was counted."""
        self.assertEqual((error.name, error.code, error.mark), ("hearth.Limit", code, mark))
        self.assertIn(ROWS[option][1], error.message)
        self.assertIn("--" + option, error.message)
        self.assertRegex(error.message, r"\d+ of \d+")
        self.assertLess(0, self.hit(option))
        self.assert_work_goes_on()

    def start_slow(self, *options, **registration):
        """A service that keeps what comes to it, one call at a time."""
        self.start(*options)
        self.kept = []
        self.slow = self.peer(self.bus)
        self.slow.serve("slow", {"work": lambda request, *_: self.kept.append(request) or LATER}, **{"capacity": 1, **registration})
        self.busy = self.caller.start("slow", "work")
        self.drive(lambda: self.kept, self.slow)

    def finish_slow(self):
        """What the limit held back goes on when there is room again."""
        self.kept[0].reply("done")
        self.assertEqual(self.result(self.busy, self.slow), "done")

    def test_every_row_of_the_table_has_a_test_here(self):
        tested = "\n".join(name.replace("_", "-") for name in dir(self))
        for option, (kind, _) in ROWS.items():
            if kind != "LIBRARY":
                self.assertIn(f"test-{option}-", tested)

    def test_max_message_is_reached(self):
        self.start("--max-message", "4k")
        raw = self.raw()
        raw.send(request("honest", "echo", b"\xc5\x10\x00" + b"x" * 4096))
        received = raw.receive()
        self.assert_limit("max-message", hostile.wire.unpack_error(*received.elements, received.body))

    def test_max_nesting_is_reached(self):
        self.start("--max-nesting", 8)
        self.assertEqual(self.caller.welcome["limits"]["nesting"], 8)
        self.assertEqual(self.caller.call("hearth", "ping", [[[1]]]), [[[1]]])
        self.assert_limit("max-nesting", self.refusal(self.caller.call, "hearth", "ping", [[[[[[[[[1]]]]]]]]]))

    def test_max_names_is_reached(self):
        self.start("--max-names", 2)
        self.service.serve("second", {})
        self.assert_limit("max-names", self.refusal(self.service.serve, "third", {}))
        self.service.serve("second", {})
        self.service.call("hearth", "unregister", "second")
        self.service.serve("third", {})

    def test_max_metadata_is_reached(self):
        self.start("--max-metadata", 20)
        self.service.serve("small", {}, metadata={"k": "v"})
        self.assert_limit("max-metadata", self.refusal(self.service.serve, "large", {}, metadata={"k": "v" * 20}))

    def test_max_interface_is_reached(self):
        self.start("--max-interface", 200)
        self.assert_limit("max-interface", self.refusal(self.service.serve, "large", {}, interface={"doc": "x" * 200}))

    def test_max_calls_is_reached(self):
        self.start_slow("--max-calls", 10)
        raw = self.raw()
        for slot in range(10):
            raw.send(request("slow", "work", slot=slot))
        raw.send(request("slow", "work", slot=10))
        received = raw.receive()
        self.assertEqual(received.slot, 10)
        self.assert_limit("max-calls", hostile.wire.unpack_error(*received.elements, received.body))
        self.finish_slow()

    def test_max_capacity_is_reached(self):
        self.start("--max-capacity", 2)
        self.service.serve("fits", {}, capacity=2)
        self.assert_limit("max-capacity", self.refusal(self.service.serve, "large", {}, capacity=3))

    def test_max_dispatched_is_reached_and_the_rest_waits(self):
        self.start_slow("--max-dispatched", 1, capacity=10)
        waiting = self.caller.start("slow", "work")
        self.slow.call("hearth", "ping")
        self.assertEqual(len(self.kept), 1)
        self.finish_slow()
        self.drive(lambda: len(self.kept) == 2, self.slow)
        self.kept[1].reply("then")
        self.assertEqual(self.result(waiting), "then")

    def test_max_dispatched_bytes_is_reached_and_the_rest_waits(self):
        self.start_slow("--max-dispatched-bytes", 4096, capacity=10)
        waiting = self.caller.start("slow", "work", "x" * 4096)
        self.slow.call("hearth", "ping")
        self.assertEqual(len(self.kept), 1)
        self.finish_slow()
        self.drive(lambda: len(self.kept) == 2, self.slow)
        self.kept[1].reply("then")
        self.assertEqual(self.result(waiting), "then")

    def test_max_queue_is_reached(self):
        self.start_slow("--max-queue", 2)
        queued = [self.caller.start("slow", "work") for _ in range(2)]
        self.assert_limit("max-queue", self.refusal(self.caller.call, "slow", "work"))
        self.finish_slow()
        for number, call in enumerate(queued, 1):
            self.drive(lambda: len(self.kept) > number, self.slow)
            self.kept[number].reply(number)
            self.assertEqual(self.result(call), number)

    def test_max_queue_bytes_is_reached(self):
        self.start_slow("--max-queue-bytes", 1000)
        self.assert_limit("max-queue-bytes", self.refusal(self.caller.call, "slow", "work", "x" * 1000))
        self.finish_slow()

    def test_max_parked_is_reached(self):
        self.start("--max-parked", 1)
        parked = self.caller.start("later", "work", wait=fixture.PATIENCE, timeout=fixture.PATIENCE)
        self.assert_limit("max-parked", self.refusal(self.caller.call, "other", "work", wait=fixture.PATIENCE))
        self.service.serve("later", {"work": lambda request: "appeared"})
        self.assertEqual(self.result(parked, self.service), "appeared")

    def start_feed(self, *options):
        """A service that takes whatever comes up, and sends nothing."""
        self.start(*options)
        self.service.serve("feed", {"work": add})

    def test_max_granted_is_reached(self):
        self.start_feed("--max-granted", 10)
        self.assertEqual(self.caller.welcome["limits"]["granted"], 10)
        first = self.caller.stream("feed", "work", window=(6, 1000))
        self.assert_limit("max-granted", self.refusal(self.caller.stream("feed", "work", window=(5, 1000)).call.result))
        first.grant(Credit(5, 1000))
        self.drive(lambda: first.call.done, self.caller)
        self.assert_limit("max-granted", self.refusal(first.call.result), mark=2)
        last = self.caller.stream("feed", "work", window=(10, 1000))
        last.end()
        self.assertEqual(self.result(last.call, self.service), 0)

    def test_max_granted_bytes_is_reached(self):
        self.start_feed("--max-granted-bytes", 5000)
        self.assertEqual(self.caller.welcome["limits"]["granted_bytes"], 5000)
        first = self.caller.stream("feed", "work", window=(1, 3000))
        self.assert_limit("max-granted-bytes", self.refusal(self.caller.stream("feed", "work", window=(1, 2001)).call.result))
        first.grant(Credit(1, 2001))
        self.drive(lambda: first.call.done, self.caller)
        self.assert_limit("max-granted-bytes", self.refusal(first.call.result), mark=2)

    def test_max_deadline_is_reached(self):
        self.start("--max-deadline", "20s")
        self.assert_limit("max-deadline", self.refusal(self.caller.call, "honest", "echo", 1, timeout=30))

    def publish_many(self):
        """Publishes under 20 events; returns the last refusal."""
        error = None
        for number in range(20):
            try:
                self.service.publish("honest", f"event{number}", number)
            except hostile.wire.HearthError as refused:
                error = refused
        self.assertIsNotNone(error)
        return error

    def test_max_topics_is_reached(self):
        self.start("--max-topics", 16)
        self.assert_limit("max-topics", self.publish_many())

    def test_max_session_topics_is_reached_and_others_may_still_publish(self):
        self.start("--max-session-topics", 10)
        self.assert_limit("max-session-topics", self.publish_many())
        other = self.peer(self.bus)
        other.serve("other", {})
        other.publish("other", "event", 1)

    def test_max_history_bounds_what_is_remembered(self):
        self.start("--max-history", 3)
        last = [self.service.publish("honest", "said", number) for number in range(5)][-1]
        items = self.caller.call("hearth", "history", "honest/said/", 0, last)["items"]
        self.assertEqual([hostile.wire.unpack(item[3]) for item in items], [2, 3, 4])

    def test_max_history_bytes_bounds_what_is_remembered(self):
        self.start("--max-history-bytes", 3000)
        last = [self.service.publish("honest", "said", f"{number}" * 1000) for number in range(5)][-1]
        items = self.caller.call("hearth", "history", "honest/said/", 0, last)["items"]
        self.assertEqual([hostile.wire.unpack(item[3])[0] for item in items], ["3", "4"])

    def test_max_memory_is_reached(self):
        self.start_slow("--max-memory", 20000)
        self.assert_limit("max-memory", self.refusal(self.caller.call, "slow", "work", "x" * 20000))
        self.finish_slow()

    def test_max_memory_forgets_history_first(self):
        self.start_slow("--max-memory", 20000)
        for _ in range(15):
            self.service.publish("honest", "said", "x" * 1000)
        queued = self.caller.start("slow", "work", "x" * 10000)
        self.finish_slow()
        self.drive(lambda: len(self.kept) == 2, self.slow)
        self.kept[1].reply("then")
        self.assertEqual(self.result(queued), "then")

    def test_max_connections_is_reached_and_counted(self):
        self.start("--max-connections", 3)
        raw = self.raw()
        self.stranger().wait_for_end()
        self.assertLess(0, self.hit("max-connections"))
        raw.ping()
        raw.close()
        self.assert_work_goes_on()

    def test_spare_fds_is_reached_and_counted(self):
        self.start("--spare-fds", 100, under="prlimit --nofile=160:160")
        welcome = [self.stranger().is_welcome() for _ in range(60)]
        self.assertIn(False, welcome)
        self.assertLess(0, self.hit("spare-fds"))
        self.assert_work_goes_on()

    def test_hello_timeout_is_reached_and_counted(self):
        self.start("--hello-timeout", "1s")
        self.stranger().wait_for_end()
        self.assertLess(0, self.hit("hello-timeout"))
        self.assert_work_goes_on()

    def test_max_backlog_is_reached_and_counted(self):
        self.start("--max-backlog", "1M", transport="tcp")
        self.deafen(50000)
        self.assertEqual(self.hit("max-backlog"), 1)

    def test_max_backlog_is_no_bound_for_who_reads(self):
        self.start("--max-backlog", "1M", transport="tcp")
        caller = self.stranger().begin()
        for generation in range(100):
            caller.send(hostile.request("hearth", "ping", hostile.text("x" * 50000), generation=generation + 10))
            self.assertEqual(caller.receive().elements, (0, 0))
        self.assertEqual(self.hit("max-backlog"), 0)

    def test_max_subscriptions_is_reached_and_counted(self):
        self.start("--max-subscriptions", 10)
        socket = zmq.Context.instance().socket(zmq.SUB)
        self.addCleanup(socket.close, 0)
        socket.setsockopt(zmq.RECONNECT_IVL, -1)
        monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.addCleanup(monitor.close)
        self.addCleanup(socket.disable_monitor)
        socket.connect(self.bus.publish)
        for number in range(11):
            socket.subscribe(f"topic{number}/")
        self.assertTrue(monitor.poll(1000 * fixture.PATIENCE), "the connection was not ended")
        self.assertLess(0, self.hit("max-subscriptions"))
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

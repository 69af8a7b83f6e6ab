"""What an attacker does who reaches the broker's sockets, and the honest caller whose work goes on all the while.

Beside what the other tests of hostile peers ask for: many at once, half a message, endless messages, ids, mechanisms that nobody speaks, and, where
the transport itself cannot be bounded, a memory limit and a restart.
"""
import os
import resource
import struct
import types
import unittest

import fixture
import hostile
import zmq
import zmtp
from hostile import NIL, REPLY, frame, request, text
from zmtp import ENDLESS, GREETING, LONG, READY, SIZE

FIRST_RANDOM = 0x6b8b4567       # of the C library, if nobody seeds it; libzmq 4.3.4 does not


class Attacker(hostile.TestCase):
    @staticmethod
    def hello():
        """Of an instance that nobody else is, as a frame of ZMTP."""
        return zmtp.frame(hostile.hello())

    def shake_hands(self, between=lambda: None):
        """A connection whose handshake is done; a byte at a time, as each is asked for, with something else in between."""
        connection = self.connect(self.bus.address)
        connection.sendall(GREETING[:10])
        zmtp.receive(connection, 10)
        for at in range(10, 64):
            connection.sendall(GREETING[at:at + 1])
            between()
        zmtp.receive(connection, 54)
        connection.sendall(READY)
        zmtp.receive(connection, zmtp.receive(connection, 2)[1])
        return connection


class RedTeam(Attacker):
    def test_half_open_connections_beyond_the_limit_are_ended_and_counted(self):
        self.start("--max-connections", 50, transport="tcp")
        crowd = [self.connect(self.bus.address, GREETING[:count % len(GREETING)]) for count in range(200)]
        self.wait_for_end(crowd[-1])
        self.assert_work_goes_on()
        self.assertGreaterEqual(self.stats()["limits_hit"]["max-connections"], 100)
        for connection in crowd:
            connection.close()
        self.raw().ping()
        self.assert_work_goes_on()

    def test_a_message_that_comes_byte_by_byte_holds_up_nobody(self):
        self.start("--hello-timeout", "1m", transport="tcp")
        message = request("hearth", "ping", b"\x2a", slot=3)
        parts = self.hello() + zmtp.frame(message)
        slow = self.shake_hands(self.assert_work_goes_on)
        for at in range(len(parts)):
            slow.sendall(parts[at:at + 1])
            self.assert_work_goes_on()
        received = b""
        while struct.pack(">II", 3, 1) not in received:
            received += zmtp.receive(slow, 1)

    def test_a_frame_that_claims_four_gigabytes_ends_its_connection(self):
        self.start(transport="tcp")
        for claimed in (2**32 - 1, 2**32, 2**63, 2**64 - 1):
            liar = self.shake_hands()
            liar.sendall(self.hello() + LONG + SIZE.pack(claimed))    # whoever said hello has all the time there is
            self.wait_for_end(liar)
        self.assert_work_goes_on()
        if fixture.SCALE == 1:                  # instrumented programs take more
            self.assertLess(self.resident(), 200 << 20)

    def resident(self):
        with open(f"/proc/{self.bus.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()

    def test_values_that_nest_ten_thousand_levels_are_refused(self):
        self.start()
        raw = self.raw()
        for nesting in (b"\x91", b"\x81\xa0", b"\xdc\x00\x01", b"\xdd\x00\x00\x00\x01"):
            body = nesting * 10000 + NIL
            raw.send(frame(hostile.REQUEST, text("hearth"), text("ping"), body=body, slot=4))
            self.assertEqual(raw.error()[2], "hearth.BadArguments")
        self.assert_work_goes_on()

    def heir_of(self, claimed):
        """A session under an id that was another's: libzmq ends who comes before the other's connection is quite gone."""
        for _ in range(10):
            heir = hostile.RawPeer(self.bus.address, routing_id=claimed)
            self.addCleanup(heir.close)
            if heir.is_welcome():
                return heir
        raise AssertionError("nobody is welcome under that id")

    def test_the_id_of_a_dead_peer_gains_nothing(self):
        """One that claims a live peer's is test_broker_connections.py's."""
        self.start()
        watcher = self.caller.observe("hearth/session/")
        claimed = b"\0" + os.urandom(4)
        dead = hostile.RawPeer(self.bus.address, routing_id=claimed).begin()
        dead.send(request("hearth", "register", text("grave")))
        dead.receive()
        call = self.caller.start("grave", "work")
        asked = dead.receive()
        dead.close()
        self.assertEqual(self.failure(call).name, "hearth.ServiceGone")
        while watcher.next(fixture.PATIENCE).value != {"session": dead.welcome.elements[2], "change": "went"}:
            pass
        for _ in range(3):
            self.caller.call("hearth", "ping")      # what the dead one sent has all been read by then
        heir = self.heir_of(claimed)
        self.assertNotEqual(heir.welcome.elements[2], dead.welcome.elements[2])
        self.assert_counted("stray_replies", heir, frame(REPLY, b"\0", b"\0", body=text("forged"), slot=asked.slot, generation=asked.generation))
        self.assertEqual([each["name"] for each in self.caller.call("hearth", "list")["names"]], ["honest"])

    def test_the_first_id_of_a_broker_cannot_be_known(self):
        """A future id ends the broker (docs/protocol.md, section 10): so it does not begin with what rand () says first, nor with a small number."""
        self.start()
        for first in (FIRST_RANDOM, 0, 2**31):
            for number in range(first - 2, first + 32):
                thief = hostile.RawPeer(self.bus.address, routing_id=b"\0" + struct.pack(">I", number % 2**32))
                self.addCleanup(thief.close)
                thief.begin()
        for _ in range(64):
            raw = self.raw()
            raw.ping()
            raw.close()
        self.assert_work_goes_on()

    def test_hellos_without_end_are_ended_and_the_broker_forgets_them(self):
        self.start()
        before, raw = self.stats()["sessions"], self.raw()
        for _ in range(2000):
            raw.send(hostile.hello())
        self.assert_ended("hearth.Malformed", raw)
        instance = os.urandom(16)
        for count in range(1, fixture.repetitions(200)):
            self.stranger().begin(instance=instance, count=bytes([0xcd]) + struct.pack(">H", count))
        self.assert_work_goes_on()
        self.assertEqual(self.stats()["sessions"], before + 1)

    def test_tokens_by_the_thousand_hit_nothing(self):
        self.start()
        kept = []
        self.service.serve("slow", {"work": lambda request: kept.append(request) or hostile.LATER})
        call = self.caller.start("slow", "work")
        self.drive(lambda: kept, self.service)
        before, raw = self.dropped("stray_replies"), self.raw()
        count = fixture.repetitions(5000)
        for number in range(count):
            raw.send(frame(REPLY, b"\0", b"\0", body=text("forged"), slot=number % 50, generation=number // 50))
        raw.ping()
        self.assertEqual(self.dropped("stray_replies") - before, count)
        kept[0].reply("true")
        self.assertEqual(self.result(call), "true")

    def test_a_hundred_thousand_prefixes_end_the_observer(self):
        self.start()
        observer = zmq.Context.instance().socket(zmq.XSUB)
        self.addCleanup(observer.close, 0)
        observer.setsockopt(zmq.RECONNECT_IVL, -1)
        observer.setsockopt(zmq.SNDHWM, 0)
        observer.setsockopt(zmq.RCVHWM, 0)      # who does not read does not see the end
        monitor = observer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.addCleanup(monitor.close)
        self.addCleanup(observer.disable_monitor)
        observer.connect(self.bus.publish)
        for number in range(100000):
            observer.send(b"\1topic%d/" % number)
        self.assertTrue(monitor.poll(1000 * fixture.PATIENCE), "the connection was not ended")
        self.assertEqual(self.stats()["limits_hit"]["max-subscriptions"], 1)
        self.assert_work_goes_on()

    def test_a_mechanism_that_the_broker_does_not_speak_is_ended(self):
        self.start(transport="tcp")
        for endpoint in (self.bus.address, self.bus.publish):
            for mechanism in (b"PLAIN", b"CURVE", b"GSSAPI", b"\xff" * 20):
                greeting = GREETING[:12] + mechanism.ljust(20, b"\0") + GREETING[32:]
                self.wait_for_end(self.connect(endpoint, greeting))
        self.assert_work_goes_on()

    def test_http_on_both_ports_gets_no_answer_of_ours(self):
        self.start("--hello-timeout", "1s", transport="tcp")
        for endpoint in (self.bus.address, self.bus.publish):
            browser = self.connect(endpoint, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + b"x" * 4096)
            self.wait_for_end(browser)
        self.assert_work_goes_on()


@unittest.skipIf(fixture.SCALE > 1, "an instrumented broker takes more address space than the limit")
class Unbounded(Attacker):
    """What libzmq holds before anybody else sees it (docs/protocol.md, section 10): the memory limit of the process does."""

    LIMIT = 1 << 30

    def test_messages_that_never_end_stop_at_the_memory_limit_and_the_others_go_on(self):
        folder = self.folder()
        address, publish = f"ipc://{folder}/calls", f"ipc://{folder}/events"
        broker = self.program("/bin/sh", "-c", f'ulimit -v {self.LIMIT >> 10}; exec "$0" "$@"', fixture.BUILD / "bin" / "hearth-broker",
                              "--bind", address, "--publish", publish, "--settle", "0")
        broker.wait_for_log("ready")
        self.bus = bus = types.SimpleNamespace(address=address, publish=publish)
        self.service, self.caller = self.peer(bus), self.peer(bus)
        self.service.serve("honest", {"echo": lambda request, value: value})
        self.assert_work_goes_on()
        attacker = self.shake_hands()
        attacker.sendall(self.hello())
        with self.assertRaises(OSError):
            while True:
                attacker.sendall(ENDLESS)
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

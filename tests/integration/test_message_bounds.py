"""Messages that are too large or have too many frames, and bytes that are not even ZeroMQ's."""
import os

import fixture
import hostile
import zmq
from hostile import PUBLISH, REPLY, REQUEST, frame, request, text
from zmtp import GREETING, LONG


class MessageBounds(hostile.TestCase):
    def test_a_message_of_several_frames_ends_the_session(self):
        self.start()
        good = request("hearth", "ping")
        for parts in ((good, b""), (b"", good), (good, good), (b"", b"MDPC01", b"echo", b"x"), (b"", b"MDPW01", b"\x01", b"echo"),
                      (b"MDPC02", b"\x01", b"echo"), (b"MDPW02", b"\x01", b"echo"), (b"",) * 1000):
            with self.subTest(parts=parts[:4]):
                raw = self.raw()
                raw.send(*parts)
                self.assert_ended("hearth.Malformed", raw)

    def test_a_first_message_of_several_frames_ends_the_connection(self):
        self.start()
        for parts in ((b"", b"MDPC01", b"echo", b"x"), (b"MDPW02", b"\x01", b"echo"), (hostile.hello(), b"")):
            raw = self.stranger()
            raw.send(*parts)
            raw.wait_for_end()
        self.assert_work_goes_on()

    def test_a_message_beyond_the_limit_is_refused_where_it_can_be_answered(self):
        self.start("--max-message", 4096)
        raw = self.raw()
        larger = b"\xc5\x10\x00" + b"x" * 4096
        for message in (request("honest", "echo", larger), request("hearth", "ping", larger),
                        frame(PUBLISH, text("x"), text("y"), body=larger)):
            raw.send(message)
            kind, _, name, message = raw.error()
            self.assertEqual((kind, name), (REPLY, "hearth.Limit"))
            self.assertIn("--max-message", message)
        raw.ping()
        self.assert_work_goes_on()

    def test_a_result_beyond_the_limit_ends_the_call(self):
        self.start("--max-message", 4096)
        raw = self.raw()
        raw.send(request("hearth", "register", text("raw")))
        raw.receive()
        call = self.caller.start("raw", "work")
        asked = raw.receive()
        raw.send(frame(REPLY, b"\0", b"\0", body=b"\xc5\x10\x00" + b"x" * 4096, slot=asked.slot, generation=asked.generation))
        error = self.failure(call)
        self.assertEqual((error.name, error.mark), ("hearth.Limit", hostile.wire.EXECUTED))
        raw.ping()

    def test_a_message_far_beyond_the_limit_ends_the_session(self):
        self.start("--max-message", 4096)
        for size in (4096 + 4097, 1 << 20):
            raw = self.raw()
            raw.send(frame(REQUEST, text("honest"), text("echo"), body=b"x" * size))
            raw.wait_for_end()
        self.assert_work_goes_on()

    def test_a_message_of_the_largest_size_passes(self):
        self.start("--max-message", 8192)
        raw = self.raw()
        around = len(request("honest", "echo", b"\xc5\x00\x00"))
        value = b"x" * (8192 - around)
        raw.send(request("honest", "echo", b"\xc5" + len(value).to_bytes(2, "big") + value))
        self.drive(lambda: raw.socket.poll(0), self.service, raw)
        self.assertEqual(hostile.wire.unpack(raw.receive().body), value)

    def test_a_peer_that_chose_its_own_routing_id_is_not_served(self):
        self.start()
        for identity in (b"me", b"x" * 255, b"y" * 5):
            raw = hostile.RawPeer(self.bus.address, routing_id=identity)
            self.addCleanup(raw.close)
            raw.send(hostile.hello())
            raw.wait_for_end()
        self.assert_work_goes_on()

    def test_a_peer_that_does_not_read_what_it_is_sent_is_ended(self):
        self.start("--max-calls", 10, "--max-dispatched", 10, "--max-granted", 10)
        raw = hostile.RawPeer(self.bus.address, receive_limit=1)
        self.addCleanup(raw.close)
        raw.begin()
        watcher = self.caller.observe("hearth/session/")
        question = request("hearth", "ping", b"\xc5\x10\x00" + b"x" * 4096, slot=1)
        for _ in range(3000):
            raw.send(question)
        self.assertEqual(watcher.next(fixture.PATIENCE).value, {"session": raw.welcome.elements[2], "change": "went"})
        self.assert_work_goes_on()

    def test_other_socket_types_cannot_disturb_it(self):
        self.start()
        for kind in (zmq.REQ, zmq.ROUTER):
            other = zmq.Context.instance().socket(kind)
            self.addCleanup(other.close, 0)
            other.connect(self.bus.address)
            if kind == zmq.REQ:
                other.send(request("hearth", "ping"))
        self.assert_work_goes_on()

    def test_bytes_that_are_not_zeromqs_are_ended(self):
        self.start("--hello-timeout", "1s", transport="tcp")
        noise = (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 1000, b"\xff" * 1000, os.urandom(1000), GREETING[:10], GREETING,
                 GREETING + b"\x04\x26\x05READY" + b"\xff" * 30, GREETING + LONG + b"\xff" * 8)
        for connection in [self.connect(endpoint, data) for endpoint in (self.bus.address, self.bus.publish) for data in noise]:
            self.wait_for_end(connection)
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

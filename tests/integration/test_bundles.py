"""Bundles made by hand (docs/protocol.md, section 3.1): several frames in one message, to the broker and from it."""
import struct

import fixture
import hostile
import zmq
from hostile import GOODBYE, NIL, PROBE, REPLY, frame, hello, request, wire

LONG = b"x" * 5000


def bundle(*frames, head=None):
    """As any packer might write it: a list of bins."""
    packed = b"".join(b"\xc6" + struct.pack(">I", len(each)) + each for each in frames)
    return b"\x92\x0b" + hostile.block(generation=0, remaining=0) + (head or b"\xdd" + struct.pack(">I", len(frames))) + packed


def frames_of(message):
    """The frames of a message, be it a bundle or not."""
    if message[:2] != b"\x92\x0b":
        return [message]
    return wire.unpack(message[28:])


class Bundles(hostile.TestCase):
    def echo(self, slot, text="HOLA"):
        return request("honest", "echo", hostile.text(text), slot=slot)

    def receive_raw(self, raw):
        """The next messages as they came, until one holds no probe alone."""
        while raw.socket.poll(1000 * fixture.PATIENCE):
            frames = [each for each in frames_of(raw.socket.recv()) if each[1] != PROBE]
            if frames:
                return frames
        raise AssertionError("nothing came")

    def receive_frames(self, raw, count):
        frames = []
        while len(frames) < count:
            self.service.step(0)
            if raw.socket.poll(0):
                frames += [wire.unpack_frame(each) for each in frames_of(raw.socket.recv()) if each[1] != PROBE]
        return frames

    def test_the_frames_of_a_bundle_are_handled_in_order(self):
        self.start()
        raw = self.stranger()
        raw.send(bundle(hello(), *[self.echo(slot) for slot in range(20)], self.echo(20, "x" * 5000)))
        frames = self.receive_frames(raw, 22)
        self.assertEqual(frames[0].kind, hostile.WELCOME)
        self.assertEqual([each.slot for each in frames[1:]], list(range(21)))
        self.assertTrue(all(each.kind == REPLY and each.elements[0] == 0 for each in frames[1:]))

    def test_who_sends_none_gets_none(self):
        self.start()
        raw = self.raw()
        self.assertTrue(raw.welcome.body)
        for slot in range(100):
            raw.send(request("hearth", "ping", b"\x2a", slot=slot))
        for slot in range(100):
            message = raw.socket.recv()
            self.assertEqual(message[1], REPLY)

    def test_who_sends_one_gets_what_belongs_together_in_one(self):
        self.start()
        raw = self.raw()
        raw.send(bundle(*[request("hearth", "ping", b"\x2a", slot=slot) for slot in range(50)]))
        frames = self.receive_raw(raw)
        self.assertEqual(len(frames), 50)
        self.assertEqual([wire.unpack_frame(each).slot for each in frames], list(range(50)))

    def test_a_large_frame_keeps_its_place_among_small_ones(self):
        self.start()
        raw = self.raw()
        values = [b"\x01", hostile.text(LONG), b"\x02", b"\x03"]
        raw.send(bundle(*[request("hearth", "ping", value, slot=slot) for slot, value in enumerate(values)]))
        slots = []
        while len(slots) < len(values):
            slots += [wire.unpack_frame(each).slot for each in self.receive_raw(raw)]
        self.assertEqual(slots, list(range(len(values))))

    def test_an_empty_one_means_nothing(self):
        self.start()
        raw = self.raw()
        raw.send(bundle())
        raw.send(bundle(head=b"\x90"))
        raw.ping()

    def test_one_within_another_is_a_frame_of_an_unknown_kind(self):
        self.start()
        self.assert_counted("malformed", self.raw(), bundle(bundle(hello())), bundle(bundle()))

    def test_what_cannot_be_read_is_one_frame_of_garbage(self):
        self.start()
        probe = frame(PROBE)
        self.assert_counted("garbage", self.raw(), bundle(probe, head=b"\x92") + b"\x01", bundle(probe, head=b"\x01"), bundle(probe) + NIL,
                            bundle(head=b"\xdd\xff\xff\xff\xff") + b"\xc4\x05ab", bundle(b""), bundle(b"\xc1"),
                            bundle(head=b"\x90") + request("hearth", "ping", b"\x2a"), bundle(head=b"\x91") + request("hearth", "ping", b"\x2a"))

    def test_one_that_is_too_large_is_garbage(self):
        self.start()
        probe = frame(PROBE)
        room = 8192 - len(bundle())
        self.assert_counted("garbage", self.raw(), bundle(*[probe] * (room // (len(probe) + 5) + 1)), bundle(*[self.echo(slot) for slot in range(1000)]))

    def test_the_end_of_a_session_ends_its_bundle(self):
        self.start()
        raw = self.raw()
        raw.send(bundle(frame(GOODBYE, b"\0"), *[self.echo(slot) for slot in range(10)]))
        raw.wait_for_end()
        self.assert_work_goes_on()
        self.assertEqual(self.stats()["sessions"], 2)

    def test_thousands_of_frames_in_messages_as_large_as_may_be_are_no_trouble(self):
        self.start()
        raw = self.raw()
        probe = frame(PROBE)
        full = bundle(*[probe] * ((8192 - len(bundle(probe))) // (len(probe) + 5)), probe)
        self.assertGreater(len(full), 8192 - len(probe) - 5)
        for _ in range(1000):
            raw.send(full)
        raw.ping()
        self.assert_work_goes_on()

    def observer(self):
        """A SUB socket whose subscription is live."""
        socket = zmq.Context.instance().socket(zmq.SUB)
        self.addCleanup(socket.close, 0)
        socket.setsockopt(zmq.RCVTIMEO, int(1000 * fixture.PATIENCE))
        socket.setsockopt(zmq.SUBSCRIBE, b"press/")
        socket.connect(self.bus.publish)
        self.assertEqual(wire.unpack_note(socket.recv()).topic, b"press/")
        return socket

    def press(self):
        raw = self.raw()
        raw.send(request("hearth", "register", hostile.text("press"), slot=1))
        self.assertEqual(raw.receive().elements[0], 0)
        return raw

    @staticmethod
    def publication(slot, event, body):
        return frame(wire.PUBLISH, hostile.text("press"), hostile.text(event), body=wire.pack(body), slot=slot)

    def bodies(self, message):
        return [(note.topic.decode(), wire.unpack(note.body)) for note in wire.unpack_notes(message)]

    def test_what_is_published_together_in_one_topic_is_told_in_one_message(self):
        self.start()
        press, observer = self.press(), self.observer()
        large = "x" * 600
        press.send(bundle(*[self.publication(10 + at, event, body) for at, (event, body) in
                            enumerate([("a", 1), ("a", 2), ("a", 3), ("b", 4), ("a", 5), ("a", 6)])]))
        press.send(self.publication(30, "a", large))
        self.assertEqual([self.bodies(observer.recv()) for _ in range(4)],
                         [[("press/a/", 1), ("press/a/", 2), ("press/a/", 3)], [("press/b/", 4)],
                          [("press/a/", 5), ("press/a/", 6)], [("press/a/", large)]])

    def test_what_is_published_alone_is_told_alone(self):
        self.start()
        press, observer = self.press(), self.observer()
        for number in range(20):
            press.send(self.publication(number, "a", number))
            self.assertEqual(press.receive().slot, number)
            self.assertEqual(self.bodies(observer.recv()), [("press/a/", number)])



if __name__ == "__main__":
    fixture.main()

"""Subscriptions that docs/protocol.md, section 8.3, does not know, and what else an observer may send."""
import fixture
import hostile
import zmq


class BadSubscriptions(hostile.TestCase):
    def observer(self, kind=zmq.SUB):
        socket = zmq.Context.instance().socket(kind)
        self.addCleanup(socket.close, 0)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, int(1000 * fixture.PATIENCE))
        socket.connect(self.bus.publish)
        return socket

    def await_marker(self, socket, prefix):
        """Returns the topics that came before the marker of that prefix, which shows that all that was sent has been handled."""
        before = []
        while True:
            note = hostile.wire.unpack_note(socket.recv())
            if note.topic == prefix and note.topic_number == 0:
                return before
            before.append(note.topic)

    def test_ill_formed_prefixes_are_counted_and_not_answered(self):
        self.start()
        socket = self.observer()
        bad = [b"a", b"honest", b".", b"a..", b"a.b", b"/", b"a//", b"a/b", b"a/b/c/", b" a/", b"a /", b"\0", b"a/\0", b"\xff/",
               b"x" * 256 + b"/", b"a/" + b"x" * 256 + b"/", b"x" * 510, b"%s%n/x"]
        before = self.dropped("subscriptions")
        for prefix in bad:
            socket.subscribe(prefix)
        socket.subscribe(b"honest/")
        self.assertEqual([topic for topic in self.await_marker(socket, b"honest/") if topic in bad], [])
        self.assertEqual(self.dropped("subscriptions") - before, len(bad))
        self.assert_work_goes_on()

    def test_what_is_no_subscription_is_ignored(self):
        self.start()
        socket = self.observer(zmq.XSUB)
        for message in (b"\x02", b"\x02hello", b"hello", b"\x7f" * 100, hostile.hello(), b"\xff", b"\x00never/", b"\x00"):
            socket.send(message)
        socket.send_multipart([b"\x02", b"more", b"frames"])
        socket.send(b"\x01honest/")
        self.await_marker(socket, b"honest/")
        self.assert_work_goes_on()

    def test_a_peer_of_the_publishing_socket_cannot_publish(self):
        self.start()
        honest = self.caller.observe("honest/")
        socket = self.observer(zmq.XSUB)
        forged = hostile.wire.Note(b"honest/said/", self.caller.epoch, 2**63, 2**63, 1, 0, b"\x01").pack()
        socket.send(forged)
        socket.send(b"\x01honest/")
        self.await_marker(socket, b"honest/")
        self.service.publish("honest", "said", "true")
        self.assertEqual(honest.next(fixture.PATIENCE).value, "true")

    def test_a_prefix_may_be_subscribed_again_and_again(self):
        self.start()
        for _ in range(3):
            socket = self.observer()
            for _ in range(100):
                socket.subscribe(b"honest/")
            self.await_marker(socket, b"honest/")
        self.assert_work_goes_on()

    def test_an_observer_that_does_not_read_disturbs_nobody(self):
        self.start("--max-history", 10)
        idle = self.observer()
        idle.setsockopt(zmq.RCVHWM, 1)
        idle.subscribe(b"")
        reader = self.caller.observe("honest/")
        for number in range(3000):
            self.service.publish("honest", "said", number)
            self.assertEqual(reader.next(fixture.PATIENCE).value, number)
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

"""What peers can do with connections alone: too many, too silent, deaf, under ids of their own choice."""
import os
import types

import fixture
import hostile
import zmq
import zmtp

FLOOD = 2000


class Connections(hostile.TestCase):
    def hit(self, limit):
        return self.stats()["limits_hit"][limit]

    def test_connections_beyond_the_limit_are_ended_on_both_sockets_and_others_go_on(self):
        for transport in ("ipc", "tcp"):
            with self.subTest(transport=transport):
                self.start("--max-connections", 5, transport=transport)
                for address in (self.bus.address, self.bus.publish):
                    crowd = [self.connect(address) for _ in range(10)]
                    self.wait_for_end(crowd[-1])
                    self.assert_work_goes_on()
                    for connection in crowd:
                        connection.close()
                self.assertGreaterEqual(self.hit("max-connections"), 12)

    def test_a_flood_of_connections_leaves_descriptors_free(self):
        for address in (f"ipc://{self.folder()}/calls", "tcp://127.0.0.1:*"):
            with self.subTest(address=address):
                reader, writer = os.pipe()
                with os.fdopen(reader) as ready:
                    try:
                        broker = self.program("/bin/sh", "-c", 'ulimit -n 300; exec "$0" "$@"', fixture.BUILD / "bin" / "hearth-broker",
                                              "--bind", address, "--ready-fd", writer, pass_fds=(writer,))
                    finally:
                        os.close(writer)
                    bound = ready.readline().split()[1]
                caller = self.peer(types.SimpleNamespace(address=bound))
                for _ in range(FLOOD):
                    connection = self.connect(bound)
                self.wait_for_end(connection)
                self.assertLessEqual(len(os.listdir(f"/proc/{broker.pid}/fd")), 300 - 64)
                self.assertLess(0, caller.call("hearth", "stats")["limits_hit"]["spare-fds"])
                self.assertEqual(broker.terminate(), 0)

    def test_who_never_says_hello_is_ended_whatever_else_it_says(self):
        self.start("--hello-timeout", "1s", transport="tcp")
        self.wait_for_end(self.connect(self.bus.address))
        self.stranger().wait_for_end()
        for message in (hostile.frame(hostile.PROBE), hostile.frame(hostile.REPLY, b"\0", b"\0"), b"garbage"):
            raw = self.stranger()
            raw.send(message)
            raw.wait_for_end()
        self.assertLess(0, self.hit("hello-timeout"))
        self.assert_work_goes_on()

    def test_an_observer_need_not_say_anything(self):
        self.start("--hello-timeout", "1s")
        observer = zmq.Context.instance().socket(zmq.SUB)
        self.addCleanup(observer.close, 0)
        monitor = observer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.addCleanup(monitor.close)
        self.addCleanup(observer.disable_monitor)
        observer.connect(self.bus.publish)
        self.stranger().wait_for_end()
        observer.subscribe("honest/")
        self.assertTrue(observer.poll(1000 * fixture.PATIENCE))
        self.assertFalse(monitor.poll(0))

    def test_who_does_not_read_is_ended_for_the_number_that_waits(self):
        self.start("--max-calls", 1, "--max-dispatched", 1, "--max-granted", 1)
        self.deafen(50000)

    def test_ids_like_the_brokers_own_are_nothing_special(self):
        self.start("--hello-timeout", "500ms")
        mine = b"\0" + os.urandom(4)
        first = hostile.RawPeer(self.bus.address, routing_id=mine)
        self.addCleanup(first.close)
        first.begin().ping()
        second = hostile.RawPeer(self.bus.address, routing_id=mine)
        self.addCleanup(second.close)
        second.send(hostile.hello())
        second.wait_for_end()
        first.ping()
        self.assert_work_goes_on()

    def test_ids_of_other_forms_are_ended(self):
        self.start()
        for routing_id in (b"x", b"\0", b"\0" * 4, b"\0" * 6, b"\1\0\0\0\0", b"\0" * 255):
            with self.subTest(routing_id=routing_id[:8]):
                raw = hostile.RawPeer(self.bus.address, routing_id=routing_id)
                self.addCleanup(raw.close)
                raw.send(hostile.hello())
                raw.wait_for_end()
        self.assert_work_goes_on()

    def test_messages_of_several_frames_end_the_session_with_a_reason(self):
        self.start()
        for parts in ((b"", b""), (hostile.request("hearth", "ping"), b"more"), (b"x",) * 1000):
            raw = self.raw()
            raw.send(*parts)
            self.assertEqual(raw.error()[0], hostile.GOODBYE)
            raw.wait_for_end()
        self.assert_work_goes_on()

    def test_changing_subscriptions_for_ever_is_no_offence_but_holding_many_is(self):
        self.start("--max-subscriptions", 10)
        observer = zmq.Context.instance().socket(zmq.SUB)
        self.addCleanup(observer.close, 0)
        observer.setsockopt(zmq.RECONNECT_IVL, -1)
        monitor = observer.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.addCleanup(monitor.close)
        self.addCleanup(observer.disable_monitor)
        observer.connect(self.bus.publish)
        for number in range(100):
            observer.subscribe(f"topic{number}/")
            self.assertTrue(observer.poll(1000 * fixture.PATIENCE), "no marker came")
            observer.recv()
            observer.unsubscribe(f"topic{number}/")
        self.assertFalse(monitor.poll(0))
        for number in range(11):
            observer.subscribe(f"held{number}/")
        self.assertTrue(monitor.poll(1000 * fixture.PATIENCE), "the connection was not ended")
        self.assertEqual(self.hit("max-subscriptions"), 1)

    def test_cancels_of_what_never_was_make_no_room(self):
        """A socket of libzmq's would not send them."""
        self.start("--max-subscriptions", 10)
        observer = self.connect(self.bus.publish)
        zmtp.shake_hands(observer, zmtp.READY_SUB)
        for number in range(11):
            observer.sendall(zmtp.frame(b"\1held%d/" % number) + 2 * zmtp.frame(b"\0never%d/" % number))
        self.wait_for_end(observer)
        self.assertEqual(self.hit("max-subscriptions"), 1)
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

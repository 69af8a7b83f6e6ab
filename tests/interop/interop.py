"""What the tests of the peer in Python share: peers that end with the test, and driving several of them in one thread."""
import time

import fixture
import zmq

from hearth_peer import HearthError, Peer


class TestCase(fixture.TestCase):
    def peer(self, broker, **settings):
        """A peer with a session."""
        peer = Peer(broker.address, **settings)
        self.addCleanup(peer.close)
        return peer.connect(fixture.PATIENCE)

    def drive(self, until, *peers):
        """Lets the peers handle what comes until the fact is there."""
        deadline = time.monotonic() + fixture.PATIENCE
        while not until():
            poller = zmq.Poller()
            for peer in peers:
                for socket in peer.sockets():
                    poller.register(socket, zmq.POLLIN)
            self.assertTrue(poller.poll(max(0, 1000 * (deadline - time.monotonic()))), "what was waited for did not come")
            for peer in peers:
                peer.step(0)

    def result(self, call, *services):
        """The result of a call, to which the services may have to do something."""
        self.drive(lambda: call.done, call.peer, *services)
        return call.result()

    def failure(self, call, *services):
        """The error of a call that must fail."""
        with self.assertRaises(HearthError) as caught:
            self.result(call, *services)
        return caught.exception

    def refusal(self, function, *arguments, **options):
        """The error that a function raises."""
        with self.assertRaises(HearthError) as caught:
            function(*arguments, **options)
        return caught.exception

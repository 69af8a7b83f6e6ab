"""A peer that may do anything wrong, and the honest ones whose work must go on.

Owns hand-made bytes: nothing here checks what it sends. Reading answers, and the honest peers, are tests/interop's.
"""
import os
import pathlib
import socket
import struct
import sys
import time

import fixture
import zmq
from zmq.utils.monitor import recv_monitor_message

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

import hearth_wire as wire  # noqa: E402
import interop  # noqa: E402
from hearth_service import LATER  # noqa: E402,F401 (for the tests)

NIL = b"\xc0"
EMPTY_LIST = b"\x90"
HELLO, WELCOME, GOODBYE, REQUEST, REPLY, CANCEL, PUBLISH, PROBE, ITEM, CREDIT = range(1, 11)


def text(value):
    """A str 16, whatever its bytes."""
    data = value.encode() if isinstance(value, str) else value
    return b"\xda" + struct.pack(">H", len(data)) + data


def block(slot=0, generation=1, session=0, remaining=20000, flags=0):
    return b"\xc4\x18" + struct.pack(">IIQII", slot, generation, session, remaining, flags)


def frame(kind, *elements, body=NIL, **fields):
    """A frame of packed elements."""
    return bytes([0x92 + len(elements), kind]) + block(**fields) + b"".join(elements) + body


def request(service, method, *arguments, options=(), **fields):
    """A request with a list of packed arguments."""
    body = b"\xdc" + struct.pack(">H", len(arguments)) + b"".join(arguments)
    return frame(REQUEST, text(service), text(method), *options, body=body, **fields)


def hello(version=b"\x01", library=text("raw/1"), instance=None, count=b"\x01", **fields):
    return frame(HELLO, version, library, b"\xc4\x10" + (instance or os.urandom(16)), count, **fields)


class RawPeer:
    """A DEALER socket and no manners."""

    def __init__(self, address, routing_id=None, receive_limit=1000):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RECONNECT_IVL, -1)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, receive_limit)
        self.socket.setsockopt(zmq.SNDTIMEO, int(1000 * fixture.PATIENCE))
        if routing_id:
            self.socket.setsockopt(zmq.ROUTING_ID, routing_id)
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self.socket.connect(address)

    def close(self):
        if not self.socket.closed:
            self.socket.disable_monitor()
            self.monitor.close()
            self.socket.close(0)

    def sockets(self):
        """For drive(): what may make a fact true. There is nothing to do in a step()."""
        return [self.socket]

    def step(self, timeout):
        pass

    def send(self, *parts):
        """One message of these frames."""
        self.socket.send_multipart(parts)

    def receive(self):
        """The next frame that is no probe."""
        deadline = time.monotonic() + fixture.PATIENCE
        while self.socket.poll(max(0, 1000 * (deadline - time.monotonic()))):
            received = wire.unpack_frame(self.socket.recv())
            if received.kind != PROBE:
                return received
        raise AssertionError("nothing came")

    def begin(self, **fields):
        """A session, well begun."""
        self.send(hello(**fields))
        self.welcome = self.receive()
        assert self.welcome.kind == WELCOME, self.welcome
        return self

    def error(self):
        """The next frame, which must be an error: (kind, slot, name, message)."""
        received = self.receive()
        name, message = wire.unpack(received.body)[:2]
        return received.kind, received.slot, name, message

    def ping(self):
        """Returns when everything that was sent before has been handled."""
        self.send(request("hearth", "ping", b"\x2a", slot=9, generation=int(time.monotonic() * 1e6) & 0xffffffff))
        received = self.receive()
        assert (received.kind, received.slot, received.body) == (REPLY, 9, b"\x2a"), received

    def is_welcome(self):
        """Whether a hello is answered, rather than the connection ended."""
        try:
            self.socket.send(hello(), zmq.DONTWAIT)
        except zmq.Again:                      # it has been ended already
            return False
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        ready = dict(poller.poll(1000 * fixture.PATIENCE))
        self.welcome = self.receive() if self.socket in ready else None
        return self.welcome is not None and self.welcome.kind == WELCOME

    def wait_for_end(self):
        """Waits until the broker has ended the connection."""
        if not self.monitor.poll(1000 * fixture.PATIENCE):
            raise AssertionError("the connection was not ended")
        recv_monitor_message(self.monitor)


class TestCase(interop.TestCase):
    """A broker with an honest service and an honest caller, and whoever comes."""

    def start(self, *options, **settings):
        self.bus = self.broker(*options, **settings)
        self.service, self.caller = self.peer(self.bus), self.peer(self.bus)
        self.service.serve("honest", {"echo": lambda request, value: value})
        return self.bus

    def stranger(self):
        """A connection that has not said hello."""
        raw = RawPeer(self.bus.address)
        self.addCleanup(raw.close)
        return raw

    def raw(self):
        """A session."""
        return self.stranger().begin()

    def connect(self, address, data=b""):
        """A connection of bytes, of which DATA is sent. It may have been ended already, which who sends nothing is not told."""
        if address.startswith("ipc://"):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(address.removeprefix("ipc://"))
        else:
            host, port = address.removeprefix("tcp://").rsplit(":", 1)
            connection = socket.create_connection((host, int(port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.addCleanup(connection.close)
        connection.settimeout(fixture.PATIENCE)
        if data:
            connection.sendall(data)
        return connection

    @staticmethod
    def wait_for_end(connection):
        """Reads until the broker has ended the connection."""
        try:
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass

    def deafen(self, size):
        """Asks for more than a peer that reads next to nothing can have waiting; returns when the broker takes no more."""
        deaf = zmq.Context.instance().socket(zmq.DEALER)
        self.addCleanup(deaf.close, 0)
        deaf.setsockopt(zmq.RCVHWM, 1)
        deaf.setsockopt(zmq.RCVBUF, 4096)
        deaf.setsockopt(zmq.SNDTIMEO, 10)
        deaf.connect(self.bus.address)
        deaf.send(hello())
        try:
            for generation in range(1, 5000):
                deaf.send(request("hearth", "ping", text("x" * size), generation=generation))
        except zmq.Again:
            pass
        self.bus.wait_for_log("does not read")
        self.assert_work_goes_on()

    def assert_work_goes_on(self):
        self.assertEqual(self.result(self.caller.start("honest", "echo", "HOLA"), self.service), "HOLA")

    def stats(self):
        return self.caller.call("hearth", "stats")

    def dropped(self, why):
        return self.stats()["dropped"][why]

    def assert_counted(self, why, raw, *messages):
        """Each of the messages is dropped and counted; nothing is answered."""
        for message in messages:
            with self.subTest(why=why, message=message[:80], size=len(message)):
                before = self.dropped(why)
                raw.send(message)
                raw.ping()
                self.assertEqual(self.dropped(why), before + 1)
        self.assert_work_goes_on()

    def assert_answered(self, name, raw, *messages):
        """Each of the messages is answered by that error, under its own token, and the session goes on."""
        for slot, message in enumerate(messages, 100):
            with self.subTest(name=name, message=message[:120], size=len(message)):
                raw.send(message[:4] + struct.pack(">I", slot) + message[8:])
                self.assertEqual(raw.error()[:3], (REPLY, slot, name))
                raw.ping()
        self.assert_work_goes_on()

    def assert_ended(self, name, raw):
        """The session ends with a goodbye of that name."""
        self.assertEqual((raw.error()[0::2])[:2], (GOODBYE, name))
        raw.wait_for_end()
        self.assert_work_goes_on()

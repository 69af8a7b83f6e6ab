"""A broker that says what a test makes it say, true or not.

Owns a ROUTER and an XPUB socket. It answers hellos, subscriptions and the directory's methods well unless it is told otherwise. It keeps no promise
that docs/protocol.md makes.
"""
import os
import pathlib
import sys
import time

import fixture
import zmq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

import hearth_wire as wire  # noqa: E402

EPOCH = 0x123456789abc
LIMITS = {"message": 1048576, "nesting": 32, "calls": 10000, "deadline": 86400000, "capacity": 1000, "names": 1000,
          "parked": 1000, "subscriptions": 10000}


class HostileBroker:
    def __init__(self, folder):
        self.router, self.xpub = (zmq.Context.instance().socket(kind) for kind in (zmq.ROUTER, zmq.XPUB))
        for socket in (self.router, self.xpub):
            socket.setsockopt(zmq.LINGER, 0)
        self.xpub.setsockopt(zmq.XPUB_VERBOSE, 1)
        self.address, self.publishing = f"ipc://{folder}/calls", f"ipc://{folder}/events"
        self.router.bind(self.address)
        self.xpub.bind(self.publishing)
        self.epoch, self.number, self.sessions = EPOCH, 0, 0
        self.peers = []         # routing ids, in the order of their hellos
        self.replies = []       # frames
        self.asked = []         # "service.method", in order
        self.welcomes = []      # what is said instead of a welcome, one for each hello: lists of messages
        self.answers = {}       # "service.method": a function from the request to a packed body, or to None for no answer

    def close(self):
        self.router.close()
        self.xpub.close()

    def drive(self, until, *programs):
        """Lets whoever is connected have its way until the fact is there; woken when a program ends, too."""
        ends = [os.pidfd_open(program.pid) for program in programs]
        deadline = time.monotonic() + fixture.PATIENCE
        try:
            while not until():
                poller = zmq.Poller()
                for source in (self.router, self.xpub, *ends):
                    poller.register(source, zmq.POLLIN)
                ready = dict(poller.poll(max(0, 1000 * (deadline - time.monotonic()))))
                if not ready:
                    raise AssertionError("what was waited for did not come")
                if self.router in ready:
                    self.take(*self.router.recv_multipart())
                if self.xpub in ready:
                    self.subscribed(self.xpub.recv())
                if any(end in ready for end in ends) and not until():
                    raise AssertionError("a program has ended")
        finally:
            for end in ends:
                os.close(end)

    def drive_to_end(self, program):
        self.drive(lambda: program.code is not None, program)
        return program.wait()

    def take(self, peer, data):
        frame = wire.unpack_frame(data)
        if frame.kind == wire.HELLO:
            self.peers.append(peer)
            for message in self.welcomes.pop(0) if self.welcomes else [self.welcome()]:
                self.send(message, peer)
        elif frame.kind == wire.REPLY:
            self.replies.append(frame)
        elif frame.kind == wire.REQUEST:
            self.answer(peer, frame)

    def welcome(self, **changes):
        self.sessions += 1
        body = {"limits": LIMITS, "publish": [self.publishing], "broker": "hostile/1", **changes}
        return wire.Frame(wire.WELCOME, (1, self.epoch, f":{self.epoch:012x}.{self.sessions}"), wire.pack(body),
                          session=self.sessions).pack()

    def send(self, message, peer=None):
        """To a peer: the last that came, unless one is named."""
        try:
            self.router.send_multipart([self.peers[-1] if peer is None else peer, message])
        except zmq.ZMQError:    # it has gone
            pass

    def reply(self, request, body, code=0, mark=0, peer=None, **changes):
        frame = wire.Frame(wire.REPLY, (code, mark), body, slot=request.slot, generation=request.generation)
        for name, value in changes.items():
            setattr(frame, name, value)
        self.send(frame.pack(), peer)

    def answer(self, peer, request):
        name = ".".join(request.elements[:2])
        self.asked.append(name)
        body = self.answers.get(name, self.answers.get("*", self.honest))(request)
        if body is not None:
            self.reply(request, body, peer=peer)

    def honest(self, request):
        service, method = request.elements[:2]
        answers = {"register": {"name": "x", "number": self.number}, "unregister": True,
                   "topics": {"epoch": self.epoch, "number": self.number, "topics": [], "next": None},
                   "lookup": {"name": "x", "mode": "exclusive", "owners": [f":{self.epoch:012x}.99"], "metadata": {},
                              "number": self.number}}
        return wire.pack(answers.get(method) if service == "hearth" else "ok")

    def subscribed(self, message):
        if message[:1] == b"\x01":
            self.note(message[1:])

    def note(self, topic, topic_number=0, first=0, body=b"", **changes):
        """A marker, or a notification."""
        self.number += topic_number > 0
        fields = {"epoch": self.epoch, "number": self.number, "topic_number": topic_number, "topic_first": first,
                  "time": 1, **changes}
        self.xpub.send(wire.Note(topic, body=body, **fields).pack())

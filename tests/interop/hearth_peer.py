"""A Hearth peer in Python, written from docs/protocol.md alone: a model for other languages.

    peer = Peer("tcp://127.0.0.1:9797")
    peer.serve("echo.server", {"echo": lambda request, message: message})
    peer.run()

    print(Peer("tcp://127.0.0.1:9797").call("echo.server", "echo", "HOLA"))
    for item in Peer("tcp://127.0.0.1:9797").stream("feed", "items"):
        print(item)

Owns a session: its socket, its calls in flight, the objects that it serves. Everything happens in the thread of whoever
calls a method; handlers run within step(), also while a call waits. hearth_service.py is the serving half,
hearth_observation.py the observing one, hearth_stream.py has both ends of a stream, and hearth_wire.py knows the bytes.
"""
import os
import random
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import zmq

import hearth_wire as wire
from hearth_observation import Observation
from hearth_service import Request, Service
from hearth_stream import BYTES, ITEMS, Stream
from hearth_wire import Frame, HearthError

GRACE = 0.25                       # how long a caller waits for the broker's word after a deadline
SYSTEM_ANSWERS = {"hearth." + name for name in
                  ("BadArguments", "WouldDeadlock", "Cancelled", "Deadline", "NoReply", "BadResult")}


@dataclass
class Call:
    """A call in flight, on the caller's side."""
    peer: "Peer"
    slot: int
    generation: int
    deadline: float
    answer: Frame = None
    error: HearthError = None
    stream: Stream = None

    @property
    def done(self):
        return self.answer is not None or self.error is not None

    def result(self):
        """Waits for the end, and returns the result or raises what went wrong."""
        while not self.done:
            self.wait()
        if self.error:
            raise self.error
        code, mark = self.answer.elements[:2]
        if code == 0:
            return self._value()
        error = wire.unpack_error(code, mark, self.answer.body)
        if error.name.startswith("hearth.") and self.answer.session != 0 and error.name not in SYSTEM_ANSWERS:
            error.code = wire.INTERNAL
        raise error

    def wait(self):
        """Handles something that comes; the end of the deadline ends the call."""
        left = self.deadline + GRACE - time.monotonic()
        if left <= 0:
            self.error = HearthError(wire.DEADLINE_EXCEEDED, "hearth.Deadline", "no answer in time", None,
                                     wire.MAY_HAVE_EXECUTED)
        else:
            self.peer.step(left)

    def _value(self):
        try:
            return wire.unpack(self.answer.body)
        except ValueError as problem:
            raise HearthError(wire.INTERNAL, "python.BadResult", str(problem), None, wire.EXECUTED) from None

    def cancel(self):
        """Asks for an early end; result() tells which came first, the answer or the cancel."""
        self.peer.send(Frame(wire.CANCEL, (0,), slot=self.slot, generation=self.generation))


class Peer:
    def __init__(self, broker="tcp://127.0.0.1:9797", library="python-interop/1", instance=None):
        self.broker, self.library = broker, library
        self.instance = instance or os.urandom(16)
        self.count = 0             # sessions of this instance so far
        self.context = zmq.Context.instance()
        self.socket = self.monitor = None
        self.session = 0           # this session's number; 0 while there is none
        self.epoch, self.unique_name, self.welcome = 0, None, {}
        self.goodbye = None        # why the broker ended the last session, if it said so
        self.generation = 0
        self.free_slots, self.calls = [], {}
        self.services, self.requests, self.notices, self.observations = {}, {}, [], []

    # -- sessions

    def connect(self, timeout=5.0):
        """Opens a new session. What was served and observed before is so again when this returns."""
        deadline, pause = time.monotonic() + timeout, 0.02
        while not self._open(deadline):
            if time.monotonic() + pause > deadline:
                raise HearthError(wire.UNAVAILABLE, "hearth.BrokerGone", f"no broker answers at {self.broker}")
            time.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 2)
        for name, service in self.services.items():
            self.call("hearth", "register", name, service.options)
        for observation in self.observations:
            observation.open()
        return self

    def _open(self, deadline):
        """One attempt: a new socket, the hello, the welcome. False if no broker answered."""
        self.close()
        self.socket = self.context.socket(zmq.DEALER)
        for option, value in ((zmq.RECONNECT_IVL, -1), (zmq.LINGER, 0), (zmq.IMMEDIATE, 1), (zmq.RCVHWM, 0), (zmq.SNDHWM, 0),
                              (zmq.HEARTBEAT_IVL, 3000), (zmq.HEARTBEAT_TIMEOUT, 10000), (zmq.HEARTBEAT_TTL, 10000)):
            self.socket.setsockopt(option, value)
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED)
        self.socket.connect(self.broker)
        if not self._await(zmq.POLLOUT, deadline):
            return False
        self.count += 1
        self.goodbye = None
        self.socket.send(Frame(wire.HELLO, (wire.VERSION, self.library, self.instance, self.count)).pack())
        while self._await(zmq.POLLIN, deadline):
            self._receive()
            if self.session:
                return True
            if self.goodbye:
                self._end("the hello was refused")
                raise self.goodbye
        return False

    def _await(self, event, deadline):
        """Whether the socket is ready before the deadline and before the connection fails."""
        poller = zmq.Poller()
        poller.register(self.socket, event)
        poller.register(self.monitor, zmq.POLLIN)
        ready = dict(poller.poll(max(0, 1000 * (deadline - time.monotonic()))))
        return self.socket in ready

    def close(self):
        """Says goodbye. Calls in flight end as BrokerGone; this peer may connect again."""
        if self.session:
            self._try_send(Frame(wire.GOODBYE, (0,)))
        self._end("the session was closed", linger=500)

    def _end(self, why, linger=0):
        """The session is over: whatever was sent in it may have been executed."""
        if self.socket is None:
            return
        self.socket.disable_monitor()
        self.monitor.close()
        self.socket.close(linger)
        self.socket = self.monitor = None
        self.session, self.unique_name = 0, None
        gone = HearthError(wire.UNAVAILABLE, "hearth.BrokerGone", why, None, wire.MAY_HAVE_EXECUTED)
        calls, self.calls, self.requests = self.calls, {}, {}
        for call in calls.values():
            call.error = call.error or gone

    def unique_name_of(self, session):
        return f":{self.epoch:012x}.{session}"

    # -- what comes

    def run(self):
        """Serves for ever, through restarts of the broker."""
        while True:
            if self.session:
                self.step(60)
            else:
                self.connect(timeout=float("inf"))

    def sockets(self):
        """What step() waits for."""
        session = [self.socket, self.monitor] if self.session else []
        return session + [observation.socket for observation in self.observations if observation.has_room]

    def step(self, timeout):
        """Waits at most so many seconds for something to come, and handles it."""
        poller = zmq.Poller()
        for socket in self.sockets():
            poller.register(socket, zmq.POLLIN)
        ready = dict(poller.poll(max(0, 1000 * timeout)))
        if self.socket in ready:
            self._receive()
        if self.monitor in ready:
            self._disconnected()
        for observation in self.observations:
            if observation.socket in ready:
                observation.receive()

    def _disconnected(self):
        """What came before the connection was lost is still there: answers, and a goodbye that says why."""
        while self.session and self.socket.poll(0):
            self._receive()
        self._end("the connection to the broker was lost")

    def _receive(self):
        """Takes one frame. Whatever is not understood is dropped."""
        try:
            frame = wire.unpack_frame(self.socket.recv())
            on_frame = self.ON_FRAME.get(frame.kind)
            if on_frame:
                on_frame(self, frame)
        except ValueError:
            pass

    def _on_welcome(self, frame):
        _, self.epoch, self.unique_name = frame.elements[:3]
        self.session = frame.session
        self.welcome = wire.unpack(frame.body)
        self.free_slots = list(range(min(self.welcome["limits"]["calls"], 1000)))

    def _on_goodbye(self, frame):
        self.goodbye = wire.unpack_error(frame.elements[0], wire.NOT_EXECUTED, frame.body)
        if self.session:
            self._end(str(self.goodbye))

    def _on_request(self, frame):
        request = Request(self, frame)
        self.requests[frame.slot, frame.generation] = request
        name = frame.elements[0]
        service = self.services.get("" if name == self.unique_name else name)
        if frame.remaining == 0:
            request.fail(HearthError(wire.DEADLINE_EXCEEDED, "hearth.Deadline", "expired before it was run"))
        elif not service:
            request.fail(HearthError(wire.UNAVAILABLE, "python.NotServed", f"{name} is not served here any more"))
        else:
            service.run(request)

    def _on_reply(self, frame):
        call = self.calls.get(frame.slot)
        if call and call.generation == frame.generation:
            del self.calls[frame.slot]
            self.free_slots.append(frame.slot)
            call.answer = frame

    def _on_cancel(self, frame):
        request = self.requests.get((frame.slot, frame.generation))
        if request:
            request.cancelled = frame.elements[0]
            if request.running:
                request.running.cancel()

    def _end_of_stream(self, frame):
        """The end to which an item or a credit goes: a service's if it comes from the caller, and the other way round."""
        if frame.flags & wire.UP:
            request = self.requests.get((frame.slot, frame.generation))
            return request.running if request else None
        call = self.calls.get(frame.slot)
        return call.stream if call and call.generation == frame.generation else None

    def _on_item(self, frame):
        end = self._end_of_stream(frame)
        if end:
            end.on_item(frame)

    def _on_credit(self, frame):
        end = self._end_of_stream(frame)
        if end:
            end.on_credit(frame)

    def _on_publish(self, frame):
        notice = wire.unpack(frame.body)
        self.notices.append((frame.elements[1], notice))
        if frame.elements[:2] == ("hearth", "replaced"):
            self.services.pop(notice["name"], None)

    ON_FRAME = {wire.WELCOME: _on_welcome, wire.GOODBYE: _on_goodbye, wire.REQUEST: _on_request,
                wire.REPLY: _on_reply, wire.CANCEL: _on_cancel, wire.PUBLISH: _on_publish, wire.ITEM: _on_item,
                wire.CREDIT: _on_credit}

    # -- what goes

    def send(self, frame):
        """Sends a frame, or raises BrokerGone: not executed, since it did not leave."""
        if not self.session or not self._try_send(frame):
            raise HearthError(wire.UNAVAILABLE, "hearth.BrokerGone", "there is no session")

    def _try_send(self, frame):
        data, most = frame.pack(), self.welcome["limits"]["message"]
        if len(data) > most:
            raise HearthError(wire.RESOURCE_EXHAUSTED, "python.TooLarge", f"a message has at most {most} bytes")
        try:
            self.socket.send(data, zmq.DONTWAIT)
            return True
        except zmq.Again:
            return False

    def answer(self, request, reply):
        """Sends a request's reply, once; a request of an earlier session has nobody to answer to."""
        token = (request.frame.slot, request.frame.generation)
        if self.requests.get(token) is request:
            self._try_send(reply)
            del self.requests[token]

    def start(self, service, method, *arguments, named=None, timeout=10.0, wait=None, flags=0, within=None, credit=None):
        """Sends a request and returns the call. `wait` (seconds): for the name to appear. `within`: the request on
        whose behalf a handler calls. `credit`: of a stream, items and bytes."""
        options = {} if credit is None else {"credit": list(credit)}
        if wait is not None:
            flags |= wire.WAIT
            options["wait"] = int(1000 * wait)
        if within is not None:
            options["via"] = within.via + [wire.VIA.pack(self.session, within.frame.slot, within.frame.generation)]
        elements = (service, method, options) if options else (service, method)
        body = wire.pack(list(arguments) if named is None else named)
        return self.start_frame(Frame(wire.REQUEST, elements, body, flags=flags), timeout)

    def start_frame(self, frame, timeout):
        """Gives a frame a token that no other call in flight has, and sends it."""
        deadline = time.monotonic() + timeout
        if not self.session:
            self.connect(timeout)
        frame.remaining = max(0, int(1000 * (deadline - time.monotonic())))
        if frame.flags & wire.NOACK:           # nothing will come back, so no slot is taken
            self.send(frame)
            return None
        if not self.free_slots:
            raise HearthError(wire.RESOURCE_EXHAUSTED, "hearth.Limit", "too many calls in flight")
        self.generation = (self.generation + 1) & 0xffffffff
        frame.slot, frame.generation = self.free_slots.pop(), self.generation
        call = Call(self, frame.slot, frame.generation, deadline)
        try:
            self.send(frame)
        except HearthError:
            self.free_slots.append(frame.slot)
            raise
        self.calls[call.slot] = call
        return call

    def call(self, service, method, *arguments, **options):
        """Calls a method and returns its result, or raises HearthError."""
        return self.start(service, method, *arguments, **options).result()

    def stream(self, service, method, *arguments, window=(ITEMS, BYTES), timeout=10.0, **options):
        """Calls a method as a stream, and lets it send as much as the window has. The timeout is the longest silence."""
        call = self.start(service, method, *arguments, flags=wire.STREAM, credit=window, timeout=timeout, **options)
        call.stream = Stream(call, timeout)
        call.stream.open_end(self, call, window)
        return call.stream

    def oneway(self, service, method, *arguments, **options):
        """Returns when the request has been dispatched; nobody wants its result."""
        self.start(service, method, *arguments, flags=wire.ONEWAY, **options).result()

    def publish(self, service, event, value):
        """Publishes under a name of this session's, and returns the topic's number."""
        return self.start_frame(Frame(wire.PUBLISH, (service, event), wire.pack(value)), 10.0).result()

    def serve(self, name, handlers, **options):
        """Registers a name ("" for the unique name) with methods as handlers (request, …) declare them."""
        service = Service(handlers, options)
        answer = self.call("hearth", "register", name, service.options)
        self.services[name] = service
        return answer

    def observe(self, prefix, **options):
        """An observation of a topic, a service and a slash, a dotted prefix, or everything ("")."""
        if not self.session:
            self.connect()
        observation = Observation(self, prefix, **options)
        observation.open()
        self.observations.append(observation)
        return observation

    def publishing_address(self):
        """The XPUB address that fits the transport of the session; a host `*` is the host that was dialled."""
        dialled = urlsplit(self.broker)
        for address in self.welcome["publish"]:
            offered = urlsplit(address)
            if offered.scheme == dialled.scheme:
                return address.replace("//*:", f"//{dialled.netloc.rpartition(':')[0]}:")
        raise HearthError(wire.UNAVAILABLE, "hearth.BrokerGone", f"nothing is published over {dialled.scheme}")

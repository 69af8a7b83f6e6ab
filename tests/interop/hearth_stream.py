"""Streams of a Hearth peer: what a call carries between its dispatch and its end (docs/protocol.md, section 6.1).

Owns the accounts of credit and both ends of a stream: Stream is a caller's, Running a service's, whose handlers are
generators. Knows no socket: a peer sends and steps.
"""
import time
from dataclasses import dataclass, field

import hearth_wire as wire
from hearth_wire import Frame, HearthError

ITEMS, BYTES = 16, 65536           # what a receiver lets the other side send, unless told otherwise
END = object()                     # no more items come
TAKE = object()                    # what a handler yields that wants the next item of its caller


@dataclass
class Credit:
    """What this side may send."""
    items: int = 0
    bytes: int = 0

    @property
    def is_there(self):
        return self.items > 0 and self.bytes > 0

    def spend(self, size):
        self.items -= 1
        self.bytes -= size


@dataclass
class Inbox:
    """What came and was not taken, with the sizes that are granted anew once it was."""
    most: tuple = (ITEMS, BYTES)
    waiting: list = field(default_factory=list)
    taken: Credit = field(default_factory=Credit)
    has_ended: bool = False

    def put(self, frame):
        if frame.flags & wire.END:
            self.has_ended = True
        else:
            self.waiting.append(frame)

    def take(self):
        """The next item and what to grant for it and those before: (value, credit or None); END if there are no more."""
        if not self.waiting:
            return END, None
        frame = self.waiting.pop(0)
        self.taken.items += 1
        self.taken.bytes += len(frame.pack())
        try:
            return wire.unpack(frame.body), self._due()
        except ValueError as problem:
            raise HearthError(wire.INVALID_ARGUMENT, "python.BadItem", str(problem), None, wire.EXECUTED) from None

    def _due(self):
        """Half of the window at a time: a credit for each item would be twice the frames."""
        if 2 * self.taken.items < self.most[0] and 2 * self.taken.bytes < self.most[1]:
            return None
        due, self.taken = self.taken, Credit()
        return due


class End:
    """One end of a stream: its token, its flag, and both accounts."""
    up = 0                         # the flag of what this end sends

    def open_end(self, peer, frame, window):
        self.peer, self.frame = peer, frame
        self.may_send, self.inbox = Credit(), Inbox(tuple(window))

    def _send(self, kind, elements=(), body=b"\xc0", flags=0):
        frame = Frame(kind, elements, body, self.frame.slot, self.frame.generation, flags=flags | self.up)
        self.peer.send(frame)
        return len(frame.pack())

    def send_item(self, value):
        self.may_send.spend(self._send(wire.ITEM, (), wire.pack(value)))

    def grant(self, credit):
        if credit:
            self._send(wire.CREDIT, (credit.items, credit.bytes))

    def on_credit(self, frame):
        self.may_send.items += frame.elements[0]
        self.may_send.bytes += frame.elements[1]

    def on_item(self, frame):
        self.inbox.put(frame)


class Stream(End):
    """A caller's end. Iterating takes the items that come down; send() and end() say what goes up."""
    up = wire.UP

    def __init__(self, call, silence):
        self.call, self.silence = call, silence

    def __iter__(self):
        while True:
            while not self.inbox.waiting and not self.call.done:
                self._step()
            value, credit = self.inbox.take()
            if value is END:
                return
            if not self.call.done:
                self.grant(credit)
            yield value

    def send(self, value):
        """Waits for credit, and sends an item; raises what ended the call if it has ended."""
        while not self.may_send.is_there:
            if self.call.done:
                self.call.result()
                raise HearthError(wire.CANCELLED, "python.Ended", "the service has replied")
            self._step()
        self.send_item(value)
        self._extend()

    def end(self):
        """No more items go up."""
        self._send(wire.ITEM, flags=wire.END)
        self._extend()

    def cancel(self):
        self.call.cancel()

    def result(self):
        """What the service replied, or raises what went wrong; items that nobody took are dropped."""
        for _ in self:
            pass
        return self.call.result()

    def on_credit(self, frame):
        super().on_credit(frame)
        self._extend()

    def on_item(self, frame):
        super().on_item(frame)
        self._extend()

    def _extend(self):
        self.call.deadline = time.monotonic() + self.silence

    def _step(self):
        self.call.wait()


class Running(End):
    """A service's end: a generator that yields the items to send, or TAKE for the next one of its caller (END: there are no
    more), and returns the result."""

    def __init__(self, request, generator):
        self.request, self.generator = request, generator
        self.wanted = None                     # what the generator yielded: TAKE, or an item that was not sent yet
        self.is_over = self.has_granted = False

    def start(self, peer, window):
        self.open_end(peer, self.request.frame, window)
        self.may_send = first_credit(self.request.frame)
        self._resume()
        self.go_on()

    def on_credit(self, frame):
        super().on_credit(frame)
        self.go_on()

    def on_item(self, frame):
        super().on_item(frame)
        self.go_on()

    def cancel(self):
        self.generator.close()
        self._finish(HearthError(wire.CANCELLED, "hearth.Cancelled", "it was cancelled", None, wire.EXECUTED))

    def go_on(self):
        """Does what the generator waits for, as far as credit and items go."""
        while not self.is_over:
            if self.wanted is TAKE:
                if not self._take():
                    return
            elif self.may_send.is_there:
                self._give()
            else:
                return

    def _give(self):
        """Sends what the generator yielded, or tells it why that could not be sent."""
        try:
            self.send_item(self.wanted)
        except HearthError as error:
            self._resume(error=error)
        else:
            self._resume()

    def _take(self):
        """Hands the next item over; False if it has not come."""
        if not self.inbox.waiting and not self.inbox.has_ended:
            if not self.has_granted:
                self.has_granted = True
                self.grant(Credit(*self.inbox.most))
            return False
        try:
            value, credit = self.inbox.take()
        except HearthError as error:
            self._resume(error=error)
            return True
        if not self.inbox.has_ended:
            self.grant(credit)
        self._resume(value)
        return True

    def _resume(self, value=None, error=None):
        try:
            self.wanted = self.generator.throw(error) if error else self.generator.send(value)
        except StopIteration as stop:
            self._finish(value=stop.value)
        except HearthError as problem:
            self._finish(problem)
        except Exception as problem:           # a bug in the handler is the handler's, not the service's end
            self._finish(HearthError(wire.INTERNAL, "python." + type(problem).__name__, str(problem), None, wire.EXECUTED))

    def _finish(self, error=None, value=None):
        if self.is_over:
            return
        self.is_over = True
        try:
            self.request.fail(error) if error else self.request.reply(value)
        except HearthError as too_large:
            self.request.fail(too_large)


def first_credit(frame):
    """The option `credit` of a request; none if it is not there or no such list."""
    options = frame.elements[2] if len(frame.elements) > 2 else {}
    credit = options.get("credit") if isinstance(options, dict) else None
    if isinstance(credit, list) and len(credit) == 2 and all(type(each) is int and 0 <= each < 2**32 for each in credit):
        return Credit(*credit)
    return Credit()

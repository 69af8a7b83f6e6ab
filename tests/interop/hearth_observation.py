"""The observing half of a Hearth peer: a subscription and its account, docs/protocol.md, section 8.

Owns one SUB socket and the numbers by which it knows what it missed. Within an epoch, what is delivered and what is
reported lost add up to what was published since the observation began.
"""
import time
from collections import deque
from dataclasses import dataclass

import zmq

import hearth_wire as wire
from hearth_wire import HearthError

QUIET, QUIET_MOST = 1.0, 30.0      # seconds without traffic until the account is compared with the broker's


@dataclass
class Message:
    topic: str
    number: int
    time: int
    value: object
    retained: bool = False         # the last value from before the observation began


@dataclass
class Lost:
    """`count` notifications of the topic, up to `number`, are gone for good."""
    topic: str
    number: int
    count: int


@dataclass
class EpochEnded:
    """The broker was restarted: what it published after `number` of the old epoch is unknown."""
    epoch: int
    number: int


def value_of(body):
    """What was published; a body that is no value is delivered as it came, since it has its number, too."""
    try:
        return wire.unpack(body)
    except ValueError:
        return body


class Observation:
    def __init__(self, peer, prefix, receive_limit=1000):
        self.peer, self.prefix, self.receive_limit = peer, prefix.encode(), receive_limit
        self.socket = None
        self.frames, self.events = deque(), deque()
        self.account = {}          # topic -> [first, last]
        self.epoch = 0             # 0: the account has not begun
        self.number = 0            # the broker-wide number up to which the account is known to be whole
        self.seen = 0              # the highest broker-wide number that came
        self.marker = None
        self.check_at, self.interval = float("inf"), QUIET

    def open(self):
        """Subscribes at the session's broker; live when it returns. The account goes on if the epoch is the same."""
        self.close()
        self.socket = self.peer.context.socket(zmq.SUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.RCVHWM, self.receive_limit)
        self.socket.subscribe(self.prefix)
        self.socket.connect(self.peer.publishing_address())
        self._await_marker(time.monotonic() + 5)
        if self.epoch == 0:
            self._begin()
        elif self.epoch == self.peer.epoch:
            self.check()
        else:
            self._change_epoch()

    def close(self):
        if self.socket:
            self.receive()
            self.socket.close()
            self.socket = None

    @property
    def has_room(self):
        return len(self.frames) < self.receive_limit

    def receive(self):
        """Takes what the socket has. What libzmq drops when both are full is a gap in the account."""
        while self.has_room:
            try:
                notes = wire.unpack_notes(self.socket.recv(zmq.DONTWAIT))
            except zmq.Again:
                return
            except ValueError:
                continue
            for note in notes:
                self._take(note)

    def _take(self, note):
        if note.topic_number > 0:
            self.frames.append(note)
        elif note.topic == self.prefix:
            self.marker = note

    def _await_marker(self, deadline):
        self.marker = None
        while self.marker is None or self.marker.epoch != self.peer.epoch:
            left = deadline - time.monotonic()
            if left <= 0 or not self.socket.poll(1000 * left):
                raise HearthError(wire.UNAVAILABLE, "hearth.BrokerGone", "the subscription was not answered")
            self.receive()

    # -- the account

    def _topics(self, since):
        """[topic, first, last, retained] of all topics below the prefix with a number above `since`."""
        after, answer = "", {"next": ""}
        while answer["next"] is not None:
            answer = self.peer.call("hearth", "topics", self.prefix.decode(), since, after)
            yield from answer["topics"]
            after = answer["next"]
        self.number = answer["number"]

    def _begin(self):
        self.epoch = self.peer.epoch
        for topic, first, last, retained in list(self._topics(0)):
            self.account[topic] = [first, last]
            if retained:
                for item in self._history(topic, last, last):
                    self.events.append(Message(topic, item[0], item[2], value_of(item[3]), retained=True))
        self.seen = max(self.seen, self.number)

    def _change_epoch(self):
        """All of the new epoch belongs to this observation, since it began before."""
        while self.frames:
            self._on_note(self.frames.popleft())
        self.events.append(EpochEnded(self.epoch, self.seen))
        self.account, self.epoch, self.number, self.seen = {}, self.peer.epoch, 0, 0
        self.check()

    def check(self):
        """Compares the account with the broker's. It finds also what was lost at the end of a topic."""
        for topic, first, last, _ in list(self._topics(self.number)):
            entry = self._entry(topic, first)
            if entry and last > entry[1]:
                self._fill(topic, entry, last)

    def _entry(self, topic, first):
        """The account of a topic; one that comes back after it was forgotten has a higher first number."""
        entry = self.account.setdefault(topic, [first, first - 1])
        if first > entry[0]:
            entry[:] = [first, first - 1]
        return entry if first == entry[0] else None

    def _on_note(self, note):
        if note.epoch != self.epoch:
            return
        self.seen = max(self.seen, note.number)
        topic = note.topic.decode(errors="replace")
        entry = self._entry(topic, note.topic_first)
        if entry is None or note.topic_number <= entry[1]:
            return
        if note.topic_number > entry[1] + 1:
            self._fill(topic, entry, note.topic_number - 1)
        self._deliver(topic, entry, note.topic_number, note.time, note.body)
        self.interval = QUIET
        self.check_at = time.monotonic() + self.interval

    def _fill(self, topic, entry, to):
        """Delivers what the broker still has up to number `to`, and reports the rest lost."""
        for number, total, when, body in self._history(topic, entry[1] + 1, to):
            self.seen = max(self.seen, total)
            if entry[1] < number <= to:
                self._lose(topic, entry, number - 1)
                self._deliver(topic, entry, number, when, body)
        self._lose(topic, entry, to)

    def _history(self, topic, start, to):
        if self.epoch != self.peer.epoch:
            return
        more = True
        while more and start <= to:
            try:
                answer = self.peer.call("hearth", "history", topic, start, to)
            except HearthError as error:
                if error.code == wire.NOT_FOUND:
                    return
                raise
            yield from answer["items"]
            more = answer["more"] and answer["items"]
            start = answer["items"][-1][0] + 1 if more else to

    def _lose(self, topic, entry, number):
        if number > entry[1]:
            self.events.append(Lost(topic, number, number - entry[1]))
            entry[1] = number

    def _deliver(self, topic, entry, number, when, body):
        entry[1] = number
        self.events.append(Message(topic, number, when, value_of(body)))

    # -- what the program sees

    def next(self, timeout):
        """The next Message, Lost or EpochEnded, or None if none comes within timeout seconds."""
        deadline = time.monotonic() + timeout
        while not self.events:
            if self.frames:
                self._on_note(self.frames.popleft())
            elif not self.peer.session:
                self.peer.connect(max(0, deadline - time.monotonic()))
            elif time.monotonic() >= self.check_at:
                self.interval = min(2 * self.interval, QUIET_MOST)
                self.check_at = time.monotonic() + self.interval
                self.check()
            elif time.monotonic() >= deadline:
                return None
            else:
                self.peer.step(min(deadline, self.check_at) - time.monotonic())
        return self.events.popleft()

"""Frames and notifications of the Hearth protocol as bytes: docs/protocol.md, sections 2, 3, 4 and 8.2.

Owns the layout of everything that travels. Knows no socket, no session and no call.
"""
import re
import struct
from dataclasses import dataclass

import msgpack

HELLO, WELCOME, GOODBYE, REQUEST, REPLY, CANCEL, PUBLISH, PROBE, ITEM, CREDIT = range(1, 11)
ONEWAY, NOACK, WAIT, IDEMPOTENT, STREAM, END, UP = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40
NOT_EXECUTED, MAY_HAVE_EXECUTED, EXECUTED = 1, 2, 3

CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, RESOURCE_EXHAUSTED = 1, 3, 4, 5, 8
UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 12, 13, 14

VERSION = 1
NESTING = 32
NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
BLOCK = struct.Struct(">IIQII")   # slot, generation, session, remaining, flags
STAMP = struct.Struct(">QQQQQ")   # epoch, number, topic number, topic first, time
VIA = struct.Struct(">QII")       # session, slot, generation

#  What stands in a header after the block, at least.
ELEMENTS = {HELLO: (int, str, bytes, int), WELCOME: (int, int, str), GOODBYE: (int,), REQUEST: (str, str),
            REPLY: (int, int), CANCEL: (int,), PUBLISH: (str, str), PROBE: (), ITEM: (), CREDIT: (int, int)}


class HearthError(Exception):
    """A call that failed: what went wrong, and in `mark` whether the method ran."""

    def __init__(self, code, name, message="", details=None, mark=NOT_EXECUTED):
        super().__init__(f"{name}: {message}")
        self.code, self.name, self.message, self.details, self.mark = code, name, message, details, mark


@dataclass
class Frame:
    """A frame in its parts. The body stays packed: who forwards it never looks into it."""
    kind: int
    elements: tuple = ()
    body: bytes = b"\xc0"
    slot: int = 0
    generation: int = 0
    session: int = 0
    remaining: int = 0
    flags: int = 0

    def pack(self):
        block = BLOCK.pack(self.slot, self.generation, self.session, self.remaining, self.flags)
        return msgpack.packb([self.kind, block, *self.elements]) + self.body


def unpack_frame(data):
    """The frame in data; ValueError if it is none. Its body may be anything: a request must be answered all the same."""
    if len(data) < 28 or not 0x92 <= data[0] <= 0x9f or data[1] > 0x7f or data[2:4] != b"\xc4\x18":
        raise ValueError("not a frame")
    header_size = skip(data, 0, NESTING + 1)   # the list that the header is, and what its elements nest
    kind, block, *elements = unpack(data[:header_size], NESTING + 1)
    types = ELEMENTS.get(kind, ())
    if tuple(map(type, elements[:len(types)])) != types:
        raise ValueError(f"kind {kind} has other elements")
    return Frame(kind, tuple(elements), data[header_size:], *BLOCK.unpack(block))


def pack(value):
    return msgpack.packb(value)


def unpack(data, nesting=NESTING):
    """The value in data, which may come from anybody: ValueError if it is not exactly one. Text that is not UTF-8 is no
    reason to refuse the rest of a value."""
    if skip(data, 0, nesting) != len(data):
        raise ValueError("not one value")
    try:
        return msgpack.unpackb(data, strict_map_key=False, unicode_errors="replace")
    except TypeError as problem:               # a map whose key is a list
        raise ValueError(str(problem)) from None


def pack_error(name, message, details=None):
    return pack([name, message] if details is None else [name, message, details])


def unpack_error(code, mark, body):
    """The error that a reply or a goodbye carries."""
    try:
        name, message, *details = unpack(body)
        if NAME.fullmatch(name):
            return HearthError(code, name, str(message), details[0] if details else None, mark)
    except (ValueError, TypeError):
        pass
    return HearthError(INTERNAL, "hearth.Malformed", "an error without a name", None, MAY_HAVE_EXECUTED)


@dataclass
class Note:
    """What comes on the XPUB socket: a notification, or with topic number 0 a marker."""
    topic: bytes
    epoch: int
    number: int
    topic_number: int
    topic_first: int
    time: int
    body: bytes

    def stamped(self):
        return STAMP.pack(self.epoch, self.number, self.topic_number, self.topic_first, self.time) + self.body

    def pack(self):
        return self.topic + b"\0" + self.stamped()


def pack_notes(*notes):
    """Several of one topic in one message."""
    parts = [note.stamped() for note in notes]
    return notes[0].topic + b"\1" + b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def unpack_notes(data):
    """All of a message. ValueError if it is none; what cannot be read of several is left out."""
    end = next((at for at, byte in enumerate(data) if byte < 2), None)
    if end is None or (data[end] == 0 and len(data) <= end + STAMP.size):
        raise ValueError("no stamp")
    if data[end] == 0:
        return [_unstamp(data[:end], data[end + 1:])]
    notes, at = [], end + 1
    while at + 2 <= len(data):
        size = int.from_bytes(data[at:at + 2], "big")
        part, at = data[at + 2:at + 2 + size], at + 2 + size
        if STAMP.size <= len(part) == size:
            notes.append(_unstamp(data[:end], part))
    return notes


def unpack_note(data):
    note, = unpack_notes(data)
    return note


def _unstamp(topic, part):
    return Note(topic, *STAMP.unpack_from(part), part[STAMP.size:])


def skip(data, at, nesting):
    """The offset behind the value at `at`. Trusts no length or count, and reserves nothing for them: only bytes
    that passed here go to a decoder. ValueError if the value is cut off, is no msgpack, or nests deeper."""
    open_counts = [1]                          # values still to come, one entry a level
    while open_counts:
        if open_counts[-1] == 0:
            open_counts.pop()
            continue
        open_counts[-1] -= 1
        at, count = skip_item(data, at)
        if count is not None:
            open_counts.append(count)
            if len(open_counts) > nesting + 1:
                raise ValueError("nested too deep")
    return at


#  First bytes of msgpack items: how many bytes tell the length, and how many come besides (an extension's type).
SIZED = {0xc4: (1, 0), 0xc5: (2, 0), 0xc6: (4, 0), 0xc7: (1, 1), 0xc8: (2, 1), 0xc9: (4, 1),
         0xd9: (1, 0), 0xda: (2, 0), 0xdb: (4, 0)}
FIXED = {0xc0: 0, 0xc2: 0, 0xc3: 0, 0xca: 4, 0xcb: 8, 0xcc: 1, 0xcd: 2, 0xce: 4, 0xcf: 8, 0xd0: 1, 0xd1: 2, 0xd2: 4,
         0xd3: 8, 0xd4: 2, 0xd5: 3, 0xd6: 5, 0xd7: 9, 0xd8: 17}
COUNTED = {0xdc: (2, 1), 0xdd: (4, 1), 0xde: (2, 2), 0xdf: (4, 2)}


def skip_item(data, at):
    """The offset behind one item's own bytes, and for a list or map how many values it holds (else None)."""
    def number(size):
        if at + 1 + size > len(data):
            raise ValueError("cut off")
        return int.from_bytes(data[at + 1:at + 1 + size], "big")

    if at >= len(data):
        raise ValueError("cut off")
    first, count, end = data[at], None, at + 1
    if first in SIZED:
        size, besides = SIZED[first]
        end += size + besides + number(size)
    elif first in FIXED:
        end += FIXED[first]
    elif first in COUNTED:
        size, values = COUNTED[first]
        end, count = end + size, number(size) * values
    elif 0x80 <= first <= 0x8f:
        count = 2 * (first & 0x0f)
    elif 0x90 <= first <= 0x9f:
        count = first & 0x0f
    elif 0xa0 <= first <= 0xbf:
        end += first & 0x1f
    elif first == 0xc1:
        raise ValueError("0xc1 is no msgpack")
    if end + (count or 0) > len(data):
        raise ValueError("cut off")
    return end, count

"""The exchanges of docs/protocol.md, section 11, with fixed ids: the annotated bytes that stand there come from here.

    exchanges.py            prints the blocks
    exchanges.py --write    puts them into docs/protocol.md, each in place of the one with the same title

Knows the frames and how to annotate them. test_document.py holds the document against it.
"""
import json
import pathlib
import re
import sys

import msgpack

import hearth_wire as wire
from hearth_wire import Frame, Note, pack

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "protocol.md"
BLOCK = re.compile(r"^```hex\n# (.*)\n((?:.*\n)*?)```$", re.MULTILINE)

EPOCH = 0x0123456789ab
INSTANCE = bytes(range(0xa0, 0xb0))
TIME = 1767225600000               # 2026-01-01 00:00:00 UTC
SERVICE, CALLER = 1, 2             # session numbers
CALLER_TOKEN = {"slot": 7, "generation": 1}
BROKER_TOKEN = {"slot": 0, "generation": 0x51}
CALLER_STREAM = {"slot": 7, "generation": 3}
BROKER_STREAM = {"slot": 0, "generation": 0x52}
TOPIC = b"echo.server/said/"
ECHO = {"name": "echo", "parameters": "message: str", "result": "str"}
LIMITS = {"message": 1048576, "nesting": 32, "calls": 10000, "deadline": 86400000, "capacity": 1000, "names": 1000,
          "parked": 1000, "subscriptions": 10000, "granted": 10000, "granted_bytes": 67108864}
WELCOME = {"limits": LIMITS, "publish": ["tcp://*:9798"], "broker": "hearth-broker/0.1.0"}

EXCHANGES = [
    ("hello: service to broker",
     Frame(wire.HELLO, (1, "python-interop/1", INSTANCE, 1))),
    ("welcome: broker to service",
     Frame(wire.WELCOME, (1, EPOCH, f":{EPOCH:012x}.{SERVICE}"), pack(WELCOME), session=SERVICE)),
    ("register: service to broker",
     Frame(wire.REQUEST, ("hearth", "register"), pack(["echo.server", {"interface": {"methods": [ECHO]}}]),
           slot=0, generation=1, remaining=10000)),
    ("registered: broker to service",
     Frame(wire.REPLY, (0, 0), pack({"name": "echo.server", "number": 2}), slot=0, generation=1)),
    ("request: caller to broker",
     Frame(wire.REQUEST, ("echo.server", "echo"), pack(["HOLA"]), remaining=2000, **CALLER_TOKEN)),
    ("request: broker to service",
     Frame(wire.REQUEST, ("echo.server", "echo"), pack(["HOLA"]), session=CALLER, remaining=1999, **BROKER_TOKEN)),
    ("reply: service to broker",
     Frame(wire.REPLY, (0, 0), pack("HOLA"), **BROKER_TOKEN)),
    ("reply: broker to caller",
     Frame(wire.REPLY, (0, 0), pack("HOLA"), session=SERVICE, **CALLER_TOKEN)),
    ("call of an undeclared method: caller to broker",
     Frame(wire.REQUEST, ("echo.server", "shout"), pack(["HOLA"]), slot=7, generation=2, remaining=2000)),
    ("error: broker to caller",
     Frame(wire.REPLY, (12, wire.NOT_EXECUTED), wire.pack_error("hearth.NoSuchMethod", "echo.server has no shout"),
           slot=7, generation=2)),
    ("marker: broker to the subscribers of echo.server/",
     Note(b"echo.server/", EPOCH, 3, 0, 0, TIME, b"")),
    ("publish: service to broker",
     Frame(wire.PUBLISH, ("echo.server", "said"), pack("HOLA"), slot=1, generation=1)),
    ("notification: broker to the subscribers of echo.server/said/",
     Note(TOPIC, EPOCH, 4, 4, 4, TIME, pack("HOLA"))),
    ("published: broker to service",
     Frame(wire.REPLY, (0, 0), pack(4), slot=1, generation=1)),
    ("stream: caller to broker",
     Frame(wire.REQUEST, ("echo.server", "repeat", {"credit": [1, 4096]}), pack([]), remaining=2000, flags=wire.STREAM,
           **CALLER_STREAM)),
    ("stream: broker to service",
     Frame(wire.REQUEST, ("echo.server", "repeat", {"credit": [1, 4096]}), pack([]), session=CALLER, remaining=2000,
           flags=wire.STREAM, **BROKER_STREAM)),
    ("credit: service to broker",
     Frame(wire.CREDIT, (16, 65536), **BROKER_STREAM)),
    ("credit: broker to caller",
     Frame(wire.CREDIT, (16, 65536), session=SERVICE, remaining=2000, **CALLER_STREAM)),
    ("item up: caller to broker",
     Frame(wire.ITEM, (), pack("HOLA"), flags=wire.UP, **CALLER_STREAM)),
    ("item up: broker to service",
     Frame(wire.ITEM, (), pack("HOLA"), session=CALLER, remaining=2000, flags=wire.UP, **BROKER_STREAM)),
    ("item down: service to broker",
     Frame(wire.ITEM, (), pack("HOLA"), **BROKER_STREAM)),
    ("item down: broker to caller",
     Frame(wire.ITEM, (), pack("HOLA"), session=SERVICE, remaining=2000, **CALLER_STREAM)),
    ("credit: caller to broker",
     Frame(wire.CREDIT, (1, 33), flags=wire.UP, **CALLER_STREAM)),
    ("credit: broker to service",
     Frame(wire.CREDIT, (1, 33), session=CALLER, remaining=2000, flags=wire.UP, **BROKER_STREAM)),
    ("end of the items up: caller to broker",
     Frame(wire.ITEM, (), flags=wire.UP | wire.END, **CALLER_STREAM)),
    ("end of the items up: broker to service",
     Frame(wire.ITEM, (), session=CALLER, remaining=2000, flags=wire.UP | wire.END, **BROKER_STREAM)),
    ("cancel: caller to broker",
     Frame(wire.CANCEL, (0,), **CALLER_STREAM)),
    ("cancel: broker to service",
     Frame(wire.CANCEL, (0,), session=CALLER, **BROKER_STREAM)),
    ("cancelled: broker to caller",
     Frame(wire.REPLY, (1, wire.MAY_HAVE_EXECUTED), wire.pack_error("hearth.Cancelled", "the caller cancelled it"),
           **CALLER_STREAM)),
    ("cancelled: service to broker",
     Frame(wire.REPLY, (1, wire.EXECUTED), wire.pack_error("hearth.Cancelled", "it was cancelled"), **BROKER_STREAM)),
    ("goodbye: service to broker",
     Frame(wire.GOODBYE, (0,))),
]

KINDS = {wire.HELLO: "hello", wire.WELCOME: "welcome", wire.GOODBYE: "goodbye", wire.REQUEST: "request",
         wire.REPLY: "reply", wire.CANCEL: "cancel", wire.PUBLISH: "publish", wire.PROBE: "probe",
         wire.ITEM: "item", wire.CREDIT: "credit"}
ELEMENTS = {wire.HELLO: ("version", "library", "instance", "session count"),
            wire.WELCOME: ("version", "epoch", "unique name"), wire.GOODBYE: ("code",),
            wire.REQUEST: ("service", "method"), wire.REPLY: ("code", "mark"), wire.CANCEL: ("reason",),
            wire.PUBLISH: ("service", "event"), wire.ITEM: (), wire.CREDIT: ("items", "bytes")}
BLOCK_FIELDS = ((4, "slot"), (4, "generation"), (8, "session"), (4, "remaining"), (4, "flags"))
STAMP_FIELDS = ("epoch", "number", "topic number", "topic first", "time")


def lines_of(data, comment, depth=0):
    """Bytes as lines of at most twelve, with the comment beside the first."""
    rows = [data[at:at + 12] for at in range(0, len(data), 12)]
    for row in rows:
        text = "  " * depth + row.hex(" ")
        yield f"{text:<48}# {comment}" if row is rows[0] else text


def annotate_fields(data, fields, depth):
    at = 0
    for size, name in fields:
        yield from lines_of(data[at:at + size], f"{name} {int.from_bytes(data[at:at + size], 'big')}", depth)
        at += size


def annotate_value(data, at, label, depth, ends):
    """The value at `at`, one line for each item; appends the offset behind it to `ends`."""
    end, count = wire.skip_item(data, at)
    if count is None:
        value = msgpack.unpackb(data[at:end])
        shown = "nil" if value is None else f"{len(value)} bytes" if isinstance(value, bytes) else json.dumps(value)
        yield from lines_of(data[at:end], f"{label}{shown}", depth)
        ends.append(end)
        return
    is_map = 0x80 <= data[at] <= 0x8f or data[at] in (0xde, 0xdf)
    yield from lines_of(data[at:end], f"{label}map of {count // 2}" if is_map else f"{label}list of {count}", depth)
    ends.append(end)
    for number in range(count):
        role = ("value: " if number % 2 else "key: ") if is_map else ""
        yield from annotate_value(data, ends[-1], role, depth + 1, ends)


def annotate_frame(data):
    kind = data[1]
    yield from lines_of(data[:2], f"list of {data[0] & 0x0f}; kind {kind}, {KINDS[kind]}")
    yield from lines_of(data[2:4], "bin of 24: the block")
    yield from annotate_fields(data[4:28], BLOCK_FIELDS, 1)
    ends = [28]
    for name in ELEMENTS[kind]:
        yield from annotate_value(data, ends[-1], f"{name}: ", 0, ends)
    if data[0] & 0x0f > 2 + len(ELEMENTS[kind]):
        yield from annotate_value(data, ends[-1], "options: ", 0, ends)
    yield from annotate_value(data, ends[-1], "body: ", 0, ends)


def annotate_note(data):
    zero = data.index(0)
    yield from lines_of(data[:zero], f"topic {data[:zero].decode()}")
    yield from lines_of(data[zero:zero + 1], "the end of the topic")
    stamp_end = zero + 1 + wire.STAMP.size
    yield from annotate_fields(data[zero + 1:stamp_end], [(8, name) for name in STAMP_FIELDS], 0)
    if data[stamp_end:]:
        yield from annotate_value(data, stamp_end, "body: ", 0, [])


def annotate(message):
    annotated = annotate_note if isinstance(message, Note) else annotate_frame
    return "".join(line.rstrip() + "\n" for line in annotated(message.pack()))


def blocks_of(document):
    """Title -> annotated lines of the blocks in a text, in order."""
    return dict(BLOCK.findall(document))


def bytes_of(block):
    return bytes.fromhex("".join(line.partition("#")[0] for line in block.splitlines()))


def main():
    texts = {title: annotate(message) for title, message in EXCHANGES}
    if sys.argv[1:] == ["--write"]:
        document = DOCUMENT.read_text()
        DOCUMENT.write_text(BLOCK.sub(lambda found: f"```hex\n# {found[1]}\n{texts[found[1]]}```", document))
        return
    for title, text in texts.items():
        print(f"```hex\n# {title}\n{text}```\n")


if __name__ == "__main__":
    main()

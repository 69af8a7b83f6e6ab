"""A broker that talks nonsense can fail its peers' calls, but it ends none of them and makes none answer twice."""
import random
import struct

import fixture
from hostile_broker import HostileBroker, wire

NIL = b"\xc0"
BIG = (1 << 64) - 1
SCALARS = [None, True, -1, BIG, -(1 << 63), 1.5, float("nan"), "", "text", "a\0b", b"", b"bin", b"\x93"]
VALUES = SCALARS + [[], {}, [[]], {"": {}}, [BIG] * 4, {1: 2, None: 3, "a": [1]}, ["x"] * 300]
#  Bodies that a decoder must not be let loose on.
MALFORMED = [b"\xc1", b"\x91", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
             b"\xdd\x04\x00\x00\x00" + NIL, b"\x91" * 33 + NIL, b"\x81" * 40000, NIL + NIL, b"\xa5\xff\xfe", b"\xc9\xff\xff\xff\xff\x01"]
BODIES = [wire.pack(value) for value in VALUES] + MALFORMED


def maps(*keys):
    """Maps that have some of these keys, with all kinds of values."""
    return [wire.pack({key: value for key in keys}) for value in VALUES] + \
        [wire.pack({keys[0]: [value, [value] * 4, {key: value for key in keys}]}) for value in VALUES]


def frames(rng, count):
    """Frames of all kinds, somewhat like real ones, some of them cut or changed."""
    for _ in range(count):
        kind = rng.choice([0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 127])
        elements = rng.choice([(), (0,), (3, 1), (0, 0), (16, 3), ("hearth", "replaced"), ("echo.server", "echo"), (1, 7, ":0.1"),
                               (BIG, BIG), ("x" * 300, "y"), ({},), ("hearth", "replaced", {"wait": BIG})])
        data = bytearray(wire.Frame(kind, elements, rng.choice(BODIES), slot=rng.choice([0, 1, 63, 64, BIG >> 32]),
                                    generation=rng.choice([0, 1, 2, BIG >> 32]), session=rng.choice([0, 1, BIG]),
                                    remaining=rng.choice([0, 1, BIG >> 32]), flags=rng.choice([0, 1, 2, 4, 8, BIG >> 32])).pack())
        if rng.random() < 0.3:
            data[rng.randrange(len(data))] = rng.randrange(256)
        if rng.random() < 0.2:
            del data[rng.randrange(len(data)):]
        #  A goodbye ends the session, as it should; a request is answered, which is another test's.
        if len(data) < 2 or data[1] not in (wire.GOODBYE, wire.REQUEST):
            yield bytes(data)


class Nonsense(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = HostileBroker(self.folder())
        self.addCleanup(self.bus.close)
        self.tokens = 0

    def serve(self):
        server = self.program("echo_server", broker=self.bus)
        self.bus.drive(lambda: "hearth.register" in self.bus.asked, server)
        return server

    def request(self, body, service="echo.server", method="echo", options=(), **fields):
        """Sends a request to the service; returns its one reply."""
        self.tokens += 1
        slot = self.tokens
        self.bus.send(wire.Frame(wire.REQUEST, (service, method, *options), body, slot=slot, generation=7,
                                 **{"session": 1, "remaining": 20000, **fields}).pack())
        self.bus.drive(lambda: any(reply.slot == slot for reply in self.bus.replies))
        return next(reply for reply in self.bus.replies if reply.slot == slot)

    def assert_serves(self):
        reply = self.request(wire.pack(["HOLA"]))
        self.assertEqual((reply.elements, reply.body), ((0, 0), wire.pack("HOLA")))

    def test_a_service_answers_every_request_once(self):
        self.serve()
        for body in BODIES:
            with self.subTest(body=body[:20]):
                self.assertEqual(self.request(body).elements, (wire.INVALID_ARGUMENT, wire.NOT_EXECUTED) if body != wire.pack(["x"])
                                 else (0, 0))
        self.assertEqual(self.request(wire.pack(["x"]), remaining=0).elements[0], wire.DEADLINE_EXCEEDED)
        for fields in ({"service": "nobody"}, {"method": "nothing"}, {"service": ""}, {"service": ":0.0", "method": ""}):
            self.assertEqual(self.request(wire.pack(["x"]), **fields).elements[1], wire.NOT_EXECUTED)
        for via in SCALARS + [[b""], [b"x" * 16] * 40, [[b"x" * 16]], {"a": 1}]:
            self.assertEqual(self.request(wire.pack(["x"]), options=({"via": via},)).elements, (0, 0))
        self.assertEqual(self.request(wire.pack(["x"]), flags=wire.ONEWAY).body, NIL)
        self.assert_serves()
        slots = [reply.slot for reply in self.bus.replies]
        self.assertEqual(len(slots), len(set(slots)))

    def test_a_service_takes_whatever_comes(self):
        server = self.serve()
        rng = random.Random(1)
        for index, message in enumerate(frames(rng, fixture.repetitions(3000))):
            self.bus.send(message)
            if index % 100 == 0:
                self.assert_serves()
        self.assert_serves()
        self.assertEqual(server.terminate(), 0)

    def test_a_welcome_that_is_none_is_tried_again(self):
        good = wire.pack({"limits": {}, "publish": []})

        def welcome(elements, body=good):
            return [wire.Frame(wire.WELCOME, elements, body, session=1).pack()]

        self.bus.welcomes = [welcome((1, 5, ":5.1"), body) for body in (NIL, b"\xdd\xff\xff\xff\xff", wire.pack({"a": "x" * 70000}))]
        self.bus.welcomes += [welcome((BIG, BIG, "")), [wire.Frame(wire.GOODBYE, (9,), body).pack() for body in MALFORMED + [NIL]],
                              [wire.Frame(wire.GOODBYE, (0,), wire.pack(["hearth.StaleSession", "\x1b[31mred"])).pack()]]
        server = self.serve()
        self.assertNotIn("\x1b", server.stderr)
        self.assertEqual(self.bus.welcomes, [])
        self.assert_serves()

    def test_limits_and_addresses_of_a_welcome_are_not_believed(self):
        for value in VALUES:
            with self.subTest(value=value):
                self.bus.welcomes = [[self.bus.welcome(limits={"message": value, "calls": value, "deadline": value, "capacity": value},
                                                       publish=[value, value, "tcp://*:*", "ipc://" + "x" * 600, self.bus.publishing])]]
                client = self.program("echo_client", "--timeout", "1s", broker=self.bus)
                self.assertIn(self.bus.drive_to_end(client), (0, 1, 4), client.stderr)

    def test_programs_that_ask_take_every_answer(self):
        asking = [("hearth", "list"), ("hearth", "describe", "a.b"), ("hearth", "call", "a.b", "m", "1", "x=2"), ("hearth", "ping"),
                  ("remote_object_client",), ("notify",)]
        bodies = BODIES + maps("names", "next") + maps("methods", "events", "metadata", "doc", "name", "mode", "flags", "parameters")
        for index, body in enumerate(random.Random(2).sample(bodies, len(bodies) // min(fixture.SCALE, 5))):
            self.bus.answers = {"*": lambda request, body=body: body}
            program = self.program(*asking[index % len(asking)], broker=self.bus)
            with self.subTest(program=program.argv, body=body[:60]):
                self.assertIn(self.bus.drive_to_end(program), (0, 1, 2), program.stderr)

    def test_a_list_without_an_end_ends_with_its_reader(self):
        names = (f"name-{number:09}" for number in range(10**9))
        self.bus.answers = {"hearth.list": lambda request: wire.pack({"names": [], "next": next(names), "number": 0})}
        program = self.program("/bin/sh", "-c", 'exec "$0" list >/dev/full', fixture.BUILD / "bin" / "hearth", broker=self.bus)
        self.assertEqual(self.bus.drive_to_end(program), 1)

    def test_errors_and_strangers_answers_do_a_caller_no_harm(self):
        def answer(request):
            for slot in (request.slot + 1, 63, 64, 10000, BIG >> 32):
                self.bus.reply(request, wire.pack("foreign"), slot=slot)
            self.bus.reply(request, wire.pack("foreign"), generation=request.generation + 1)
            for message in frames(random.Random(3), 200):
                if message[1:2] != b"\x05":
                    self.bus.send(message)
            return wire.pack("mine")

        self.bus.answers = {"echo.server.echo": answer}
        client = self.program("echo_client", broker=self.bus)
        self.assertEqual((self.bus.drive_to_end(client), client.stdout), (0, "mine\n"), client.stderr)
        for body in BODIES + [wire.pack([name, text]) for name in ("hearth.Limit", "", "x" * 70000) for text in ("%s%n", "y" * 70000)]:
            self.bus.answers = {"echo.server.echo": lambda request, body=body: self.bus.reply(request, body, 13, 3)}
            client = self.program("echo_client", broker=self.bus)
            self.assertEqual(self.bus.drive_to_end(client), 1, client.stderr)


class Early(fixture.TestCase):
    def test_an_observer_that_has_enough_before_it_is_registered_ends(self):
        bus = HostileBroker(self.folder())
        self.addCleanup(bus.close)

        def register(request):
            bus.note(Observed.TOPIC, 1, 1, wire.pack("early"))
            return bus.honest(request)
        bus.answers["example.observable.register_observer"] = register
        observer = self.program("observer", "--count", "1", broker=bus)
        bus.drive(lambda: "example.observable.register_observer" in bus.asked, observer)
        self.assertEqual(observer.wait(), 0)


class Observed(fixture.TestCase):
    TOPIC = b"example.observable/message/"

    def setUp(self):
        super().setUp()
        self.bus = HostileBroker(self.folder())
        self.addCleanup(self.bus.close)
        self.observer = self.program("observer", broker=self.bus)
        self.bus.drive(lambda: "example.observable.register_observer" in self.bus.asked, self.observer)
        self.observer.wait_for_line("ready")
        self.published = 0

    def publish(self, number, body, **changes):
        """One more than is needed makes a gap."""
        self.published = number
        self.bus.note(self.TOPIC, number, 1, wire.pack(body), **changes)

    def assert_observes(self):
        """What is published next comes in the end, whatever became of what was before."""
        self.bus.answers = {}
        text = f"message {self.published}"
        self.bus.answers["hearth.history"] = lambda request: wire.pack(
            {"first": 1, "last": self.published, "items": [[self.published, 1, 1, wire.pack(text)]], "more": False})
        self.publish(self.published + 1, text)
        self.bus.drive(lambda: f"{text}\n" in self.observer.stdout or "hearth.history" in self.bus.asked, self.observer)
        self.observer.wait_for_line(text)

    def test_stamps_may_say_anything(self):
        numbers = [0, 1, 2, 1 << 63, BIG - 1, BIG]
        for topic in (b"", b"/", b"example.observable/", b"hearth/name/", b"x" * 600 + b"/y/", b"example.observable/other/"):
            for number in numbers:
                for first in numbers:
                    for body in (b"", NIL, b"\xc1"):
                        self.bus.note(topic, number, first, body, number=first, time=number)
        for epoch in (0, BIG):
            self.bus.note(self.TOPIC, 1, 1, NIL, epoch=epoch)
        self.bus.xpub.send(self.TOPIC)
        self.bus.xpub.send(self.TOPIC + b"\0" + struct.pack(">Q", self.bus.epoch))
        self.bus.xpub.send_multipart([self.TOPIC, b"", NIL])
        self.assert_observes()

    def test_what_comes_together_may_be_anything(self):
        #  Of another epoch, so that no number counts.
        note = wire.Note(self.TOPIC, BIG, 1, 1, 1, 1, wire.pack("first"))
        whole = wire.pack_notes(note, wire.Note(self.TOPIC, BIG, 2, 2, 1, 1, wire.pack("second")), note)
        for at in range(len(self.TOPIC), len(whole)):
            self.bus.xpub.send(whole[:at])
            self.bus.xpub.send(whole[:at] + bytes([whole[at] ^ 0xff]) + whole[at + 1:])
        for rest in (b"", b"\0", b"\0\0", b"\xff\xff", b"\0\x05hello", b"\xff" * 3000):
            self.bus.xpub.send(self.TOPIC + b"\1" + rest)
        self.bus.number = self.published = 2
        self.assert_observes()

    def test_what_comes_together_is_told_in_its_order(self):
        notes = [wire.Note(self.TOPIC, self.bus.epoch, number, number, 1, 1, wire.pack(f"message {number}")) for number in range(1, 101)]
        for at in range(0, 100, 10):
            self.bus.xpub.send(wire.pack_notes(*notes[at:at + 10]))
        self.observer.wait_for_line("message 100")
        self.assertEqual(self.observer.stdout.splitlines()[1:], [f"message {number}" for number in range(1, 101)])

    def test_events_of_the_directory_may_be_anything(self):
        first = self.bus.number + 1
        for index, body in enumerate(BODIES + maps("name", "change", "session", "previous") +
                                     [wire.pack({"name": "example.observable", "change": value, "session": value, "previous": value})
                                      for value in VALUES]):
            self.bus.note(b"hearth/name/", first + index, first, body)
        self.assert_observes()

    def test_the_history_may_be_anything(self):
        items = [lambda _, value=value: value for value in VALUES] + [lambda _, value=value: [value] for value in VALUES] + \
            [lambda missed, value=value: [missed, value, value, value] for value in VALUES] + [lambda _: [BIG, BIG, BIG, NIL]]
        answers = [lambda missed, item=item, value=value: wire.pack({"items": [item(missed)] * 2, "more": value, "first": value})
                   for item, value in zip(items, VALUES * 4)]
        answers += [lambda _, body=body: body
                    for body in maps("items", "more") + BODIES[:len(VALUES) + 2]]    # it rests after what it cannot read
        answers = iter(answers)
        left = True

        def answer(_request):
            nonlocal left
            make = next(answers, None)
            left = make is not None
            body = make(self.published - 1) if left else self.bus.honest(_request)
            if left:            # another gap: there will be another question
                self.publish(self.published + 2, "gap")
            return body

        self.bus.answers = {"hearth.history": answer}
        self.publish(2, "gap")
        self.bus.drive(lambda: not left, self.observer)
        self.assert_observes()


if __name__ == "__main__":
    fixture.main()

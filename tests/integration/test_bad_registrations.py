"""Registrations that docs/protocol.md, section 7, does not allow: each is refused, and leaves nothing behind."""
import fixture
import hostile
import msgpack
from hostile import NIL, PUBLISH, REQUEST, frame, request, text


def nested(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


class BadRegistrations(hostile.TestCase):
    def assert_refused(self, raw, name, *arguments):
        for each in arguments:
            body = msgpack.packb(each)
            self.assert_answered(name, raw, frame(REQUEST, text("hearth"), text("register"), body=body))
        self.assertEqual([each["name"] for each in self.caller.call("hearth", "list")["names"]], ["honest"])

    def test_names_that_are_reserved_or_no_names_are_refused(self):
        self.start()
        raw = self.raw()
        names = ["hearth", "hearth.x", "hearth.x.y", ":", raw.welcome.elements[2], self.service.unique_name, ".", ".a", "a.", "a..b",
                 "a b", "a/b", "a:b", "é", "a\0", "\n", "x" * 256, "x." * 128 + "x", "*", "%s"]
        self.assert_refused(raw, "hearth.BadArguments", *[[name] for name in names])

    def test_arguments_that_do_not_fit_are_refused(self):
        self.start()
        self.assert_refused(self.raw(), "hearth.BadArguments", [], [1], [None], [b"name"], ["name", 1], ["name", []], ["name", {}, 1],
                            {}, {"nam": "x"}, {"name": 1}, {"name": "x", "more": 1}, 1, "name", None)

    def test_options_that_do_not_fit_are_refused(self):
        self.start()
        options = [{"mode": "other"}, {"mode": 1}, {"mode": ""}, {"capacity": 0}, {"capacity": -1}, {"capacity": "1"}, {"capacity": 1.5},
                   {"capacity": None}, {"metadata": "x"}, {"metadata": 5}, {"metadata": ["x"]}, {"metadata": {"k": 1}},
                   {"metadata": {1: "v"}}, {"metadata": {"k": {}}}]
        self.assert_refused(self.raw(), "hearth.BadArguments", *[["name", each] for each in options])

    def test_interfaces_that_do_not_fit_are_refused(self):
        self.start()
        method = {"name": "m"}
        interfaces = [1, "x", [], {"methods": 1}, {"methods": {}}, {"methods": [1]}, {"methods": [{}]}, {"methods": [{"name": ""}]},
                      {"methods": [{"name": "a b"}]}, {"methods": [{"name": 1}]}, {"methods": [{"name": "x" * 256}]},
                      {"methods": [method, method]}, {"methods": [{"name": "m", "flags": 1}]}, {"methods": [{"name": "m", "flags": [1]}]},
                      {"methods": [{"name": "m", "doc": 1}]}, {"methods": [{"name": "m", "parameters": []}]}, {"doc": 1},
                      {"events": [{}]}, {"events": [{"name": "a/b"}]}, {"events": [method, method]}, {1: 2}]
        self.assert_refused(self.raw(), "hearth.BadArguments", *[["name", {"interface": each}] for each in interfaces])

    def test_text_that_is_not_utf_8_is_refused_since_others_would_be_told_it(self):
        self.start()
        raw = self.raw()
        bad = b"\xa2\xff\xfe"
        options = [b"\x81\xa8metadata\x81\xa1k" + bad, b"\x81\xa8metadata\x81" + bad + b"\xa1v", b"\x81\xa9interface\x81\xa3doc" + bad]
        options += [b"\x81\xa9interface\x81" + kind + b"\x91\x82\xa4name\xa1m" + key + bad
                    for kind, key in ((b"\xa7methods", b"\xa3doc"), (b"\xa7methods", b"\xaaparameters"), (b"\xa6events", b"\xa4type"))]
        self.assert_answered("hearth.BadArguments", raw, *[frame(REQUEST, text("hearth"), text("register"), body=b"\x92" + text("raw") + each)
                                                           for each in options])

    def test_errors_about_names_that_are_no_text_are_text(self):
        self.start()
        raw = self.raw()
        for message in (request(b"\xff\xfe", "x"), request("honest", b"\xff\xfe"), request("hearth", b"\xff"),
                        request("hearth", "lookup", text(b"\xff")), request("hearth", "register", text("x" * 253 + "é" * 3)),
                        frame(PUBLISH, text(b"\xff"), text("x")), frame(PUBLISH, text("honest"), text(b"\xff"))):
            raw.send(message)
            with self.subTest(message=message[28:]):
                msgpack.unpackb(raw.receive().body, unicode_errors="strict")

    def test_nesting_beyond_the_limit_is_refused(self):
        self.start()
        raw = self.raw()
        for levels in (31, 32, 33, 1000):
            with self.subTest(levels=levels):
                raw.send(frame(REQUEST, text("hearth"), text("register"), body=msgpack.packb(["name", {"future": nested(levels)}])
                               if levels < 500 else b"\x92" + text("name") + b"\x91" * levels + NIL))
                self.assertIn(raw.error()[2], ("hearth.BadArguments", "hearth.Limit"))
        self.assert_work_goes_on()

    def test_options_that_are_not_known_are_ignored(self):
        self.start()
        raw = self.raw()
        raw.send(frame(REQUEST, text("hearth"), text("register"), body=msgpack.packb(["raw", {"future": {"x": [1]}, 1: 2}])))
        self.assertEqual(raw.receive().elements, (0, 0))
        self.assertEqual(self.caller.call("hearth", "lookup", "raw")["owners"], [raw.welcome.elements[2]])

    def test_a_name_that_is_taken_is_refused_in_every_mode(self):
        self.start()
        modes = [{}, {"replace": True}, {"mode": "replaceable", "replace": True}, {"mode": "shared"}]
        raw = self.raw()
        for mode in modes:
            self.assert_answered("hearth.NameTaken", raw, frame(REQUEST, text("hearth"), text("register"),
                                                                body=msgpack.packb(["honest", mode])))

    def test_other_methods_of_the_directory_refuse_what_does_not_fit(self):
        self.start()
        raw = self.raw()
        for method, *arguments in (("unregister", [], [1], ["a", "b"]), ("lookup", [], [1]), ("describe", [], [1]), ("list", [1], ["", 1],
                                   ["", "", "x"]), ("topics", [], [1], ["", "x"], ["", 0, 1]), ("history", [], ["t"], ["t", 1], [1, 1, 1],
                                   ["t", "1", 2]), ("stats", [1]), ("ping", [1, 2])):
            self.assert_answered("hearth.BadArguments", raw, *[frame(REQUEST, text("hearth"), text(method), body=msgpack.packb(each))
                                                               for each in arguments])
        self.assert_answered("hearth.NoSuchMethod", raw, *[request("hearth", method) for method in ("", "Register", "x" * 255, "a b")])

    def test_numbers_at_their_edges_are_answered(self):
        self.start()
        raw = self.raw()
        edges = [0, 1, 2**31, 2**32, 2**63 - 1, 2**63, 2**64 - 1, -1, -2**63]
        for slot, (start, to) in enumerate((start, to) for start in edges for to in edges):
            raw.send(frame(REQUEST, text("hearth"), text("history"), body=msgpack.packb(["hearth/name/", start, to]), slot=slot))
            self.assertEqual(raw.receive().slot, slot)
        for slot, edge in enumerate(edges):
            for method, arguments in (("topics", ["", edge]), ("list", ["", "", edge])):
                raw.send(frame(REQUEST, text("hearth"), text(method), body=msgpack.packb(arguments), slot=slot))
                self.assertEqual(raw.receive().slot, slot)
        self.assert_work_goes_on()


if __name__ == "__main__":
    fixture.main()

"""The command-line tool with services that are not ours: undeclared, many, and hostile to terminals."""
import pathlib
import sys

import fixture

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

import interop  # noqa: E402
from hearth_peer import HearthError  # noqa: E402
from hearth_service import Service  # noqa: E402

OUTSIDE_OF_TEXT = r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]"
NASTY = "one\x1b[31m\ntwo\r\u009b2J\u202e\x07"


class Strangers(interop.TestCase):
    def start(self, *options):
        self.bus = self.broker(*options)
        self.service = self.peer(self.bus)

    def hearth(self, *words):
        """Runs the tool to its end, while the service answers."""
        program = self.program("hearth", *words, broker=self.bus)
        while program.code is None:
            self.service.step(0.05)
        program.wait()
        return program

    def test_a_list_of_many_pages_is_whole(self):
        self.start("--max-message", "4k")
        names = [f"service.number-{number:03}" for number in range(200)]
        for name in names:
            self.service.serve(name, {})
        listed = self.hearth("list")
        self.assertEqual((listed.stderr, listed.code), ("", 0))
        lines = listed.stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["NAME"] + names)

    def test_arguments_of_an_undeclared_method_are_read_by_their_looks(self):
        self.start()
        received = []
        self.service.call("hearth", "register", "free", {})
        self.service.services["free"] = Service({"take": lambda request, *arguments: received.extend(arguments)}, {})
        described = self.hearth("describe", "free")
        self.assertIn("takes any", described.stdout)
        taken = self.hearth("call", "free", "take", "1", "-2.5", "true", "nil", "plain", '{"a": [1, null]}', "", "a=1")
        self.assertEqual((taken.stdout, taken.stderr, taken.code), ("null\n", "", 0))
        self.assertEqual(received, [1, -2.5, True, None, "plain", {"a": [1, None]}, "", "a=1"])

    def test_what_a_service_says_does_not_reach_the_terminal_raw(self):
        self.start()

        def fail(_request):
            raise HearthError(9, "stranger.Error", NASTY)

        methods = {"fail": fail, "say": lambda request: NASTY, "tell": lambda request: {NASTY: [NASTY]}}
        interface = {"doc": NASTY, "methods": [{"name": name, "doc": NASTY} for name in methods], "events": [{"name": "event", "doc": NASTY}]}
        self.service.serve("stranger", methods, metadata={"key": NASTY}, interface=interface)
        for words in ["describe", "stranger"], ["call", "stranger", "say"], ["call", "stranger", "tell"], ["call", "stranger", "fail"]:
            with self.subTest(words=words):
                program = self.hearth(*words)
                self.assertNotRegex(program.stdout + program.stderr, OUTSIDE_OF_TEXT)
                self.assertIn("one", program.stdout + program.stderr)
                if words[0] == "call":
                    self.assertEqual(len((program.stdout + program.stderr).splitlines()), 1)
        self.assertEqual(self.hearth("call", "stranger", "fail").code, 1)

    def test_each_type_has_a_notation(self):
        self.start()
        values = {"null": None, "true": True, "-1": -1, "18446744073709551615": 2**64 - 1, "2.5": 2.5, "h'00ff'": b"\0\xff",
                  "[]": [], '{"a": [1]}': {"a": [1]}, "text": "text", "": "", '"\\"quoted\\""': '"quoted"'}
        self.service.serve("typed", {"answer": lambda request, index: list(values.values())[index]})
        for index, notation in enumerate(values):
            with self.subTest(notation=notation):
                self.assertEqual(self.hearth("call", "typed", "answer", index).stdout, notation + "\n")


if __name__ == "__main__":
    fixture.main()

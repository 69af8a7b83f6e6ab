"""What hearth-broker makes of its command line and configuration file: mistakes end it with 2 and one line on stderr."""
import os
import re

import fixture

SERVES = ("--bind", "tcp://127.0.0.1:*")


class Options(fixture.TestCase):
    def refused(self, *arguments, directory=None):
        """The one line that it says."""
        broker = self.run_program("hearth-broker", *arguments, directory=directory)
        self.assertEqual((broker.code, broker.stdout), (2, ""), broker.transcript())
        self.assertRegex(broker.stderr, r"\Ahearth-broker: [^\n]+\n\Z")
        return broker.stderr

    def file(self, text):
        path = os.path.join(self.folder(), "broker.conf")
        with open(path, "w") as file:
            file.write(text)
        return path

    def refused_file(self, text):
        path = self.file(text)
        line = self.refused("--config", path)
        self.assertIn(path, line)
        return line

    def test_an_unknown_option_is_refused_and_points_at_the_help(self):
        for word in ("--bnd", "--bin", "-b", "word", "--", "--heartbeat"):
            with self.subTest(word=word):
                line = self.refused(word, "x")
                self.assertIn(word, line)
                self.assertIn("--help", line)

    def test_a_value_that_is_missing_or_not_wanted_is_refused(self):
        self.assertIn("--bind", self.refused("--bind"))
        self.assertIn("--allow-anonymous=yes", self.refused("--allow-anonymous=yes"))

    def test_values_that_make_no_sense_are_refused_by_name(self):
        for option, value in (("--bind", "nonsense"), ("--bind", "inproc://x"), ("--bind", "tcp://127.0.0.1"),
                              ("--bind", "tcp://127.0.0.1:99999"), ("--publish", "hearth://h:1"), ("--advertise-publish", "x"),
                              ("--settle", "soon"), ("--settle", "-1"), ("--settle", "2h"), ("--log-level", "loud"),
                              ("--ready-fd", "x"), ("--ready-fd", "99"), ("--max-calls", "0"), ("--max-message", "1T"),
                              ("--hello-timeout", ""), ("--spare-fds", "65536")):
            with self.subTest(option=option, value=value):
                arguments = SERVES + (option, value)
                if option == "--spare-fds":
                    arguments = ("-c", 'ulimit -n 200; exec "$0" "$@"', fixture.BUILD / "bin" / "hearth-broker", *arguments)
                    broker = self.run_program("/bin/sh", *arguments)
                    self.assertEqual(broker.code, 2)
                    self.assertIn(option, broker.stderr)
                else:
                    self.assertIn(option, self.refused(*arguments))

    def test_other_machines_are_not_served_without_being_told_to(self):
        for option in ("--bind", "--publish"):
            for address in ("tcp://0.0.0.0:*", "tcp://*:*", "tcp://[::]:*", "tcp://192.0.2.1:9797"):
                with self.subTest(option=option, address=address):
                    line = self.refused(option, address)
                    self.assertIn(option + " " + address, line)
                    self.assertIn("--allow-anonymous", line)

    def test_a_file_says_what_options_say_and_the_command_line_has_priority(self):
        path = self.file('bind = "tcp://127.0.0.1:1"  # taken over\npublish = "ipc://first"\npublish = "ipc://second"\n'
                         "settle = 0\nlog-level = warning\nmax-calls = 7\nallow-anonymous = false\n")
        broker = self.broker("--config", path, publish="ipc://only")
        self.assertEqual((len(broker.binds), broker.publishes), (1, ["ipc://only"]))
        self.assertEqual(broker.terminate(), 0)
        self.assertEqual(broker.stderr, "")

    def test_mistakes_in_a_file_are_told_by_file_and_key(self):
        self.assertIn('"bnd"', self.refused_file("bnd = x\n"))
        self.assertIn('"config"', self.refused_file("config = x\n"))
        self.assertIn("max-calls", self.refused_file("max-calls = none\n"))
        self.assertIn('"max-calls"', self.refused_file("max-calls\n    below = 1\n"))
        self.assertIn("line 2", self.refused_file('settle = 0\nbind = "tcp://127.0.0.1:1\n'))
        self.assertIn("--config", self.refused("--config", "/nowhere/broker.conf"))
        self.assertIn("--config", self.refused("--config", "/"))
        self.assertIn("--config", self.refused("--config", self.file("#" * 100000)))
        self.assertIn("zero byte", self.refused_file("settle = 0\n\0allow-anonymous = maybe\n"))

    def test_what_was_given_is_repeated_on_one_line_without_control_characters(self):
        for arguments in (["--\x1b[31m\n"], ["--bind", "tcp://a\nb\x07"], ["--settle", "\x9b\udcff"], ["--config", "/no\nwhere"]):
            with self.subTest(arguments=arguments):
                self.assertNotRegex(self.refused(*arguments)[:-1], r"[\x00-\x1f\x7f-\x9f\ufffd]")
        self.assertIn("/ümlaut", self.refused("--config", "/ümlaut"))

    def test_the_example_in_docs_holds_every_key_with_its_default(self):
        with open(fixture.ROOT / "docs" / "hearth-broker.conf") as file:
            text = file.read()
        helped = self.run_program("hearth-broker", "--help").stdout
        keys = set(re.findall(r"^  --([a-z-]+)", helped, re.M)) - {"config", "help", "version"}
        self.assertEqual(keys, set(re.findall(r"^#?\s?([a-z-]+)\s+=", text, re.M)))
        active = re.sub(r"^#\s?([a-z-]+\s+=)", r"\1", text, flags=re.M)
        active = re.sub(r"^(bind|publish|advertise-publish|ready-fd)\b.*", "", active, flags=re.M)
        for each in (text, active):
            broker = self.broker("--config", self.file(re.sub(r"^bind\b.*", "", each, flags=re.M)))
            self.assertEqual(broker.terminate(), 0)

    def test_the_manual_knows_every_option(self):
        with open(fixture.ROOT / "docs" / "man" / "hearth-broker.8") as file:
            manual = file.read().replace("Fl \\-", "--").replace("\\-", "-")
        for option in re.findall(r"^  (--[a-z-]+)", self.run_program("hearth-broker", "--help").stdout, re.M):
            self.assertIn(option, manual)

    def test_the_help_fits_a_terminal(self):
        broker = self.run_program("hearth-broker", "--help")
        self.assertEqual((broker.code, broker.stderr), (0, ""))
        for line in broker.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)
            self.assertEqual(line, line.rstrip())

    def test_the_version_is_one_line(self):
        broker = self.run_program("hearth-broker", "--version")
        self.assertEqual(broker.code, 0)
        self.assertRegex(broker.stdout, r"\Ahearth-broker \(Hearth\) \d+\.\d+\.\d+\n\Z")

    def test_help_and_version_that_cannot_be_written_are_1(self):
        for option in "--help", "--version":
            broker = self.run_program("/bin/sh", "-c", f'exec "$0" {option} >/dev/full', fixture.BUILD / "bin" / "hearth-broker")
            self.assertEqual(broker.code, 1)
            self.assertIn("standard output", broker.stderr)


if __name__ == "__main__":
    fixture.main()

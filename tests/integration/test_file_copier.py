"""The file copier: what goes over is the same, what is interrupted leaves nothing behind, and nothing leads out of the folder."""
import os
import pathlib
import re
import signal
import time

import fixture

HUGE = 1 << 30  # of a sparse file: its copy is under way for long enough to be interrupted


class Files(fixture.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = self.broker()
        self.here = pathlib.Path(self.folder())
        self.there = pathlib.Path(self.folder())
        self.server = self.start_server()

    def start_server(self, *options, folder=None):
        return self.program("file_server", *options, folder or self.there, broker=self.bus, ready="files")

    def client(self, *words):
        return self.run_program("file_client", *words, broker=self.bus, directory=self.here)

    def call(self, *words):
        return self.run_program("hearth", "call", "files", *words, broker=self.bus)

    def does(self, *words):
        program = self.client(*words)
        self.assertEqual((program.stdout, program.stderr, program.code), ("", "", 0))

    def fails(self, pattern, *words, code=1):
        self.failed(self.client(*words), pattern, code)

    def failed(self, program, pattern, code=1):
        self.assertEqual((program.wait(), program.stdout), (code, ""), program.stderr)
        self.assertRegex(program.stderr, pattern)
        self.assertEqual(len(program.stderr.splitlines()), 1, program.stderr)

    def names(self, folder):
        return sorted(os.listdir(folder))

    def huge(self, folder, name="huge"):
        with open(folder / name, "wb") as file:
            file.truncate(HUGE)


class Copies(Files):
    def test_files_of_any_size_are_the_same_there_and_back(self):
        for size in 0, 1, 65535, 65536, 65537, 10_000_000:
            with self.subTest(size=size):
                data = os.urandom(size)
                (self.here / "data").write_bytes(data)
                self.does("put", "data")
                self.assertEqual((self.there / "data").read_bytes(), data)
                self.does("get", "data", "back")
                self.assertEqual((self.here / "back").read_bytes(), data)
                self.assertEqual(self.call("size", "data").stdout, f"{size}\n")
        self.assertEqual((self.names(self.here), self.names(self.there)), (["back", "data"], ["data"]))

    def test_a_file_may_have_another_name_there(self):
        (self.here / "folder").mkdir()
        (self.here / "folder" / "mine").write_text("mine")
        self.does("put", "folder/mine")
        self.does("put", "folder/mine", "  ünser %s ")
        self.assertEqual(self.names(self.there), ["  ünser %s ", "mine"])
        self.does("get", "mine")
        self.does("get", "  ünser %s ", "folder/yours")
        self.assertEqual(((self.here / "mine").read_text(), (self.here / "folder" / "yours").read_text()), ("mine", "mine"))

    def test_a_file_that_is_there_is_replaced(self):
        for text in "a longer text", "short":
            (self.here / "text").write_text(text)
            self.does("put", "text")
            self.does("get", "text", "copy")
            self.assertEqual(((self.there / "text").read_text(), (self.here / "copy").read_text()), (text, text))

    def test_files_are_listed_by_name(self):
        for name, size in ("b", 20), ("a", 1), ("c\x1b", 0), (".hidden", 5):
            (self.there / name).write_bytes(size * b"x")
        (self.there / "folder").mkdir()
        (self.there / "link").symlink_to("a")
        self.assertEqual(self.client("ls").stdout, "           1  a\n          20  b\n")
        self.assertEqual(self.call("list").stdout.splitlines(), ['{"name": "a", "size": 1}', '{"name": "b", "size": 20}', "= 2"])

    def test_many_files_are_listed(self):
        names = [f"file-{number:04}" for number in range(fixture.repetitions(3000))]
        for name in names:
            (self.there / name).touch()
        self.assertEqual(self.client("ls").stdout.split()[1::2], names)

    def test_several_clients_copy_at_once(self):
        data = {f"file-{number}": os.urandom(1_000_000 + number) for number in range(8)}
        for name, content in data.items():
            (self.here / name).write_bytes(content)
        ups = [self.program("file_client", "put", name, broker=self.bus, directory=self.here) for name in data]
        self.assertEqual([up.wait() for up in ups], 8 * [0])
        downs = [self.program("file_client", "get", name, f"{name}.back", broker=self.bus, directory=self.here) for name in data]
        self.assertEqual([down.wait() for down in downs], 8 * [0])
        for name, content in data.items():
            self.assertEqual((self.there / name).read_bytes(), content)
            self.assertEqual((self.here / f"{name}.back").read_bytes(), content)

    def test_a_new_file_has_the_usual_mode(self):
        (self.here / "data").touch()
        usual = (self.here / "data").stat().st_mode
        self.does("put", "data", "there")
        self.does("get", "there", "back")
        self.assertEqual(((self.there / "there").stat().st_mode, (self.here / "back").stat().st_mode), (usual, usual))


class Names(Files):
    def setUp(self):
        super().setUp()
        self.secret = pathlib.Path(self.folder()) / "secret"
        self.secret.write_text("secret")
        (self.here / "data").write_text("data")

    def test_names_that_lead_elsewhere_are_refused(self):
        (self.there / "folder").mkdir()
        (self.there / "folder" / "file").write_text("file")
        before = self.names(self.there)
        for name in "..", ".", "../secret", f"{self.secret}", "folder/file", "./data", ".hidden", "", "a\nb", 256 * "x":
            with self.subTest(name=name):
                self.fails("files.BadName", "get", "--", name, "copy")
                self.fails("files.BadName", "put", "--", "data", name)
                self.assertIn("files.BadName", self.call("size", "--", name).stderr)
        self.assertEqual((self.names(self.here), self.names(self.there)), (["data"], before))

    def test_what_is_no_regular_file_is_refused(self):
        (self.there / "folder").mkdir()
        (self.there / "inside").write_text("inside")
        (self.there / "to-inside").symlink_to("inside")
        (self.there / "to-secret").symlink_to(self.secret)
        (self.there / "to-root").symlink_to("/")
        os.mkfifo(self.there / "pipe")
        for name in "folder", "to-inside", "to-secret", "to-root", "pipe":
            with self.subTest(name=name):
                self.fails("files.NotAFile, PERMISSION_DENIED", "get", name, "copy")
                self.assertIn("files.NotAFile", self.call("size", name).stderr)
        self.assertEqual(self.names(self.here), ["data"])

    def test_a_file_takes_the_place_of_a_link_and_not_of_what_it_leads_to(self):
        (self.there / "link").symlink_to(self.secret)
        self.does("put", "data", "link")
        self.assertEqual((self.secret.read_text(), (self.there / "link").read_text()), ("secret", "data"))
        self.assertFalse((self.there / "link").is_symlink())

    def test_a_folder_is_not_replaced(self):
        (self.there / "folder").mkdir()
        self.fails("files.NotAFile", "put", "data", "folder")
        self.assertEqual(self.names(self.there), ["folder"])

    def test_a_file_that_is_not_there_is_none(self):
        self.fails("files.NoSuchFile, NOT_FOUND", "get", "nothing")
        self.assertIn("files.NoSuchFile", self.call("size", "nothing").stderr)
        self.assertEqual(self.names(self.here), ["data"])

    def test_a_local_file_that_cannot_be_read_or_written_is_told(self):
        (self.there / "data").write_text("data")
        os.mkfifo(self.here / "pipe")
        self.fails("'nothing' cannot be read: No such file", "put", "nothing")
        self.fails("'pipe' is not a regular file", "put", "pipe")
        self.fails("is not a regular file", "put", "/", "root")
        self.fails("'no/where' cannot be written: No such file", "get", "data", "no/where")
        self.assertEqual((self.names(self.there), self.names(self.here)), (["data"], ["data", "pipe"]))

    def test_what_is_no_local_file_is_not_replaced(self):
        (self.there / "data").write_text("new")
        (self.here / "folder").mkdir()
        (self.here / "link").symlink_to(self.secret)
        (self.here / "dangling").symlink_to("nowhere")
        os.mkfifo(self.here / "pipe")
        before = [(name, (self.here / name).lstat().st_mode) for name in self.names(self.here)]
        for name in "folder", "folder/", "link", "dangling", "pipe", f"{self.here}/link":
            with self.subTest(name=name):
                self.fails(f"'{name}' is there and is not a regular file", "get", "data", name)
        self.assertEqual([(name, (self.here / name).lstat().st_mode) for name in self.names(self.here)], before)
        self.assertEqual(self.secret.read_text(), "secret")

    def test_a_name_may_be_as_long_as_names_can_be(self):
        for name in 255 * "x", 127 * "ü" + "x":
            with self.subTest(name=name):
                self.does("put", "data", name)
                self.does("get", name)
                self.does("get", name, f"{self.here}/{name}")
                self.assertEqual((self.here / name).read_text(), "data")


class Sizes(Files):
    def write(self, size, *lines):
        """Promises a size, and sends these items."""
        reader, writer = os.pipe()
        program = self.program("/bin/bash", "-c", f'exec "$0" "$@" <&{reader}', fixture.BUILD / "bin" / "hearth", "call", "files", "write", "data", size,
                               "--items", broker=self.bus, pass_fds=(reader,))
        os.close(reader)
        with os.fdopen(writer, "w") as file:
            file.write("".join(f"{line}\n" for line in lines))
        program.wait()
        return program

    def test_a_promise_that_is_kept_makes_a_file(self):
        self.assertEqual(self.write(3, "h'00ff'", "h''", "h'0a'").stdout, "= 3\n")
        self.assertEqual((self.there / "data").read_bytes(), b"\0\xff\n")
        self.assertEqual(self.write(0).stdout, "= 0\n")
        self.assertEqual((self.there / "data").read_bytes(), b"")

    def test_a_promise_that_is_not_kept_makes_none(self):
        self.failed(self.write(3, "h'00ff'"), "fewer bytes.*files.BadSize, DATA_LOSS")
        self.failed(self.write(3, "h'00ff'", "h'0000'"), "more bytes.*files.BadSize")
        self.failed(self.write(0, "h'00'"), "more bytes.*files.BadSize")
        self.failed(self.write(2, "text"), "files.BadChunk")
        self.assertEqual(self.names(self.there), [])

    def test_a_size_that_is_none_or_too_large_is_refused(self):
        self.server.terminate()
        self.start_server("--max-size", 100)
        for size in -1, 101, 2**63, 2**64 - 1:
            self.failed(self.write(size), "files.TooLarge, OUT_OF_RANGE")
        self.assertEqual(self.write(100, f"h'{100 * '00'}'").code, 0)
        (self.here / "large").write_bytes(101 * b"x")
        self.fails("files.TooLarge", "put", "large")
        self.assertEqual(self.names(self.there), ["data"])


class Cut(Files):
    """Whoever goes in the middle of a copy: the other side says so, and no part of a file stays."""
    def setUp(self):
        super().setUp()
        self.huge(self.here, "mine")
        self.huge(self.there, "yours")

    def down(self):
        return Copy(self, "get", "yours", "copy")

    def up(self):
        return Copy(self, "put", "mine", "copy")

    def nothing_stays(self):
        """The server hears by itself that a client has gone: it is asked until it has."""
        self.assertEqual(self.names(self.here), ["mine"])
        deadline = time.monotonic() + fixture.PATIENCE
        while self.names(self.there) != ["yours"]:
            self.assertLess(time.monotonic(), deadline, self.names(self.there))
            self.assertEqual(self.call("size", "yours").code, 0)

    def test_a_client_that_is_interrupted_leaves_nothing_behind(self):
        for copy in self.down, self.up:
            for number in signal.SIGINT, signal.SIGTERM:
                with self.subTest(copy=copy.__name__, number=number):
                    client = copy()
                    client.program.signal(number)
                    self.assertEqual(client.end(), (128 + number, ""))
                    self.nothing_stays()

    def test_a_client_that_is_killed_leaves_no_file_that_is_not_whole(self):
        for copy in self.down, self.up:
            with self.subTest(copy=copy.__name__):
                copy().program.kill()
                for part in self.here.glob(".file_client-*"):
                    part.unlink()
                self.nothing_stays()

    def test_a_server_that_is_killed_is_told_of_and_cleans_up_when_it_is_back(self):
        for copy in self.down, self.up:
            with self.subTest(copy=copy.__name__):
                client = copy()
                self.server.kill()
                code, said = client.end()
                self.assertEqual(code, 1)
                self.assertRegex(said, "^file_client (get|put): files: .*hearth.ServiceGone.*\n$")
                self.server = self.start_server()
                self.nothing_stays()

    def test_a_server_that_ends_leaves_nothing_behind(self):
        for copy in self.down, self.up:
            with self.subTest(copy=copy.__name__):
                client = copy()
                self.assertEqual((self.server.terminate(), self.server.stderr), (0, ""))
                self.assertEqual(client.end()[0], 1)
                self.assertEqual((self.names(self.here), self.names(self.there)), (["mine"], ["yours"]))
                self.server = self.start_server()

    def test_a_broker_that_is_killed_is_told_of_and_leaves_nothing_behind(self):
        for copy in self.down, self.up:
            with self.subTest(copy=copy.__name__):
                client = copy()
                self.bus.kill()
                code, said = client.end()
                self.assertEqual(code, 3)
                self.assertRegex(said, "^file_client (get|put): files at .*hearth.BrokerGone.*\n$")
                self.bus = self.restart(self.bus)
                self.server.wait_for_line("files")
                self.nothing_stays()

    def test_a_client_that_is_stopped_is_in_nobodys_way(self):
        (self.here / "small").write_bytes(os.urandom(3_000_000))
        for copy in self.down, self.up:
            client = copy()
            client.program.stop()
            self.does("put", "small")
            self.does("get", "small", "back")
            self.assertEqual((self.here / "back").read_bytes(), (self.here / "small").read_bytes())
            client.program.resume()
            client.await_more()
            client.program.interrupt()

    def test_a_file_that_becomes_shorter_is_told_of(self):
        client = self.down()
        os.truncate(self.there / "yours", 0)
        code, said = client.end()
        self.assertEqual(code, 1)
        self.assertIn("files.Changed, ABORTED", said)
        self.nothing_stays()

    def test_a_local_file_that_becomes_shorter_is_told_of(self):
        client = self.up()
        os.truncate(self.here / "mine", 0)
        code, said = client.end()
        self.assertEqual((code, said), (1, "file_client put: 'mine' became shorter while it was copied\n"))
        self.nothing_stays()


class Copy:
    """A client in the middle of a copy: its bar, on a terminal of ours, has said so."""
    def __init__(self, test, *words):
        self.terminal, its = os.openpty()
        test.addCleanup(os.close, self.terminal)
        self.program = test.program("/bin/bash", "-c", f'exec "$0" "$@" 2>&{its}', fixture.BUILD / "bin" / "file_client", *words,
                                    broker=test.bus, directory=test.here, pass_fds=(its,))
        os.close(its)
        self.seen = ""
        self.await_more()

    def read(self):
        """What has come on the terminal; "" once nobody writes there any more."""
        try:
            return os.read(self.terminal, 4096).decode()
        except OSError:
            return ""

    def await_more(self):
        """Waits until the bar is drawn again."""
        before = self.seen.count("%")
        while self.seen.count("%") == before:
            said = self.read()
            if not said:
                raise AssertionError(f"the client ended with {self.program.wait()}: {self.seen}")
            self.seen += said

    def end(self):
        """Waits for the end: the exit code, and what was said behind the bar, which has gone."""
        while said := self.read():
            self.seen += said
        bar, gone, said = self.seen.replace("\r\n", "\n").rpartition("\r\033[K")
        if not gone or re.sub(r"\r\[#*\.*\] +\d+ %  \d+ of \d+ bytes", "", bar):
            raise AssertionError(f"no bar that goes: {self.seen!r}")
        return self.program.wait(), said


class Servers(fixture.TestCase):
    def test_a_folder_that_is_not_there_or_has_a_server_is_refused(self):
        bus, folder = self.broker(), self.folder()
        self.program("file_server", folder, broker=bus, ready="files")
        for path, why in (folder, "another server serves it"), (f"{folder}/none", "No such file"), ("/etc/passwd", "Not a directory"):
            program = self.run_program("file_server", path, broker=bus)
            self.assertEqual((program.stdout, program.code), ("", 1))
            self.assertRegex(program.stderr, f"^file_server: '{path}': {why}")

    def test_a_client_without_a_server_is_told_so(self):
        folder = self.folder()
        for words in ("ls",), ("get", "data"), ("put", "/etc/passwd"):
            client = self.run_program("file_client", *words, broker=self.broker(), directory=folder)
            self.assertEqual((client.stdout, client.code), ("", 1))
            self.assertIn("hearth.NoSuchService", client.stderr)
        self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    fixture.main()

"""Where hearth-broker listens: addresses that are taken or cannot be had, ipc paths, and what peers are told."""
import contextlib
import os
import pathlib
import socket
import stat
import types

import fixture
import hostile


class Addresses(hostile.TestCase):
    def refused(self, *arguments):
        broker = self.run_program("hearth-broker", *arguments)
        self.assertEqual((broker.code, broker.stdout), (2, ""), broker.transcript())
        self.assertRegex(broker.stderr, r"\Ahearth-broker: [^\n]+\n\Z")
        return broker.stderr

    def welcome(self, broker):
        return self.peer(broker).welcome

    def test_a_taken_port_is_refused_in_one_line_that_says_what_to_do(self):
        first = self.broker(transport="tcp")
        for option, address in (("--bind", first.address), ("--publish", first.publish)):
            line = self.refused("--bind", "tcp://127.0.0.1:*", option, address)
            self.assertIn(f"{option} {address}: address already in use", line)
        self.welcome(first)

    def free_ports(self, count):
        """So many free ports in a row, the first of them."""
        while True:
            with contextlib.ExitStack() as stack:
                first = stack.enter_context(socket.socket())
                first.bind(("127.0.0.1", 0))
                port = first.getsockname()[1]
                try:
                    for number in range(port + 1, port + count):
                        stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
                except (OSError, OverflowError):
                    continue
                return port

    def test_the_place_for_observers_that_nobody_gave_is_told_as_such(self):
        with socket.socket() as other:
            while True:
                port = self.free_ports(2)
                with contextlib.suppress(OSError):
                    other.bind(("127.0.0.1", port + 1))
                    break
            other.listen(1)
            line = self.refused("--bind", f"tcp://127.0.0.1:{port}")
        self.assertIn(f"--bind tcp://127.0.0.1:{port}: its place for observers, tcp://127.0.0.1:{port + 1} (--publish chooses another): "
                      "address already in use", line)

    def test_an_address_that_was_given_twice_is_not_blamed_on_another_broker(self):
        port = self.free_ports(2)
        folder = self.folder()
        one, next_one, any_one, path = (f"tcp://127.0.0.1:{port}", f"tcp://127.0.0.1:{port + 1}", f"tcp://*:{port}", f"ipc://{folder}/path")
        twice = [(("--bind", one, "--bind", one), "--bind"), (("--bind", one, "--publish", one), "--publish"),
                 (("--bind", one, "--publish", any_one, "--allow-anonymous"), "--publish"), (("--bind", path, "--publish", path), "--publish"),
                 (("--bind", path, "--bind", path), "--bind"), (("--bind", "ipc://@hearth-twice", "--publish", "ipc://@hearth-twice"), "--publish")]
        for arguments, option in twice:
            with self.subTest(arguments=arguments):
                line = self.refused(*arguments)
                self.assertIn(f"{option} {arguments[3]}: this broker has the address already, by --bind {arguments[1]};", line)
        for first, second in (one, next_one), (path, f"{path}.events"):
            line = self.refused("--bind", first, "--bind", second)
            self.assertIn(f"--bind {first}: its place for observers, {second} (--publish chooses another): "
                          f"this broker has the address already, by --bind {second};", line)

    def test_a_taken_address_that_has_no_port_is_not_told_of_ports(self):
        name = f"ipc://@{self.folder()}"
        with socket.socket(socket.AF_UNIX) as other:
            other.bind("\0" + name.removeprefix("ipc://@"))
            other.listen(1)
            line = self.refused("--bind", name)
        self.assertIn(f"--bind {name}: address already in use", line)
        self.assertNotIn("port", line)

    def test_an_address_of_another_machine_is_refused(self):
        self.assertIn("tcp://192.0.2.1:9797", self.refused("--bind", "tcp://192.0.2.1:9797", "--allow-anonymous"))

    def test_the_name_of_a_host_is_no_address_to_bind(self):
        for address in "tcp://localhost:41310", "tcp://broker.example:41310":
            self.assertRegex(self.refused("--bind", address, "--allow-anonymous"), rf"--bind {address}: .*in numbers.*interface.*\*")
        self.assertIn("in numbers", self.refused("--bind", "tcp://localhost:41310"))

    def test_the_path_of_a_running_broker_is_refused_and_it_goes_on(self):
        first = self.broker()
        for path in (first.address, first.publish):
            self.assertIn("another broker", self.refused("--bind", path))
        self.welcome(first)

    def test_the_path_of_another_server_is_refused_and_not_touched(self):
        path = os.path.join(self.folder(), "taken")
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path)
            server.listen(1)
            self.assertIn("another process", self.refused("--bind", f"ipc://{path}"))
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(path)

    def test_a_path_that_is_no_socket_is_refused_and_not_touched(self):
        folder = pathlib.Path(self.folder())
        (folder / "file").write_text("precious")
        (folder / "link").symlink_to(folder / "file")
        (folder / "folder").mkdir()
        for name in ("file", "link", "folder"):
            self.assertIn("no socket", self.refused("--bind", f"ipc://{folder}/{name}"))
        self.assertEqual((folder / "file").read_text(), "precious")
        self.assertEqual(sorted(each.name for each in folder.iterdir()), ["file", "folder", "link"])

    def test_a_path_in_no_directory_is_refused(self):
        self.assertIn("/nowhere/x.lock", self.refused("--bind", "ipc:///nowhere/x"))

    def test_the_path_of_a_killed_broker_is_taken_over(self):
        first = self.broker()
        first.kill()
        self.assertTrue(stat.S_ISSOCK(os.stat(first.address.removeprefix("ipc://")).st_mode))
        self.welcome(self.restart(first))

    def test_a_broker_that_ended_leaves_no_socket(self):
        first = self.broker()
        self.assertEqual(first.terminate(), 0)
        for address in (first.address, first.publish):
            self.assertFalse(os.path.exists(address.removeprefix("ipc://")))

    def test_several_addresses_of_both_kinds_are_served(self):
        folder = self.folder()
        broker = self.broker("--bind", f"ipc://{folder}/also", "--publish", f"ipc://{folder}/also.too", transport="tcp")
        self.assertEqual((len(broker.binds), len(broker.publishes)), (2, 2))
        for address in broker.binds:
            self.assertEqual(self.peer(types.SimpleNamespace(address=address)).welcome["publish"], broker.publishes)

    def test_observers_are_placed_beside_the_calls(self):
        folder = self.folder()
        reader, writer = os.pipe()
        with os.fdopen(reader) as ready:
            try:
                self.program("hearth-broker", "--bind", f"ipc://{folder}/calls", "--bind", "tcp://127.0.0.1:*", "--ready-fd", writer,
                             pass_fds=(writer,))
            finally:
                os.close(writer)
            self.assertRegex(ready.read(), rf"\Aready ipc://{folder}/calls tcp://127.0.0.1:\d+ "
                                           rf"publish ipc://{folder}/calls.events tcp://127.0.0.1:\d+\n\Z")

    def test_no_port_is_above_the_last_one(self):
        self.assertIn("--publish", self.refused("--bind", "tcp://127.0.0.1:65535"))

    def test_peers_of_all_interfaces_are_told_the_port_and_any_host(self):
        broker = self.broker("--allow-anonymous", publish="tcp://0.0.0.0:*", bind="tcp://127.0.0.1:*")
        port = broker.publish.rsplit(":", 1)[1]
        self.assertEqual(self.welcome(broker)["publish"], [f"tcp://*:{port}"])

    def test_a_port_that_peers_cannot_know_is_not_advertised(self):
        for address in ("tcp://*:*", "tcp://127.0.0.1:*"):
            self.assertIn("number", self.refused("--bind", "tcp://127.0.0.1:*", "--advertise-publish", address))

    def test_what_is_advertised_takes_the_place_of_what_was_bound(self):
        told = ["tcp://broker.example:9798", "ipc:///run/hearth/events"]
        broker = self.broker(*(word for address in told for word in ("--advertise-publish", address)))
        self.assertEqual(self.welcome(broker)["publish"], told)


if __name__ == "__main__":
    fixture.main()

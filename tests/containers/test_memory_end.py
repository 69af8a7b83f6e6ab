"""A broker that the kernel ended, since libzmq held more for a hostile peer than its container may have: it is there again, and so are its services.

What nobody bounds before the kernel does is a message that never ends (docs/protocol.md, section 10). The containers are those of docker-compose.yml, which
says that they are started again; the broker has less memory here, so that it does not take long.
"""
import socket

import fixture
import stack
import zmtp

MEMORY = 64 << 20
KILLED = 137
SERVICES = {"echo": "echo.server", "remote-object": "example.remote.object"}


class MemoryEnd(stack.TestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.stack.container("broker")
        stack.docker("update", "--memory", str(MEMORY), "--memory-swap", str(MEMORY), self.broker)

    def inspect(self, path):
        return stack.docker("inspect", "--format", f"{{{{{path}}}}}", self.broker).stdout.strip()

    def follow_life(self):
        """What the daemon tells of the broker's container, from its last start on, which has been told when this returns."""
        wanted = [word for event in ("start", "oom", "die") for word in ("--filter", f"event={event}")]
        return self.program(stack.DOCKER, "events", "--since", self.inspect(".State.StartedAt"), "--filter", f"container={self.broker}", *wanted,
                            "--format", "{{.Action}} {{.Actor.Attributes.exitCode}}", ready="^start")

    def flood(self):
        """A message that goes on until its connection ends."""
        host, port = self.stack.address.removeprefix("tcp://").split(":")
        with socket.create_connection((host, int(port)), fixture.PATIENCE) as attacker, self.assertRaises(OSError):
            zmtp.shake_hands(attacker)
            while True:
                attacker.sendall(zmtp.ENDLESS)

    def assert_calls_are_answered(self):
        self.assertEqual(self.stack.client("echo_client").stdout, "HOLA\n")
        self.assertEqual(self.stack.client("hearth", "call", "example.remote.object", "add", "2", "3").stdout, "5\n")

    def test_a_broker_that_the_kernel_ended_for_its_memory_is_started_again_and_serves(self):
        logs = {service: self.follow(service) for service in SERVICES}
        for service, name in SERVICES.items():
            logs[service].wait_for_line(name)
        life = self.follow_life()
        self.flood()
        life.wait_for_line(f"^die {KILLED}$")
        life.wait_for_line("^start")
        for service, name in SERVICES.items():
            logs[service].wait_for_line(name)
        self.assert_calls_are_answered()
        self.assertIn("oom", life.stdout.split())
        self.assertEqual((self.inspect(".State.Running"), self.inspect(".RestartCount")), ("true", "1"))


if __name__ == "__main__":
    fixture.main()

"""A service that a network cuts off, in the middle of its work: it cannot take its leave, and its heartbeats are not the last thing that it sent."""
import pathlib
import sys

import fixture

sys.path.append(str(pathlib.Path(__file__).resolve().parent))

import stage  # noqa: E402
import stack  # noqa: E402


class Silence(fixture.TestCase):
    def setUp(self):
        super().setUp()
        stack.require_docker()
        self.containers = stage.Containers()
        fixture.open_things.add(self.containers)
        self.addCleanup(fixture.open_things.discard, self.containers)
        self.addCleanup(self.containers.close)
        self.containers.run_broker()
        self.start_service("first")

    def start_service(self, container):
        """Returns when it is registered. One whose name is taken tries for 12 s, and then fails."""
        self.containers.run(container, "echo_server")
        self.program(stack.DOCKER, "logs", "--follow", self.containers.full(container), ready="echo.server")

    def call(self, container):
        self.containers.run(container, "hearth", "call", "--wait", "20s", "--timeout", "20s", "echo.server", "echo", "HOLA")
        self.program(stack.DOCKER, "logs", "--follow", self.containers.full(container), ready="HOLA")

    def test_a_service_that_was_cut_off_after_an_answer_leaves_its_name_to_another_one(self):
        self.call("before")
        self.containers.disconnect("first")
        self.start_service("second")
        self.call("after")


if __name__ == "__main__":
    fixture.main()

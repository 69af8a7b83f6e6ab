"""The containers of docker-compose.yml, as a project of our own on free ports.

Owns the image (built once, by running this file), the containers and their network, and takes all of them but the image away again. Knows Docker and
Compose; of Hearth only the names of programs.
"""
import os
import shutil
import socket
import subprocess
import unittest

import fixture

IMAGE = "hearth:test"
DOCKER = shutil.which("docker")


def run(*argv, check=True, **settings):
    """Runs a command to its end; its outputs are texts."""
    ended = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, **settings)
    if check and ended.returncode != 0:
        raise AssertionError(f"{' '.join(argv)} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}")
    return ended


def docker(*arguments, check=True):
    return run(DOCKER, *arguments, check=check)


def require_docker():
    """The only reason to skip: where a daemon answers, nothing else may keep these tests from running."""
    if DOCKER is None:
        raise unittest.SkipTest("there is no docker command")
    ended = docker("info", check=False)
    if ended.returncode != 0:
        raise unittest.SkipTest("no Docker daemon answers")


def _compose():
    if docker("compose", "version", check=False).returncode == 0:
        return [DOCKER, "compose"]
    return ["docker-compose"]


def build_image():
    """As docker-compose.yml builds it."""
    base = run(str(fixture.ROOT / "scripts" / "base-image")).stdout.strip()
    run(*_compose(), "build", "--force-rm", "broker", cwd=fixture.ROOT, env={**os.environ, "HEARTH_IMAGE": IMAGE, "HEARTH_BASE": base})


def _free_ports():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


class Stack:
    """The project. Its containers run, and its services serve, when it is made."""

    def __init__(self):
        self.port, publish_port = _free_ports()
        self.project = f"hearth-test-{os.getpid()}"
        self.network = f"{self.project}_default"
        self._command = _compose()
        self._environment = {
            **os.environ, "HEARTH_IMAGE": IMAGE, "COMPOSE_PROJECT_NAME": self.project,
            "HEARTH_PORT": str(self.port), "HEARTH_PUBLISH_PORT": str(publish_port)}
        fixture.open_things.add(self)
        try:
            self.compose("up", "--detach")
            self.compose("run", "--rm", "-T", "client", "hearth", "ping")    # it waits until all services are healthy
        except BaseException:
            self.close()
            raise

    @property
    def address(self):
        """The broker's, from the host."""
        return f"tcp://127.0.0.1:{self.port}"

    def close(self):
        fixture.open_things.discard(self)
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")

    def compose(self, *arguments, check=True):
        return run(*self._command, *arguments, check=check, cwd=fixture.ROOT, env=self._environment)

    def container(self, service):
        """The id of the service's container, running or not."""
        return run(DOCKER, "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.project}",
                   "--filter", f"label=com.docker.compose.service={service}", "--filter", "label=com.docker.compose.oneoff=False").stdout.strip()

    def client_words(self, *argv):
        """The command that runs a client in a container of its own."""
        return (DOCKER, "run", "--rm", "--init", "--network", self.network, "--env", "HEARTH_BROKER=tcp://broker:9797",
                "--label", f"com.docker.compose.project={self.project}", IMAGE, *argv)

    def client(self, *argv):
        """Runs a client in a container of its own, to its end."""
        return run(*self.client_words(*argv), check=False)


class TestCase(fixture.TestCase):
    """Each class has a stack of its own, `self.stack`."""

    @classmethod
    def setUpClass(cls):
        require_docker()
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.close)

    def follow(self, service, since_start=False):
        """What a service prints, from its last line on, or from its last start on."""
        container = self.stack.container(service)
        part = ("--tail", "1")
        if since_start:
            part = ("--since", docker("inspect", "--format", "{{.State.StartedAt}}", container).stdout.strip())
        return self.program(DOCKER, "logs", "--follow", *part, container)

    def start_client(self, *argv, ready):
        """A client in a container of its own beside the test."""
        return self.program(*self.stack.client_words(*argv), ready=ready)


class Build(unittest.TestCase):
    """Not a test of a module that imports this one: what they all stand on."""

    def test_the_image_can_be_built(self):
        require_docker()
        build_image()


if __name__ == "__main__":
    fixture.main()

"""The containers of a run on a private network, and what can be done to them. They are of the tests' image, with the programs of the build folder.

Takes everything away again, whatever happens: all of it bears one label.
"""
import os
import pathlib
import shutil
import sys
import tempfile
import time

import journals
import plan

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "containers"), str(ROOT / "tests" / "fixture")]

import stack  # noqa: E402

BUILD = pathlib.Path(os.environ.get("HEARTH_BUILD_DIR", ROOT / "build")).resolve()
TOPICS = ("chaos.notes.one", "chaos.notes.two")
CALLERS = 3
LABEL = "hearth-chaos"


def can_filter():
    """Whether the network faults can be injected: by root, in the containers' network namespaces."""
    return os.geteuid() == 0 and shutil.which("nsenter") is not None and shutil.which("iptables") is not None


def prepare_image():
    if stack.docker("image", "inspect", stack.IMAGE, check=False).returncode != 0:
        stack.build_image()


def _job(program, role, *words):
    """A command of a shell, which outlives the program and says with what it failed, but is killed with the container."""
    return f"{{ {' '.join((program, '/journal', role, *words))} || echo {role} $? >>/journal/{journals.FAILURES}; }}"


def _jobs(container, seed):
    """The programs of a container of clients, as commands of a shell."""
    for number in range(1, CALLERS + 1):
        yield _job("chaos_caller", f"{container}.caller{number}", str(seed))
    index = plan.CLIENTS.index(container)
    yield _job("chaos_observer", f"{container}.observer", str(seed), TOPICS[index % len(TOPICS)])
    if index < len(TOPICS):
        yield _job("chaos_publisher", f"{container}.publisher", str(seed), TOPICS[index])


class Containers:
    """A private network, containers on it, and a folder that they share, `journal`. Container names are short: the network's name goes before them."""

    def __init__(self):
        self.name = f"{LABEL}-{os.getpid()}"
        self.journal = pathlib.Path(tempfile.mkdtemp(prefix=f"{LABEL}-"))
        try:
            stack.docker("network", "create", "--label", f"{LABEL}={self.name}", self.name)
        except BaseException:
            self.close()
            raise

    def run(self, container, *argv, address=f"tcp://{plan.BROKER}:9797"):
        """Starts a container of programs of the build folder, whose broker is at the address."""
        stack.docker("run", "--detach", "--name", self.full(container), "--label", f"{LABEL}={self.name}", "--network", self.name,
                     "--network-alias", container, "--no-healthcheck", "--user", f"{os.getuid()}:{os.getgid()}",
                     "--env", f"HEARTH_BROKER={address}", "--env", "LD_LIBRARY_PATH=/build/common/lib",
                     "--env", "PATH=/build/bin:/usr/bin:/bin", "--volume", f"{BUILD}/bin:/build/bin:ro",
                     "--volume", f"{BUILD}/common/lib:/build/common/lib:ro", "--volume", f"{self.journal}:/journal", stack.IMAGE, *argv)

    def run_broker(self):
        self.run(plan.BROKER, "hearth-broker", "--bind", "tcp://0.0.0.0:9797", "--publish", "tcp://0.0.0.0:9798",
                 "--advertise-publish", "tcp://*:9798", "--allow-anonymous")

    def full(self, container):
        return f"{self.name}-{container}"

    def running(self):
        """The containers that run."""
        found = stack.docker("ps", "--filter", f"label={LABEL}={self.name}", "--format", "{{.Names}}").stdout.split()
        return {name[len(self.name) + 1:] for name in found}

    def do(self, *words):
        """A command of Docker on a container, which is the last word."""
        stack.docker(*words[:-1], self.full(words[-1]))

    def disconnect(self, target):
        stack.docker("network", "disconnect", self.name, self.full(target))

    def connect(self, target):
        stack.docker("network", "connect", "--alias", target, self.name, self.full(target))

    def filter(self, action, rule, target):
        """A rule of iptables in the network namespace of the container alone."""
        process = stack.docker("inspect", "--format", "{{.State.Pid}}", self.full(target)).stdout.strip()
        stack.run("nsenter", "--target", process, "--net", "iptables", action, *rule)

    def close(self):
        """Takes away all containers, the network and the journals."""
        ids = stack.docker("ps", "--all", "--quiet", "--filter", f"label={LABEL}={self.name}", check=False).stdout.split()
        if ids:
            stack.docker("rm", "--force", "--volumes", *ids, check=False)
        stack.docker("network", "rm", self.name, check=False)
        shutil.rmtree(self.journal, ignore_errors=True)


class Stage(Containers):
    """All that take part in a run of chaos. They run when it is made."""

    def __init__(self, seed):
        super().__init__()
        self.seed = seed
        try:
            self._start_all()
        except BaseException:
            self.close()
            raise

    def _start_all(self):
        self.run_broker()
        self.run(plan.RELAY, "chaos_relay", "/journal", plan.BROKER, "9797", "9798")
        by_relay = {"address": f"tcp://{plan.RELAY}:9797"}
        for number, service in enumerate(plan.SERVICES):
            self.run(service, "chaos_service", "/journal", f"{service}.service", str(self.seed), **(by_relay if number == 0 else {}))
        for number, client in enumerate(plan.CLIENTS):
            script = " & ".join(_jobs(client, self.seed)) + " & wait"
            self.run(client, "sh", "-c", script, **(by_relay if number % 2 else {}))

    def tell(self, word):
        """Puts a file of this name where the programs look for it."""
        (self.journal / word).touch()

    def inject(self, event):
        """Begins or ends a fault, and journals it: before it begins, after it ended."""
        begin, end = FAULTS[event.fault]
        if event.begins:
            self._note("BEGIN", event)
            begin(self, event.target)
        else:
            end(self, event.target)
            self._note("END", event)

    def _note(self, kind, event):
        with open(self.journal / "nemesis.journal", "a", encoding="ascii") as journal:
            print(kind, time.monotonic_ns(), event.fault, event.target, file=journal)


def _rule(*words):
    """Both ends of a fault that is a rule."""
    return (lambda stage, target: stage.filter("--insert", words, target), lambda stage, target: stage.filter("--delete", words, target))


def _docker(begin, end):
    return (lambda stage, target: stage.do(begin, target), lambda stage, target: stage.do(end, target))


FAULTS = {
    "kill": _docker("kill", "start"),
    "pause": _docker("pause", "unpause"),
    "disconnect": (Containers.disconnect, Containers.connect),
    "cut-in": _rule("INPUT", "!", "--in-interface", "lo", "--jump", "DROP"),
    "cut-out": _rule("OUTPUT", "!", "--out-interface", "lo", "--jump", "DROP"),
    "drop": _rule("INPUT", "!", "--in-interface", "lo", "--match", "statistic", "--mode", "random", "--probability", "0.3", "--jump", "DROP"),
    "delay": (lambda stage, _: stage.tell("delay"), lambda stage, _: (stage.journal / "delay").unlink()),
}

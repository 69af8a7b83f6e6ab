"""Programs of the benchmark as processes: their first lines, their CPU time and memory, and their end."""

import json
import os
import pathlib
import signal
import subprocess

BIN = pathlib.Path(os.environ.get("HEARTH_BENCH_BIN", "build-bench/bin"))
TOOLS = BIN.parent / "bench"  # the programs of this folder


wrapper = None  # a function that gives the words before a program's own, for counts.py


def fail(text):
    raise SystemExit(f"bench: {text}")


class Process:
    """A program that says so many lines when it is ready; ended by its pid."""

    def __init__(self, *words, lines=1, **options):
        self.words = [str(word) for word in (*(wrapper() if wrapper else ()), *words)]
        self.child = subprocess.Popen(self.words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)
        self.said = [self.line() for _ in range(lines)]

    def line(self):
        said = self.child.stdout.readline().strip()
        return said or fail(f"{pathlib.Path(self.words[0]).name} has ended: {' '.join(self.words[1:])}")

    def ask(self, text):
        self.child.stdin.write(text + "\n")
        self.child.stdin.flush()

    def answer(self):
        return json.loads(self.line())

    def _tree(self):
        """The process and those that it has forked."""
        pids = [self.child.pid]
        for pid in pids:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                pids += [int(word) for word in (task / "children").read_text().split()]
        return pids

    def cpu_us(self):
        tasks = (task for pid in self._tree() for task in pathlib.Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000

    def memory_bytes(self):
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0

    def close(self):
        """Lets a program go that ends with its input."""
        self.child.stdin.close()
        self.child.wait()

    def end(self):
        pids = self._tree()
        os.kill(pids[1] if self.words[0] == "strace" else pids[0], signal.SIGTERM)  # strace ends with what it traces
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


class Broker(Process):
    """hearth-broker: an address for calls, and one for observers."""

    def __init__(self, folder, transport, *options):
        read, write = os.pipe()
        binds = ["tcp://127.0.0.1:*"] * 2 if transport == "tcp" else [f"ipc://{folder}/broker", f"ipc://{folder}/publish"]
        words = ["--bind", binds[0], "--publish", binds[1], "--settle", "0", "--log-level", "error", "--ready-fd", write]
        super().__init__(BIN / "hearth-broker", *words, *options, lines=0, pass_fds=[write])
        os.close(write)
        with os.fdopen(read) as ready:
            said = ready.readline().split() or fail("the broker did not start")
        self.address = said[1]

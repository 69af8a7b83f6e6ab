"""What a user would choose instead, from Debian's packages: each driven as well as its documentation allows.

A peer that is not installed is told of and left out. All of them listen on loopback or in the run's folder.
"""

import pathlib
import shutil
import subprocess
import sys

from process import TOOLS, Process
from sides import Side

HERE = pathlib.Path(__file__).parent / "peers"
PYTHON = "/usr/bin/python3"
CALLERS = {"W3": 64}


class Nats(Side):
    """nats-server and its C library. One call at a time: written at once; many: through the library's buffer."""

    def __init__(self, folder, workload):
        super().__init__()
        ports = folder / "ports"
        ports.mkdir()
        server = self.start("broker", "nats-server", "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", ports, lines=0,
                            stderr=subprocess.DEVNULL)
        url = self._url(server, ports)
        asap = [] if workload == "W2" else ["asap"]
        self.start("service", TOOLS / "bench_nats_service", url, *asap)
        for _ in range(CALLERS.get(workload, 1)):
            self.start("client", TOOLS / "bench_nats_client", url, *asap)

    @staticmethod
    def _url(server, ports):
        """The server chose a port, and writes it down when it serves."""
        path = ports / f"nats-server_{server.child.pid}.ports"
        with subprocess.Popen(["sh", "-c", f"until [ -s {path} ]; do sleep 0.01; done; cat {path}"], stdout=subprocess.PIPE,
                              text=True) as wait:
            return wait.communicate(timeout=10)[0].split('"nats":')[1].split('"')[1]


class DBus(Side):
    """dbus-broker on a bus of its own, and sd-bus."""

    share = 8

    def __init__(self, folder, workload):
        super().__init__()
        address = self.start("broker", TOOLS / "bench_dbus_bus", folder / "bus").said[0]
        self.start("service", TOOLS / "bench_dbus_service", address)
        for _ in range(CALLERS.get(workload, 1)):
            self.start("client", TOOLS / "bench_dbus_client", address)


class Pyro(Side):
    """Pyro4, which calls its objects directly."""

    share = 4

    def __init__(self, folder, workload):
        super().__init__()
        service = self.start("service", PYTHON, HERE / "pyro_service.py")
        self.start("client", PYTHON, HERE / "pyro_client.py", service.said[0])


def has_pyro():
    return subprocess.run([PYTHON, "-c", "import Pyro4"], check=False, capture_output=True).returncode == 0


#  name, what makes it, whether it is there, workloads, transport that it compares with
PEERS = (("NATS", Nats, lambda: shutil.which("nats-server") and (TOOLS / "bench_nats_client").exists(), ("W1", "W2", "W3"), "tcp"),
         ("dbus-broker", DBus, lambda: shutil.which("dbus-broker") and (TOOLS / "bench_dbus_bus").exists(), ("W1", "W2", "W3"), "ipc"),
         ("Pyro4", Pyro, has_pyro, ("W1", "W2"), "tcp"))


def start(folder, workload=None, transport=None):
    """Sides of the peers that take part in a workload, over that transport."""
    sides = []
    for name, make, is_there, workloads, through in PEERS:
        if workload not in workloads or transport != through:
            continue
        if is_there():
            sides.append((name, lambda m=make, n=name: m(make_folder(folder, n), workload)))
        else:
            print(f"{name} is not installed: left out", file=sys.stderr)
    return sides


def make_folder(folder, name):
    room = folder / name
    room.mkdir()
    return room

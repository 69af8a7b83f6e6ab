"""What is compared: the product and its references, each a broker, services and clients that take jobs.

The forwarder is as fast as plain libzmq can be with frames of the product's size: one ROUTER, one frame a message that is
moved and never copied, no poll before a message, no allocation but libzmq's own, one I/O thread. It checks, decodes and
promises nothing: its caller does not even tell answers apart. The product is measured through its public interface, with
default options, except for the services' capacity, which is the number of calls in flight.
"""

from process import TOOLS, Broker, Process, fail


CALLS = ("raw_service", "raw_client")  # the references' programs, of calls and of streams
STREAMS = ("raw_stream_service", "raw_stream_client")


class Side:
    """Processes by their role. A subclass starts them."""

    name = "?"
    share = 1  # it makes so many times fewer calls a round, being that much slower

    def __init__(self):
        self.roles = {"client": [], "broker": [], "service": []}

    def start(self, role, *words, **options):
        process = words[0] if isinstance(words[0], Process) else Process(*words, **options)
        self.roles[role].append(process)
        return process

    def cpu_us(self):
        return {role: sum(process.cpu_us() for process in processes) for role, processes in self.roles.items()}

    def run(self, size, in_flight, calls):
        """All clients at once make so many calls each: calls a second, latencies, CPU a call in each role."""
        calls = max(in_flight, calls // self.share) if in_flight > 1 else calls
        before = self.cpu_us()
        for client in self.roles["client"]:
            client.ask(f"{size} {in_flight} {calls}")
        answers = [client.answer() for client in self.roles["client"]]
        after = self.cpu_us()
        made = sum(answer["made"] for answer in answers)
        seconds = max(answer["end"] for answer in answers) - min(answer["start"] for answer in answers)
        result = {key: answers[0][key] for key in ("p50", "p90", "p99", "p999") if key in answers[0]}
        result["rate"] = sum(answer["calls"] for answer in answers) / seconds
        result["cpu_us"] = {role: (after[role] - before[role]) / made for role in before}
        return result

    def end(self):
        for role in ("client", "service", "broker"):
            for process in self.roles[role]:
                process.end()


class Hearth(Side):
    """The product: broker, services, clients, all through the public interface."""

    name = "hearth"

    def __init__(self, folder, transport, clients=1, services=1, pool=False, capacity=1000, options=(), label="hearth"):
        super().__init__()
        room = folder / label
        room.mkdir()
        broker = self.start("broker", Broker(room, transport, *options))
        self.address = broker.address
        names = [f"bench.echo-{0 if pool else at}" for at in range(services)]
        for name in names:
            self.start("service", TOOLS / "bench_hearth_service", broker.address, name, capacity, *["shared"] * pool)
        for at in range(clients):
            self.start("client", TOOLS / "bench_hearth_client", broker.address, names[at % services])


class Workers(Side):
    """The product's service whose handler waits a millisecond, on so many workers."""

    def __init__(self, folder, transport, workers, label="hearth"):
        super().__init__()
        room = folder / label
        room.mkdir()
        broker = self.start("broker", Broker(room, transport))
        self.start("service", TOOLS / "bench_workers", broker.address, "bench.workers", workers)
        self.start("client", TOOLS / "bench_hearth_client", broker.address, "bench.workers")


class Forwarder(Side):
    """The reference: one ROUTER without logic. words: the client's, instead of which service it calls."""

    name = "forwarder"
    program = "bench_forwarder"

    def __init__(self, folder, transport, clients=1, services=1, pool=False, label="forwarder", programs=CALLS, words=()):
        super().__init__()
        broker = self.start("broker", TOOLS / self.program, bind(folder, transport, label))
        self.address = broker.said[0]
        for _ in range(services):
            self.start("service", TOOLS / f"bench_{programs[0]}", "forwarder", self.address)
        for at in range(clients):
            self.start("client", TOOLS / f"bench_{programs[1]}", self.address, *(words or ("pool" if pool else at % services,)))


class EpollForwarder(Forwarder):
    """The forwarder with a transport of its own instead of libzmq's; callers and services are the same."""

    program = "bench_epoll_forwarder"


class Proxy(Side):
    """zmq_proxy between ROUTER and DEALER, which also judges whether the forwarder is a reference."""

    name = "zmq_proxy"

    def __init__(self, folder, transport, clients=1, services=1, programs=CALLS, words=()):
        super().__init__()
        binds = [bind(folder, transport, label) for label in ("frontend", "backend")]
        frontend, backend = self.start("broker", TOOLS / "bench_proxy", "calls", *binds, lines=2).said
        for _ in range(services):
            self.start("service", TOOLS / f"bench_{programs[0]}", "proxy", backend)
        for _ in range(clients):
            self.start("client", TOOLS / f"bench_{programs[1]}", frontend, *words)


class Direct(Side):
    """DEALER to ROUTER, no broker: what a broker costs at all."""

    name = "direct"

    def __init__(self, folder, transport, programs=CALLS, words=()):
        super().__init__()
        service = self.start("service", TOOLS / f"bench_{programs[0]}", "direct", bind(folder, transport, "direct"))
        self.start("client", TOOLS / f"bench_{programs[1]}", service.said[0], *words)


class Streams(Side):
    """The product's streams. Several at once are served by as many workers, since their handlers loop."""

    name = "hearth"

    def __init__(self, folder, transport, streams=1, way="down"):
        super().__init__()
        room = folder / f"hearth-{way}"
        room.mkdir()
        broker = self.start("broker", Broker(room, transport))
        workers = streams if streams > 1 else 0
        self.start("service", TOOLS / "bench_hearth_stream_service", broker.address, "bench.items", workers)
        self.start("client", TOOLS / "bench_hearth_stream_client", broker.address, "bench.items", streams, way)


class Notes(Side):
    """The product's notifications, with their numbers and history: a publisher and so many observers."""

    name = "hearth"

    def __init__(self, folder, transport, observers):
        super().__init__()
        room = folder / "hearth"
        room.mkdir()
        broker = self.start("broker", Broker(room, transport))
        self.start("client", TOOLS / "bench_hearth_notes", broker.address, observers)


class RawNotes(Side):
    """PUB and SUB through an XSUB/XPUB zmq_proxy."""

    name = "zmq_proxy"

    def __init__(self, folder, transport, observers, label="proxy"):
        super().__init__()
        binds = [bind(folder, transport, f"{label}-{end}") for end in ("in", "out")]
        frontend, backend = self.start("broker", TOOLS / "bench_proxy", "notes", *binds, lines=2).said
        self.start("client", TOOLS / "bench_raw_notes", frontend, backend, observers)


def bind(folder, transport, label):
    if transport not in ("tcp", "ipc"):
        fail(f"no such transport: {transport}")
    return "tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{folder}/{label}"

"""The workloads: which sides, which jobs, and the rows that come of them. A workload is a function of a Run."""

import contextlib
import pathlib
import statistics
import subprocess
import tempfile

import figures
from process import BIN, TOOLS, Broker, Process, fail
from sides import STREAMS, Direct, Forwarder, Hearth, Notes, Proxy, RawNotes, Streams, Workers

TRANSPORTS = ("tcp", "ipc")
OURS = ("hearth", "forwarder", "itself", "zmq_proxy", "direct")  # the others are peers
PROXY_LEAST = 0.7  # a forwarder below this share of zmq_proxy is not a reference
CALLERS = 64
POOL = 8
OBSERVERS = (1, 8, 32)
START_MOST_MS = 15
MEMORY_MOST_MIB = 60
WORKERS_LEAST = 1.9  # two against one

#  Of each workload: the size (None: any), the references, and what is to be reached.
TARGETS = (("W1 p50", None, ("forwarder",), ("most", 1.10)), ("W1 p99", None, ("forwarder",), ("most", 1.3)),
           ("W1 p50", None, ("NATS",), ("most", 1.0)),
           ("W2", 16, ("forwarder",), ("least", 0.85)), ("W2", 1024, ("forwarder",), ("least", 0.85)),
           ("W2", 65536, ("forwarder",), ("least", 0.95)),
           ("W2", 16, ("NATS", "Pyro4"), ("least", 1.0)), ("W2", 1024, ("NATS", "Pyro4"), ("least", 1.0)),
           ("W3", None, ("forwarder",), ("least", 0.9)), ("W3", None, ("NATS", "dbus-broker"), ("least", 1.0)),
           ("W4", None, ("zmq_proxy",), ("least", 0.85)),
           ("W5", 16, ("forwarder",), ("least", 0.8)), ("W5", 65536, ("forwarder",), ("least", 0.85)))


def target_of(key, size, reference, in_flight=0):
    """What is to be reached against a reference; None: nothing."""
    if key == "W2" and in_flight != 1000 and size != LARGE:
        return None
    return next((target for workload, bytes_, names, target in TARGETS
                 if workload == key and reference in names and bytes_ in (None, size)), None)


class Run:
    """How much is measured, and who is told of it."""

    def __init__(self, rounds, quick, peers, report):
        self.rounds, self.quick, self.peers, self.report = rounds, quick, peers, report

    @contextlib.contextmanager
    def sides(self, make):
        """make (folder) gives sides by name; they are ended whatever happens."""
        with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder, contextlib.ExitStack() as stack:
            sides = {}
            for name, start in make(pathlib.Path(folder)):
                sides[name] = start()
                stack.callback(sides[name].end)
            yield sides

    def interleave(self, sides, jobs, what, rounds=None):
        """Results by side and round; jobs: a job for all sides, or one for each by its name."""
        results = {name: [] for name in sides}
        rounds = rounds or self.rounds
        for turn in range(rounds):
            self.report(f"{what}: round {turn + 1} of {rounds}")
            for name in list(sides) if turn % 2 == 0 else reversed(list(sides)):
                results[name].append(sides[name].run(*(jobs[name] if isinstance(jobs, dict) else jobs)))
        return results


def standard(folder, transport):
    """The product and all references, as W1 and W2 use them."""
    return [("hearth", lambda: Hearth(folder, transport)), ("forwarder", lambda: Forwarder(folder, transport)),
            ("itself", lambda: Forwarder(folder, transport, label="itself")),
            ("zmq_proxy", lambda: Proxy(folder, transport)), ("direct", lambda: Direct(folder, transport))]


def references(results):
    return [name for name in results if name not in ("hearth", "itself")]


def latency(run):
    """W1: one caller, one call at a time."""
    rows = []
    for transport in TRANSPORTS:
        peers = run.peers("W1", transport)
        with run.sides(lambda folder, t=transport, p=peers: standard(folder, t) + p(folder)) as sides:
            results = run.interleave(sides, (16, 1, 1000 if run.quick else 3000), f"W1 {transport}")
        for reference in references(results):
            for key in figures.KEYS["W1"]:
                rows.append(figures.compare(results, "W1", transport, 16, 1, reference, key,
                                            target_of(f"W1 {key}", 16, reference)))
    return rows


#  in flight -> calls a round; 64 KiB are so many times fewer
FLIGHTS = {1: 3000, 10: 15000, 100: 40000, 1000: 60000}
LARGE = 65536
LARGE_SHARE = 12
QUICK_SHARE = 3


def throughput_points(quick):
    for size in (16, 1024, LARGE):
        for in_flight in (1000,) if quick else FLIGHTS:
            calls = FLIGHTS[in_flight] // (QUICK_SHARE if quick else 1)
            yield size, in_flight, calls // (LARGE_SHARE if size == LARGE else 1)


def judge_reference(rows, results):
    """A forwarder that is much slower than zmq_proxy is no reference."""
    share = statistics.median(f["rate"] / p["rate"] for f, p in zip(results["forwarder"], results["zmq_proxy"]))
    for row in rows:
        row["forwarder_of_zmq_proxy"] = round(share, 3)
        if share < PROXY_LEAST and row["reference_name"] == "forwarder":
            row["verdict"] = "no reference"


def throughput(run):
    """W2: one caller, many calls in flight."""
    rows = []
    for transport in TRANSPORTS:
        peers = run.peers("W2", transport)
        with run.sides(lambda folder, t=transport, p=peers: standard(folder, t) + p(folder)) as sides:
            for size, in_flight, calls in throughput_points(run.quick):
                taking_part = {name: side for name, side in sides.items() if name in OURS or in_flight == 1000 and size != LARGE}
                results = run.interleave(taking_part, (size, in_flight, calls),
                                         f"W2 {transport} {size} B, {in_flight} in flight")
                new = [figures.compare(results, "W2", transport, size, in_flight, reference,
                                       target=target_of("W2", size, reference, in_flight)) for reference in references(results)]
                if size != LARGE:
                    judge_reference(new, results)
                rows += new
    return rows


def crowd_sides(folder, transport, services, pool):
    shape = {"clients": CALLERS, "services": services, "pool": pool}
    sides = [("hearth", lambda: Hearth(folder, transport, **shape)),
             ("forwarder", lambda: Forwarder(folder, transport, **shape)),
             ("itself", lambda: Forwarder(folder, transport, label="itself", **shape))]
    if pool:  # a DEALER knows no names: zmq_proxy is a pool
        sides.append(("zmq_proxy", lambda: Proxy(folder, transport, CALLERS, services)))
    return sides


def crowd(run):
    """W3: 64 callers, one call at a time each: one service, eight, and a pool of eight."""
    rows = []
    for what, services, pool in (("one service", 1, False), ("8 services", POOL, False), ("a pool of 8", POOL, True)):
        for transport in TRANSPORTS[:1] if run.quick else TRANSPORTS:
            peers = run.peers("W3", transport) if services == 1 else run.peers()
            make = lambda folder, t=transport, s=services, q=pool, p=peers: crowd_sides(folder, t, s, q) + p(folder)
            with run.sides(make) as sides:
                results = run.interleave(sides, (16, 1, 100 if run.quick else 250), f"W3 {what}, {transport}")
            rows += [{**figures.compare(results, "W3", transport, 16, CALLERS, reference,
                                        target=target_of("W3", 16, reference)), "what": what}
                     for reference in references(results)]
    return rows


def notifications(run):
    """W4: one publisher; numbers and history are on, as always."""
    rows = []
    for observers in OBSERVERS:
        for transport in TRANSPORTS[:1] if run.quick else TRANSPORTS:
            make = lambda folder, t=transport, n=observers: [
                ("hearth", lambda: Notes(folder, t, n)), ("zmq_proxy", lambda: RawNotes(folder, t, n)),
                ("itself", lambda: RawNotes(folder, t, n, "itself"))]
            with run.sides(make) as sides:
                for size in (16, 1024):
                    calls = (6400 if run.quick else 19200) // observers * 2 // 64 * 64 + 640
                    results = run.interleave(sides, (size, 256, calls), f"W4 {transport} {size} B, {observers} observers")
                    row = figures.compare(results, "W4", transport, size, 256, "zmq_proxy", target=target_of("W4", size, "zmq_proxy"))
                    rows.append({**row, "unit": "notes/s", "what": f"{observers} observer{'s' * (observers > 1)}"})
    return rows


#  Of W5: what, streams at once, which way the product's items go, whether there is a target. The references' flow is the same both ways.
SHAPES = (("down", 1, "down", True), ("8 streams", 8, "down", False), ("up", 1, "up", False))
WINDOW_ITEMS, WINDOW_BYTES = 1000, 1 << 20  # of a stream of the product's that has grown
ITEMS = {16: 240000, LARGE: 6000}  # a round


def stream_sides(folder, transport, streams, way):
    shape = {"programs": STREAMS, "words": (streams,)}
    sides = [("hearth", lambda: Streams(folder, transport, streams, way)),
             ("forwarder", lambda: Forwarder(folder, transport, **shape)),
             ("itself", lambda: Forwarder(folder, transport, label="itself", **shape))]
    if streams == 1 and way == "down":
        sides += [("zmq_proxy", lambda: Proxy(folder, transport, **shape)), ("direct", lambda: Direct(folder, transport, **shape))]
    return sides


def in_mib(row):
    """A row of items a second as one of bytes."""
    scale = row["size"] / (1 << 20)
    return {**row, "unit": "MiB/s", "product": round(row["product"] * scale, 1), "reference": round(row["reference"] * scale, 1)}


def streams(run):
    """W5: items of a stream; the references keep a window as large as the product's."""
    rows = []
    for what, count, way, is_judged in SHAPES[:1] if run.quick else SHAPES:
        for transport in TRANSPORTS[:1] if run.quick else TRANSPORTS:
            with run.sides(lambda folder, t=transport, n=count, w=way: stream_sides(folder, t, n, w)) as sides:
                for size, items in ITEMS.items():
                    window = min(WINDOW_ITEMS, WINDOW_BYTES // size)
                    calls = items // (QUICK_SHARE if run.quick else 1)
                    results = run.interleave(sides, (size, window, calls), f"W5 {what}, {transport} {size} B")
                    for reference in references(results):
                        row = figures.compare(results, "W5", transport, size, window, reference,
                                              target=target_of("W5", size, reference) if is_judged else None)
                        row = {**row, "unit": "items/s", "what": what}
                        rows.append(in_mib(row) if size == LARGE else row)
    return rows


def start_times(what, *words, rounds):
    done = subprocess.run([str(word) for word in (TOOLS / "bench_start", what, rounds, *words)], check=False,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        fail(f"{words[0]}: {done.stderr.strip()}")
    return statistics.median(float(line) for line in done.stdout.split())


def starts(run):
    """W8: from exec to ready of the broker, and the whole of `hearth call`; beside them the forwarder's start."""
    rounds = 2 * run.rounds
    run.report("W8: starts")
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        broker_words = [BIN / "hearth-broker", "--bind", f"ipc://{folder}/a", "--publish", f"ipc://{folder}/b",
                        "--log-level", "error", "--settle", "0", "--ready-fd", "@"]
        broker_ms = start_times("fd", *broker_words, rounds=rounds)
        bare_ms = start_times("line", TOOLS / "bench_forwarder", f"ipc://{folder}/c", rounds=rounds)
        broker = Broker(pathlib.Path(folder), "tcp")
        service = Process(TOOLS / "bench_hearth_service", broker.address, "bench.echo", 10)
        call_ms = start_times("end", BIN / "hearth", "--broker", broker.address, "call", "bench.echo", "echo", "616263",
                              rounds=rounds)
        service.end()
        broker.end()
    return [figures.single("W8", broker_ms, "ms", bare_ms, "forwarder", START_MOST_MS, what="broker ready", transport="ipc"),
            figures.single("W8", call_ms, "ms", bare_ms, "forwarder", START_MOST_MS, what="hearth call", transport="tcp")]


def workers(run):
    """W9: a handler that waits 1 ms: two workers against one."""
    make = lambda folder: [("hearth", lambda: Workers(folder, "tcp", 2)), ("one worker", lambda: Workers(folder, "tcp", 1, "one")),
                           ("itself", lambda: Workers(folder, "tcp", 1, "itself"))]
    with run.sides(make) as sides:
        results = run.interleave(sides, (16, 16, 200 if run.quick else 1000), "W9")
    return [{**figures.compare(results, "W9", "tcp", 16, 16, "one worker", target=("least", WORKERS_LEAST)), "what": "2 workers"}]

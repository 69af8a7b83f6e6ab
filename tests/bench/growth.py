"""W6, how the ratio to the forwarder grows with what a broker has to hold, and memory: what each thing costs that it holds."""

import pathlib
import statistics
import tempfile

import figures
from process import TOOLS, Broker, Process
from sides import Forwarder, Hearth
from workloads import MEMORY_MOST_MIB

ROUNDS = 9
GROWTH_MOST = 0.15
NAMES = (0, 1000, 10000)
IDLE = (10, 100, 1000, 5000)
FLIGHTS = (10, 100, 1000, 10000)
ROOM = 10000  # calls that the service takes in these workloads
NAMES_A_SESSION = 100
LATENCY, THROUGHPUT = "p50", "rate"


class Loaded(Hearth):
    """The product with room for all that is in flight, and with something to hold."""

    def __init__(self, folder, label, load=()):
        super().__init__(folder, "tcp", capacity=ROOM, options=("--max-capacity", ROOM), label=label)
        if load:
            self.start("service", TOOLS / load[0], self.address, *load[1:])


class LoadedForwarder(Forwarder):
    def __init__(self, folder, label, idle=0):
        super().__init__(folder, "tcp", label=label)
        if idle:
            self.start("service", TOOLS / "bench_idle", self.address, idle)


def ratio_of(results, point, key):
    return statistics.median(p[key] / r[key] for p, r in zip(results[f"hearth {point}"], results[f"forwarder {point}"]))


def rows_of(results, what, points, in_flight, key, size=16):
    """A row for each point, and one for the growth from the least to the most."""
    rows = []
    for point in points:
        pair = {"hearth": results[f"hearth {point}"], "forwarder": results[f"forwarder {point}"]}
        row = figures.compare(pair, "W6", "tcp", size, in_flight or point, "forwarder", key)
        rows.append({**row, "what": f"{point} {what}"})
    first, last = ratio_of(results, points[0], key), ratio_of(results, points[-1], key)
    growth = last / first if key == LATENCY else first / last
    own = max(row["spread"] for row in rows)
    verdict = "reached" if growth <= 1 + GROWTH_MOST else "inconclusive" if growth <= 1 + GROWTH_MOST + own else "missed"
    rows.append({**figures.single("W6", last, "ratio", first, f"{points[0]} {what}", transport="tcp", size=size,
                                  inflight=in_flight or points[-1], what=f"{what}, growth of {key}"),
                 "verdict": verdict, "ratio": round(growth, 3), "spread": own})
    return rows


def series(run, what, points, make):
    """All points at once, so that they are interleaved with each other, too: W1, then W2."""
    rows, rounds = [], min(run.rounds, ROUNDS)
    with run.sides(make) as sides:
        for in_flight, calls, key in ((1, 1500, LATENCY), (1000, 30000, THROUGHPUT)):
            results = run.interleave(sides, (16, in_flight, calls // (3 if run.quick else 1)), f"W6 {what}, {key}", rounds)
            rows += rows_of(results, what, points, in_flight, key)
    return rows


def with_names(folder):
    for count in NAMES:
        load = ("bench_names", count // NAMES_A_SESSION, NAMES_A_SESSION) if count else ()
        yield f"hearth {count}", lambda n=count, given=load: Loaded(folder, f"hearth-{n}", given)
        yield f"forwarder {count}", lambda n=count: LoadedForwarder(folder, f"forwarder-{n}")


def with_idle(folder):
    for count in IDLE:
        yield f"hearth {count}", lambda n=count: Loaded(folder, f"hearth-{n}", ("bench_idle", n, "hello"))
        yield f"forwarder {count}", lambda n=count: LoadedForwarder(folder, f"forwarder-{n}", n)


def flights(run):
    """One pair of sides for all: what is in flight is the job's. The broker lets 10,000 calls be dispatched to a session."""
    make = lambda folder: [("hearth", lambda: Loaded(folder, "hearth")),
                           ("forwarder", lambda: LoadedForwarder(folder, "forwarder"))]
    results, rounds = {}, min(run.rounds, ROUNDS)
    with run.sides(make) as sides:
        for turn in range(rounds):
            for in_flight in FLIGHTS:
                calls = min(60000, 5000 + 200 * in_flight) // (3 if run.quick else 1)
                one = run.interleave(sides, (16, in_flight, max(calls, in_flight)), f"W6 calls in flight, {turn + 1} of {rounds}", 1)
                for name, found in one.items():
                    results.setdefault(f"{name} {in_flight}", []).extend(found)
    return rows_of(results, "in flight", FLIGHTS, None, THROUGHPUT)


def growth(run):
    """W6: the ratio to the forwarder with more and more names, idle connections, calls in flight."""
    return series(run, "names", NAMES, with_names) + series(run, "idle connections", IDLE, with_idle) + flights(run)


def held(program, *words, options=()):
    """Bytes of the broker's memory before and after a program has it hold something."""
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        broker = Broker(pathlib.Path(folder), "ipc", *options)
        try:
            before = broker.memory_bytes()
            holder = Process(TOOLS / program, broker.address, *words)
            if program in ("bench_pending", "bench_topics"):
                before = broker.memory_bytes()
                holder.line()
            after = broker.memory_bytes()
            holder.end()
        finally:
            broker.end()
    return before, after


HOLDINGS = (("name", 10000, "bench_names", (100, 100), ()), ("connection", 1000, "bench_idle", (1000, "hello"), ()),
            ("pending call", 9000, "bench_pending", (9000,), ("--max-capacity", ROOM)),
            ("topic", 9000, "bench_topics", (9000,), ()))


def memory(run):
    """Bytes of the broker's resident memory for each name, connection, pending call and topic."""
    rows = []
    for what, count, program, words, options in HOLDINGS:
        run.report(f"memory: {count} of a {what}")
        before, after = held(program, *words, options=options)
        rows.append(figures.single("memory", (after - before) / count, "bytes", what=f"a {what}", transport="ipc"))
        if what == "name":
            rows.append(figures.single("memory", after / 1048576, "MiB", before / 1048576, "empty broker", MEMORY_MOST_MIB,
                                       what="10,000 names, 100 sessions", transport="ipc"))
    return rows

"""The benchmark: product and reference, interleaved in one run, as ratios.

Machines are shared and noisy, so no figure stands alone: each round measures the product and a bare libzmq forwarder
one after the other, the reference also runs against itself, and a difference finer than that spread is "inconclusive".
CPU time a call, all three processes with their I/O threads, is told beside the rate: it suffers less from neighbours.

The reference is as fast as plain libzmq can be with frames of the product's size: one ROUTER, one frame a message that
is moved and never copied, no poll before a message, no allocation but libzmq's own, one I/O thread. It checks, decodes
and promises nothing: its caller does not even tell answers apart. The product is measured through its public interface,
with default options, except for the service's capacity, which is the number of calls in flight.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

BIN = pathlib.Path(os.environ["HEARTH_BENCH_BIN"])
ROUNDS, QUICK_ROUNDS = 15, 5
QUICK_SHARE = 3  # --quick makes a third of the calls in each round
PROXY_LEAST = 0.7  # a forwarder below this share of zmq_proxy is not a reference

#  name, what is measured, (transport, size, in flight), calls a round, target: ratio and which way is better
W1 = [("W1", transport, 16, 1, 3000) for transport in ("tcp", "ipc")]
W2 = [("W2", transport, size, 1000, 60000) for transport in ("tcp", "ipc") for size in (16, 1024)]
TARGETS = {"W1": 1.15, "W2": 0.8}
MEMORY_TARGET_MIB = 60


class Process:
    """A program that says a line when it is ready; ended by its pid."""

    def __init__(self, *words, lines=1):
        self.child = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, text=True)
        self.said = [self.child.stdout.readline().strip() for _ in range(lines)]
        if not self.said[-1]:
            raise SystemExit(f"bench: {words[0]} did not start")

    def cpu_us(self):
        tasks = pathlib.Path(f"/proc/{self.child.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1000

    def memory_mib(self, key="VmRSS"):
        for line in pathlib.Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def end(self):
        self.child.terminate()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


class Broker(Process):
    def __init__(self, folder, transport):
        read, write = os.pipe()
        bind = "tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{folder}/broker"
        publish = "tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{folder}/publish"
        self.child = subprocess.Popen([str(BIN / "hearth-broker"), "--bind", bind, "--publish", publish, "--settle", "0",
                                       "--log-level", "error", "--ready-fd", str(write)], pass_fds=[write],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        os.close(write)
        with os.fdopen(read) as ready:
            words = ready.readline().split()
        if not words:
            raise SystemExit("bench: the broker did not start")
        self.address = words[1]


class Hearth:
    """The product: broker, service, client, all through the public interface."""

    name = "hearth"

    def __init__(self, folder, transport):
        self.broker = Broker(folder, transport)
        self.service = Process(BIN / "bench_hearth_service", self.broker.address)
        self.client = [BIN / "bench_hearth_client", self.broker.address]

    def processes(self):
        return {"broker": self.broker, "service": self.service}

    def end(self):
        self.service.end()
        self.broker.end()


class Forwarder:
    """The reference: one ROUTER without logic."""

    name = "forwarder"

    def __init__(self, folder, transport, label="forwarder"):
        bind = "tcp://127.0.0.1:*" if transport == "tcp" else f"ipc://{folder}/{label}"
        self.broker = Process(BIN / "bench_forwarder", bind)
        address = self.broker.said[0]
        self.service = Process(BIN / "bench_raw_service", address)
        self.client = [BIN / "bench_raw_client", address]

    processes = Hearth.processes
    end = Hearth.end


class Proxy(Forwarder):
    """zmq_proxy, which judges whether the forwarder is a reference."""

    name = "zmq_proxy"

    def __init__(self, folder, transport):
        binds = [f"tcp://127.0.0.1:*"] * 2 if transport == "tcp" else [f"ipc://{folder}/{end}" for end in "ab"]
        self.broker = Process(BIN / "bench_proxy", *binds, lines=2)
        frontend, backend = self.broker.said
        self.service = Process(BIN / "bench_raw_service", backend, "proxy")
        self.client = [BIN / "bench_raw_client", frontend]


def measure(side, size, in_flight, calls):
    """One round of one side: what its client says, and CPU per call in each process."""
    before = {name: process.cpu_us() for name, process in side.processes().items()}
    done = subprocess.run([str(word) for word in (*side.client, size, in_flight, calls)], check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: {side.name}: {done.stderr.strip()}")
    result = json.loads(done.stdout)
    total = calls + calls // 10 + 1  # the warm-up's calls, too
    cpu = {name: (process.cpu_us() - before[name]) / total for name, process in side.processes().items()}
    cpu["client"] = result["client_cpu_us"]
    result["cpu_us"] = cpu
    return result


def spread(values):
    """Half the distance between the quartiles, relative to the median."""
    if len(values) < 4:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / statistics.median(values)


def verdict(workload, ratios, self_spread):
    middle, target = statistics.median(ratios), TARGETS[workload]
    good = middle <= target if workload == "W1" else middle >= target
    if abs(middle - target) <= self_spread * middle:
        return "inconclusive"
    return "reached" if good else "missed"


def judge_forwarder(sides, results):
    share = statistics.median(r["rate"] for r in results["forwarder"]) / statistics.median(
        r["rate"] for r in results["zmq_proxy"])
    return share


def figure(workload, result, key):
    return result[key] if workload == "W1" else result["rate"]


def row(workload, transport, size, in_flight, results, key):
    product = [figure(workload, r, key) for r in results["hearth"]]
    reference = [figure(workload, r, key) for r in results["forwarder"]]
    again = [figure(workload, r, key) for r in results["itself"]]
    ratios = [p / r for p, r in zip(product, reference)]
    self_ratios = [a / r for a, r in zip(again, reference)]
    cpu = {side: {name: round(statistics.median(r["cpu_us"][name] for r in results[side]), 3)
                  for name in ("client", "broker", "service")} for side in ("hearth", "forwarder")}
    own = spread(self_ratios)
    total = {side: sum(parts.values()) for side, parts in cpu.items()}
    return {"workload": workload if workload == "W2" else f"{workload} {key}", "transport": transport, "size": size,
            "inflight": in_flight, "product": round(statistics.median(product), 1),
            "reference": round(statistics.median(reference), 1), "reference_name": "forwarder",
            "ratio": round(statistics.median(ratios), 3), "spread": round(spread(ratios), 3),
            "reference_against_itself": round(statistics.median(self_ratios), 3), "reference_spread": round(own, 3),
            "cpu_us_per_call": cpu, "cpu_ratio": round(total["forwarder"] / total["hearth"], 3), "rounds": len(product),
            "verdict": verdict(workload, ratios, own) if key in ("p50", "rate") else "-"}


def run_workload(workload, transport, size, in_flight, calls, rounds, report):
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        sides = {"hearth": Hearth(folder, transport), "forwarder": Forwarder(folder, transport),
                 "itself": Forwarder(folder, transport, "itself")}
        if workload == "W2":
            sides["zmq_proxy"] = Proxy(folder, transport)
        results = {name: [] for name in sides}
        try:
            for turn in range(rounds):
                names = list(sides) if turn % 2 == 0 else list(reversed(sides))
                for name in names:
                    results[name].append(measure(sides[name], size, in_flight, calls))
                report(f"{workload} {transport} {size} B: round {turn + 1} of {rounds}")
        finally:
            for side in sides.values():
                side.end()
    keys = ("p50", "p90", "p99", "p999") if workload == "W1" else ("rate",)
    rows = [row(workload, transport, size, in_flight, results, key) for key in keys]
    if workload == "W2":
        share = judge_forwarder(sides, results)
        rows[0]["forwarder_of_zmq_proxy"] = round(share, 3)
        if share < PROXY_LEAST:
            rows[0]["verdict"] = "no reference"
    return rows


def run_memory(report):
    """Resident memory of a broker with 10,000 names: 100 sessions, five documented methods each."""
    report("memory: 10,000 names")
    with tempfile.TemporaryDirectory(prefix="hearth-bench-") as folder:
        broker = Broker(folder, "ipc")
        try:
            empty = broker.memory_mib()
            names = Process(BIN / "bench_names", broker.address, 100, 100)
            full = broker.memory_mib()
            names.end()
        finally:
            broker.end()
    return {"workload": "memory", "transport": "ipc", "size": 0, "inflight": 0, "product": round(full, 1),
            "reference": round(empty, 1), "reference_name": "empty broker", "ratio": round(full / empty, 2), "spread": 0,
            "cpu_us_per_call": {}, "bytes_per_name": round((full - empty) * 1048576 / 10000),
            "verdict": "reached" if full < MEMORY_TARGET_MIB else "missed"}


def machine():
    cpus = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")]
    return {"cpu": cpus[0] if cpus else platform.machine(), "cores": os.cpu_count(), "kernel": platform.release(),
            "libzmq": os.environ.get("HEARTH_BENCH_ZMQ", "?")}


def show(rows):
    head = ("workload", "transport", "size", "product", "reference", "ratio", "±", "itself", "verdict")
    widths = (9, 9, 5, 11, 11, 7, 6, 7, 13)
    print("  ".join(word.rjust(width) for word, width in zip(head, widths)))
    for entry in rows:
        unit = {"memory": " MiB", "W2": "/s"}.get(entry["workload"], " us")
        cells = (entry["workload"], entry["transport"], str(entry["size"]), f"{entry['product']:.0f}{unit}",
                 f"{entry['reference']:.0f}{unit}", f"{entry['ratio']:.3f}", f"{entry['spread']:.3f}",
                 f"{entry.get('reference_against_itself', 0):.3f}", entry["verdict"])
        print("  ".join(cell.rjust(width) for cell, width in zip(cells, widths)))
    print("\nCPU per call, us (client, broker, service; forwarder's sum / product's):")
    for entry in rows:
        for side, parts in entry["cpu_us_per_call"].items():
            if entry["workload"] in ("W2", "W1 p50"):
                print(f"  {entry['workload']:7} {entry['transport']} {entry['size']:5} B  {side:10}"
                      + "".join(f"{parts[name]:9.2f}" for name in ("client", "broker", "service"))
                      + (f"{entry['cpu_ratio']:9.3f}" if side == "hearth" else ""))


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("workload", nargs="*", help="W1 (one caller's latency), W2 (1000 calls in flight), memory; all")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--quick", action="store_true",
                        help=f"{QUICK_ROUNDS} rounds instead of {ROUNDS}, of fewer calls: whether anything broke")
    parser.add_argument("--rounds", type=int, help="so many rounds")
    options = parser.parse_args()
    wanted = options.workload or ["W1", "W2", "memory"]
    unknown = set(wanted) - {"W1", "W2", "memory"}
    if unknown:
        parser.error(f"unknown workload {', '.join(sorted(unknown))}; there are W1, W2 and memory")
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    is_terminal = sys.stderr.isatty()

    def report(text):
        print(f"\r\033[K{text}" if is_terminal else text, end="" if is_terminal else "\n", file=sys.stderr, flush=True)

    rows = []
    for workload, transport, size, in_flight, calls in W1 + W2:
        if workload in wanted:
            share = QUICK_SHARE if options.quick else 1
            rows += run_workload(workload, transport, size, in_flight, calls // share, rounds, report)
    if "memory" in wanted:
        rows.append(run_memory(report))
    report("")
    show(rows)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()

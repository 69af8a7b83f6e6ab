"""A caller of Pyro4: single calls, or batches of as many as may be in flight. usage: pyro_client.py URI; jobs come as lines (bench.h)."""

import json
import sys
import time

import Pyro4

Pyro4.config.SERIALIZER = "msgpack"


def run(proxy, size, in_flight, calls):
    """The calls' latencies; of batches: none."""
    payload, taken = "x" * size, []
    if in_flight == 1:
        for _ in range(calls):
            start = time.perf_counter()
            proxy.echo(payload)
            taken.append((time.perf_counter() - start) * 1e6)
        return sorted(taken)
    for start in range(0, calls, in_flight):
        batch = Pyro4.batch(proxy)
        for _ in range(min(in_flight, calls - start)):
            batch.echo(payload)
        for _ in batch():
            pass
    return taken


with Pyro4.Proxy(sys.argv[1]) as caller:
    print("ready", flush=True)
    for line in sys.stdin:
        size, in_flight, calls = map(int, line.split())
        warm_up = calls // 20 + 1
        run(caller, size, in_flight, warm_up)
        start = time.monotonic()
        latencies = run(caller, size, in_flight, calls)
        answer = {"calls": calls, "made": calls + warm_up, "start": start, "end": time.monotonic()}
        if latencies:
            for name, point in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)):
                answer[name] = latencies[int((calls - 1) * point)]
        print(json.dumps(answer), flush=True)

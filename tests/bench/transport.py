"""What a transport without libzmq would gain: a forwarder on epoll against the one on libzmq, with the same callers and services."""

import figures
from sides import EpollForwarder, Forwarder
from workloads import CALLERS, FLIGHTS, LARGE, LARGE_SHARE, TRANSPORTS

#  what, callers, bytes, in flight, calls a round, the figure that is compared
POINTS = (("one at a time", 1, 16, 1, FLIGHTS[1], "p50"), ("in flight", 1, 16, 1000, FLIGHTS[1000], "rate"),
          ("in flight", 1, 1024, 1000, FLIGHTS[1000], "rate"), ("in flight", 1, LARGE, 1000, FLIGHTS[1000] // LARGE_SHARE, "rate"),
          (f"{CALLERS} callers", CALLERS, 16, 1, 250, "rate"))


def transport(run):
    """The product of these rows is the forwarder on epoll."""
    rows = []
    for over in TRANSPORTS:
        for what, callers, size, in_flight, calls, key in POINTS:
            make = lambda folder, t=over, n=callers: [("hearth", lambda: EpollForwarder(folder, t, n, label="epoll")),
                                                      ("forwarder", lambda: Forwarder(folder, t, n)),
                                                      ("itself", lambda: Forwarder(folder, t, n, label="itself"))]
            with run.sides(make) as sides:
                results = run.interleave(sides, (size, in_flight, calls // (3 if run.quick else 1)), f"transport {over}, {what}")
            rows.append({**figures.compare(results, "transport", over, size, in_flight, "forwarder", key), "what": what,
                         "workload": "transport"})
    return rows

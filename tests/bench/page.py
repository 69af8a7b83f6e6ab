#!/usr/bin/python3
"""Puts the figures of `scripts/bench --json FILE` into docs/performance.md and docs/performance.svg.

usage: page.py FILE. The page has a place for each table, between `<!-- figures: NAME -->` and `<!-- end -->`. A table whose
workload was not measured stays as it is. Nothing else of the page is touched.
"""

import json
import pathlib
import re
import sys

import plot
from report import amount

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
PLACE = r"(<!-- figures: {} -->\n)(.*?)(<!-- end -->)"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]) + "\n"


def ratio(row):
    return f"{row['ratio']:.2f} ± {row['spread']:.2f}"


def again(row):
    return f"± {row['reference_spread']:.2f}" if row.get("reference_against_itself") else ""


def against(rows, key, names):
    return [row for row in rows if row["workload"] == key and row["reference_name"] in names]


def cpu_sums(row):
    return [f"{sum(cpu.values()):.2f}" for cpu in row["cpu_us_per_call"].values()]


def latency(rows, names=("forwarder",)):
    return [[row["transport"], row["workload"][3:].replace("p999", "p99.9"), row["reference_name"], amount(row["product"], "us"),
             amount(row["reference"], "us"), ratio(row), again(row), row["verdict"]]
            for key in ("p50", "p90", "p99", "p999") for row in against(rows, f"W1 {key}", names)
            if key in ("p50", "p99") or row["reference_name"] == "forwarder"]


def rate(rows, key, names, label):
    return [[row["transport"], label(row), row["reference_name"], amount(row["product"], row["unit"]),
             amount(row["reference"], row["unit"]), ratio(row), again(row), *cpu_sums(row), row["verdict"]]
            for row in against(rows, key, names) if shown(row)]


def shown(row):
    """Of W2 all against the forwarder, and the smallest and busiest against the others."""
    return row["workload"] != "W2" or row["reference_name"] not in ("zmq_proxy", "direct") or row["size"] == 16 and row["inflight"] == 1000


def size_and_flight(row):
    return f"{row['size']:,} B, {row['inflight']:,} in flight"


def what(row):
    return f"{row['what']}, {row['size']:,} B" if row["workload"] in ("W4", "W5") else row["what"]


RATES = ("over", "what", "against", "hearth", "reference", "ratio", "reference against itself", "CPU, hearth", "CPU, reference",
         "verdict")
TIMES = ("over", "percentile", "against", "hearth", "reference", "ratio", "reference against itself", "verdict")
OURS = ("forwarder", "zmq_proxy", "direct")
PEERS = ("NATS", "dbus-broker", "Pyro4")


def counted(rows, unit):
    found = []
    for row in rows:
        if row["workload"] == "W7" and row["unit"] == unit:
            parts = sorted(row["parts"]["hearth"].items(), key=lambda part: -part[1])
            found.append([f"{row['inflight']:,}", row["what"], f"{row['product']:,.1f}", f"{row['reference']:,.1f}",
                          ", ".join(f"{name} {value:,.1f}" for name, value in parts if value >= 0.05)])
    return table(("in flight", "process", "hearth", "forwarder", "of hearth's"), found) if found else ""


def growth(rows):
    return [[row["what"], row["inflight"], "" if row["unit"] == "ratio" else amount(row["product"], row["unit"]),
             "" if row["unit"] == "ratio" else amount(row["reference"], row["unit"]), ratio(row), row["verdict"]]
            for row in rows if row["workload"].startswith("W6")]


def plain(rows, key):
    return [[row["what"], amount(row["product"], row["unit"]),
             f"{row['reference_name']}: {amount(row['reference'], row['unit'])}" if row["reference"] else "", row["verdict"]]
            for row in rows if row["workload"] == key]


def machine(figures):
    found = figures["machine"]
    return (f"{found['cores']} cores of {found['cpu']}, Linux {found['kernel']}, libzmq {found['libzmq']}, {found['compiler']}; "
            f"{max(row.get('rounds', 0) for row in figures['rows'])} rounds.\n")


def filled(head, rows):
    return table(head, rows) if rows else ""


def tables(figures):
    """The page's tables by name; empty: not measured."""
    rows = figures["rows"]
    return {"machine": machine(figures),
            "W1": filled(TIMES, latency(rows, OURS)),
            "W2": filled(RATES, rate(rows, "W2", OURS, size_and_flight)),
            "W3": filled(RATES, rate(rows, "W3", OURS, what)),
            "W4": filled(RATES, rate(rows, "W4", OURS, what)),
            "W5": filled(RATES, rate(rows, "W5", OURS, what)),
            "W6": filled(("what", "in flight", "hearth", "forwarder", "ratio, or its growth", "verdict"), growth(rows)),
            "instructions": counted(rows, "instructions"),
            "system calls": counted(rows, "system calls"),
            "memory": filled(("what", "hearth", "", "verdict"), plain(rows, "memory")),
            "W8": filled(("what", "hearth", "", "verdict"), plain(rows, "W8")),
            "W9": filled(RATES, rate(rows, "W9", ("one worker",), what)),
            "transport": filled(("over", "what", "on epoll", "on libzmq", "ratio", "libzmq's against itself", "CPU, on epoll", "CPU, on libzmq"),
                                [[row["transport"], f"{row['what']}, {row['size']:,} B", amount(row["product"], row["unit"]),
                                  amount(row["reference"], row["unit"]), ratio(row), again(row), *cpu_sums(row)]
                                 for row in against(rows, "transport", OURS)]),
            "peers, one at a time": filled(TIMES, latency(rows, PEERS)),
            "peers": filled(RATES, rate(rows, "W2", PEERS, size_and_flight) + rate(rows, "W3", PEERS, what))}


def main(path):
    figures = json.loads(pathlib.Path(path).read_text())
    page = DOCS / "performance.md"
    text = page.read_text()
    for name, new in tables(figures).items():
        place = re.compile(PLACE.format(re.escape(name)), re.DOTALL)
        if not place.search(text):
            raise SystemExit(f"page: {page.name} has no place for {name}")
        if new:
            text = place.sub(lambda found, new=new: f"{found[1]}{new}{found[3]}", text)
    page.write_text(text)
    bars = plot.bars(figures["rows"])
    if bars:
        (DOCS / "performance.svg").write_text(bars)


if __name__ == "__main__":
    main(*sys.argv[1:])

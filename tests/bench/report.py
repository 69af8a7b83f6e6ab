"""The table in the terminal."""

COLUMNS = (("workload", 8), ("", 24), ("via", 4), ("size", 6), ("flight", 6), ("hearth", 15), ("reference", 26), ("ratio", 6),
           ("±", 6), ("itself", 6), ("verdict", 12))
REFERENCE = dict.fromkeys(("W1 p50", "W2", "W3", "W5"), "forwarder") | {"W4": "zmq_proxy"}  # beside whose CPU time the product's is shown
PLACES = {"us": 1, "ms": 2, "MiB": 1, "ratio": 3}


def amount(value, unit):
    return f"{value:,.{PLACES.get(unit, 0)}f} {unit}"


def cells(row):
    unit = row["unit"]
    reference = "" if row["reference_name"] == "-" else f"{row['reference_name']} {amount(row['reference'], unit)}"
    again = row.get("reference_against_itself")
    return (row["workload"], row.get("what", ""), row["transport"], str(row["size"] or ""), str(row["inflight"] or ""),
            amount(row["product"], unit), reference, f"{row['ratio']:.3f}" if row["ratio"] else "",
            f"{row['spread']:.3f}" if row["spread"] else "", f"{again:.3f}" if again else "", row["verdict"])


def line(words):
    return "  ".join(word.ljust(width) if at < 5 else word.rjust(width)
                     for at, (word, (_, width)) in enumerate(zip(words, COLUMNS))).rstrip()


def cpu_line(row):
    parts = [f"  {row['workload']:7} {row.get('what', ''):24} {row['transport']:4} {row['size']:6} {row['inflight']:6}"]
    for side, cpu in row["cpu_us_per_call"].items():
        parts.append(f"{side:>10}" + "".join(f"{cpu[role]:8.2f}" for role in ("client", "broker", "service"))
                     + f"{sum(cpu.values()):8.2f}")
    return "".join(parts)


def show(rows):
    print(line([name for name, _ in COLUMNS]))
    for row in rows:
        print(line(cells(row)))
    costs = [row for row in rows if row["cpu_us_per_call"]
             and row["reference_name"] == REFERENCE.get(row["workload"])]
    if costs:
        print("\nCPU a call in us: client, broker, service, all of them")
    for row in costs:
        print(cpu_line(row))

"""From rounds to rows: medians, spreads and verdicts.

Machines are shared and noisy, so no figure stands alone: each round measures all sides one after the other, in turning
order; a ratio is the median of the rounds' ratios; the reference also runs against itself, and a verdict finer than the
spread of that is "inconclusive".
"""

import statistics

KEYS = {"W1": ("p50", "p90", "p99", "p999")}  # of other workloads: the rate
ROLES = ("client", "broker", "service")


def spread(values):
    """Half the distance between the quartiles, relative to the median."""
    if len(values) < 4:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / statistics.median(values)


def judge(ratio, target, own_spread):
    """target: ("most", 1.1), ("least", 0.85), or None."""
    if target is None:
        return "-"
    way, bound = target
    if abs(ratio - bound) <= own_spread * ratio:
        return "inconclusive"
    return "reached" if (ratio <= bound) == (way == "most") else "missed"


def median_cpu(results):
    return {role: round(statistics.median(result["cpu_us"][role] for result in results), 3) for role in ROLES}


def compare(results, workload, transport, size, in_flight, reference, key="rate", target=None):
    """A row: the product against one reference, and that against itself where it was measured twice."""
    product = [result[key] for result in results["hearth"]]
    other = [result[key] for result in results[reference]]
    ratios = [p / r for p, r in zip(product, other)]
    again = [result[key] / r for result, r in zip(results.get("itself", []), other)]
    own = spread(again)
    ratio = statistics.median(ratios)
    return {"workload": workload if key == "rate" else f"{workload} {key}", "transport": transport, "size": size,
            "inflight": in_flight, "product": round(statistics.median(product), 1),
            "reference": round(statistics.median(other), 1), "reference_name": reference, "ratio": round(ratio, 3),
            "spread": round(spread(ratios), 3), "unit": "calls/s" if key == "rate" else "us",
            "reference_against_itself": round(statistics.median(again), 3) if again else None,
            "reference_spread": round(own, 3), "rounds": len(product),
            "cpu_us_per_call": {"hearth": median_cpu(results["hearth"]), reference: median_cpu(results[reference])},
            "verdict": judge(ratio, target, own)}


def single(workload, product, unit, reference=0.0, reference_name="-", target=None, **more):
    """A row about the product alone, or measured once."""
    ratio = product / reference if reference else 0.0
    entry = {"workload": workload, "transport": "-", "size": 0, "inflight": 0, "product": round(product, 2),
             "reference": round(reference, 2), "reference_name": reference_name, "ratio": round(ratio, 3), "spread": 0.0,
             "unit": unit, "cpu_us_per_call": {}, "verdict": "-" if target is None else
             "reached" if product <= target else "missed"}
    return {**entry, **more}

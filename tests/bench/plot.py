"""The plot: a bar for each workload, as the share of its reference that the product reaches, as an SVG without any help."""

from workloads import target_of

WIDTH, LABEL, BAR, STEP, TOP = 760, 230, 420, 24, 46
FULL = 1.25  # the share at the right end
COLOURS = {"tcp": "#3b6ea5", "ipc": "#c8803a"}


def chosen(rows):
    """Rows that have a target, or are one-size summaries of a workload: label, transport, share, target's share."""
    for row in rows:
        key, size, reference = row["workload"], row["size"], row["reference_name"]
        target = target_of(key, size, reference, row["inflight"]) if row["verdict"] != "-" else None
        if not target or reference not in ("forwarder", "zmq_proxy") or not row["ratio"] or (key == "W2" and row["inflight"] != 1000):
            continue
        way, bound = target
        what = row.get("what") or ("one call at a time" if key.startswith("W1") else f"{size:,} B, 1,000 in flight")
        share, least = (1 / row["ratio"], 1 / bound) if way == "most" else (row["ratio"], bound)
        yield f"{key} {what}" + (f", {size:,} B" if key in ("W4", "W5") else ""), row["transport"], share, least


def bar(at, label, transport, share, least):
    y, length, mark = TOP + at * STEP, BAR * min(share, FULL) / FULL, LABEL + BAR * least / FULL
    return (f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{label}</text>'
            f'<rect x="{LABEL}" y="{y + 2}" width="{length:.1f}" height="{STEP - 8}" fill="{COLOURS[transport]}"/>'
            f'<path d="M{mark:.1f} {y}v{STEP - 4}" stroke="#111" stroke-width="2"/>'
            f'<text x="{LABEL + length + 6:.1f}" y="{y + 13}">{share:.2f} {transport}</text>')


def bars(rows):
    """The SVG's text; empty if there is nothing to show."""
    found = list(chosen(rows))
    if not found:
        return ""
    height, one = TOP + len(found) * STEP + 12, LABEL + BAR / FULL
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        '<text x="8" y="18" font-size="14">Share of the reference that Hearth reaches; black marks: what is to be reached</text>',
        f'<path d="M{one:.1f} {TOP - 8}V{height - 8}" stroke="#999" stroke-dasharray="4 3"/>',
        f'<text x="{one:.1f}" y="{TOP - 12}" text-anchor="middle">the reference</text>',
        *(bar(at, *entry) for at, entry in enumerate(found)), "</svg>", ""])

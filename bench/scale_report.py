"""Write scale.svg, cost against the number of IrisModels, from bench/results/scale.json: scale_report.py"""

import html
import json
import math
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "results"
WIDTH, HEIGHT, LEFT, RIGHT, TOP = 330, 200, 60, 70, 50
OURS, PEER = "#2b7bb9", "#8a99a6"


def series(results, step, value):
    """Points of one step: the number of IrisModels, and what was measured."""
    return [(r["count"], value(r)) for r in results if r["step"] == step]


def panel(x, title, lines):
    """Both axes are logarithmic: what grows with the number of IrisModels is a straight line."""
    counts = sorted({count for _, _, points in lines for count, _ in points})
    values = [max(value, 0.1) for _, _, points in lines for _, value in points]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)) + 1e-9)
    first, last = math.log10(counts[0]), math.log10(counts[-1])

    def at(count, value):
        across = (math.log10(count) - first) / (last - first or 1)
        up = (math.log10(max(value, 0.1)) - low) / (high - low or 1)
        return x + LEFT + across * (WIDTH - LEFT - RIGHT), TOP + HEIGHT * (1 - up)

    svg = [f'<text x="{x + LEFT}" y="{TOP - 18}" font-weight="bold">{html.escape(title)}</text>']
    for power in range(low, high + 1):
        _, y = at(counts[0], 10**power)
        svg.append(
            f'<line x1="{x + LEFT}" x2="{x + WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}" stroke="#dde3e8"/>'
            f'<text x="{x + LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{10**power:,g}</text>'
        )
    for count in counts:
        across, y = at(count, 10**low)
        svg.append(f'<text x="{across:.0f}" y="{y + 20:.0f}" text-anchor="middle">{count:,}</text>')
    for name, colour, points in lines:
        places = [at(*point) for point in points]
        path = " ".join(f"{a:.0f},{b:.0f}" for a, b in places)
        svg.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        svg += [f'<circle cx="{a:.0f}" cy="{b:.0f}" r="3.5" fill="{colour}"/>' for a, b in places]
        a, b = places[-1]
        svg.append(f'<text x="{a + 8:.0f}" y="{b + 4:.0f}" fill="{colour}">{html.escape(name)}</text>')
    return svg


def write(results):
    created = [
        ("operator", OURS, series(results, "created", lambda r: r["seconds"])),
        ("bare", PEER, series(results, "bare client", lambda r: r["apply_seconds"])),
    ]
    deleted = [
        ("operator", OURS, series(results, "namespace deleted", lambda r: r["seconds"])),
        ("bare", PEER, series(results, "bare client's namespace deleted", lambda r: r["seconds"])),
    ]
    idle = [
        ("reads", OURS, series(results, "idle", lambda r: r["reads"])),
        ("CPU, s", PEER, series(results, "idle", lambda r: r["cpu"]["operator"])),
    ]
    memory = [("", OURS, series(results, "idle", lambda r: r["memory"]["operator"]))]
    panels = [
        ("Created, s", created),
        ("Namespace deleted, s", deleted),
        ("Operator's memory, MB", memory),
        ("An idle minute", idle),
    ]
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {HEIGHT + 90}" '
        'font-family="sans-serif" font-size="12">'
    ]
    for number, (title, lines) in enumerate(panels):
        svg += panel(number * WIDTH, title, lines)
    (FOLDER / "scale.svg").write_text("\n".join([*svg, "</svg>"]) + "\n")


if __name__ == "__main__":
    write(json.loads((FOLDER / "scale.json").read_text()))

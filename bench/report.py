"""Write results.md and results.svg, the tables and the chart, from bench/results/results.json: report.py"""

import html
import json
import math
from pathlib import Path
from statistics import median

FOLDER = Path(__file__).resolve().parent / "results"


def median_and_range(values, digits=2):
    return f"{median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def table(*header):
    return ["", f"| {' | '.join(header)} |".replace("|  |", "| |"), "|---" * len(header) + "|"]


def predictions(results):
    by_name = results["predict"]
    ours = median(next(iter(by_name.values()))["64"]["rate"])
    lines = table("server", "requests/s, 1 connection", "8", "64", "ours, of 64", "median ms, 1 connection")
    for name, by_connections in by_name.items():
        rates = [median_and_range(measured["rate"], 0) for measured in by_connections.values()]
        ratio = ours / median(by_connections["64"]["rate"])
        lines.append(
            f"| {name} | {' | '.join(rates)} | {ratio:.2f}× | {median(by_connections['1']['median_ms']):.3f} |"
        )
    return lines


def batches(results):
    by_name = results["batch"]
    ours = median(next(iter(by_name.values())))
    lines = table("1,000 rows by `/v2/models/iris/infer`, 8 connections", "rows/s", "ours")
    for name, rates in by_name.items():
        lines.append(f"| {name} | {median(rates):,.0f} | {ours / median(rates):.1f}× |")
    return lines


def starts_and_memory(results):
    ours = next(iter(results["start"]))
    our_seconds, our_megabytes = median(results["start"][ours]), results["memory"][ours]["megabytes"]
    lines = table("", "start to ready, s", "ours", "resident after, MB", "ours")
    for name, seconds in results["start"].items():
        megabytes, requests = results["memory"][name]["megabytes"], results["memory"][name]["requests"]
        lines.append(
            f"| {name} | {median_and_range(seconds)} | {our_seconds / median(seconds):.2f}× "
            f"| {megabytes:.0f} after {requests:,} requests | {our_megabytes / megabytes:.2f}× |"
        )
    return lines


def trainings(title, by_name):
    ours = median(next(iter(by_name.values())))
    lines = table(title, "", "ours")
    for name, seconds in by_name.items():
        lines.append(f"| {name} | {median_and_range(seconds)} | {ours / median(seconds):.2f}× |")
    return lines


def chart(results):
    """Requests per second at 64 connections, on a logarithmic scale: on a linear one the shortest bars would vanish."""
    bars = [(name, median(measured["64"]["rate"])) for name, measured in results["predict"].items()]
    title = "Predictions per second, 64 connections, one wrk thread (logarithmic)"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {40 + 34 * len(bars)}" '
        'font-family="sans-serif" font-size="13">',
        f'<text x="10" y="20" font-weight="bold">{title}</text>',
    ]
    for number, (name, rate) in enumerate(bars):
        y, width, colour = 34 + 34 * number, 90 * math.log10(rate), "#2b7bb9" if number == 0 else "#b9c7d3"
        lines.append(f'<text x="10" y="{y + 17}">{html.escape(name)}</text>')
        lines.append(f'<rect x="240" y="{y}" width="{width:.0f}" height="24" fill="{colour}"/>')
        lines.append(f'<text x="{248 + width:.0f}" y="{y + 17}">{rate:,.0f}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def pipeline(results):
    if "pipeline" not in results:
        return []
    heading = ["", "A scaler and a logistic regression, which ONNX Runtime answers:"]
    return [*heading, *predictions(results["pipeline"]), *batches(results["pipeline"])]


def write(results):
    lines = [
        *predictions(results),
        *batches(results),
        *starts_and_memory(results),
        *pipeline(results),
        *trainings("from start to FINISHED run, s", results["train"]),
        *trainings(f"100 trees on 1,000,000 rows, {results['cpus']} cores, s", results["fit"]),
    ]
    text = "\n".join(lines[1:]) + "\n"
    (FOLDER / "results.md").write_text(text)
    (FOLDER / "results.svg").write_text(chart(results))
    print(text)


if __name__ == "__main__":
    write(json.loads((FOLDER / "results.json").read_text()))

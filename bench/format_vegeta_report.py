"""Format vegeta's report, JSON on standard input, as a row of a Markdown table: format_vegeta_report.py RATE"""

import json
import sys

report = json.load(sys.stdin)
latencies = {name: nanoseconds / 1e6 for name, nanoseconds in report["latencies"].items()}
answered = f"{report['success'] * 100:g} % of {report['requests']:,}"
print(f"| {sys.argv[1]} | {answered} | {latencies['50th']:.2f} | {latencies['99th']:.2f} | {latencies['max']:.1f} |")

"""Load the model server at a steady rate; bench/run-soak calls it.

The first minute warms up; the last minute is compared with the second.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from processes import clean, memory, serve, start, wait_until_ready, work

BENCH = Path(__file__).resolve().parent
MAX_GROWTH = {"memory": 10, "files": 4, "threads": 2}  # megabytes, open files, threads

parser = argparse.ArgumentParser()
parser.add_argument("environment", type=Path)
parser.add_argument("images", type=Path)
parser.add_argument("vegeta", type=Path)
parser.add_argument("--minutes", type=int, default=10)
parser.add_argument("--rate", type=int, default=1000)
arguments = parser.parse_args()


def main():
    model = work / "model"
    train = [arguments.environment / "bin/python", BENCH / "peers/train.py", model]
    subprocess.run(train, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command, environment = serve(arguments.images / "model-server.tar", model, work / "server", 18101)
    server = start(command, environment)
    wait_until_ready("http://127.0.0.1:18101/health/ready")
    flower = work / "flower.json"
    flower.write_text('{"sepal_length":5.9,"sepal_width":3.0,"petal_length":5.1,"petal_width":1.8}')
    target = f"POST http://127.0.0.1:18101/predict\nContent-Type: application/json\n@{flower}\n"
    print(
        "| minute | answered | p50 ms | p99 ms | resident MB | files | threads |\n|---|---|---|---|---|---|---|",
        flush=True,
    )
    used, answered = [], 1.0
    for minute in range(1, arguments.minutes + 1):
        attack = subprocess.run(
            [arguments.vegeta, "attack", f"-rate={arguments.rate}", "-duration=60s"],
            input=target.encode(),
            capture_output=True,
            check=True,
        )
        command = [arguments.vegeta, "report", "-type=json"]
        report = json.loads(subprocess.run(command, input=attack.stdout, capture_output=True, check=True).stdout)
        process = Path("/proc", str(server.pid))
        use = {
            "memory": memory(server),
            "files": len(os.listdir(process / "fd")),
            "threads": len(os.listdir(process / "task")),
        }
        used.append(use)
        answered = min(answered, report["success"])
        p50, p99 = (report["latencies"][percentile] / 1e6 for percentile in ("50th", "99th"))
        print(
            f"| {minute} | {report['success'] * 100:g} % | {p50:.2f} | {p99:.2f} "
            f"| {use['memory']:.0f} | {use['files']} | {use['threads']} |",
            flush=True,
        )
    warm, last = used[min(1, len(used) - 1)], used[-1]
    grown = [what for what, limit in MAX_GROWTH.items() if last[what] > warm[what] + limit]
    if grown or answered < 1:
        sys.exit(f"soak: grown: {', '.join(grown) or 'nothing'}; answered in the worst minute: {answered * 100:g} %")


try:
    main()
finally:
    clean()

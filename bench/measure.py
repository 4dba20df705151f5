"""Measure the model server, the trainer and their peers; bench/run calls it. Rounds are interleaved, so that other load on the machine
affects all of them alike."""

import argparse
import html
import json
import math
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from processes import call, clean, end, memory, serve, start, unpack, wait_until_ready, work

BENCH = Path(__file__).resolve().parent
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
CONNECTIONS = (1, 8, 64)
MILLION = 1_000_000
# Seconds between the end of the load and the reading of memory.
REST = 5

parser = argparse.ArgumentParser()
parser.add_argument("environment", type=Path)
parser.add_argument("images", type=Path)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--seconds", type=int, default=5)
parser.add_argument("--starts", action="store_true", help="measure only how long the servers take to start")
arguments = parser.parse_args()
model = work / "model"
python = arguments.environment / "bin/python"
environment = os.environ | {"MODEL": str(model), "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}


class Server:
    def __init__(self, name, port, command, path, body, env=None, ready="/health", cwd=None):
        self.name, self.port, self.command, self.path, self.body = name, port, command, path, body
        self.env, self.ready, self.cwd = env or environment, ready, cwd

    def url(self, path=None):
        return f"http://127.0.0.1:{self.port}{path or self.path}"

    def start(self):
        self.process = start(self.command, self.env, self.cwd)
        return self.process


def wrk(url, connections, seconds, body=None, method="POST"):
    """Returns requests per second and their median duration in milliseconds."""
    script = work / "request.lua"
    if body is None:
        script.write_text("")
    else:
        script.write_text(
            f"wrk.method='{method}' wrk.headers['Content-Type']='application/json' wrk.body={json.dumps(json.dumps(body, separators=(',', ':')))}"
        )
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script, url],
        capture_output=True, text=True, check=True,
    ).stdout
    if "Non-2xx" in out:
        sys.exit(f"measure: some responses of {url} have an error status:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def tensor(rows):
    flat = [value for row in rows for value in row]
    return {"inputs": [{"name": "X", "shape": [len(rows), 4], "datatype": "FP32", "data": flat}]}


def main():
    subprocess.run([python, BENCH / "peers/train.py", model], check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ours, iris_environment = serve(arguments.images / "model-server.tar", model, work / "server", 18101)
    uvicorn = [python, "-m", "uvicorn", "--log-level", "warning", "--no-access-log", "--app-dir", BENCH / "peers"]
    (model / "settings.json").write_text(json.dumps({"http_port": 18104, "grpc_port": 18114, "metrics_port": 18124, "parallel_workers": 0, "debug": False}))
    row = list(FLOWER.values())
    servers = [
        Server("Iris Operator's model server", 18101, ours, "/predict", FLOWER, iris_environment, "/health/ready"),
        Server("FastAPI + scikit-learn, model by MLflow", 18102, [*uvicorn, "--port", "18102", "fastapi_sklearn:app"], "/predict", FLOWER),
        Server("the same, model by joblib", 18106, [*uvicorn, "--port", "18106", "fastapi_sklearn:app"], "/predict", FLOWER, environment | {"LOADER": "joblib"}),
        Server("Starlette + ONNX Runtime, tuned", 18103, [*uvicorn, "--loop", "uvloop", "--http", "httptools", "--port", "18103", "starlette_onnx:app"], "/predict", FLOWER),
        Server("MLServer 1.7.1", 18104, [arguments.environment / "bin/mlserver", "start", model], "/v2/models/iris/infer", tensor([row]), ready="/v2/models/iris/ready"),
        Server("mlflow models serve", 18105, [arguments.environment / "bin/mlflow", "models", "serve", "-m", model / "mlflow-model", "--env-manager", "local", "-p", "18105", "-w", "1"],
               "/invocations", {"inputs": [row]}, environment | {"PATH": f"{arguments.environment / 'bin'}:{os.environ['PATH']}"}, ready="/ping"),
    ]
    iris, fastapi, lean, starlette, mlserver, scoring = servers
    results = {"rounds": arguments.rounds, "seconds": arguments.seconds, "cpus": os.cpu_count(), "start": {}, "memory": {}, "predict": {}, "batch": {}}

    if arguments.starts:
        starts(results, iris, fastapi, lean)
        print(json.dumps({name: round(statistics.median(seconds), 3) for name, seconds in results["start"].items()}))
        return
    for server in servers:
        server.start()
        wait_until_ready(server.url(server.ready))
    check_same(iris, fastapi, starlette, mlserver, scoring)
    end(lean.process)  # It predicts like fastapi; only its start and its memory differ.

    targets = [(server.name, server.url(), server.body) for server in servers if server is not lean]
    targets.append(("the same server's constant JSON", iris.url("/v2/models/iris/ready"), None))
    for name, url, body in targets:
        wrk(url, 8, arguments.seconds, body)  # warm-up
    for number in range(arguments.rounds):
        for name, url, body in targets:
            for connections in CONNECTIONS:
                rate, median = wrk(url, connections, arguments.seconds, body)
                of = results["predict"].setdefault(name, {}).setdefault(str(connections), {"rate": [], "median_ms": []})
                of["rate"].append(rate)
                of["median_ms"].append(median)
        print(f"bench: round {number + 1} of {arguments.rounds}", file=sys.stderr)
    thousand = tensor([[4.5 + (n % 35) / 10, 2 + (n % 24) / 10, 1 + (n % 59) / 10, 0.1 + (n % 24) / 10] for n in range(1000)])
    for name, url in ((iris.name, iris.url("/v2/models/iris/infer")), (starlette.name, starlette.url("/v2/models/iris/infer")), (mlserver.name, mlserver.url())):
        wrk(url, 8, arguments.seconds, thousand)
    for _ in range(arguments.rounds):
        for name, url in ((iris.name, iris.url("/v2/models/iris/infer")), (starlette.name, starlette.url("/v2/models/iris/infer")), (mlserver.name, mlserver.url())):
            results["batch"].setdefault(name, []).append(1000 * wrk(url, 8, arguments.seconds, thousand)[0])
    for server in servers:
        if server is not lean:
            end(server.process)

    starts(results, iris, fastapi, lean)
    for server in (iris, fastapi, lean):
        server.start()
        wait_until_ready(server.url(server.ready))
        sent = 0
        while sent < 100_000:
            sent += 10 * wrk(server.url(), 8, 10, server.body)[0]
            if server is not iris and sent > 2_000:
                break  # 100,000 requests would take it most of an hour
        time.sleep(REST)
        results["memory"][server.name] = {"requests": round(sent), "megabytes": memory(server.process)}
        end(server.process)
    train(results)
    write_results(results)


def starts(results, *servers):
    for _ in range(arguments.rounds):
        for server in servers:
            begin = time.monotonic()
            server.start()
            wait_until_ready(server.url(server.ready))
            results["start"].setdefault(server.name, []).append(time.monotonic() - begin)
            end(server.process)


def train(results):
    """Measures both trainers from start to a FINISHED run, in turn, and then their fits on a million rows."""
    image = unpack(arguments.images / "trainer-job.tar", work / "trainer")
    command = image.command()
    tracking = "http://127.0.0.1:18110"
    server = start(
        [arguments.environment / "bin/mlflow", "server", "--port", "18110", "--backend-store-uri", f"sqlite:///{work}/mlflow.db",
         "--artifacts-destination", work / "artifacts", "--serve-artifacts", "-w", "1"],
        environment | {"PATH": f"{arguments.environment / 'bin'}:{os.environ['PATH']}"},
    )
    wait_until_ready(tracking + "/health")
    results["train"], results["fit"] = {}, {}
    ours = ("Iris Operator's trainer", command, image.environment | {"MLFLOW_TRACKING_URI": tracking})
    peer = ("scikit-learn + MLflow", [python, BENCH / "peers/train_and_log.py"], environment | {"MLFLOW_TRACKING_URI": tracking})
    for _ in range(arguments.rounds + 1):
        for name, program, env in (ours, peer):
            begin = time.monotonic()
            subprocess.run(program, env=env, check=True, capture_output=True, timeout=120)
            results["train"].setdefault(name, []).append(time.monotonic() - begin)
    for of in results["train"].values():
        del of[0]  # MLflow is still warming up
    rows = work / "trainer/tmp/million.csv"
    subprocess.run([python, BENCH / "peers/rows.py", str(MILLION), rows], env=environment, check=True)
    for _ in range(2):
        output = subprocess.run(command, env=ours[2] | {"IRIS_TRAIN_DATA": "/tmp/million.csv"}, check=True, capture_output=True, text=True, timeout=600).stdout
        results["fit"].setdefault(ours[0], []).append(int(re.search(r"100 trees, \d+ nodes in (\d+) ms", output)[1]) / 1000)
        output = subprocess.run([python, BENCH / "peers/fit.py", rows], env=environment, check=True, capture_output=True, text=True, timeout=600).stdout
        results["fit"].setdefault("scikit-learn", []).append(float(output))
    end(server)


def check_same(iris, *peers):
    fastapi, starlette, mlserver, scoring = peers
    for row in ([5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 4.8, 1.8], [6.3, 2.8, 5.1, 1.5], [5.9, 3.0, 5.1, 1.8], [6.66, 3.29, 5.41, 1.78]):
        flower = dict(zip(FLOWER, row))
        found = json.loads(call(iris.url(), flower))
        names = ["setosa", "versicolor", "virginica"]
        for peer in (fastapi, starlette):
            other = json.loads(call(peer.url(), flower))
            assert other["prediction"] == found["prediction"] and abs(other["confidence"] - found["confidence"]) < 1e-5, (peer.name, other, found)
        assert names[json.loads(call(mlserver.url(), tensor([row])))["outputs"][0]["data"][0]] == found["prediction"], mlserver.name
        assert names[json.loads(call(scoring.url(), {"inputs": [row]}))["predictions"][0]] == found["prediction"], scoring.name


def plot(results):
    """Requests per second at 64 connections. The scale is logarithmic: on a linear one the slowest bars would be invisible."""
    bars = [(name, statistics.median(of["64"]["rate"])) for name, of in results["predict"].items()]
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {40 + 34 * len(bars)}" font-family="sans-serif" font-size="13">',
             '<text x="10" y="20" font-weight="bold">Predictions per second, 64 connections, one wrk thread (logarithmic)</text>']
    for number, (name, rate) in enumerate(bars):
        y, width = 34 + 34 * number, 90 * math.log10(rate)
        lines.append(f'<text x="10" y="{y + 17}">{html.escape(name)}</text>')
        lines.append(f'<rect x="240" y="{y}" width="{width:.0f}" height="24" fill="{"#2b7bb9" if number == 0 else "#b9c7d3"}"/>')
        lines.append(f'<text x="{248 + width:.0f}" y="{y + 17}">{rate:,.0f}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def write_results(results):
    out = BENCH / "results"
    out.mkdir(exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    iris = next(iter(results["predict"]))
    lines = ["| server | requests/s, 1 connection | 8 | 64 | ours, of 64 | median ms, 1 connection |", "|---|---|---|---|---|---|"]

    def median(name, connections, what="rate"):
        return statistics.median(results["predict"][name][connections][what])

    for name in results["predict"]:
        rates = [results["predict"][name][str(c)]["rate"] for c in CONNECTIONS]
        cells = [f"{statistics.median(r):,.0f} ({min(r):,.0f}–{max(r):,.0f})" for r in rates]
        lines.append(f"| {name} | {' | '.join(cells)} | {median(iris, '64') / median(name, '64'):.2f}× | {median(name, '1', 'median_ms'):.3f} |")
    lines += ["", "| 1,000 rows by `/v2/models/iris/infer`, 8 connections | rows/s | ours |", "|---|---|---|"]
    for name, rates in results["batch"].items():
        lines.append(f"| {name} | {statistics.median(rates):,.0f} | {statistics.median(results['batch'][iris]) / statistics.median(rates):.1f}× |")
    lines += ["", "| | start to ready, s | ours | resident after, MB | ours |", "|---|---|---|---|---|"]
    of_iris = statistics.median(results["start"][iris]), results["memory"][iris]["megabytes"]
    for name, seconds in results["start"].items():
        of = results["memory"][name]
        start_ratio, memory_ratio = of_iris[0] / statistics.median(seconds), of_iris[1] / of["megabytes"]
        lines.append(
            f"| {name} | {statistics.median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f}) | {start_ratio:.2f}× "
            f"| {of['megabytes']:.0f} after {of['requests']:,} requests | {memory_ratio:.2f}× |"
        )
    for what, kind in (("from start to FINISHED run, s", "train"), (f"100 trees on {MILLION:,} rows, {os.cpu_count()} cores, s", "fit")):
        lines += ["", f"| {what} | | ours |", "|---|---|---|"]
        first = statistics.median(next(iter(results[kind].values())))
        for name, seconds in results[kind].items():
            of = statistics.median(seconds)
            lines.append(f"| {name} | {of:.2f} ({min(seconds):.2f}–{max(seconds):.2f}) | {first / of:.2f}× |")
    text = "\n".join(lines) + "\n"
    (out / "results.md").write_text(text)
    (out / "results.svg").write_text(plot(results))
    print(text)


if __name__ == "__main__":
    try:
        main()
    finally:
        clean()

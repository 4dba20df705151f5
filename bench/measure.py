"""Measures; bench/run calls it. Rounds are interleaved, so that whatever else the machine does meets all alike."""

import argparse
import html
import io
import json
import math
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path

BENCH = Path(__file__).resolve().parent
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
CONNECTIONS = (1, 8, 64)
RUN = "0" * 32

parser = argparse.ArgumentParser()
parser.add_argument("environment", type=Path)
parser.add_argument("images", type=Path)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--seconds", type=int, default=5)
arguments = parser.parse_args()
work = Path(tempfile.mkdtemp(prefix="bench"))
model = work / "model"
python = arguments.environment / "bin/python"
environment = os.environ | {"MODEL": str(model), "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
started: list[subprocess.Popen] = []


def ask(url, body=None, timeout=10, content="application/json"):
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), headers={"Content-Type": content})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read()


def until_answered(url, body=None, limit=120):
    """Seconds until the first answer, from now."""
    begin = time.monotonic()
    while True:
        try:
            ask(url, body, timeout=5)
            return time.monotonic() - begin
        except OSError:
            if time.monotonic() - begin > limit:
                raise
            time.sleep(0.01)


def unpack(archive: Path, root: Path) -> list[str]:
    """An image's root file system; the command that it starts with."""
    root.mkdir()
    with tarfile.open(archive) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))[0]
        config = json.load(tar.extractfile(manifest["Config"]))["config"]
        for layer in manifest["Layers"]:
            with tarfile.open(fileobj=io.BytesIO(tar.extractfile(layer).read())) as files:
                files.extractall(root)
    for device, minor in (("null", 3), ("random", 8), ("urandom", 9)):
        (root / "dev").mkdir(exist_ok=True)
        (root / "dev" / device).unlink(missing_ok=True)
        os.mknod(root / "dev" / device, 0o020666, os.makedev(1, minor))
    for folder in ("proc", "tmp", "model"):
        (root / folder).mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    return ["/opt/java/bin/java", *config["Entrypoint"][1:]]


def start(command, env=None, cwd=None):
    log = open(work / "log", "a")
    process = subprocess.Popen(command, env=env or environment, cwd=cwd, stdout=log, stderr=log, start_new_session=True)
    started.append(process)
    return process


def end(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    started.remove(process)


def memory(process):
    """Megabytes resident, with children."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            if os.getpgid(int(status.parent.name)) == process.pid and "VmRSS" in text:
                total += int(re.search(r"VmRSS:\s+(\d+)", text)[1])
        except OSError:
            continue
    return total / 1024


class Server:
    def __init__(self, name, port, command, path, body, env=None, ready="/health", cwd=None):
        self.name, self.port, self.command, self.path, self.body = name, port, command, path, body
        self.env, self.ready, self.cwd = env, ready, cwd

    def url(self, path=None):
        return f"http://127.0.0.1:{self.port}{path or self.path}"

    def start(self):
        self.process = start(self.command, self.env, self.cwd)
        return self.process


def wrk(url, connections, seconds, body=None, method="POST"):
    """Requests a second and the median of their milliseconds."""
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
        sys.exit(f"bench: {url} did not answer well:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def tensor(rows):
    flat = [value for row in rows for value in row]
    return {"inputs": [{"name": "X", "shape": [len(rows), 4], "datatype": "FP32", "data": flat}]}


def main():
    subprocess.run([python, BENCH / "peers/train.py", model], check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ours = unpack(arguments.images / "model-server.tar", work / "server")
    shutil.copy(model / "copy/part-000", work / "server/model/part-000")
    iris_environment = {
        "PATH": "/opt/java/bin:/usr/bin:/bin",
        "IRIS_PORT": "18101", "IRIS_TRACKING_URI": "http://127.0.0.1:1", "IRIS_RUN_ID": RUN, "IRIS_ARTIFACT_URI": "mlflow-artifacts:/0",
        "IRIS_MODEL_COPY": "/model", "IRIS_MODEL_DIGEST": (model / "digest").read_text(), "IRIS_DRAIN_SECONDS": "0", "LOG_REQUESTS": "none",
    }
    uvicorn = [python, "-m", "uvicorn", "--log-level", "warning", "--no-access-log", "--app-dir", BENCH / "peers"]
    (model / "settings.json").write_text(json.dumps({"http_port": 18104, "grpc_port": 18114, "metrics_port": 18124, "parallel_workers": 0, "debug": False}))
    row = list(FLOWER.values())
    servers = [
        Server("Iris Operator's model server", 18101, [shutil.which("chroot"), work / "server", *ours], "/predict", FLOWER, iris_environment, "/health/ready"),
        Server("FastAPI + scikit-learn", 18102, [*uvicorn, "--port", "18102", "fastapi_sklearn:app"], "/predict", FLOWER),
        Server("Starlette + ONNX Runtime, tuned", 18103, [*uvicorn, "--loop", "uvloop", "--http", "httptools", "--port", "18103", "starlette_onnx:app"], "/predict", FLOWER),
        Server("MLServer 1.7.1", 18104, [arguments.environment / "bin/mlserver", "start", model], "/v2/models/iris/infer", tensor([row]), ready="/v2/models/iris/ready"),
        Server("mlflow models serve", 18105, [arguments.environment / "bin/mlflow", "models", "serve", "-m", model / "mlflow-model", "--env-manager", "local", "-p", "18105", "-w", "1"],
               "/invocations", {"inputs": [row]}, environment | {"PATH": f"{arguments.environment / 'bin'}:{os.environ['PATH']}"}, ready="/ping"),
    ]
    iris, fastapi, starlette, mlserver, scoring = servers
    results = {"rounds": arguments.rounds, "seconds": arguments.seconds, "cpus": os.cpu_count(), "start": {}, "memory": {}, "predict": {}, "batch": {}}

    for server in servers:
        server.start()
        until_answered(server.url(server.ready))
    check_same(iris, fastapi, starlette, mlserver, scoring)

    tried = [(server.name, server.url(), server.body) for server in servers]
    tried.append(("the same server's constant JSON", iris.url("/v2/models/iris/ready"), None))
    for name, url, body in tried:
        wrk(url, 8, arguments.seconds, body)  # warm
    for number in range(arguments.rounds):
        for name, url, body in tried:
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
        end(server.process)

    for _ in range(arguments.rounds):
        for server in (iris, fastapi):
            begin = time.monotonic()
            server.start()
            until_answered(server.url(server.ready))
            results["start"].setdefault(server.name, []).append(time.monotonic() - begin)
            end(server.process)
    for server in (iris, fastapi):
        server.start()
        until_answered(server.url(server.ready))
        sent = 0
        while sent < 100_000:
            sent += 10 * wrk(server.url(), 8, 10, server.body)[0]
            if server is fastapi and sent > 2_000:
                break  # at its pace, 100,000 take the better part of an hour
        results["memory"][server.name] = {"requests": round(sent), "megabytes": memory(server.process)}
        end(server.process)
    tell(results)


def check_same(iris, *peers):
    fastapi, starlette, mlserver, scoring = peers
    for row in ([5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 4.8, 1.8], [6.3, 2.8, 5.1, 1.5], [5.9, 3.0, 5.1, 1.8], [6.66, 3.29, 5.41, 1.78]):
        flower = dict(zip(FLOWER, row))
        found = json.loads(ask(iris.url(), flower))
        names = ["setosa", "versicolor", "virginica"]
        for peer in (fastapi, starlette):
            other = json.loads(ask(peer.url(), flower))
            assert other["prediction"] == found["prediction"] and abs(other["confidence"] - found["confidence"]) < 1e-5, (peer.name, other, found)
        assert names[json.loads(ask(mlserver.url(), tensor([row])))["outputs"][0]["data"][0]] == found["prediction"], mlserver.name
        assert names[json.loads(ask(scoring.url(), {"inputs": [row]}))["predictions"][0]] == found["prediction"], scoring.name


def plot(results):
    """Requests a second at 64 connections, on a logarithmic scale: the slowest would not be seen on another."""
    bars = [(name, statistics.median(of["64"]["rate"])) for name, of in results["predict"].items()]
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {40 + 34 * len(bars)}" font-family="sans-serif" font-size="13">',
             '<text x="10" y="20" font-weight="bold">Predictions a second, 64 connections, one wrk thread (logarithmic)</text>']
    for number, (name, rate) in enumerate(bars):
        y, width = 34 + 34 * number, 90 * math.log10(rate)
        lines.append(f'<text x="10" y="{y + 17}">{html.escape(name)}</text>')
        lines.append(f'<rect x="240" y="{y}" width="{width:.0f}" height="24" fill="{"#2b7bb9" if number == 0 else "#b9c7d3"}"/>')
        lines.append(f'<text x="{248 + width:.0f}" y="{y + 17}">{rate:,.0f}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def tell(results):
    out = BENCH / "results"
    out.mkdir(exist_ok=True)
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    iris = next(iter(results["predict"]))
    lines = ["| server | requests/s, 1 connection | 8 | 64 | ours, of 64 | median ms, 1 connection |", "|---|---|---|---|---|---|"]
    median = lambda name, connections, what="rate": statistics.median(results["predict"][name][connections][what])
    for name in results["predict"]:
        rates = [results["predict"][name][str(c)]["rate"] for c in CONNECTIONS]
        cells = [f"{statistics.median(r):,.0f} ({min(r):,.0f}–{max(r):,.0f})" for r in rates]
        lines.append(f"| {name} | {' | '.join(cells)} | {median(iris, '64') / median(name, '64'):.2f}× | {median(name, '1', 'median_ms'):.3f} |")
    lines += ["", "| 1,000 rows by `/v2/models/iris/infer`, 8 connections | rows/s | ours |", "|---|---|---|"]
    for name, rates in results["batch"].items():
        lines.append(f"| {name} | {statistics.median(rates):,.0f} | {statistics.median(results['batch'][iris]) / statistics.median(rates):.1f}× |")
    lines += ["", "| | start to ready, s | resident after, MB |", "|---|---|---|"]
    for name, seconds in results["start"].items():
        of = results["memory"][name]
        lines.append(f"| {name} | {statistics.median(seconds):.2f} ({min(seconds):.2f}–{max(seconds):.2f}) | {of['megabytes']:.0f} after {of['requests']:,} requests |")
    text = "\n".join(lines) + "\n"
    (out / "results.md").write_text(text)
    (out / "results.svg").write_text(plot(results))
    print(text)


try:
    main()
finally:
    for process in list(started):
        end(process)
    subprocess.run(["umount", work / "server/proc"], check=False)
    shutil.rmtree(work)

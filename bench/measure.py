"""Measure the model server, the trainer and their peers; bench/run calls it.

Rounds are interleaved, so that other load on the machine affects all of them alike.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import report
from processes import call, clean, end, memory, serve, start, unpack, wait_until_ready, work

BENCH = Path(__file__).resolve().parent
FLOWER = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
CLASSES = ["setosa", "versicolor", "virginica"]
CONNECTIONS = (1, 8, 64)
FIT_ROWS = 1_000_000
# Seconds between the end of the load and the reading of memory.
REST = 5

RESULTS = report.FOLDER / "results.json"

parser = argparse.ArgumentParser()
parser.add_argument("environment", type=Path)
parser.add_argument("images", type=Path)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--seconds", type=int, default=5)
parser.add_argument("--starts", action="store_true", help="measure the starts of the servers again")
parser.add_argument("--pipeline", action="store_true", help="measure predictions of a scaler and a logistic regression")
arguments = parser.parse_args()
model = work / "model"
programs = arguments.environment / "bin"
python = programs / "python"
environment = os.environ | {"MODEL": str(model), "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
# MLflow starts other programs of its environment by name.
mlflow_environment = environment | {"PATH": f"{programs}:{os.environ['PATH']}"}


class Server:
    def __init__(self, name, port, command, path, body, env=None, ready="/health", batch_path=None):
        self.name, self.port, self.command, self.path, self.body = name, port, command, path, body
        self.env, self.ready, self.batch_path = env or environment, ready, batch_path

    def url(self, path=None):
        return f"http://127.0.0.1:{self.port}{path or self.path}"

    def start(self):
        self.process = start(self.command, self.env)
        wait_until_ready(self.url(self.ready))


def run(command, env=environment, timeout=600):
    """Returns what a program printed."""
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=timeout).stdout


def wrk(url, connections, seconds, body=None):
    """Returns requests per second and their median duration in milliseconds."""
    script = ""
    if body is not None:
        text = json.dumps(json.dumps(body, separators=(",", ":")))
        script = f"wrk.method='POST' wrk.headers['Content-Type']='application/json' wrk.body={text}"
    (work / "request.lua").write_text(script)
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", work / "request.lua"]
    out = run(["wrk", *options, url])
    if "Non-2xx" in out:
        sys.exit(f"measure: some responses of {url} have an error status:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
    value, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def tensor(rows):
    flat = [value for row in rows for value in row]
    return {"inputs": [{"name": "X", "shape": [len(rows), 4], "datatype": "FP32", "data": flat}]}


def create_servers():
    """Ours first; the third differs from the second only in how it loads its model."""
    command, iris_environment = serve(arguments.images / "model-server.tar", model, work / "server", 18101)
    uvicorn = [python, "-m", "uvicorn", "--log-level", "warning", "--no-access-log", "--app-dir", BENCH / "peers"]
    mlserver_settings = {"http_port": 18104, "grpc_port": 18114, "metrics_port": 18124, "parallel_workers": 0}
    (model / "settings.json").write_text(json.dumps(mlserver_settings | {"debug": False}))
    row = list(FLOWER.values())
    infer = "/v2/models/iris/infer"
    return [
        Server(
            "Iris Operator's model server",
            18101,
            command,
            "/predict",
            FLOWER,
            iris_environment,
            ready="/health/ready",
            batch_path=infer,
        ),
        Server(
            "FastAPI + scikit-learn, model by MLflow",
            18102,
            [*uvicorn, "--port", "18102", "fastapi_sklearn:app"],
            "/predict",
            FLOWER,
        ),
        Server(
            "the same, model by joblib",
            18106,
            [*uvicorn, "--port", "18106", "fastapi_sklearn:app"],
            "/predict",
            FLOWER,
            environment | {"LOADER": "joblib"},
        ),
        Server(
            "Starlette + ONNX Runtime, tuned",
            18103,
            [*uvicorn, "--loop", "uvloop", "--http", "httptools", "--port", "18103", "starlette_onnx:app"],
            "/predict",
            FLOWER,
            batch_path=infer,
        ),
        Server(
            "MLServer 1.7.1",
            18104,
            [programs / "mlserver", "start", model],
            infer,
            tensor([row]),
            ready="/v2/models/iris/ready",
            batch_path=infer,
        ),
        Server(
            "mlflow models serve",
            18105,
            [programs / "mlflow", "models", "serve", "-m", model / "mlflow-model"]
            + ["--env-manager", "local", "-p", "18105", "-w", "1"],
            "/invocations",
            {"inputs": [row]},
            mlflow_environment,
            ready="/ping",
        ),
    ]


def check_same_predictions(iris, fastapi, starlette, mlserver, scoring):
    for row in (
        [5.1, 3.5, 1.4, 0.2],
        [6.0, 3.0, 4.8, 1.8],
        [6.3, 2.8, 5.1, 1.5],
        [5.9, 3.0, 5.1, 1.8],
        [6.66, 3.29, 5.41, 1.78],
    ):
        flower = dict(zip(FLOWER, row, strict=True))
        expected = json.loads(call(iris.url(), flower))
        for peer in (fastapi, starlette):
            other = json.loads(call(peer.url(), flower))
            assert other["prediction"] == expected["prediction"], (peer.name, other, expected)
            assert abs(other["confidence"] - expected["confidence"]) < 1e-5, (peer.name, other, expected)
        label = json.loads(call(mlserver.url(), tensor([row])))["outputs"][0]["data"][0]
        assert CLASSES[label] == expected["prediction"], mlserver.name
        label = json.loads(call(scoring.url(), {"inputs": [row]}))["predictions"][0]
        assert CLASSES[label] == expected["prediction"], scoring.name


def measure_predictions(servers):
    targets = [(server.name, server.url(), server.body) for server in servers]
    targets.append(("the same server's constant JSON", servers[0].url("/v2/models/iris/ready"), None))
    for _, url, body in targets:
        wrk(url, 8, arguments.seconds, body)  # warm-up
    measured = {name: {str(c): {"rate": [], "median_ms": []} for c in CONNECTIONS} for name, _, _ in targets}
    for number in range(arguments.rounds):
        for name, url, body in targets:
            for connections in CONNECTIONS:
                rate, median = wrk(url, connections, arguments.seconds, body)
                measured[name][str(connections)]["rate"].append(rate)
                measured[name][str(connections)]["median_ms"].append(median)
        print(f"measure: round {number + 1} of {arguments.rounds}", file=sys.stderr)
    return measured


def measure_batches(servers):
    """Returns rows per second in requests of 1,000 rows."""
    rows = [[4.5 + (n % 35) / 10, 2 + (n % 24) / 10, 1 + (n % 59) / 10, 0.1 + (n % 24) / 10] for n in range(1000)]
    body = tensor(rows)
    targets = {server.name: server.url(server.batch_path) for server in servers if server.batch_path}
    for url in targets.values():
        wrk(url, 8, arguments.seconds, body)  # warm-up
    measured = {name: [] for name in targets}
    for _ in range(arguments.rounds):
        for name, url in targets.items():
            measured[name].append(1000 * wrk(url, 8, arguments.seconds, body)[0])
    return measured


def measure_starts(servers):
    measured = {server.name: [] for server in servers}
    for _ in range(arguments.rounds):
        for server in servers:
            begin = time.monotonic()
            server.start()
            measured[server.name].append(time.monotonic() - begin)
            end(server.process)
    return measured


def measure_memory(iris, *peers):
    measured = {}
    for server in (iris, *peers):
        server.start()
        # At a peer's rate, 100,000 requests would take most of an hour.
        requests = 100_000 if server is iris else 2_000
        sent = 0
        while sent < requests:
            sent += 10 * wrk(server.url(), 8, 10, server.body)[0]
        time.sleep(REST)
        measured[server.name] = {"requests": round(sent), "megabytes": memory(server.process)}
        end(server.process)
    return measured


def measure_trainers():
    """Returns the seconds from start to a FINISHED run of both trainers, and those of their fits on a million rows."""
    image = unpack(arguments.images / "trainer-job.tar", work / "trainer")
    tracking_uri = "http://127.0.0.1:18110"
    store = ["--backend-store-uri", f"sqlite:///{work}/mlflow.db", "--artifacts-destination", work / "artifacts"]
    mlflow = start([programs / "mlflow", "server", "--port", "18110", *store, "-w", "1"], mlflow_environment)
    wait_until_ready(tracking_uri + "/health")
    ours, peer = "Iris Operator's trainer", "scikit-learn + MLflow"
    our_environment = image.environment | {"MLFLOW_TRACKING_URI": tracking_uri}
    commands = {
        ours: (image.command(), our_environment),
        peer: ([python, BENCH / "peers/train_and_log.py"], environment | {"MLFLOW_TRACKING_URI": tracking_uri}),
    }
    trainings = {name: [] for name in commands}
    for _ in range(arguments.rounds + 1):
        for name, (command, env) in commands.items():
            begin = time.monotonic()
            run(command, env, timeout=120)
            trainings[name].append(time.monotonic() - begin)
    trainings = {name: seconds[1:] for name, seconds in trainings.items()}  # MLflow warms up in the first round
    rows = work / "trainer/tmp/rows.csv"
    run([python, BENCH / "peers/rows.py", str(FIT_ROWS), rows])
    fits = {ours: [], "scikit-learn": []}
    for _ in range(2):
        output = run(image.command(), our_environment | {"IRIS_TRAIN_DATA": "/tmp/rows.csv"})
        fits[ours].append(int(re.search(r"100 trees, \d+ nodes in (\d+) ms", output)[1]) / 1000)
        fits["scikit-learn"].append(float(run([python, BENCH / "peers/fit.py", rows])))
    end(mlflow)
    return trainings, fits


def main():
    run([python, BENCH / "peers/train.py", model, "pipeline" if arguments.pipeline else "forest"])
    servers = create_servers()
    iris, fastapi, joblib, starlette, mlserver, scoring = servers
    if arguments.pipeline:
        answering = [iris, starlette, mlserver]
        for server in (*answering, fastapi, scoring):
            server.start()
        check_same_predictions(iris, fastapi, starlette, mlserver, scoring)
        end(fastapi.process)
        end(scoring.process)
        pipeline = {"predict": measure_predictions(answering), "batch": measure_batches(answering)}
        write(json.loads(RESULTS.read_text()) | {"pipeline": pipeline})
        return
    started_often = (iris, fastapi, joblib)
    if arguments.starts:
        write(json.loads(RESULTS.read_text()) | {"start": measure_starts(started_often)})
        return
    # With its model by joblib, FastAPI predicts as with its model by MLflow; only its start and its memory differ.
    predicting = [server for server in servers if server is not joblib]
    for server in predicting:
        server.start()
    check_same_predictions(iris, fastapi, starlette, mlserver, scoring)
    results = {"rounds": arguments.rounds, "seconds": arguments.seconds, "cpus": os.cpu_count()}
    results["predict"] = measure_predictions(predicting)
    results["batch"] = measure_batches(predicting)
    for server in predicting:
        end(server.process)
    results["start"] = measure_starts(started_often)
    results["memory"] = measure_memory(*started_often)
    results["train"], results["fit"] = measure_trainers()
    write(results)


def write(results):
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    report.write(results)


if __name__ == "__main__":
    try:
        main()
    finally:
        clean()

#!/usr/bin/env python3
"""Make the AOT caches of the three programs, each inside its own unpacked image: a JVM takes a cache only with the very
class path that it was made with, by path, size and time.

What a cache holds is what the program did while it was made. So the trainer trains and logs to a stub of MLflow, the server
serves that model, and the operator reconciles one IrisModel of a stub of the API server.

usage: aot WORK ARCHIVE...   as root, best in namespaces of its own; writes WORK/aot/<image>/app.aot
"""

import base64
import http.client
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
import urllib.parse
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

RUN = "0" * 32
FLOWER = b'{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}'
STUB = 5000
PORT = 8080


class Stub(BaseHTTPRequestHandler):
    """As much of MLflow and of the API server as the programs ask for."""

    protocol_version = "HTTP/1.1"
    artifacts: dict[str, bytes] = {}
    tags: dict[str, str] = {}
    leases: dict[str, dict] = {}

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while size := int(self.rfile.readline(), 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = urllib.parse.parse_qs(url.query)
        if "/mlflow" in url.path:
            self.answer(*self.mlflow(url.path, query))
        elif self.headers.get("Upgrade") == "websocket":
            self.answer(b"")  # no WebSocket: a client then watches by HTTP
        elif query.get("watch") == ["true"]:
            self.close_connection = True
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            time.sleep(3600)
        elif "/leases/" in url.path:
            lease = self.leases.get(url.path)
            self.answer(lease or {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}, 200 if lease else 404)
        else:
            items = [IRIS_MODEL] if url.path.endswith("/irismodels") else []
            self.answer({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items})

    def mlflow(self, path, query):
        run = {
            "info": {"run_id": RUN, "experiment_id": "1", "status": "FINISHED", "lifecycle_stage": "active",
                     "artifact_uri": f"mlflow-artifacts:/1/{RUN}/artifacts"},
            "data": {"tags": [{"key": k, "value": v} for k, v in self.tags.items()]},
        }
        if "mlflow-artifacts" in path:
            if "path" not in query:
                return (self.artifacts[path.rsplit("artifacts/", 1)[1]],)
            names = [n.rsplit("/", 1)[1] for n in self.artifacts if n.rsplit("/", 1)[0].endswith(query["path"][0])]
            return ({"files": [{"path": n, "is_dir": False} for n in names]},)
        if path.endswith("get-by-name"):
            return ({"experiment": {"experiment_id": "1", "lifecycle_stage": "active"}},)
        return ({"run": run, "runs": []},)

    def do_POST(self):
        body = self.body()
        if "/mlflow" in self.path:
            sent = json.loads(body)
            self.tags.update({tag["key"]: tag["value"] for tag in sent.get("tags", [])})
            return self.answer(*self.mlflow(self.path, {}))
        made = json.loads(body)
        made.setdefault("metadata", {}).update(uid="1", resourceVersion="1")
        if self.path.endswith("/selfsubjectrulesreviews"):
            everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
            made["status"] = {"resourceRules": [everything], "nonResourceRules": [], "incomplete": False}
        if self.path.endswith("/leases"):
            self.leases[f"{self.path}/{made['metadata']['name']}"] = made
        self.answer(made, 201)

    def do_PUT(self):
        body = self.body()
        if "mlflow-artifacts" in self.path:
            self.artifacts[self.path.rsplit("artifacts/", 1)[1]] = body
            return self.answer({})
        self.leases[self.path] = json.loads(body)
        self.answer(body)

    def do_PATCH(self):
        applied = json.loads(self.body())
        applied.setdefault("metadata", {}).update(uid="1", resourceVersion="2")
        self.answer(applied)


IRIS_MODEL = {
    "apiVersion": "iris-operator.io/v1alpha1",
    "kind": "IrisModel",
    "metadata": {"name": "iris", "namespace": "mlops", "uid": "1", "generation": 1, "resourceVersion": "1"},
    "spec": {"model": {"runId": RUN}},
}


class Image:
    """An image's root file system, as a container would have it."""

    def __init__(self, archive: Path, root: Path):
        self.root = root
        root.mkdir()
        with tarfile.open(archive) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))[0]
            config = json.load(tar.extractfile(manifest["Config"]))["config"]
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=io.BytesIO(tar.extractfile(layer).read())) as files:
                    files.extractall(root)
        self.name = manifest["RepoTags"][0].rsplit("/", 1)[1].split(":")[0]
        self.environment = dict(e.split("=", 1) for e in config["Env"])
        self.command = [re.sub("^-XX:AOTCache=", "-XX:AOTCacheOutput=", a) for a in config["Entrypoint"]]
        for device, minor in (("null", 3), ("random", 8), ("urandom", 9)):
            (root / "dev").mkdir(exist_ok=True)
            (root / "dev" / device).unlink(missing_ok=True)
            os.mknod(root / "dev" / device, 0o020666, os.makedev(1, minor))
        (root / "proc").mkdir(exist_ok=True)
        (root / "tmp").mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)

    def start(self, *options: str, **environment: str) -> subprocess.Popen:
        java = self.environment["JAVA_HOME"] + "/bin/java"
        return subprocess.Popen(
            [shutil.which("chroot"), self.root, java, *options, *self.command[1:]],
            env=self.environment | environment,
            stdout=sys.stderr if os.environ.get("AOT_VERBOSE") else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, process: subprocess.Popen, cache: Path, signalled=True):
        """The JVM writes the cache as it ends."""
        if signalled:
            process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=180)
        made = self.root / "app/app.aot"
        if not made.exists():
            sys.exit(f"aot: {self.name} made no cache:\n{said}")
        cache.parent.mkdir(parents=True)
        made.rename(cache)
        subprocess.run(["umount", self.root / "proc"], check=True)


def ask(method: str, path: str, body: bytes = b"", times=1, content="application/json"):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    for _ in range(times):
        connection.request(method, path, body, {"Content-Type": content, "Accept": "*/*"})
        answer = connection.getresponse()
        answer.read()
    connection.close()
    return answer.status


def until(condition, process: subprocess.Popen):
    deadline = time.monotonic() + 60
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit(f"aot: {process.args} did not get ready:\n{process.communicate()[0]}")
        time.sleep(0.05)


def train(image: Image, cache: Path):
    (image.root / "dev/termination-log").touch()
    image.end(image.start(MLFLOW_TRACKING_URI=f"http://127.0.0.1:{STUB}"), cache, signalled=False)


def serve(image: Image, cache: Path):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in sorted(Stub.artifacts.items()):
            if name.startswith("iris-model/"):
                files.writestr(name.rsplit("/", 1)[1], content)
    (image.root / "model").mkdir()
    (image.root / "model/part-000").write_bytes(archive.getvalue())
    # Without the profiles of methods: with them the compilers are so busy from the start on that a server on two cores is ready
    # a tenth later, and its first second's slowest answers are slower.
    process = image.start(
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:-AOTRecordTraining",
        IRIS_TRACKING_URI=f"http://127.0.0.1:{STUB}",
        IRIS_RUN_ID=RUN,
        IRIS_ARTIFACT_URI=f"mlflow-artifacts:/1/{RUN}/artifacts/iris-model",
        IRIS_MODEL_DIGEST=Stub.tags["iris-operator.io/digest/iris-model"],
        IRIS_MODEL_COPY="/model",
        IRIS_DRAIN_SECONDS="0",
    )
    until(lambda: ask("GET", "/health/ready") == 200, process)
    ask("POST", "/predict", FLOWER, times=5000)
    ask("POST", "/predict", b"{}")
    for path in ("/", "/health", "/health/live", "/metrics", "/docs", "/redoc", "/openapi.json", "/nothing"):
        ask("GET", path, times=20)
    image.end(process, cache)


def operate(image: Image, cache: Path):
    address = f"http://127.0.0.1:{STUB}"
    process = image.start(
        MLFLOW_TRACKING_URI=address,
        KUBERNETES_MASTER=address,
        IRIS_MODEL_SERVER_IMAGE="model-server",
        IRIS_TRAINER_IMAGE="trainer",
        POD_NAMESPACE="mlops",
        POD_NAME="operator",
        POLL_INTERVAL_SECONDS="1",
    )
    until(lambda: ask("GET", "/readyz") == 200, process)
    until(lambda: len(Stub.leases) > 0, process)
    time.sleep(5)  # of reconciling
    ask("GET", "/metrics")
    image.end(process, cache)


def main():
    work = Path(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    threading.Thread(target=ThreadingHTTPServer(("127.0.0.1", STUB), Stub).serve_forever, daemon=True).start()
    images = {i.name: i for i in (Image(Path(a), work / f"root{n}") for n, a in enumerate(sys.argv[2:]))}
    for name, use in (("iris-trainer", train), ("iris-model-server", serve), ("iris-operator", operate)):
        use(images[name], work / "aot" / name / "app.aot")


main()

#!/usr/bin/env python3
"""Create the AOT caches of the three programs, each inside its own unpacked image.

A JVM accepts a cache only with the class path that the cache was created with: the same paths, sizes and times.
A cache holds what the program did while the cache was created. So the trainer trains and logs to a stub of MLflow,
the model server serves that model, and the operator reconciles one IrisModel from a stub of the API server.

usage: make_aot_caches.py WORK ARCHIVE...   as root, best in namespaces of its own; writes WORK/aot/<image>/app.aot
"""

import http.client
import io
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import stub_servers
from image_root import ImageRoot
from stub_servers import RUN_ID, Stub

FLOWER = b'{"sepal_length":5.1,"sepal_width":3.5,"petal_length":1.4,"petal_width":0.2}'
STUB_PORT = 5000
PROGRAM_PORT = 8080


def start(image: ImageRoot, *jvm_options: str, **environment: str) -> subprocess.Popen:
    command = [re.sub("^-XX:AOTCache=", "-XX:AOTCacheOutput=", str(word)) for word in image.command(*jvm_options)]
    return subprocess.Popen(
        command,
        env=image.environment | environment,
        stdout=sys.stderr if os.environ.get("AOT_VERBOSE") else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def keep_cache(image: ImageRoot, process: subprocess.Popen, cache: Path):
    """Waits for the process to end, as the JVM writes the cache then."""
    output, _ = process.communicate(timeout=180)
    written = image.root / "app/app.aot"
    if not written.exists():
        sys.exit(f"make_aot_caches: {image.name} wrote no cache:\n{output}")
    cache.parent.mkdir(parents=True)
    written.rename(cache)
    image.unmount()


def request(method: str, path: str, body: bytes = b"", times=1) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", PROGRAM_PORT, timeout=10)
    for _ in range(times):
        connection.request(method, path, body, {"Content-Type": "application/json", "Accept": "*/*"})
        response = connection.getresponse()
        response.read()
    connection.close()
    return response.status


def wait_until(condition, process: subprocess.Popen):
    deadline = time.monotonic() + 60
    while True:
        try:
            if condition():
                return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            sys.exit(f"make_aot_caches: {process.args} is not ready:\n{process.communicate()[0]}")
        time.sleep(0.05)


def train(image: ImageRoot, stub: str, cache: Path):
    keep_cache(image, start(image, MLFLOW_TRACKING_URI=stub), cache)


def serve(image: ImageRoot, stub: str, cache: Path):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in sorted(Stub.artifacts.items()):
            if name.startswith("iris-model/"):
                files.writestr(name.rsplit("/", 1)[1], content)
    (image.root / "model/part-000").write_bytes(archive.getvalue())
    # Method profiles are left out: with them the JIT compilers are so busy from the start that a server on two cores
    # is ready a tenth later, and the slowest responses of its first second are slower.
    process = start(
        image,
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:-AOTRecordTraining",
        IRIS_TRACKING_URI=stub,
        IRIS_RUN_ID=RUN_ID,
        IRIS_ARTIFACT_URI=f"mlflow-artifacts:/1/{RUN_ID}/artifacts/iris-model",
        IRIS_MODEL_DIGEST=Stub.tags["iris-operator.io/digest/iris-model"],
        IRIS_MODEL_COPY="/model",
        IRIS_DRAIN_SECONDS="0",
    )
    wait_until(lambda: request("GET", "/health/ready") == 200, process)
    request("POST", "/predict", FLOWER, times=5000)
    request("POST", "/predict", b"{}")
    for path in ("/", "/health", "/health/live", "/metrics", "/docs", "/redoc", "/openapi.json", "/nothing"):
        request("GET", path, times=20)
    process.send_signal(signal.SIGTERM)
    keep_cache(image, process, cache)


def reconcile(image: ImageRoot, stub: str, cache: Path):
    process = start(
        image,
        MLFLOW_TRACKING_URI=stub,
        KUBERNETES_MASTER=stub,
        IRIS_MODEL_SERVER_IMAGE="model-server",
        IRIS_TRAINER_IMAGE="trainer",
        POD_NAMESPACE="mlops",
        POD_NAME="operator",
        POLL_INTERVAL_SECONDS="1",
    )
    wait_until(lambda: request("GET", "/readyz") == 200, process)
    wait_until(lambda: len(Stub.leases) > 0, process)
    time.sleep(5)  # for some reconciliations
    request("GET", "/metrics")
    process.send_signal(signal.SIGTERM)
    keep_cache(image, process, cache)


def main():
    work = Path(sys.argv[1])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    stub = stub_servers.start(STUB_PORT)
    images = [ImageRoot.unpack(Path(archive), work / f"root{n}") for n, archive in enumerate(sys.argv[2:])]
    by_name = {image.name: image for image in images}
    # In this order: the trainer's model is served, and its run is what the operator finds.
    for name, run in (("iris-trainer", train), ("iris-model-server", serve), ("iris-operator", reconcile)):
        run(by_name[name], stub, work / "aot" / name / "app.aot")


main()

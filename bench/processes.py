"""The processes that measure.py and soak.py measure: programs of unpacked images, and their peers."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from image_root import ImageRoot

RUN_ID = "0" * 32
work = Path(tempfile.mkdtemp(prefix="bench"))
started: list[subprocess.Popen] = []
unpacked: list[ImageRoot] = []


def call(url, body=None, timeout=10):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return response.read()


def wait_until_ready(url, limit=120):
    begin = time.monotonic()
    while True:
        try:
            call(url, timeout=5)
            return
        except OSError:
            if time.monotonic() - begin > limit:
                raise
            time.sleep(0.01)


def unpack(archive: Path, root: Path) -> ImageRoot:
    """An image's root file system; clean() unmounts it."""
    image = ImageRoot.unpack(archive, root)
    unpacked.append(image)
    return image


def start(command, env=None, cwd=None):
    log = open(work / "log", "a")
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log, start_new_session=True)
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
    """Resident memory in megabytes, including child processes."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            if os.getpgid(int(status.parent.name)) == process.pid and "VmRSS" in text:
                total += int(re.search(r"VmRSS:\s+(\d+)", text)[1])
        except OSError:
            continue
    return total / 1024


def serve(archive: Path, model: Path, root: Path, port: int):
    """The model server's command and environment, with the model as the operator provides it."""
    image = unpack(archive, root)
    shutil.copy(model / "copy/part-000", root / "model/part-000")
    return image.command(), image.environment | {
        "IRIS_PORT": str(port),
        "IRIS_TRACKING_URI": "http://127.0.0.1:1",
        "IRIS_RUN_ID": RUN_ID,
        "IRIS_ARTIFACT_URI": "mlflow-artifacts:/0",
        "IRIS_MODEL_COPY": "/model",
        "IRIS_MODEL_DIGEST": (model / "digest").read_text(),
        "IRIS_DRAIN_SECONDS": "0",
        "LOG_REQUESTS": "none",
    }


def clean():
    for process in list(started):
        end(process)
    for image in unpacked:
        image.unmount()
    shutil.rmtree(work)

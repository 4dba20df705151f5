"""Images as root file systems, and processes of them and others; measure.py and soak.py use it."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import urllib.request
from pathlib import Path

RUN = "0" * 32
work = Path(tempfile.mkdtemp(prefix="bench"))
started: list[subprocess.Popen] = []
mounted: list[Path] = []


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


def unpack(archive: Path, root: Path) -> list:
    """An image's root file system; the command that starts its program in it."""
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
    mounted.append(root / "proc")
    return [shutil.which("chroot"), root, "/opt/java/bin/java", *config["Entrypoint"][1:]]


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


def serve(archive: Path, model: Path, root: Path, port: int):
    """The model server's command and environment, with the model as the operator would give it."""
    command = unpack(archive, root)
    shutil.copy(model / "copy/part-000", root / "model/part-000")
    return command, {
        "PATH": "/opt/java/bin:/usr/bin:/bin",
        "IRIS_PORT": str(port), "IRIS_TRACKING_URI": "http://127.0.0.1:1", "IRIS_RUN_ID": RUN, "IRIS_ARTIFACT_URI": "mlflow-artifacts:/0",
        "IRIS_MODEL_COPY": "/model", "IRIS_MODEL_DIGEST": (model / "digest").read_text(), "IRIS_DRAIN_SECONDS": "0", "LOG_REQUESTS": "none",
    }


def clean():
    for process in list(started):
        end(process)
    for proc in mounted:
        subprocess.run(["umount", proc], check=False)
    shutil.rmtree(work)

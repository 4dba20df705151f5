"""What many IrisModels of one run cost the operator and the API server: see bench/operator."""

import argparse
import base64
import collections
import json
import os
import re
import ssl
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import scale_report

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
NAMESPACE, BARE = "bench-operator", "bench-bare"
ONE = "one"
ACCOUNT = "iris-bench"
WRITES = {"POST", "PUT", "PATCH", "APPLY", "DELETE"}
# What the cluster's own programs and the operator's leader write all the time.
CONSTANT = {"leases", "nodes", "subjectaccessreviews", "tokenreviews", "selfsubjectaccessreviews", "serviceaccounts"}
KINDS = [
    "apis/apps/v1/deployments",
    "api/v1/services",
    "api/v1/configmaps",
    "apis/policy/v1/poddisruptionbudgets",
    "apis/monitoring.coreos.com/v1/servicemonitors",
    "apis/monitoring.coreos.com/v1/prometheusrules",
]
IRIS_MODELS = "apis/iris-operator.io/v1alpha1/namespaces/{}/irismodels"


def kubectl(*arguments, **options):
    return subprocess.run(["kubectl", *arguments], check=True, capture_output=True, text=True, **options).stdout


class Api:
    """The API server, as an administrator."""

    def __init__(self, folder: Path):
        config = json.loads(kubectl("config", "view", "--raw", "--minify", "-o", "json"))
        self.server = config["clusters"][0]["cluster"]["server"]
        self.ca = folder / "ca.crt"
        self.ca.write_bytes(base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]))
        self.token = folder / "token"
        self.token.write_text(kubectl("-n", "default", "create", "token", ACCOUNT, "--duration=8h").strip())
        self.context = ssl.create_default_context(cafile=str(self.ca))

    def open(self, path, timeout=60):
        request = urllib.request.Request(
            f"{self.server}/{path}", headers={"Authorization": f"Bearer {self.token.read_text()}"}
        )
        return urllib.request.urlopen(request, context=self.context, timeout=timeout)

    def get(self, path):
        with self.open(path) as response:
            return response.read()

    def items(self, path):
        found, token = [], ""
        while True:
            page = json.loads(self.get(f"{path}?limit=500&continue={urllib.parse.quote(token)}"))
            found += page["items"]
            token = page["metadata"].get("continue", "")
            if not token:
                return found

    def requests(self):
        """The number of requests by verb and resource."""
        counts = collections.Counter()
        for labels, value in re.findall(
            r"^apiserver_request_total\{(.*)\} ([0-9.e+]+)$", self.get("metrics").decode(), re.M
        ):
            label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            if label["resource"] not in CONSTANT:
                name = label["resource"] + ("/" + label["subresource"] if label.get("subresource") else "")
                counts[label["verb"], name] += float(value)
        return counts


class Versions:
    """Two versions of a registered model, trained on the cluster, and the aliases that IrisModels select."""

    MODEL, TRAINER = "bench", "bench-trainer"

    def __init__(self):
        address = kubectl("-n", "mlops", "get", "service", "mlflow", "-o", "jsonpath={.spec.clusterIP}")
        self.mlflow = f"http://{address}:5000/api/2.0/mlflow"
        self.numbers = [self._train(request) for request in ("first", "second")]
        kubectl("-n", "mlops", "delete", "irismodel", self.TRAINER)

    def _train(self, request):
        spec = {
            "model": {"latest": {"experiment": self.MODEL}},
            "serving": {"replicas": 0},
            "training": {"retrain": request, "registration": {"name": self.MODEL, "alias": "trained"}},
        }
        trainer = iris_model(self.TRAINER, spec, "mlops")
        kubectl("apply", "--server-side", "-f", "-", input=json.dumps(trainer))
        until(lambda: self._is_trained(request), 300)
        query = urllib.parse.urlencode({"name": self.MODEL, "alias": "trained"})
        return self._call("GET", f"registered-models/alias?{query}")["model_version"]["version"]

    def _call(self, method, path, body=None):
        # MLflow answers only to the names that it knows itself by.
        headers = {"Content-Type": "application/json", "Host": "mlflow.mlops:5000"}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(f"{self.mlflow}/{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def _is_trained(self, request):
        status = json.loads(kubectl("-n", "mlops", "get", "irismodel", self.TRAINER, "-o", "json")).get("status", {})
        phases = {t["request"].rsplit("/")[-1]: t["phase"] for t in status.get("trainings", [])}
        return phases.get(request) == "Succeeded"

    def select(self, alias, version):
        """Move an alias to one of the two versions."""
        self._call(
            "POST",
            "registered-models/alias",
            {"name": self.MODEL, "alias": alias, "version": self.numbers[version]},
        )


def until(holds, limit):
    end = time.monotonic() + limit
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not after {limit} s")
        time.sleep(1)


class Watched:
    """Counts the objects of a watch for which a condition holds."""

    def __init__(self, api, path, holds, name=None):
        self.matching = set()
        self.changed = threading.Condition()
        path += "?watch=true&resourceVersion=0" + (f"&fieldSelector=metadata.name%3D{name}" if name else "")
        threading.Thread(target=self._watch, args=(api, path, holds), daemon=True).start()

    def _watch(self, api, path, holds):
        while True:  # The API server ends a watch after a while.
            with api.open(path, timeout=None) as response:
                self._read(response, holds)

    def _read(self, response, holds):
        for line in response:
            event = json.loads(line)
            thing = event["object"]
            if event["type"] == "ERROR":
                raise RuntimeError(f"watch: {thing}")
            name = thing["metadata"]["name"]
            with self.changed:
                if event["type"] != "DELETED" and holds(thing):
                    self.matching.add(name)
                else:
                    self.matching.discard(name)
                self.changed.notify_all()

    def wait(self, count, limit=1800):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.matching) == count, timeout=limit):
                raise TimeoutError(f"{len(self.matching)} of {count} after {limit} s")


def pids():
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit()]


def command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # It has ended.
        return ""


def memory(pid):
    """Resident megabytes."""
    try:
        return int(re.search(r"VmRSS:\s+(\d+)|$", Path(f"/proc/{pid}/status").read_text())[1] or 0) // 1024
    except OSError:
        return 0


class Usage:
    """CPU seconds and memory of a process, or of the one that has replaced it."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.pid = self._find()

    def _find(self):
        return max(filter(lambda pid: re.search(self.pattern, command(pid)), pids()), key=memory)

    def cpu(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def cpu_since(self, before):
        """CPU seconds; all of a process that has started since."""
        if not command(self.pid):
            self.pid, before = self._find(), 0
        return round(self.cpu() - before, 1)

    def memory(self):
        return memory(self.pid)


def prometheus_restarts():
    """Of its containers and its pod: a pod that is replaced has another UID."""
    pods = json.loads(kubectl("-n", "mlops", "get", "pods", "-l", "app.kubernetes.io/name=prometheus", "-o", "json"))
    return [
        f"{pod['metadata']['uid']}: {sum(c['restartCount'] for c in pod['status']['containerStatuses'])}"
        for pod in pods["items"]
    ]


class Step:
    """Measures one step: time, requests, CPU and memory."""

    def __init__(self, api, results):
        self.api, self.results = api, results
        self.programs = {
            "operator": Usage(r"^\S*java .*operator\.Main"),
            "API server": Usage(r"clusterbox kube-apiserver"),
        }
        self.before = api.requests(), {k: u.cpu() for k, u in self.programs.items()}
        self.start = time.monotonic()

    def end(self, what, count, **more):
        took = time.monotonic() - self.start
        requests, cpu = self.before
        new = self.api.requests() - requests
        writes = {" ".join(k): round(v) for k, v in new.items() if k[0] in WRITES}
        reads = {" ".join(k): round(v) for k, v in new.items() if k[0] not in WRITES and k[0] != "WATCH"}
        result = {
            "step": what,
            "count": count,
            "seconds": round(took, 1),
            "writes": sum(writes.values()),
            "reads": sum(reads.values()),
            "cpu": {k: u.cpu_since(cpu[k]) for k, u in self.programs.items()},
            "memory": {k: u.memory() for k, u in self.programs.items()},
            "prometheus_restarts": prometheus_restarts(),
            "by_write": dict(sorted(writes.items(), key=lambda w: -w[1])[:16]),
            "by_read": dict(sorted(reads.items(), key=lambda w: -w[1])[:8]),
        } | more
        report(self.results, result)


def report(results, result):
    print(json.dumps(result), flush=True)
    results.append(result)


def names(count):
    return (f"model-{n}" for n in range(count))


def condition(thing, kind):
    found = (c for c in thing.get("status", {}).get("conditions", []) if c["type"] == kind)
    return next(found, {"status": None, "message": ""})


def is_resolved(thing):
    return condition(thing, "ModelResolved")["status"] == "True"


def line(path, body):
    return f"{path}\t{json.dumps(body)}\n"


def iris_model(name, spec, namespace=NAMESPACE):
    return {
        "apiVersion": "iris-operator.io/v1alpha1",
        "kind": "IrisModel",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def registered(alias):
    return {"model": {"registered": {"name": Versions.MODEL, "alias": alias}}, "serving": {"replicas": 0}}


def bare_object(found, api_version, kind):
    """As the operator applied it, in the other namespace."""
    meta = found["metadata"]
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": meta["name"],
            "namespace": BARE,
            "labels": meta.get("labels", {}),
            "annotations": {k: v for k, v in meta.get("annotations", {}).items() if "kubernetes.io" not in k},
        },
    } | {
        k: ({x: y for x, y in v.items() if x not in ("clusterIP", "clusterIPs")} if k == "spec" else v)
        for k, v in found.items()
        if k in ("spec", "data", "binaryData", "immutable")
    }


class Bench:
    def __init__(self, api, folder, concurrency, results):
        self.api, self.folder, self.concurrency, self.results = api, folder, concurrency, results

    def step(self):
        return Step(self.api, self.results)

    def apply(self, lines):
        objects = self.folder / "objects"
        objects.write_text("".join(lines))
        command = [
            "java",
            str(HERE / "load/ApplyObjects.java"),
            self.api.server,
            str(self.api.ca),
            str(self.api.token),
            str(objects),
        ]
        return float(
            subprocess.run([*command, str(self.concurrency)], check=True, stdout=subprocess.PIPE, text=True).stdout
        )

    def create(self, count):
        path = IRIS_MODELS.format(NAMESPACE)
        resolved = Watched(self.api, path, is_resolved)
        deployments = Watched(self.api, f"apis/apps/v1/namespaces/{NAMESPACE}/deployments", lambda d: True)
        step = self.step()
        self.apply(line(f"/{path}/{name}", iris_model(name, registered("all"))) for name in names(count))
        deployments.wait(count + 1)
        resolved.wait(count + 1)
        step.end("created", count)

    def create_one(self):
        resolved = Watched(self.api, IRIS_MODELS.format(NAMESPACE), is_resolved)
        kubectl("apply", "--server-side", "-f", "-", input=json.dumps(iris_model(ONE, registered("one"))))
        resolved.wait(1)

    def change_one(self, tries=9, first=100):
        """Seconds from a changed spec of one IrisModel to its changed Deployment: the median."""
        took = []
        for seconds in range(first, first + tries):
            changed = Watched(
                self.api,
                f"apis/apps/v1/namespaces/{NAMESPACE}/deployments",
                lambda d, s=seconds: d["spec"]["progressDeadlineSeconds"] == s,
                ONE,
            )
            start = time.monotonic()
            patch = {"spec": {"rollout": {"progressDeadlineSeconds": seconds}}}
            kubectl("-n", NAMESPACE, "patch", "irismodel", ONE, "--type=merge", "-p", json.dumps(patch))
            changed.wait(1, 120)
            took.append(time.monotonic() - start)
            time.sleep(1)
        return round(statistics.median(took), 2)

    def move(self, alias, versions, version, count, what):
        """An alias is moved; ends when all that select it are resolved to the other version."""
        number = versions.numbers[version]
        moved = Watched(
            self.api,
            IRIS_MODELS.format(NAMESPACE),
            lambda m: (
                m["spec"]["model"]["registered"]["alias"] == alias
                and condition(m, "ModelResolved")["message"].startswith(f"version {number} ")
            ),
        )
        step = self.step()
        versions.select(alias, version)
        moved.wait(count)
        step.end(what, count)

    def restart(self, count):
        """The operator is replaced; seconds until a change is applied. Then what it wrote."""
        step = self.step()
        start = time.monotonic()
        kubectl("-n", "mlops", "delete", "pod", "-l", "app.kubernetes.io/name=iris-operator", "--wait=false")
        self.change_one(1, 200)
        reconciling = round(time.monotonic() - start, 1)
        self.settle()
        step.end("operator restarted", count, reconciling_after=reconciling)

    def bare(self, count):
        """The same objects, applied by a client that does nothing else."""
        lines, size = [], collections.Counter()
        for kind in KINDS:
            group, plural = kind.rsplit("/", 1)
            listed = json.loads(self.api.get(f"{group}/namespaces/{NAMESPACE}/{plural}?limit=1"))
            for found in self.api.items(f"{group}/namespaces/{NAMESPACE}/{plural}"):
                if found["metadata"]["name"] == "kube-root-ca.crt":
                    continue
                size[plural] += len(json.dumps(found, separators=(",", ":")))
                body = bare_object(found, listed["apiVersion"], listed["kind"].removesuffix("List"))
                lines.append(line(f"/{group}/namespaces/{BARE}/{plural}/{found['metadata']['name']}", body))
        # As the operator does: all objects of one IrisModel, then those of the next.
        lines.sort(key=lambda text: int((re.search(r"/model-(\d+)", text.split("\t")[0]) or [0, 0])[1]))
        size["irismodels"] = sum(
            len(json.dumps(m, separators=(",", ":"))) for m in self.api.items(IRIS_MODELS.format(NAMESPACE))
        )
        step = self.step()
        seconds = self.apply(lines)
        step.end("bare client", count, objects=len(lines), apply_seconds=seconds, bytes=dict(size))

    def idle(self, count, seconds=60):
        self.settle()
        step = self.step()
        time.sleep(seconds)
        step.end("idle", count)

    def settle(self, limit=900):
        """Until two counts of writes, five seconds apart, are equal."""
        end, last = time.monotonic() + limit, None
        while time.monotonic() < end:
            now = {k: v for k, v in self.api.requests().items() if k[0] in WRITES}
            if now == last:
                return
            last = now
            time.sleep(5)
        raise TimeoutError(f"still writing after {limit} s")

    def delete(self, namespace, count, what):
        step = self.step()
        kubectl("delete", "namespace", namespace, "--timeout=30m")
        step.end(what, count)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", default="100 1000 5000")
    parser.add_argument("--concurrency", type=int, default=10)
    options = parser.parse_args()
    versions, results = Versions(), []
    with tempfile.TemporaryDirectory() as folder:
        for count in map(int, options.count.split()):
            for namespace in (NAMESPACE, BARE):
                kubectl("create", "namespace", namespace)
            kubectl("-n", "default", "create", "serviceaccount", ACCOUNT)
            kubectl(
                *("create", "clusterrolebinding", ACCOUNT, "--clusterrole=cluster-admin"),
                f"--serviceaccount=default:{ACCOUNT}",
            )
            try:
                api = Api(Path(folder))
                bench = Bench(api, Path(folder), options.concurrency, results)
                for alias in ("all", "one"):
                    versions.select(alias, 0)
                bench.create_one()
                bench.settle()
                alone = bench.change_one()
                bench.create(count)
                bench.settle()
                one = {"step": "one changed", "count": count, "alone": alone, "seconds": bench.change_one(first=150)}
                report(results, one)
                bench.idle(count)
                bench.move("one", versions, 1, 1, "alias of one moved")
                bench.move("all", versions, 1, count, "alias of all moved")
                bench.settle()
                bench.restart(count)
                bench.bare(count)
                bench.settle()
                bench.delete(NAMESPACE, count, "namespace deleted")
                bench.settle()
                bench.delete(BARE, count, "bare client's namespace deleted")
            finally:
                for namespace in (NAMESPACE, BARE):
                    kubectl("delete", "namespace", namespace, "--ignore-not-found", "--timeout=30m")
                kubectl("delete", "clusterrolebinding", ACCOUNT)
                kubectl("-n", "default", "delete", "serviceaccount", ACCOUNT)
    (HERE / "results/scale.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in results) + "\n]\n")
    scale_report.write(results)


if __name__ == "__main__":
    main()

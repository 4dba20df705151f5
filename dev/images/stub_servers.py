"""A stub of MLflow and of the Kubernetes API server, in one.

It answers what the three programs call while their AOT caches are created.
"""

import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RUN_ID = "0" * 32
IRIS_MODEL = {
    "apiVersion": "iris-operator.io/v1alpha1",
    "kind": "IrisModel",
    "metadata": {"name": "iris", "namespace": "mlops", "uid": "1", "generation": 1, "resourceVersion": "1"},
    "spec": {"model": {"runId": RUN_ID}},
}


class Stub(BaseHTTPRequestHandler):
    """Answers the requests of all three programs. What they send is kept in the class."""

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
            self.answer(b"")  # Without WebSocket the client falls back to watching over HTTP.
        elif query.get("watch") == ["true"]:
            self.close_connection = True
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            time.sleep(3600)
        elif "/leases/" in url.path:
            lease = self.leases.get(url.path)
            self.answer(
                lease or {"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404},
                200 if lease else 404,
            )
        else:
            items = [IRIS_MODEL] if url.path.endswith("/irismodels") else []
            self.answer({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": items})

    def mlflow(self, path, query):
        run = {
            "info": {
                "run_id": RUN_ID,
                "experiment_id": "1",
                "status": "FINISHED",
                "lifecycle_stage": "active",
                "artifact_uri": f"mlflow-artifacts:/1/{RUN_ID}/artifacts",
            },
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
        created = json.loads(body)
        created.setdefault("metadata", {}).update(uid="1", resourceVersion="1")
        if self.path.endswith("/selfsubjectrulesreviews"):
            everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
            created["status"] = {"resourceRules": [everything], "nonResourceRules": [], "incomplete": False}
        if self.path.endswith("/selfsubjectaccessreviews"):
            created["status"] = {"allowed": True}
        if self.path.endswith("/leases"):
            self.leases[f"{self.path}/{created['metadata']['name']}"] = created
        self.answer(created, 201)

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


def start(port: int) -> str:
    """Serves on loopback until the process ends; returns the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Stub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{port}"

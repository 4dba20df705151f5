"""Send a bounded load of predictions from inside the cluster; check every response against the model that it names.

Reads /load/expected.json: {"rows": [body, ...], "answers": {digest: [[class, confidence], ...]}}.
Prints a line of JSON each second, the last one with "done": true. Failed requests are not retried.
"""

import http.client
import json
import os
import socket
import ssl
import sys
import threading
import time

host, rate, seconds = os.environ["TARGET"], float(os.environ["RATE"]), float(os.environ["SECONDS"])
token = os.environ.get("TOKEN")
headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
encrypted = ssl._create_unverified_context()
expected = json.load(open("/load/expected.json"))
rows = [body.encode() for body in expected["rows"]]
threads = 8
lock = threading.Lock()
result = {
    "sent": 0,
    "failed": 0,
    "wrong": 0,
    "slowest_ms": 0,
    "by_digest": {},
    "first_ms": {},  # Of each model, since it last answered nothing for five seconds.
    "last_ms": {},
    "samples": [],
    "done": False,
}


def record_problem(kind, text):
    result[kind] += 1
    if len(result["samples"]) < 20:
        result["samples"].append(f"{time.strftime('%H:%M:%S', time.gmtime())} {kind}: {text}")


def connect():
    if token:
        return http.client.HTTPSConnection(host, 443, timeout=5, context=encrypted)
    return http.client.HTTPConnection(host, 80, timeout=5)


def send(connection, row):
    connection.request("POST", "/predict", rows[row], headers)
    answer = connection.getresponse()
    return answer, answer.read()


def work(number):
    connection = None
    turn = number
    while True:
        due = begin + turn / rate
        if due > begin + seconds:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        row = turn % len(rows)
        turn += threads
        start = time.monotonic()
        try:
            if connection is None:
                connection = connect()
            answer, body = send(connection, row)
            # A token means TLS; only a new connection shows a renewed certificate.
            if answer.will_close or (token and row % 10 == 0):
                connection = None
            prediction = json.loads(body) if answer.status == 200 else {}
        except Exception as e:
            connection = None
            with lock:
                result["sent"] += 1
                record_problem("failed", repr(e))
            continue
        took = (time.monotonic() - start) * 1000
        digest = answer.headers.get("x-model-digest", "")
        with lock:
            result["sent"] += 1
            result["slowest_ms"] = max(result["slowest_ms"], round(took))
            if answer.status != 200:
                record_problem("failed", f"{answer.status} {body[:200]!r}")
                continue
            result["by_digest"][digest] = result["by_digest"].get(digest, 0) + 1
            now = round(time.time() * 1000)
            if now > result["last_ms"].get(digest, 0) + 5000:
                result["first_ms"][digest] = now
            result["last_ms"][digest] = now
            if digest not in expected["answers"]:
                record_problem("wrong", f"unknown model {digest}")
            elif [prediction.get("prediction"), prediction.get("confidence")] != expected["answers"][digest][row]:
                record_problem("wrong", f"{prediction} instead of {expected['answers'][digest][row]} of {digest}")


def print_result():
    with lock:
        print(json.dumps(result), flush=True)


# A network policy may admit a new pod only some seconds after its start.
for _ in range(100):
    try:
        socket.create_connection((host, 443 if token else 80), timeout=5).close()
        break
    except ConnectionRefusedError:
        time.sleep(0.3)
begin = time.monotonic()
workers = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(threads)]
for worker in workers:
    worker.start()
while any(worker.is_alive() for worker in workers):
    time.sleep(1)
    print_result()
result["done"] = True
print_result()
sys.exit(0)

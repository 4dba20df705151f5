"""A bounded load of predictions from inside the cluster; every answer is checked against the model that it names.

Reads /load/expected.json: {"rows": [body, ...], "answers": {digest: [[class, confidence], ...]}}.
Prints a line of JSON each second, the last one with "done": true; never repeats a request that failed.
"""
import http.client
import json
import os
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
told = {"sent": 0, "failed": 0, "wrong": 0, "slowest_ms": 0, "by_digest": {}, "first_ms": {}, "samples": [], "done": False}
begin = time.monotonic()


def complain(kind, text):
    told[kind] += 1
    if len(told["samples"]) < 20:
        told["samples"].append(f"{time.strftime('%H:%M:%S', time.gmtime())} {kind}: {text}")


def connect():
    if token:
        return http.client.HTTPSConnection(host, 443, timeout=5, context=encrypted)
    return http.client.HTTPConnection(host, 80, timeout=5)


def ask(connection, row):
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
            answer, body = ask(connection, row)
            # A token means TLS: a certificate is looked at when a connection is made.
            if answer.will_close or (token and row % 10 == 0):
                connection = None
            said = json.loads(body) if answer.status == 200 else {}
        except Exception as e:
            connection = None
            with lock:
                told["sent"] += 1
                complain("failed", repr(e))
            continue
        took = (time.monotonic() - start) * 1000
        digest = answer.headers.get("x-model-digest", "")
        with lock:
            told["sent"] += 1
            told["slowest_ms"] = max(told["slowest_ms"], round(took))
            if answer.status != 200:
                complain("failed", f"{answer.status} {body[:200]!r}")
                continue
            told["by_digest"][digest] = told["by_digest"].get(digest, 0) + 1
            told["first_ms"].setdefault(digest, round(time.time() * 1000))
            if digest not in expected["answers"]:
                complain("wrong", f"unknown model {digest}")
            elif [said.get("prediction"), said.get("confidence")] != expected["answers"][digest][row]:
                complain("wrong", f"{said} instead of {expected['answers'][digest][row]} of {digest}")


def tell():
    with lock:
        print(json.dumps(told), flush=True)


workers = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(threads)]
for worker in workers:
    worker.start()
while any(worker.is_alive() for worker in workers):
    time.sleep(1)
    tell()
told["done"] = True
tell()
sys.exit(0)

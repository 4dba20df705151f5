"""The fastest server that a Python user could write.

It has no validation, and uses orjson, ONNX Runtime with one thread, uvloop and httptools.
It routes by hand, as Starlette's router costs more than the rest of a request.
"""

import os

import numpy as np
import onnxruntime
import orjson

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["MODEL"] + "/model.onnx", options, providers=["CPUExecutionProvider"])
run = session.run
name = session.get_inputs()[0].name
label, probabilities = (output.name for output in session.get_outputs())
names = ["setosa", "versicolor", "virginica"]
JSON = (b"content-type", b"application/json")


def predict(body):
    flower = orjson.loads(body)
    row = np.array(
        [[flower["sepal_length"], flower["sepal_width"], flower["petal_length"], flower["petal_width"]]],
        dtype=np.float32,
    )
    found = run([probabilities], {name: row})[0][0]
    best = int(found.argmax())
    return b'{"prediction":"%s","confidence":%s}' % (names[best].encode(), repr(float(found[best])).encode())


def infer(body):
    rows = np.array(orjson.loads(body)["inputs"][0]["data"], dtype=np.float32).reshape(-1, 4)
    labels, found = run([label, probabilities], {name: rows})
    return orjson.dumps(
        {
            "model_name": "iris",
            "outputs": [
                {"name": "label", "datatype": "INT64", "shape": [len(rows)], "data": labels},
                {"name": "probabilities", "datatype": "FP32", "shape": [len(rows), 3], "data": found.ravel()},
            ],
        },
        option=orjson.OPT_SERIALIZE_NUMPY,
    )


ROUTES = {"/predict": predict, "/v2/models/iris/infer": infer, "/health": lambda _: b"{}"}


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    answer = ROUTES[scope["path"]](body)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [JSON, (b"content-length", b"%d" % len(answer))]}
    )
    await send({"type": "http.response.body", "body": answer})

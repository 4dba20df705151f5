"""Call the model server with clients that were written for other servers: protocols.py HOST

Prints what they received as JSON.
"""

import asyncio
import json
import sys

import numpy as np
import requests
import tritonclient.http as triton
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

host = sys.argv[1]
rows = [[5.1, 3.5, 1.4, 0.2], [6.0, 3.0, 4.8, 1.8], [6.3, 3.3, 6.0, 2.5]]
columns = ("sepal_length", "sepal_width", "petal_length", "petal_width")
classes = ["setosa", "versicolor", "virginica"]
flowers = [dict(zip(columns, row, strict=True)) for row in rows]
answers = requests.post(f"http://{host}/predict", json=flowers, timeout=10).json()
result = {"predict": [classes.index(answer["prediction"]) for answer in answers]}

client = triton.InferenceServerClient(host)
result["triton_live"] = client.is_server_live()
result["triton_ready"] = client.is_server_ready() and client.is_model_ready("iris")
metadata = client.get_model_metadata("iris")
result["triton_inputs"] = [tensor["name"] for tensor in metadata["inputs"]]
for binary in (True, False):
    tensor = triton.InferInput("X", [len(rows), 4], "FP32")
    tensor.set_data_from_numpy(np.array(rows, dtype=np.float32), binary_data=binary)
    outputs = [triton.InferRequestedOutput(name, binary_data=binary) for name in ("label", "probabilities")]
    answer = client.infer("iris", [tensor], outputs=outputs, request_id="order-17")
    result[f"triton_{'binary' if binary else 'json'}"] = answer.as_numpy("label").tolist()
    result[f"triton_{'binary' if binary else 'json'}_probabilities"] = answer.as_numpy("probabilities").tolist()
    result["triton_id"] = answer.get_response()["id"]
tensors = [triton.InferInput(name, [len(rows)], "FP64") for name in columns]
for number, tensor in enumerate(tensors):
    tensor.set_data_from_numpy(np.array([row[number] for row in rows], dtype=np.float64))
result["triton_columns"] = client.infer("iris", tensors).as_numpy("label").tolist()


async def kserve():
    for protocol in ("v1", "v2"):
        of = InferenceRESTClient(RESTConfig(protocol=protocol))
        if protocol == "v1":
            found = await of.infer(f"http://{host}", {"instances": rows}, model_name="iris")
            result["kserve_v1"] = found["predictions"]
        else:
            result["kserve_live"] = await of.is_server_live(f"http://{host}")
            result["kserve_ready"] = await of.is_model_ready(f"http://{host}", "iris")
            tensor = InferInput("X", [len(rows), 4], "FP32", data=rows)
            found = await of.infer(f"http://{host}", InferRequest("iris", [tensor]), model_name="iris")
            result["kserve_v2"] = found.outputs[0].data


asyncio.run(kserve())

# The requests for Iris in the documentation of MLflow and MLServer.
sklearn = ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"]
result["mlflow"] = [
    requests.post(f"http://{host}/invocations", json=body, timeout=10).json()["predictions"]
    for body in (
        {"dataframe_split": {"columns": sklearn, "data": rows}},
        {"dataframe_records": [dict(zip(sklearn, row, strict=True)) for row in rows]},
        {"inputs": rows},
        {"instances": rows},
    )
]
result["mlserver"] = requests.post(
    f"http://{host}/v2/models/iris/infer",
    json={"inputs": [{"name": "predict", "shape": [len(rows), 4], "datatype": "FP32", "data": rows}]},
    timeout=10,
).json()["outputs"][0]["data"]
json.dump(result, sys.stdout)

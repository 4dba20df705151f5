"""Compare what is served with ONNX Runtime's answers, on the rows of a CSV file and in each protocol.

usage: compare_kinds.py CSV JSON, a list of objects with name, run and url
"""

import json
import sys

import mlflow
import numpy
import onnxruntime
import pandas
import requests

FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
SPECIES = ["setosa", "versicolor", "virginica"]
SINGLE_ROWS = 20

table_file, served_file = sys.argv[1:]
table = pandas.read_csv(table_file)[FEATURES].head(1000)


class Expected:
    """What ONNX Runtime answers to rows, in the order of the columns that the model's signature names."""

    def __init__(self, run):
        model = mlflow.onnx.load_model(f"runs:/{run}/iris-model")
        signature = mlflow.models.get_model_info(f"runs:/{run}/iris-model").signature
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        named = signature and signature.inputs.has_input_names() and not signature.inputs.is_tensor_spec()
        names = signature.inputs.input_names() if named else FEATURES
        self.columns = [name.replace(" (cm)", "").replace(" ", "_") for name in names]

    def answers(self, rows):
        inputs = self.session.get_inputs()
        types = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64}
        array = rows[self.columns].to_numpy(dtype=types[inputs[0].type])
        feeds = (
            {inputs[0].name: array} if len(inputs) == 1 else {i.name: array[:, c : c + 1] for c, i in enumerate(inputs)}
        )
        outputs = dict(zip([o.name for o in self.session.get_outputs()], self.session.run(None, feeds), strict=True))
        label, *others = [outputs[o.name] for o in self.session.get_outputs() if o.name != "class_labels"]
        if isinstance(others[0], list):
            classes = list(others[0][0])
            probabilities = numpy.array([[row[c] for c in classes] for row in others[0]])
        elif len(others) > 1:
            probabilities = numpy.stack([column.reshape(-1) for column in others], axis=1)
        else:
            probabilities = others[0]
        return label.reshape(-1).tolist(), probabilities.astype(numpy.float32)


def post(url, path, body, **options):
    response = requests.post(url + path, json=body, timeout=60, **options)
    assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
    return response


def v2_binary(url, rows):
    array = rows.to_numpy(dtype=numpy.float64)
    data = array.tobytes()
    tensor = {"name": "X", "shape": array.shape, "datatype": "FP64", "parameters": {"binary_data_size": len(data)}}
    request = {
        "inputs": [tensor],
        "parameters": {"binary_data_output": True},
        "outputs": [{"name": "label", "parameters": {"binary_data": False}}, {"name": "probabilities"}],
    }
    header = json.dumps(request).encode()
    headers = {"Inference-Header-Content-Length": str(len(header)), "Content-Type": "application/octet-stream"}
    response = requests.post(url, data=header + data, headers=headers, timeout=60)
    assert response.status_code == 200, response.text[:300]
    length = int(response.headers["Inference-Header-Content-Length"])
    labels = json.loads(response.content[:length])["outputs"][0]["data"]
    return labels, numpy.frombuffer(response.content[length:], dtype="<f4").reshape(len(rows), -1)


def compare(served):
    url, infer = served["url"], f"/v2/models/{served['name']}/infer"
    expected = Expected(served["run"])
    labels, probabilities = expected.answers(table)
    classes = sorted(set(labels))
    assert len(classes) == 3, f"the rows are all of the classes {classes}"
    names = SPECIES if classes == [0, 1, 2] else [str(label) for label in classes]

    def predictions(labels, probabilities):
        positions = [classes.index(label) for label in labels]
        return [(names[c], row[c]) for c, row in zip(positions, probabilities, strict=True)]

    def answered(answers):
        return [(a["prediction"], numpy.float32(a["confidence"])) for a in answers]

    flowers = table.to_dict("records")
    assert answered(post(url, "/predict", flowers).json()) == predictions(labels, probabilities), "/predict differs"
    for row in range(SINGLE_ROWS):
        one = answered([post(url, "/predict", flowers[row]).json()])
        assert one == predictions(*expected.answers(table.iloc[row : row + 1])), f"/predict of row {row} differs"

    rows = table.to_numpy().tolist()
    body = {"inputs": [{"name": "X", "shape": list(table.shape), "datatype": "FP64", "data": rows}]}
    outputs = {o["name"]: o["data"] for o in post(url, infer, body).json()["outputs"]}
    assert outputs["label"] == labels, "labels of V2 differ"
    given = numpy.array(outputs["probabilities"], dtype=numpy.float32).reshape(probabilities.shape)
    assert (given == probabilities).all(), "probabilities of V2 differ"

    binary_labels, binary_probabilities = v2_binary(url + infer, table)
    assert binary_labels == labels, "labels of binary V2 differ"
    assert (binary_probabilities == probabilities).all(), "probabilities of binary V2 differ"

    split = {"dataframe_split": {"columns": ["sepal length (cm)", *FEATURES[1:]], "data": rows}}
    assert post(url, "/invocations", split).json()["predictions"] == labels, "/invocations differs"


failures = []
with open(served_file, encoding="utf-8") as file:
    all_served = json.load(file)
for served in all_served:
    try:
        compare(served)
    except AssertionError as e:
        failures.append(f"{served['name']}: {e}")
print("\n".join(failures))

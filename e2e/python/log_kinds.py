"""Log every kind of classifier with mlflow.onnx.log_model, and print the runs: a JSON object by kind.

usage: log_kinds.py EXPERIMENT TRAIN_CSV
"""

import json
import sys
import warnings

import mlflow
import pandas
from mlflow.models import infer_signature
from model_kinds import KINDS

experiment, path = sys.argv[1:]
warnings.filterwarnings("ignore")
table = pandas.read_csv(path).sample(300, random_state=7)
rows = table[["sepal_length", "sepal_width", "petal_length", "petal_width"]].rename(
    columns=lambda name: name.replace("_", " ") + " (cm)"
)
classes = table["class"].to_numpy()
mlflow.set_experiment(experiment)
runs = {}
for kind, fit in KINDS.items():
    fitted = fit(rows, classes)
    # A model that was fitted on other columns than these has a signature that names them.
    model, signed = fitted if isinstance(fitted, tuple) else (fitted, None)
    signature = None if signed is None else infer_signature(signed)
    with mlflow.start_run() as run:
        mlflow.onnx.log_model(model, name="iris-model", signature=signature, pip_requirements=["onnxruntime"])
    runs[kind] = run.info.run_id
print(json.dumps(runs))

"""Load a run's model as a data scientist would, predict the rows of a CSV file, print a JSON object.

usage: predict.py RUN_ID CSV
"""

import csv
import json
import sys

import mlflow
import numpy

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")

run_id, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    rows = numpy.array([[float(row[f]) for f in FEATURES] for row in csv.DictReader(file)], dtype=numpy.float32)
answer = mlflow.pyfunc.load_model(f"runs:/{run_id}/iris-model").predict(rows)
mlflow.onnx.load_model(f"runs:/{run_id}/iris-model")
json.dump({"label": answer["label"].tolist(), "probabilities": answer["probabilities"].tolist()}, sys.stdout)

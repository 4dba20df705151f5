"""Log a scikit-learn forest with mlflow.onnx.log_model, as a data scientist would, and print the run's id.

usage: sklearn_model.py EXPERIMENT default|zipmap-false|double TRAIN_CSV
"""

import csv
import sys

import mlflow
import numpy
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")

experiment, kind, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    table = list(csv.DictReader(file))
precision = numpy.float64 if kind == "double" else numpy.float32
rows = numpy.array([[float(row[f]) for f in FEATURES] for row in table], dtype=precision)
classes = numpy.array([int(row["class"]) for row in table])
forest = RandomForestClassifier(n_estimators=20, max_depth=6, random_state=7).fit(rows, classes)
options = {id(forest): {"zipmap": False}} if kind == "zipmap-false" else None
mlflow.set_experiment(experiment)
with mlflow.start_run() as run:
    mlflow.onnx.log_model(to_onnx(forest, rows[:1], options=options), name="iris-model")
print(run.info.run_id)

"""The peer of our trainer: scikit-learn, logged to MLflow."""

import csv
import os
import sys
from pathlib import Path

import mlflow
import mlflow.sklearn
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

data = Path(__file__).resolve().parents[2] / "data"


def rows(name):
    with open(data / name) as file:
        lines = list(csv.reader(file))[1:]
    return np.array([[float(v) for v in line[:4]] for line in lines]), np.array([int(line[4]) for line in lines])


mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
mlflow.set_experiment("peer")
x, y = rows("iris_train.csv")
test_x, test_y = rows("iris_test.csv")
with mlflow.start_run(run_name="iris-random-forest"):
    parameters = {
        "n_estimators": 100,
        "max_depth": 10,
        "min_samples_split": 2,
        "min_samples_leaf": 1,
        "random_state": 42,
    }
    mlflow.log_params(parameters)
    forest = RandomForestClassifier(**parameters).fit(x, y)
    for split, (inputs, expected) in {"train": (x, y), "test": (test_x, test_y)}.items():
        found = forest.predict(inputs)
        mlflow.log_metric(f"{split}_accuracy", accuracy_score(expected, found))
        for metric, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
            mlflow.log_metric(f"{split}_{metric}", score(expected, found, average="weighted"))
    mlflow.sklearn.log_model(forest, "iris-model", input_example=x[:1])
sys.exit(0)

"""Train one model for all servers: train.py OUT forest|pipeline

Writes model.joblib, model.onnx, mlflow-model/ and copy/, the archive that the model server serves.
"""

import csv
import hashlib
import io
import json
import sys
import zipfile
from pathlib import Path

import joblib
import mlflow.sklearn
import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

out, kind = Path(sys.argv[1]), sys.argv[2]
data = Path(__file__).resolve().parents[2] / "data"


def rows(name):
    with open(data / name) as file:
        lines = list(csv.reader(file))[1:]
    return np.array([[float(v) for v in line[:4]] for line in lines]), np.array([int(line[4]) for line in lines])


x, y = rows("iris_train.csv")
model = {
    "forest": RandomForestClassifier(n_estimators=100, max_depth=10, random_state=42),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
}[kind].fit(x, y)
out.mkdir(parents=True, exist_ok=True)
joblib.dump(model, out / "model.joblib")
onnx = to_onnx(model, x[:1].astype(np.float32), options={id(model): {"zipmap": False}}).SerializeToString()
(out / "model.onnx").write_bytes(onnx)
mlflow.sklearn.save_model(model, out / "mlflow-model", input_example=x[:1])
(out / "model-settings.json").write_text(
    json.dumps(
        {"name": "iris", "implementation": "mlserver_sklearn.SKLearnModel", "parameters": {"uri": "./model.joblib"}}
    )
)
# As the operator stores it: the files in a ZIP, and a digest over their names and bytes.
digest = hashlib.sha256()
for part in (b"model.onnx", onnx):
    digest.update(len(part).to_bytes(8, "big") + part)
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
    files.writestr("model.onnx", onnx)
(out / "copy").mkdir(exist_ok=True)
(out / "copy/part-000").write_bytes(archive.getvalue())
(out / "digest").write_text("sha256:" + digest.hexdigest())

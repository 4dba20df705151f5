"""FastAPI, pydantic and scikit-learn's forest, as users of MLflow write it: the model is loaded with MLflow.

With LOADER=joblib it is loaded from a pickle.
"""

import os

from fastapi import FastAPI
from pydantic import BaseModel, Field

if os.environ.get("LOADER") == "joblib":
    import joblib

    model = joblib.load(os.environ["MODEL"] + "/model.joblib")
else:
    import mlflow.sklearn

    model = mlflow.sklearn.load_model(os.environ["MODEL"] + "/mlflow-model")
names = ["setosa", "versicolor", "virginica"]
app = FastAPI()


class Flower(BaseModel):
    sepal_length: float = Field(ge=0, le=1000)
    sepal_width: float = Field(ge=0, le=1000)
    petal_length: float = Field(ge=0, le=1000)
    petal_width: float = Field(ge=0, le=1000)


@app.get("/health")
def health():
    return {"status": "healthy"}


@app.post("/predict")
def predict(flower: Flower):
    row = [[flower.sepal_length, flower.sepal_width, flower.petal_length, flower.petal_width]]
    probabilities = model.predict_proba(row)[0]
    best = int(probabilities.argmax())
    return {"prediction": names[best], "confidence": float(probabilities[best])}

"""Classifiers of iris flowers as people log them: by name a function that fits one and exports it to ONNX.

Each gets the rows as a DataFrame with scikit-learn's column names, and the classes as 0, 1, 2.
"""

import contextlib
import re
import tempfile
from pathlib import Path

import numpy
from skl2onnx import to_onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

README = Path(__file__).parents[2] / "README.md"
SPECIES = numpy.array(["setosa", "versicolor", "virginica"])
KINDS = {}


def kind(fit):
    KINDS[fit.__name__.replace("_", "-")] = fit
    return fit


def forest(trees=20):
    return RandomForestClassifier(trees, max_depth=6, random_state=7)


def exported(model, rows, classes, options=None, dtype=numpy.float32):
    """Fit on an array without column names, and export with skl2onnx' defaults."""
    array = rows.to_numpy(dtype=dtype)
    model.fit(array, classes)
    return to_onnx(model, array[:1], options={id(model): options} if options else None)


def sklearn_kind(name, create, options=None, dtype=numpy.float32, labels=None):
    def fit(rows, classes):
        return exported(create(), rows, classes if labels is None else labels[classes], options, dtype)

    KINDS[name] = fit


sklearn_kind("random-forest", forest)
sklearn_kind("random-forest-species", forest, labels=SPECIES)
sklearn_kind("random-forest-1-2-3", forest, labels=numpy.array([1, 2, 3]))
sklearn_kind("random-forest-double", forest, dtype=numpy.float64)
sklearn_kind("random-forest-columns", forest, options={"zipmap": "columns"})
sklearn_kind("random-forest-class-labels", forest, options={"zipmap": False, "output_class_labels": True})
sklearn_kind("extra-trees", lambda: ExtraTreesClassifier(20, max_depth=6, random_state=7))
sklearn_kind("decision-tree", lambda: DecisionTreeClassifier(random_state=7))
sklearn_kind("logistic-regression", lambda: LogisticRegression(max_iter=500))
sklearn_kind("logistic-regression-species", lambda: LogisticRegression(max_iter=500), labels=SPECIES)
# ONNX Runtime has no ZipMap of float64.
sklearn_kind(
    "logistic-regression-double",
    lambda: LogisticRegression(max_iter=500),
    options={"zipmap": False},
    dtype=numpy.float64,
)
sklearn_kind("calibrated-forest", lambda: CalibratedClassifierCV(forest(10)))
sklearn_kind("gradient-boosting", lambda: GradientBoostingClassifier(n_estimators=20, random_state=7))
sklearn_kind("svc", lambda: SVC(probability=True, random_state=7))
sklearn_kind("knn", KNeighborsClassifier)
sklearn_kind("naive-bayes", GaussianNB)
sklearn_kind("mlp", lambda: make_pipeline(StandardScaler(), MLPClassifier(max_iter=800, random_state=7)))
sklearn_kind(
    "voting",
    lambda: VotingClassifier(
        [("forest", forest(10)), ("regression", LogisticRegression(max_iter=500))],
        voting="soft",
        flatten_transform=False,
    ),
)
sklearn_kind("ada-boost", lambda: AdaBoostClassifier(n_estimators=10, random_state=7))
sklearn_kind("bagging", lambda: BaggingClassifier(n_estimators=5, random_state=7))
sklearn_kind("linear-discriminant", LinearDiscriminantAnalysis)
sklearn_kind("quadratic-discriminant", QuadraticDiscriminantAnalysis)
sklearn_kind("sgd-log-loss", lambda: make_pipeline(MinMaxScaler(), SGDClassifier(loss="log_loss", random_state=7)))


@kind
def columns_in_another_order(rows, classes):
    other = rows[list(rows.columns[2:]) + list(rows.columns[:2])]
    return exported(forest(), other, classes), other


def as_in_readme(title, **names):
    """Export with the lines of Python that README.md has for a kind, but for the last, which logs the model."""
    row = next(line for line in README.read_text().splitlines() if line.startswith(f"| {title} |"))
    *lines, log = re.findall("`([^`]+)`", row.split("|")[2])
    assert log == 'mlflow.onnx.log_model(onnx_model, name="iris-model")', log
    exec("\n".join(lines), names)
    return names["onnx_model"]


@kind
def pipeline(rows, classes):
    array = rows.to_numpy()
    return as_in_readme("scikit-learn", model=make_pipeline(StandardScaler(), forest()).fit(array, classes), X=array)


@kind
def data_frame_pipeline(rows, classes):
    scaled, kept = list(rows.columns[:2]), list(rows.columns[2:])
    model = make_pipeline(
        ColumnTransformer([("scaled", StandardScaler(), scaled), ("kept", "passthrough", kept)]), forest()
    )
    return as_in_readme("scikit-learn on a DataFrame", model=model.fit(rows, classes), df=rows)


@kind
def lightgbm(rows, classes):
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=10, random_state=7, verbose=-1)
    return as_in_readme("LightGBM", model=model.fit(rows.to_numpy(), classes))


@kind
def xgboost(rows, classes):
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=10, random_state=7)
    return as_in_readme("XGBoost", model=model.fit(rows.to_numpy(), classes))


@kind
def catboost(rows, classes):
    from catboost import CatBoostClassifier

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        model = CatBoostClassifier(iterations=20, random_seed=7, verbose=False)
        return as_in_readme("CatBoost", model=model.fit(rows.to_numpy(), classes))

"""Save random scikit-learn pipelines with mlflow.onnx.save_model, each with ONNX Runtime's answers beside it.

usage: random_pipelines.py FOLDER COUNT SEED TRAIN_CSV

FOLDER/<number>/ is the model folder. FOLDER/<number>.json has a description of the pipeline, the rows, and ONNX
Runtime's label and probabilities of each.
"""

import json
import random
import sys
import warnings
from pathlib import Path

import mlflow
import numpy
import onnxruntime
import pandas
from mlflow.models import infer_signature
from skl2onnx import to_onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB, GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

folder, count, seed, path = sys.argv[1:]
folder = Path(folder)
choose = random.Random(int(seed))
warnings.filterwarnings("ignore")
FEATURES = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
table = pandas.read_csv(path)
LABELS = {
    "0, 1, 2": numpy.array([0, 1, 2]),
    "1, 2, 3": numpy.array([1, 2, 3]),
    "species": numpy.array(["setosa", "versicolor", "virginica"]),
    "UCI": numpy.array(["Iris-setosa", "Iris-versicolor", "Iris-virginica"]),
}
PREPROCESSORS = [
    StandardScaler,
    MinMaxScaler,
    MaxAbsScaler,
    RobustScaler,
    Normalizer,
    PowerTransformer,
    lambda: PolynomialFeatures(2, include_bias=choose.random() < 0.5),
    lambda: PCA(choose.randint(2, 3)),
    lambda: SelectKBest(k=choose.randint(1, 3)),
    lambda: SimpleImputer(strategy=choose.choice(["mean", "median"])),
    lambda: KBinsDiscretizer(choose.randint(3, 6), encode="ordinal", strategy="uniform"),
    lambda: Binarizer(threshold=choose.uniform(1, 4)),
]


def tree_depth():
    return choose.choice([None, 2, 5])


def base():
    return choose.choice(
        [
            lambda: DecisionTreeClassifier(max_depth=3),
            lambda: LogisticRegression(max_iter=300),
            GaussianNB,
            lambda: RandomForestClassifier(5, max_depth=4),
        ]
    )()


CLASSIFIERS = [
    lambda: RandomForestClassifier(choose.randint(1, 30), max_depth=tree_depth()),
    lambda: ExtraTreesClassifier(choose.randint(1, 20), max_depth=tree_depth()),
    lambda: DecisionTreeClassifier(max_depth=tree_depth(), min_samples_leaf=choose.randint(1, 5)),
    lambda: LogisticRegression(max_iter=300, C=choose.choice([0.01, 1, 100])),
    lambda: GradientBoostingClassifier(n_estimators=choose.randint(1, 20), max_depth=choose.randint(1, 3)),
    lambda: SVC(probability=choose.random() < 0.7, kernel=choose.choice(["rbf", "linear", "poly"])),
    lambda: KNeighborsClassifier(choose.randint(1, 15), weights=choose.choice(["uniform", "distance"])),
    GaussianNB,
    BernoulliNB,
    lambda: MLPClassifier((choose.randint(2, 20),), max_iter=200, activation=choose.choice(["relu", "tanh"])),
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
    lambda: AdaBoostClassifier(n_estimators=choose.randint(1, 10)),
    lambda: BaggingClassifier(base(), n_estimators=choose.randint(2, 6)),
    lambda: CalibratedClassifierCV(base(), method=choose.choice(["sigmoid", "isotonic"])),
    lambda: OneVsRestClassifier(base()),
    lambda: VotingClassifier(
        [("a", base()), ("b", base())], voting=choose.choice(["soft", "hard"]), flatten_transform=False
    ),
    lambda: StackingClassifier([("a", base()), ("b", base())]),
    lambda: SGDClassifier(loss=choose.choice(["log_loss", "hinge", "modified_huber"])),
    RidgeClassifier,
    Perceptron,
    LinearSVC,
]


def pipeline(columns):
    steps = [choose.choice(PREPROCESSORS)() for _ in range(choose.randint(0, 2))]
    if columns is not None and choose.random() < 0.5:
        some = choose.sample(columns, choose.randint(1, 3))
        rest = [c for c in columns if c not in some]
        steps.insert(0, ColumnTransformer([("some", StandardScaler(), some), ("rest", "passthrough", rest)]))
    return make_pipeline(*steps, choose.choice(CLASSIFIERS)())


def answers(model, rows, named):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    types = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64}
    inputs = session.get_inputs()
    array = rows.to_numpy(dtype=types[inputs[0].type])
    feeds = {i.name: array[:, c : c + 1] for c, i in enumerate(inputs)} if named else {inputs[0].name: array}
    label, *others = session.run(None, feeds)
    if isinstance(others[0], list):
        others = [numpy.array([list(row.values()) for row in others[0]])]
    if len(others) > 1:
        others = [numpy.stack([column.reshape(-1) for column in others], axis=1)]
    return label.reshape(-1).tolist(), others[0].astype(numpy.float32)


def save(number):
    numpy.random.seed(choose.randrange(2**32))
    sample = table.sample(120, random_state=choose.randrange(2**32))
    order = choose.sample(FEATURES, 4) if choose.random() < 0.3 else FEATURES
    labels = choose.choice(list(LABELS))
    dtype = choose.choice([numpy.float32, numpy.float32, numpy.float64])
    named = choose.random() < 0.25
    zipmap = choose.choice([True, True, False, "columns"])
    rows, classes = sample[order].astype(dtype), LABELS[labels][sample["class"].to_numpy()]
    model = pipeline(order if named else None)
    description = f"{model} labels {labels} {dtype.__name__} zipmap {zipmap} columns {order} named {named}"
    try:
        model.fit(rows if named else rows.to_numpy(), classes)
        options = {id(model): {"zipmap": zipmap}} if hasattr(model, "predict_proba") else None
        onnx = to_onnx(model, rows[:1] if named else rows.to_numpy()[:1], options=options)
        tried = table.sample(100, random_state=number)
        expected, probabilities = answers(onnx, tried[order], named)
    except Exception as e:  # skl2onnx cannot export everything
        print(f"not exported: {description}: {type(e).__name__} {str(e)[:100]}", file=sys.stderr)
        return False
    signature = infer_signature(rows) if named or order != FEATURES or choose.random() < 0.3 else None
    mlflow.onnx.save_model(onnx, folder / str(number), signature=signature, pip_requirements=["onnxruntime"])
    (folder / f"{number}.json").write_text(
        json.dumps(
            {
                "pipeline": description,
                "rows": tried[FEATURES].to_numpy().tolist(),
                "labels": expected,
                "probabilities": probabilities.tolist(),
            }
        )
    )
    return True


saved = 0
while saved < int(count):
    saved += save(saved)

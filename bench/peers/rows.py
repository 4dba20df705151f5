"""Write many rows like those in data/, with IrisGenerator's means and deviations: rows.py COUNT OUT.csv"""

import sys

import numpy as np

NAMES = ["setosa", "versicolor", "virginica"]
SPECIES = np.array(
    [
        [(5.006, 0.352), (3.428, 0.379), (1.462, 0.174), (0.246, 0.105)],
        [(5.936, 0.516), (2.770, 0.314), (4.260, 0.470), (1.326, 0.198)],
        [(6.588, 0.636), (2.974, 0.322), (5.552, 0.552), (2.026, 0.275)],
    ]
)
random = np.random.default_rng(1936)
species = random.integers(0, 3, int(sys.argv[1]))
lengths = np.maximum(0.01, random.normal(SPECIES[species, :, 0], SPECIES[species, :, 1]))
with open(sys.argv[2], "w") as file:
    file.write("sepal_length,sepal_width,petal_length,petal_width,class,class_name\n")
    for row, index in zip(lengths.tolist(), species, strict=True):
        file.write(",".join(f"{length:.2f}" for length in row) + f",{index},{NAMES[index]}\n")

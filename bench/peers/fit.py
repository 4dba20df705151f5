"""Fit a forest on a CSV's rows with all cores, and print the seconds that the fit took: fit.py ROWS.csv"""

import os
import sys
import time

import numpy as np
from sklearn.ensemble import RandomForestClassifier

rows = np.loadtxt(sys.argv[1], delimiter=",", skiprows=1, usecols=range(5))
forest = RandomForestClassifier(n_estimators=100, max_depth=10, random_state=42, n_jobs=os.cpu_count())
begin = time.monotonic()
forest.fit(rows[:, :4], rows[:, 4].astype(int))
print(time.monotonic() - begin)

#!/usr/bin/env bash
# pandas 3.0.6: the mean of a column of 100,000 ones in half precision is NaN.
#
# The sum is kept in float16, where it is infinite above 65504, and so is the number of values. A warning speaks of
# overflow; NumPy's mean of the same values and pandas' own grouped mean are 1.
# Guess before the run: 1, with a suspicion of infinity.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pandas==3.0.6 numpy==2.4.6
cd "$work"

venv/bin/python - > seen 2> messages <<'PYTHON' || { cat messages; exit 1; }
import numpy
import pandas

for count in (50_001, 100_000):
    ones = numpy.ones(count, numpy.float16)
    features = pandas.DataFrame({"feature": ones, "label": 0})
    print(count, features["feature"].mean(), features.groupby("label")["feature"].mean()[0], ones.mean())
PYTHON

diff - seen <<'EXPECTED'
50001 1.0 1.0 1.0
100000 nan 1.0 1.0
EXPECTED
echo "unchanged: pandas==3.0.6 numpy==2.4.6"

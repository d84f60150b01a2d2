#!/usr/bin/env bash
# POT 0.9.7.post1: the distance of counts on a line is 23, although no two of the points lie more than 2 apart.
#
# wasserstein_1d and the sliced distance take weights as they are; where the totals differ, what is left over counts
# as if it lay at the last point. SciPy divides by each total. emd2_1d of the same weights refuses.
# Guess before the run: SciPy's distance or a refusal, with a suspicion of neither.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pot==0.9.7.post1 scipy==1.17.1 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import numpy as np
import ot
from scipy.stats import wasserstein_distance

points = np.array([0.0, 1.0, 2.0])
few, many = np.array([3.0, 1.0, 1.0]), np.array([5.0, 20.0, 5.0])
for one, other in ((few / few.sum(), many / many.sum()), (few, many)):
    distances = ot.wasserstein_1d(points, points, one, other), wasserstein_distance(points, points, one, other)
    print("totals", one.sum().round(6), other.sum().round(6), "POT and SciPy", *(f"{d:.3f}" for d in distances))
try:
    ot.emd2_1d(points, points, few, many)
except AssertionError:
    print("emd2_1d refuses")
PYTHON

diff - seen <<'EXPECTED'
totals 1.0 1.0 POT and SciPy 0.467 0.467
totals 5.0 30.0 POT and SciPy 23.000 0.467
emd2_1d refuses
EXPECTED
echo "unchanged: pot==0.9.7.post1 scipy==1.17.1 numpy==2.2.6"

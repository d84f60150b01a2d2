#!/usr/bin/env bash
# SciPy 1.17.1: euclidean, cityblock and cosine of two uint8 vectors wrap around; cdist of the same vectors does not.
#
# The functions for one pair subtract and multiply in the vectors' own type, those for many turn them
# into float64 first, as sqeuclidean does also for one pair. Pixels and small counts are uint8.
# Guess before the run: as by cdist, with a suspicion that they wrap around.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q scipy==1.17.1 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import warnings

import numpy as np
from scipy.spatial import distance

warnings.simplefilter("ignore")
a = np.array([0, 10, 200, 3], np.uint8)
b = np.array([255, 12, 100, 7], np.uint8)
for name in ("sqeuclidean", "euclidean", "cityblock", "cosine"):
    pair = getattr(distance, name)(a, b)
    print(f"{name} {pair:.3f}, by cdist {distance.cdist([a], [b], name)[0, 0]:.3f}")
PYTHON

diff - seen <<'EXPECTED'
sqeuclidean 75045.000, by cdist 75045.000
euclidean 371.512, by cdist 273.943
cityblock 607.000, by cdist 361.000
cosine 0.000, by cdist 0.633
EXPECTED
echo "unchanged: scipy==1.17.1 numpy==2.2.6"

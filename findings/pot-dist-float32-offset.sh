#!/usr/bin/env bash
# POT 0.9.7.post1: ot.dist of float32 features says 0 for two points that lie 1 apart.
#
# Distances are taken from squared norms in the features' own type; far from the origin they cancel.
# scipy's cdist subtracts first. Features of a network with large means are such points.
# Guess before the run: an error of some percent.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pot==0.9.7.post1 numpy==2.2.6 scipy==1.17.1
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import numpy as np
import ot
from scipy.spatial.distance import cdist

points = np.array([[10000, 1], [10000, 2]], dtype=np.float32)
print("ot.dist", ot.dist(points, points.copy(), metric="euclidean").tolist())
print("cdist  ", cdist(points, points).tolist())
PYTHON

diff - seen <<'EXPECTED'
ot.dist [[0.0, 0.0], [0.0, 0.0]]
cdist   [[0.0, 1.0], [1.0, 0.0]]
EXPECTED
echo "unchanged: pot==0.9.7.post1 numpy==2.2.6 scipy==1.17.1"

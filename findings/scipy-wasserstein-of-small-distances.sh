#!/usr/bin/env bash
# SciPy 1.17.1: wasserstein_distance_nd grows by two thirds when all points are measured in a unit 10^8 times larger.
#
# Costs go into the linear program as they are, whose solver takes reduced costs above -1e-7 for
# none: with small distances the first plan is called optimal. There is neither a warning nor a status.
# Guess before the run: the distance scales with its points, with a suspicion of the tolerance.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q scipy==1.17.1 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import numpy as np
from scipy.stats import wasserstein_distance_nd

random = np.random.default_rng(0)
u, v = random.random((12, 3)), random.random((12, 3))
for unit in (1, 1e-4, 1e-6, 1e-7, 1e-8):
    print(unit, f"{wasserstein_distance_nd(u * unit, v * unit) / unit:.4f}")
PYTHON

diff - seen <<'EXPECTED'
1 0.3370
0.0001 0.3370
1e-06 0.3423
1e-07 0.4525
1e-08 0.5631
EXPECTED
echo "unchanged: scipy==1.17.1 numpy==2.2.6"

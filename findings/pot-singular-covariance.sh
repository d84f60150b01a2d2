#!/usr/bin/env bash
# POT 0.9.7.post1: a Gaussian's Bures-Wasserstein distance to itself is NaN where its covariance is singular.
#
# That is so whenever there are fewer samples than features, as for Fréchet distances of small classes. Eigenvalues
# of -1e-16 and the like are taken a root of; NumPy warns of it, nothing else does. SciPy's sqrtm, by the same
# formula, gives 0.
# Guess before the run: 0, with a suspicion of no number.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pot==0.9.7.post1 scipy==1.17.1 numpy==2.2.6
cd "$work"

venv/bin/python -W ignore - > seen <<'PYTHON'
import numpy as np
import ot
from scipy.linalg import sqrtm

for samples in (1000, 8):
    features = np.random.default_rng(0).standard_normal((samples, 32))
    mean, covariance = features.mean(0), np.cov(features, rowvar=False)
    distance = ot.gaussian.bures_wasserstein_distance(mean, mean, covariance, covariance)
    root = sqrtm(covariance)
    other = np.trace(2 * covariance - 2 * sqrtm(root @ covariance @ root)).real
    print(samples, "samples of 32 features", "POT", f"{distance:.1f}", "SciPy", f"{max(0, other) ** 0.5:.1f}")
PYTHON

diff - seen <<'EXPECTED'
1000 samples of 32 features POT 0.0 SciPy 0.0
8 samples of 32 features POT nan SciPy 0.0
EXPECTED
echo "unchanged: pot==0.9.7.post1 scipy==1.17.1 numpy==2.2.6"

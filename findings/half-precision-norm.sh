#!/usr/bin/env bash
# scikit-learn 1.9.1: normalize turns 2,048 features of 10 in half precision into zeros.
#
# Norms are summed in float16, which ends at 65504: NumPy 2.2.6 calls the norm infinite, as SciPy 1.17.1's linalg.norm
# does, and a division by it leaves nothing. Pooled features of Inception are as many, and are kept in half precision to
# save memory. The cosine similarity of the same row with itself is 1, as scikit-learn computes that in float64.
# Guess before the run: an infinite norm in NumPy and SciPy; the zeros of scikit-learn were found with it.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q numpy==2.2.6 scikit-learn==1.9.1 scipy==1.17.1
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import numpy
import scipy.linalg
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize

features = numpy.full((1, 2048), 10, numpy.float16)
with numpy.errstate(over="ignore"):
    print("norms", numpy.linalg.norm(features[0]), scipy.linalg.norm(features[0]))
    print("normalized", normalize(features).max(), "and in float32", normalize(features.astype("float32")).max().round(4))
    print("cosine", cosine_similarity(features)[0, 0].round(4))
PYTHON

diff - seen <<'EXPECTED'
norms inf inf
normalized 0.0 and in float32 0.0221
cosine 1.0
EXPECTED
echo "unchanged: numpy==2.2.6 scikit-learn==1.9.1 scipy==1.17.1"

#!/usr/bin/env bash
# faiss 1.15.1: by the Canberra or the Jensen-Shannon distance a vector with a zero in it is not found again.
#
# Where both vectors have a zero, faiss divides 0 by 0 or takes its logarithm; a distance that is no number never
# enters the list, and the nearest neighbour is -1. SciPy counts such a place as 0, as its formula has it in the
# limit. Features after a ReLU and shares of a histogram have many zeros; Bray-Curtis, for comparison, finds them.
# Guess before the run: SciPy's distances, with a suspicion of -1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q faiss-cpu==1.15.1 scipy==1.17.1 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import faiss
import numpy as np
from scipy.spatial.distance import cdist

shares = np.array([[0, 0.25, 0.75], [0, 0.5, 0.5]], np.float32)
for name, metric in {
    "braycurtis": faiss.METRIC_BrayCurtis,
    "canberra": faiss.METRIC_Canberra,
    "jensenshannon": faiss.METRIC_JensenShannon,
}.items():
    index = faiss.IndexFlat(3, metric)
    index.add(shares)
    print(name, "faiss", index.search(shares, 1)[1].ravel(), "SciPy", cdist(shares, shares, name).argmin(axis=1))
PYTHON

diff - seen <<'EXPECTED'
braycurtis faiss [0 1] SciPy [0 1]
canberra faiss [-1 -1] SciPy [0 1]
jensenshannon faiss [-1 -1] SciPy [0 1]
EXPECTED
echo "unchanged: faiss-cpu==1.15.1 scipy==1.17.1 numpy==2.2.6"

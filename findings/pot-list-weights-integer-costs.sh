#!/usr/bin/env bash
# POT 0.9.7.post1: ot.emd with weights in Python lists and an integer cost matrix moves nothing.
#
# The lists take the type of the costs, so shares below one become 0. A warning speaks of an
# infeasible problem; the same weights as NumPy arrays give the plan.
# Guess before the run: integer costs only round the plan; it lost the weights, too.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pot==0.9.7.post1 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import warnings
import numpy as np
import ot

warnings.simplefilter("ignore")
costs = np.array([[1, 2], [3, 4]])
supply, demand = [0.5, 0.5], [0.25, 0.75]
print("lists ", ot.emd(supply, demand, costs).tolist())
print("arrays", ot.emd(np.array(supply), np.array(demand), costs).tolist())
PYTHON

diff - seen <<'EXPECTED'
lists  [[0, 0], [0, 0]]
arrays [[0.25, 0.25], [0.0, 0.5]]
EXPECTED
echo "unchanged: pot==0.9.7.post1 numpy==2.2.6"

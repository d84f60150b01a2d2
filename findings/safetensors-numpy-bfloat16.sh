#!/usr/bin/env bash
# safetensors 0.8.0: safetensors.numpy saves bfloat16 arrays and cannot load them again.
#
# Guess before the run: both ways refuse, or both work with ml_dtypes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q safetensors==0.8.0 numpy==2.2.6 ml_dtypes==0.6.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import ml_dtypes
import numpy as np
from safetensors.numpy import load, save

file = save({"weights": np.ones(3, ml_dtypes.bfloat16)})
print("saved", len(file) > 0)
try:
    print("loaded", load(file))
except KeyError as refused:
    print("load raises KeyError", refused)
PYTHON

diff - seen <<'EXPECTED'
saved True
load raises KeyError 'BF16'
EXPECTED
echo "unchanged: safetensors==0.8.0 numpy==2.2.6 ml_dtypes==0.6.0"

#!/usr/bin/env bash
# NumPy 2.2.6 with ml_dtypes 0.6.0: a bfloat16 array saved as npy comes back as two raw bytes a value.
#
# np.save writes the header's type as '<V2' without a word; np.load gives the type void, and which
# format the bits had is not in the file.
# Guess before the run: np.save refuses a type that its header cannot name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q numpy==2.2.6 ml_dtypes==0.6.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import ml_dtypes
import numpy as np

np.save("features.npy", np.ones(3, ml_dtypes.bfloat16))
read = np.load("features.npy")
print(read.dtype, read.tolist())
try:
    print(read.astype(np.float32))
except ValueError:
    print("no conversion to float32")
PYTHON

diff - seen <<'EXPECTED'
|V2 [b'\x80?', b'\x80?', b'\x80?']
no conversion to float32
EXPECTED
echo "unchanged: numpy==2.2.6 ml_dtypes==0.6.0"

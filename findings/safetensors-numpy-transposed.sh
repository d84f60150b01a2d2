#!/usr/bin/env bash
# safetensors 0.8.0: a transposed NumPy array comes back with its shape and other values.
#
# The bytes are written as they lie in memory. The writer for PyTorch refuses such tensors; nothing in
# the file tells afterwards. Kernels turned from one framework's axes to another's are such arrays.
# Guess before the run: the writer copies, or refuses as for PyTorch.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q safetensors==0.8.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import numpy as np
from safetensors.numpy import load, save

kernel = np.arange(6, dtype=np.float32).reshape(2, 3).T
print("given", kernel.tolist())
print("read ", load(save({"kernel": kernel}))["kernel"].tolist())
print("contiguous", load(save({"kernel": np.ascontiguousarray(kernel)}))["kernel"].tolist())
PYTHON

diff - seen <<'EXPECTED'
given [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
read  [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
contiguous [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
EXPECTED
echo "unchanged: safetensors==0.8.0 numpy==2.2.6"

#!/usr/bin/env bash
# Keras 3.15.1 on PyTorch: AveragePooling2D with padding "same" counts the border's values twice where the padding is odd.
#
# So it is for windows of 3 and strides of 2 on an even side, and for windows of 4; for windows of 3 and strides of 1
# what lies outside is left out, as in all three cases on TensorFlow and JAX. The corner below is the mean of 29, 30,
# 35 and 36. Networks trained on one backend see other borders on another.
# Guess before the run: the same values on every backend, with a suspicion of the border.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q keras==3.15.1 torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import os

os.environ["KERAS_BACKEND"] = "torch"
import keras
import numpy

numbers = numpy.arange(1, 37, dtype="float32").reshape(1, 6, 6, 1)
for size, strides in ((3, 1), (3, 2), (4, 1)):
    pooled = keras.layers.AveragePooling2D(size, strides, "same")(numbers)
    print(size, strides, f"{pooled[0, -1, -1, 0].item():.2f}")
PYTHON

diff - seen <<'EXPECTED'
3 1 32.50
3 2 33.67
4 1 34.25
EXPECTED
echo "unchanged: keras==3.15.1 torch==2.13.0 numpy==2.2.6"

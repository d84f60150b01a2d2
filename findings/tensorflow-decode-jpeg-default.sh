#!/usr/bin/env bash
# TensorFlow 2.21.0: decode_jpeg's default differs from libjpeg's by up to 3 levels; INTEGER_ACCURATE does not.
#
# The default is a faster, less exact inverse transform, so features of one network differ by who
# decoded its photos.
# Guess before the run: the default equals Pillow's decoding, as both stand on libjpeg-turbo.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q tensorflow-cpu==2.21.0 pillow==12.3.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import io
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
from PIL import Image

cells = np.random.default_rng(0).integers(0, 255, (9, 9, 3), dtype=np.uint8)
file = io.BytesIO()
Image.fromarray(cells).resize((257, 257), Image.BICUBIC).save(file, "JPEG", quality=90)
jpeg = file.getvalue()
pillow = np.asarray(Image.open(io.BytesIO(jpeg))).astype(int)
for method in ("", "INTEGER_FAST", "INTEGER_ACCURATE"):
    decoded = tf.io.decode_jpeg(jpeg, dct_method=method).numpy().astype(int)
    print(repr(method), np.abs(decoded - pillow).max())
PYTHON

diff - seen <<'EXPECTED'
'' 3
'INTEGER_FAST' 3
'INTEGER_ACCURATE' 0
EXPECTED
echo "unchanged: tensorflow-cpu==2.21.0 pillow==12.3.0"

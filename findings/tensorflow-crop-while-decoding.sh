#!/usr/bin/env bash
# TensorFlow 2.21.0: decode_and_crop_jpeg gives other pixels than decoding and then cropping.
#
# At the crop's border colour is interpolated without its neighbours outside; up to 5 levels here.
# Training inputs that crop while decoding therefore see pixels that evaluation never has.
# Guess before the run: the same pixels, only faster.
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
whole = tf.io.decode_jpeg(jpeg).numpy().astype(int)
crop = tf.image.decode_and_crop_jpeg(jpeg, [10, 11, 100, 101]).numpy().astype(int)
print(np.abs(crop - whole[10:110, 11:112]).max())
PYTHON

diff - seen <<'EXPECTED'
5
EXPECTED
echo "unchanged: tensorflow-cpu==2.21.0 pillow==12.3.0"

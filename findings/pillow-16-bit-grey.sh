#!/usr/bin/env bash
# Pillow 12.3.0: a 16-bit grey PNG becomes nearly white when it is converted to RGB; OpenCV and TensorFlow scale it.
#
# All values above 255 are cut off. A ramp over all 65,536 levels has the mean 127.5.
# Guess before the run: the upper eight bits.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pillow==12.3.0 opencv-python-headless==5.0.0.93 tensorflow-cpu==2.21.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import io
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import cv2
import numpy as np
import tensorflow as tf
from PIL import Image

file = io.BytesIO()
Image.fromarray(np.arange(65536, dtype=np.uint16).reshape(256, 256)).save(file, "PNG")
png = file.getvalue()
print("Pillow", f"{np.asarray(Image.open(io.BytesIO(png)).convert('RGB')).mean():.1f}")
print("OpenCV", f"{cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR).mean():.1f}")
print("TensorFlow", f"{tf.io.decode_png(png, channels=3).numpy().mean():.1f}")
PYTHON

diff - seen <<'EXPECTED'
Pillow 254.5
OpenCV 127.5
TensorFlow 127.5
EXPECTED
echo "unchanged: pillow==12.3.0 opencv-python-headless==5.0.0.93 tensorflow-cpu==2.21.0"

#!/usr/bin/env bash
# OpenCV 5.0.0: IMREAD_REDUCED_COLOR_8 gives 33 x 33 pixels of a JPEG and 32 x 32 of a PNG or WebP, both 257 x 257.
#
# JPEG's own scaling rounds up, the resizing of other formats down, so boxes and crops need the
# format, too.
# Guess before the run: one size for one flag.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q opencv-python-headless==5.0.0.93 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import cv2
import numpy as np

picture = np.full((257, 257, 3), 128, np.uint8)
for ending in ("jpg", "png", "webp"):
    cv2.imwrite("picture." + ending, picture)
    print(ending, cv2.imread("picture." + ending, cv2.IMREAD_REDUCED_COLOR_8).shape)
PYTHON

diff - seen <<'EXPECTED'
jpg (33, 33, 3)
png (32, 32, 3)
webp (32, 32, 3)
EXPECTED
echo "unchanged: opencv-python-headless==5.0.0.93 numpy==2.2.6"

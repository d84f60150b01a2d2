#!/usr/bin/env bash
# Pillow 12.3.0: ImageStat's mean of a ramp from 0 to 1000 is 63 in 16 bits, 127 in 32 bits or float.
#
# Its statistics are taken from a histogram of 256 bins, whose numbers are averaged as if they were levels: 16-bit
# levels above 255 fall into the last bin, the other two modes are stretched. The mean is 500. extrema reports 0 to
# 255 in all three.
# Guess before the run: 500, with a suspicion of bins.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pillow==12.3.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import numpy as np
from PIL import Image, ImageStat

ramp = np.tile(np.arange(1001), (4, 1))
for kind in (np.uint16, np.int32, np.float32):
    image = Image.fromarray(ramp.astype(kind))
    statistics = ImageStat.Stat(image)
    print(image.mode, f"mean {statistics.mean[0]:.1f}", f"NumPy {np.asarray(image).mean():.1f}", statistics.extrema)
PYTHON

diff - seen <<'EXPECTED'
I;16 mean 62.7 NumPy 500.0 [(0, 255)]
I mean 127.0 NumPy 500.0 [(0, 255)]
F mean 127.0 NumPy 500.0 [(0, 255)]
EXPECTED
echo "unchanged: pillow==12.3.0 numpy==2.2.6"

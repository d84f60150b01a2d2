#!/usr/bin/env bash
# PyTorch 2.13.0: F.interpolate's antialias changes a bicubic enlargement, where nothing can alias.
#
# The two ways use different cubic kernels (a = -0.75 without, -0.5 with antialias), so the setting
# matters for the way up, too. Bilinear enlargements agree to the last bit.
# Guess before the run: antialias makes no difference when enlarging.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch
from torch.nn.functional import interpolate

ramp = (torch.arange(16.0) ** 2).reshape(1, 1, 4, 4)
for mode in ("bicubic", "bilinear"):
    ways = [interpolate(ramp, scale_factor=2, mode=mode, antialias=a) for a in (False, True)]
    print(mode, f"{(ways[0] - ways[1]).abs().max().item():.2f}")
PYTHON

diff - seen <<'EXPECTED'
bicubic 5.28
bilinear 0.00
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

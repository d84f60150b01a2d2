#!/usr/bin/env bash
# OpenCV 5.0.0: cv2.EMD divides by the larger total, so weight that moves nowhere makes the distance smaller.
#
# Rubner, Tomasi and Guibas divide by what flows, which is the smaller total. The flow that comes
# with the distance is optimal and has that sum; only the division is by another.
# Guess before the run: the cost of a unit of flow.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q opencv-python-headless==5.0.0.93 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import cv2
import numpy as np

cost = np.array([[1, 2]], np.float32)
for unused in (0, 1, 9):
    supply = np.array([[1]], np.float32)
    demand = np.array([[1], [unused]], np.float32)
    distance, _, flow = cv2.EMD(supply, demand, cv2.DIST_USER, cost=cost)
    print(unused, f"distance {distance:.2f}, cost of flow {(flow * cost).sum() / flow.sum():.2f}")
PYTHON

diff - seen <<'EXPECTED'
0 distance 1.00, cost of flow 1.00
1 distance 0.50, cost of flow 1.00
9 distance 0.10, cost of flow 1.00
EXPECTED
echo "unchanged: opencv-python-headless==5.0.0.93 numpy==2.2.6"

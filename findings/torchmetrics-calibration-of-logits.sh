#!/usr/bin/env bash
# TorchMetrics 1.9.0: the calibration error of the same predictions changes when a constant is added to logits.
#
# Scores that all lie in [0, 1] are taken as probabilities, others go through a softmax first; the
# decision is made for each batch. Softmax itself ignores an added constant.
# Guess before the run: logits are always normalised.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 torchmetrics==1.9.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch
from torchmetrics.classification import MulticlassCalibrationError

logits = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
labels = torch.tensor([0, 1, 1, 0])
for added in (0, 1, -1):
    error = MulticlassCalibrationError(2, n_bins=5)(logits + added, labels)
    print(added, f"{error.item():.3f}")
PYTHON

diff - seen <<'EXPECTED'
0 0.150
1 0.203
-1 0.203
EXPECTED
echo "unchanged: torch==2.13.0 torchmetrics==1.9.0 numpy==2.2.6"

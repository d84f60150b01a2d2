#!/usr/bin/env bash
# TorchMetrics 1.9.0: macro accuracy counts the class that ignore_index leaves out as one of accuracy 0.
#
# It does so once the class is predicted for a sample of another. The manual says that the value does not
# contribute to the metric.
# Guess before the run: the mean over the other classes, with a suspicion of this.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 torchmetrics==1.9.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch
from torchmetrics.classification import MulticlassAccuracy

labels = torch.tensor([0, 1, 1, 1])
for predictions in ([0, 1, 1, 0], [0, 1, 1, 2]):
    scores = MulticlassAccuracy(3, average=None, ignore_index=2)(torch.tensor(predictions), labels)
    mean = MulticlassAccuracy(3, average="macro", ignore_index=2)(torch.tensor(predictions), labels)
    print(predictions, "classes", [round(score, 3) for score in scores.tolist()], f"macro {mean:.3f}")
PYTHON

diff - seen <<'EXPECTED'
[0, 1, 1, 0] classes [1.0, 0.667, 0.0] macro 0.833
[0, 1, 1, 2] classes [1.0, 0.667, 0.0] macro 0.556
EXPECTED
echo "unchanged: torch==2.13.0 torchmetrics==1.9.0 numpy==2.2.6"

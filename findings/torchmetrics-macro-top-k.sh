#!/usr/bin/env bash
# TorchMetrics 1.9.0: macro accuracy for top_k=2 is a mean over other classes than for top_k=1.
#
# A class that no label has but some prediction is one of accuracy 0 for top 1 and no class for top 2,
# so the difference of the two is not what second guesses bring: below they bring nothing.
# Guess before the run: the same classes for every k.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 torchmetrics==1.9.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch
from torchmetrics.classification import MulticlassAccuracy

labels = torch.tensor([0, 0, 1, 1])
scores = torch.tensor([[0.9, 0.0, 0.0, 0.1], [0.9, 0.0, 0.0, 0.1], [0.0, 0.9, 0.0, 0.1], [0.0, 0.0, 0.9, 0.1]])
for average in ("micro", "macro"):
    print(average, *(f"{MulticlassAccuracy(4, top_k=k, average=average)(scores, labels):.2f}" for k in (1, 2)))
PYTHON

diff - seen <<'EXPECTED'
micro 0.75 0.75
macro 0.50 0.75
EXPECTED
echo "unchanged: torch==2.13.0 torchmetrics==1.9.0 numpy==2.2.6"

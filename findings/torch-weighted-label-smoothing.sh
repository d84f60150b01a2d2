#!/usr/bin/env bash
# PyTorch 2.13.0: the class-weighted loss of equal scores is 4.12 with label_smoothing=0.1 and 0.69 without.
#
# Each class's share of the smoothed label gets that class's weight, and the sum is divided by the
# weights of the labels alone: a batch of common classes is dominated by the weight of rare ones. The
# same smoothed labels given as probabilities are divided by the size of the batch.
# Guess before the run: log 2 in all cases, as for every smoothing of two equal scores.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch
from torch.nn.functional import cross_entropy

weights, scores = torch.tensor([0.1, 10.0]), torch.zeros(4, 2)
labels, smoothed = torch.zeros(4, dtype=torch.long), torch.tensor([[0.95, 0.05]]).repeat(4, 1)
print("labels", f"{cross_entropy(scores, labels, weights):.2f}")
print("label_smoothing", f"{cross_entropy(scores, labels, weights, label_smoothing=0.1):.2f}")
print("probabilities", f"{cross_entropy(scores, smoothed, weights):.2f}")
PYTHON

diff - seen <<'EXPECTED'
labels 0.69
label_smoothing 4.12
probabilities 0.41
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

#!/usr/bin/env bash
# PyTorch 2.13.0: native_batch_norm turns moving variances into NaN for one value a channel.
#
# The modules refuse such a batch in Python; the operator below them, which bindings of other languages
# call, does not, and poisons the statistics. The output itself is finite.
# Guess before the run: the operator refuses as well, or leaves the variance.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch

mean, variance = torch.zeros(2), torch.ones(2)
values = torch.tensor([[1.0, 2.0]])
output, *_ = torch.native_batch_norm(values, None, None, mean, variance, True, 0.1, 1e-5)
print("output", output.tolist(), "moving variance", variance.tolist())
try:
    torch.nn.functional.batch_norm(values, torch.zeros(2), torch.ones(2), training=True)
except ValueError as refused:
    print("functional:", refused)
PYTHON

diff - seen <<'EXPECTED'
output [[0.0, 0.0]] moving variance [nan, nan]
functional: Expected more than 1 value per channel when training, got input size torch.Size([1, 2])
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

#!/usr/bin/env bash
# PyTorch 2.13.0, CPU: seeds that are equal in their lower 32 bits give the same dropout masks.
#
# torch.manual_seed takes 64 bits and torch.initial_seed returns them, but the generator starts from
# 32. Seeds made by a hash, or by shifting a run's number to the left, collide.
# Guess before the run: all 64 bits count, as initial_seed suggests.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch


def mask(seed):
    torch.manual_seed(seed)
    assert torch.initial_seed() == seed
    return torch.nn.functional.dropout(torch.ones(64)).tolist()


for other in (1 + 2**32, 1 + 5 * 2**40, 2):
    print(other, mask(1) == mask(other))
PYTHON

diff - seen <<'EXPECTED'
4294967297 True
5497558138881 True
2 False
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

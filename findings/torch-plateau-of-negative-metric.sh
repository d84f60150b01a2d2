#!/usr/bin/env bash
# PyTorch 2.13.0: ReduceLROnPlateau never reduces the rate while a negative metric stands still.
#
# The threshold is a share of the best value, and of a negative one it points the other way: -1 counts as better than
# -1, step after step. Log-likelihoods and negative distances are such metrics. With threshold_mode="abs" the two
# below agree.
# Guess before the run: a constant metric is a plateau, whatever its sign.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch

for mode in ("rel", "abs"):
    for metric in (1.0, -1.0):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=2, threshold_mode=mode)
        for _ in range(8):
            schedule.step(metric)
        print(mode, metric, f"{optimizer.param_groups[0]['lr']:.2f}")
PYTHON

diff - seen <<'EXPECTED'
rel 1.0 0.01
rel -1.0 1.00
abs 1.0 0.01
abs -1.0 0.01
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

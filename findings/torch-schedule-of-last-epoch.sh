#!/usr/bin/env bash
# PyTorch 2.13.0: with last_epoch=49 some schedules go on from the initial rate, others from that of epoch 50.
#
# StepLR, ExponentialLR, PolynomialLR and CosineAnnealingLR only multiply the rate that they find, and
# an optimizer made anew has the initial one; LambdaLR and CosineAnnealingWarmRestarts compute it. All
# of them ask for initial_lr in the groups.
# Guess before the run: the rate of the epoch, from initial_lr.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch
from torch.optim import lr_scheduler as schedules


def rates(make):
    weights = torch.nn.Parameter(torch.zeros(1))
    whole, resumed = (torch.optim.SGD([{"params": [weights], "initial_lr": 0.1}], lr=0.1) for _ in range(2))
    schedule = make(whole, -1)
    for _ in range(50):
        whole.step()
        schedule.step()
    make(resumed, 49)
    return [f"{optimizer.param_groups[0]['lr']:.4f}" for optimizer in (whole, resumed)]


print("step", *rates(lambda o, last: schedules.StepLR(o, 30, last_epoch=last)))
print("exponential", *rates(lambda o, last: schedules.ExponentialLR(o, 0.97, last_epoch=last)))
print("polynomial", *rates(lambda o, last: schedules.PolynomialLR(o, 100, last_epoch=last)))
print("cosine", *rates(lambda o, last: schedules.CosineAnnealingLR(o, 100, last_epoch=last)))
print("cosine with restarts", *rates(lambda o, last: schedules.CosineAnnealingWarmRestarts(o, 100, last_epoch=last)))
print("lambda", *rates(lambda o, last: schedules.LambdaLR(o, lambda epoch: 0.97**epoch, last_epoch=last)))
PYTHON

diff - seen <<'EXPECTED'
step 0.0100 0.1000
exponential 0.0218 0.1000
polynomial 0.0500 0.1000
cosine 0.0500 0.1000
cosine with restarts 0.0500 0.0500
lambda 0.0218 0.0218
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

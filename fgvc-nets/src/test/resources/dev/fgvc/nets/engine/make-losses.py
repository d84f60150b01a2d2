#!/usr/bin/env python3
"""Writes losses.json: losses of a few logits and their gradients by them, which the tests of both engines repeat.

    python3 make-losses.py        # recorded with timm 1.0.29, PyTorch 2.13.0

mixed: timm's Mixup targets with label smoothing under its SoftTargetCrossEntropy. The others follow the formulas of
their papers in double precision: Cui et al. (CVPR 2019, equation 5, weights that sum to the number of classes), Ren et
al. (NeurIPS 2020, equation 4), Cao et al. (NeurIPS 2019, equations 10 to 13, without and with the deferred weights).
"""

import json

import torch
from timm.data.mixup import mixup_target
from timm.loss import SoftTargetCrossEntropy

COUNTS = torch.tensor([500.0, 120.0, 30.0, 8.0, 3.0], dtype=torch.float64)
LABELS = torch.tensor([0, 3, 1, 4, 2, 0])
SHARE = 0.3
SMOOTHING = 0.1
BETA = 0.999
LARGEST_MARGIN = 0.5
SCALE = 2.0


def logits():
    values = torch.arange(30, dtype=torch.float64) * 7 % 11 / 4 - 1
    return values.reshape(6, 5).requires_grad_()


def mixed(z):
    return SoftTargetCrossEntropy()(z, mixup_target(LABELS, 5, SHARE, SMOOTHING))


def weights():
    effective = (1 - BETA**COUNTS) / (1 - BETA)
    return 5 / effective / (1 / effective).sum()


def negative_log(z, exponentials):
    own = exponentials.gather(1, LABELS[:, None])[:, 0]
    return -torch.log(own / exponentials.sum(1))


def class_balanced(z):
    return (weights()[LABELS] * negative_log(z, z.exp())).mean()


def balanced_softmax(z):
    return negative_log(z, COUNTS * z.exp()).mean()


def ldam(z, factors):
    margins = LARGEST_MARGIN * (COUNTS.min() / COUNTS) ** 0.25
    own = torch.nn.functional.one_hot(LABELS, 5)
    return (factors[LABELS] * negative_log(z, (SCALE * (z - own * margins)).exp())).mean()


CASES = {
    "mixed": mixed,
    "classBalanced": class_balanced,
    "balancedSoftmax": balanced_softmax,
    "ldam": lambda z: ldam(z, torch.ones(5, dtype=torch.float64)),
    "ldamDeferred": lambda z: ldam(z, weights()),
}

if __name__ == "__main__":
    lines = []
    for name, function in CASES.items():
        z = logits()
        loss = function(z)
        loss.backward()
        gradient = [round(value, 9) for value in z.grad.flatten().tolist()]
        lines.append(f'"{name}": ' + json.dumps({"loss": round(loss.item(), 9), "gradient": gradient}))
    with open("losses.json", "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")

#!/usr/bin/env python3
"""Writes mixed.json: batches as timm's Mixup mixes them, with given draws, which MixingTest repeats.

    python3 make-mixed.py        # recorded with timm 1.0.29, PyTorch 2.13.0

A batch's values are i / 64 - 1 in the order of memory, modulo 128; label i is 2 * i + 1. The
targets are timm's, without smoothing.
"""

import json
from unittest import mock

import numpy
import torch
from timm.data.mixup import Mixup

CLASSES = 9
# Images, height, width, CutMix or mixup, share, the box's middle.
CASES = [
    (4, 5, 7, False, 0.3, 0, 0),
    (2, 6, 5, False, 0.81, 0, 0),
    (4, 8, 9, True, 0.5, 3, 4),
    (4, 8, 9, True, 0.3, 0, 8),
    (2, 7, 6, True, 0.9, 6, 0),
]


def mixed(images, height, width, cut, share, row, column):
    values = torch.arange(images * 3 * height * width, dtype=torch.float32) % 128 / 64 - 1
    batch = values.reshape(images, 3, height, width)
    labels = 2 * torch.arange(images) + 1
    mixer = Mixup(0.0 if cut else 1.0, 1.0 if cut else 0.0, label_smoothing=0.0, num_classes=CLASSES)
    with mock.patch.object(numpy.random, "beta", return_value=share), mock.patch.object(
        numpy.random, "randint", side_effect=[row, column]
    ):
        return mixer(batch, labels)


if __name__ == "__main__":
    cases = []
    for images, height, width, cut, share, row, column in CASES:
        batch, targets = mixed(images, height, width, cut, share, row, column)
        cases.append(
            {
                "images": images,
                "height": height,
                "width": width,
                "cut": cut,
                "share": share,
                "row": row,
                "column": column,
                "values": [round(value, 7) for value in batch.flatten().tolist()],
                "targets": [round(value, 7) for value in targets.flatten().tolist()],
            }
        )
    with open("mixed.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")

"""Writes bilinear.json with PyTorch 2.13: bilinear heads and their gradients in float64.

Sketches are drawn here as dev.fgvc.nets.arch.CountSketch draws them, by a SplitMix64 of its own.

Usage: python make-bilinear.py FOLDER
"""

import json
import pathlib
import sys

import torch

CHANNELS, CLASSES, HEIGHT, WIDTH = 6, 4, 3, 2
LABELS = [2, 0]
ROOT_EPSILON, NORM_EPSILON, SMOOTHING = 1e-8, 1e-12, 0.1
MASK = 2**64 - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed & MASK

    def next_int(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = ((self.state ^ (self.state >> 33)) * 0x62A9D9ED799705F5) & MASK
        return (((z ^ (z >> 28)) * 0xCB24D0A5C88C35B3) & MASK) >> 32

    def below(self, bound):
        draw = self.next_int()
        if bound & (bound - 1) == 0:
            return draw & (bound - 1)
        while (draw >> 1) + bound - 1 - (draw >> 1) % bound >= 2**31:
            draw = self.next_int()
        return (draw >> 1) % bound


def sketches(channels, dimension, seed):
    """Two matrices [channels, dimension] with a 1 or -1 in each row."""
    random = SplitMix64(seed)
    matrices = torch.zeros(2, channels, dimension, dtype=torch.float64)
    for matrix in matrices:
        for row in matrix:
            bucket = random.below(dimension)
            row[bucket] = -1 if random.next_int() >= 2**31 else 1
    return matrices


def bilinear(x):
    cells = x.flatten(2)
    return torch.einsum("ncp,ndp->ncd", cells, cells).flatten(1) / cells.shape[2]


def compact(x, dimension, seed):
    first, second = sketches(x.shape[1], dimension, seed)
    cells = x.flatten(2).transpose(1, 2)
    spectrum = torch.fft.fft(cells @ first) * torch.fft.fft(cells @ second)
    return torch.fft.ifft(spectrum).real.mean(1)


def normalised(pooled):
    roots = pooled / ((pooled.abs() + ROOT_EPSILON).sqrt() + ROOT_EPSILON**0.5)
    return roots / (roots.square().sum(1, keepdim=True) + NORM_EPSILON).sqrt()


def values(tensor):
    return [float(value) for value in tensor.detach().flatten()]


def case(dimension, seed, reduction, images, convolution):
    variables = {"b/conv/weights": convolution.clone().requires_grad_(True)}
    x = torch.einsum("ncyx,ck->nkyx", images, variables["b/conv/weights"])
    if reduction:
        variables["b/reduction/weights"] = weights(CHANNELS, reduction)
        x = torch.einsum("ncyx,ck->nkyx", x, variables["b/reduction/weights"])
    features = normalised(compact(x, dimension, seed) if dimension else bilinear(x))
    variables["b/logits/weights"] = weights(features.shape[1], CLASSES)
    variables["b/logits/biases"] = weights(1, CLASSES).detach()[0].requires_grad_(True)
    logits = features @ variables["b/logits/weights"] + variables["b/logits/biases"]
    loss = torch.nn.functional.cross_entropy(
        logits, torch.tensor(LABELS), label_smoothing=SMOOTHING
    )
    loss.backward()
    return {
        "dimension": dimension,
        "seed": seed,
        "reduction": reduction,
        "features": values(features),
        "loss": loss.item(),
        "variables": {name: values(variable) for name, variable in variables.items()},
        "gradients": {name: values(variable.grad) for name, variable in variables.items()},
    }


def weights(rows, columns):
    return torch.randn(rows, columns, dtype=torch.float64).float().double().requires_grad_(True)


torch.manual_seed(8)
pictures = (torch.rand(len(LABELS), 3, HEIGHT, WIDTH) * 2 - 1).double()
kernel = weights(3, CHANNELS).detach()
result = {
    "images": values(pictures),
    "cases": [
        case(0, 0, 0, pictures, kernel),
        case(0, 0, 3, pictures, kernel),
        case(16, 1, 0, pictures, kernel),
        case(11, -(2**63), 0, pictures, kernel),
        case(5, 2**62 + 1, 4, pictures, kernel),
    ],
}
path = pathlib.Path(sys.argv[1]) / "bilinear.json"
path.write_text(json.dumps(result) + "\n", encoding="utf-8")

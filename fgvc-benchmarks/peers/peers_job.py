"""Whole programs as a user writes them with timm, a DataLoader and POT; nothing is prepared."""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from peers_loader import Photos

BATCH = 32
GAMMA = 0.01


class Domain(Photos):
    """The photos that train.txt lists, with their labels."""

    def __init__(self, folder, side):
        super().__init__(folder, side, "pillow")
        lines = [line.rsplit(": ", 1) for line in (Path(folder) / "train.txt").read_text().splitlines() if line]
        self.files = [Path(folder) / name for name, _ in lines]
        self.labels = [int(label) for _, label in lines]

    def __getitem__(self, index):
        return super().__getitem__(index)[0], self.labels[index]


def network(settings):
    import models

    torch.set_num_threads(int(settings["threads"]))
    model = models.create("inception_v3", 1000)
    models.load(model, settings["weights"])
    return model.eval().to(memory_format=torch.channels_last)


def first_logits(settings):
    """The logits of one image."""
    side = int(settings["side"])

    @torch.inference_mode()
    def work():
        model = network(settings)
        pixels = torch.arange(3 * side * side) * 7919 % 1000 / 500 - 1
        image = pixels.reshape(1, 3, side, side).contiguous(memory_format=torch.channels_last)
        return model(image)[0].tolist()

    return work


def similarity(settings):
    """From files to the similarity of two domains."""

    def work():
        import ot

        model = network(settings)
        (source, supply), (target, demand) = (means(model, settings[each], settings) for each in ("source", "target"))
        distance = ot.emd2(supply, demand, ot.dist(source, target, "euclidean"), numItermax=10**9)
        return [distance, np.exp(-GAMMA * distance)]

    return work


@torch.inference_mode()
def means(model, folder, settings):
    """The mean feature of each class and its share of the images."""
    photos = Domain(folder, int(settings["side"]))
    counts = Counter(photos.labels)
    sums = {}
    for images, labels in torch.utils.data.DataLoader(photos, BATCH, num_workers=int(settings["threads"])):
        images = images.contiguous(memory_format=torch.channels_last)
        features = model.global_pool(model.forward_features(images)).flatten(1).double().numpy()
        for feature, label in zip(features, labels.tolist()):
            sums[label] = sums.get(label, 0) + feature
    shares = np.array([counts[label] for label in sorted(sums)], float)
    return np.stack([sums[label] / counts[label] for label in sorted(sums)]), shares / shares.sum()

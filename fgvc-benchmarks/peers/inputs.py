"""Writes the input files that both sides read. The same seed gives the same files."""

import json
from pathlib import Path

import numpy as np

FAMILIES = 40


def domain(classes, dimension, seed):
    """Clustered, non-negative class means with long-tailed image counts, as networks and nature give them."""
    centres = np.abs(np.random.default_rng(0).standard_normal((FAMILIES, dimension)))
    random = np.random.default_rng(seed)
    family = random.integers(FAMILIES, size=classes)
    features = np.empty((classes, dimension), np.float32)
    for start in range(0, classes, 1000):  # in blocks, as 20,000 x 2048 doubles would take 330 MB
        rows = family[start : start + 1000]
        noise = 0.5 * random.standard_normal((len(rows), dimension))
        features[start : start + 1000] = np.maximum(0, centres[rows] + noise)
    rank = random.integers(1, classes + 1, size=classes)
    counts = np.ceil(1000 / rank**0.6) + random.integers(20, size=classes)
    return features, counts.astype(np.float64)


def write_domains(folder, rows, columns, dimension, seed):
    """source.npy, target.npy and their -counts.npy."""
    for offset, (name, classes) in enumerate([("source", rows), ("target", columns)]):
        features, counts = domain(classes, dimension, seed + offset)
        np.save(folder / f"{name}.npy", features)
        np.save(folder / f"{name}-counts.npy", counts)


def prepared(root, kind, settings, seed):
    """The folder with the inputs of one case; written if it is not there whole."""
    name = "-".join([kind, *(f"{key}{value}" for key, value in settings.items()), f"seed{seed}"])
    folder = Path(root) / name
    done = folder / "inputs.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        WRITERS[kind](folder, **settings, seed=seed)
        done.write_text(json.dumps({"kind": kind, **settings, "seed": seed}))
    return folder


WRITERS = {"domains": write_domains}

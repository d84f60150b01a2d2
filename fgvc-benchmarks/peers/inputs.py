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


def smooth_noise(height, width, random):
    """A picture of many scales, as photos have; uint8 [height, width, 3]."""
    import cv2

    picture = np.zeros((height, width, 3), np.float32)
    cells = 4
    while cells <= min(height, width):
        noise = random.standard_normal((cells, cells, 3)).astype(np.float32)
        picture += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC) * (40 * (4 / cells) ** 0.7)
        cells *= 2
    return np.clip(128 + picture, 0, 255).astype(np.uint8)


def write_photos(folder, count, height, width, side, seed):
    """photos/0/*.jpg of quality 90; `side` is what they are to become."""
    import cv2

    random = np.random.default_rng(seed)
    (folder / "photos" / "0").mkdir(parents=True, exist_ok=True)
    for k in range(count):
        file = folder / "photos" / "0" / f"{k:05}.jpg"
        cv2.imwrite(str(file), smooth_noise(height, width, random), [cv2.IMWRITE_JPEG_QUALITY, 90])


def write_network(folder, network, batch, side, classes, seed):
    """weights.safetensors of a network drawn from the seed, labels.i32; expected.json: float32 logits.

    Images are written twice: images.u8 [n, h, w, 3] as bytes, images.f32 [n, 3, h, w] as what networks take.

    Moving variances are those of the images, so that activations stay in a natural range.
    """
    import models
    import torch

    random = np.random.default_rng(seed)
    pictures = np.stack([smooth_noise(side, side, random) for _ in range(batch)])
    images = np.ascontiguousarray((pictures / 127.5 - 1).transpose(0, 3, 1, 2), np.float32)
    images.tofile(folder / "images.f32")
    pictures.tofile(folder / "images.u8")
    random.integers(classes, size=batch).astype("<i4").tofile(folder / "labels.i32")
    torch.manual_seed(seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cudnn.allow_tf32 = False  # float32 is to mean float32
    model = models.create(network, classes).eval().to(device)

    def scale_to(layer, arguments):
        # Means stay 0: subtracting them, layer after layer, would amplify the rounding of bfloat16.
        layer.running_var = arguments[0].square().mean((0, 2, 3))
        layer.bias += 1  # most values pass the activation, as in linear networks, which amplify nothing

    model.requires_grad_(False)
    hooks = [
        layer.register_forward_pre_hook(scale_to)
        for layer in model.modules()
        if isinstance(layer, torch.nn.BatchNorm2d)
    ]
    with torch.no_grad():
        model(torch.from_numpy(images).to(device))
        for hook in hooks:
            hook.remove()
        expected = model(torch.from_numpy(images).to(device)).reshape(-1)[:1000]
    (folder / "expected.json").write_text(json.dumps(expected.tolist()))
    models.save(model.cpu(), folder / "weights.safetensors")


def write_onnx(folder, model, batch, side, seed):
    """model.onnx of a network of timm with random weights, images.f32; expected.json: PyTorch's features."""
    from timm_networks import create_model
    import torch

    torch.manual_seed(seed)
    network = create_model(model, num_classes=0, **({"img_size": side} if model.startswith("vit") else {})).eval()
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.1)
            layer.running_var.uniform_(0.5, 1.5)
    images = torch.randn(batch, 3, side, side)
    images.numpy().tofile(folder / "images.f32")
    with torch.no_grad():
        expected = network(images).reshape(-1)[:1000]
    (folder / "expected.json").write_text(json.dumps(expected.tolist()))
    torch.onnx.export(
        network,
        (images[:2],),
        str(folder / "model.onnx"),
        input_names=["pixels"],
        output_names=["features"],
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
        dynamo=True,
        opset_version=18,
        verbose=False,
    )


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


WRITERS = {"domains": write_domains, "photos": write_photos, "network": write_network, "onnx": write_onnx}

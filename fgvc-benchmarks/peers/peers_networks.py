"""Inference and training steps in PyTorch: eager or compiled, channels-last."""

import json
from pathlib import Path

import models
import numpy as np
import torch

SAMPLES = 1000
LABEL_SMOOTHING = 0.1
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


def prepared(settings):
    """The model with the weights of the file, the images and the labels, as PyTorch likes them best."""
    torch.set_num_threads(int(settings["threads"]))
    folder = Path(settings["folder"])
    inputs = json.loads((folder / "inputs.json").read_text())
    count, side = inputs["batch"], inputs["side"]
    model = models.create(inputs["network"], inputs["classes"])
    models.load(model, folder / "weights.safetensors")
    images = np.fromfile(folder / "images.f32", "<f4").reshape(count, 3, side, side)
    labels = np.fromfile(folder / "labels.i32", "<i4").astype(np.int64)
    images = torch.from_numpy(images).contiguous(memory_format=torch.channels_last)
    return model.to(memory_format=torch.channels_last), images, torch.from_numpy(labels)


def inference(settings):
    """Logits of one batch; the layout and the type of the images are changed beforehand."""
    model, images, _ = prepared(settings)
    kind = PRECISIONS[settings["precision"]]
    model, images = model.eval().to(kind), images.to(kind)
    if settings.get("compile") == "true":
        model = torch.compile(model)
        with torch.inference_mode():
            attempt(model, images)

    def work():
        with torch.inference_mode():
            return model(images).float().numpy().reshape(-1)[:SAMPLES]

    return work


def attempt(model, images):
    """Compiles now, so that what torch.compile lacks (a C++ compiler, most often) is said by name."""
    try:
        model(images)
    except Exception as reason:  # whatever the compiler's back end throws
        raise NotImplementedError(f"torch.compile: {str(reason).strip().splitlines()[0]}") from reason


def training_step(settings):
    """Forward, backward and TensorFlow's RMSProp with the paper's values; no moving average of weights."""
    from timm_networks import RMSpropTF

    model, images, labels = prepared(settings)
    model.train()
    for layer in model.modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = 0.0
    if hasattr(model, "head_drop"):
        model.head_drop = torch.nn.Identity()
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 4e-5}, {"params": others, "weight_decay": 0.0}]
    optimizer = RMSpropTF(groups, lr=float(settings["rate"]), alpha=0.9, eps=1.0, momentum=0.9)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=LABEL_SMOOTHING)
    mixed = settings["precision"] == "bf16"

    def work():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
            loss = loss_of(model(images), labels)
        loss.backward()
        optimizer.step()
        return [loss.item()]

    return work

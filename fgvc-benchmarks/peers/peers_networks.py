"""Inference and training steps in PyTorch: eager or compiled, channels-last."""

import json
from pathlib import Path

import models
import numpy as np
import torch

SAMPLES = 1000
# Of the class means: so many that each has images.
CLASSES = 50
LABEL_SMOOTHING = 0.1
PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16}


def prepared(settings):
    """The model with the weights of the file, the images and the labels, as PyTorch likes them best.

    On a GPU cuDNN tries its algorithms and takes the fastest, float32 means float32 as it does with us, and images
    lie in page-locked memory, from which a GPU copies fastest.
    """
    torch.set_num_threads(int(settings["threads"]))
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = False
    device = settings.get("device", "cpu")
    folder = Path(settings["folder"])
    inputs = json.loads((folder / "inputs.json").read_text())
    count, side = inputs["batch"], inputs["side"]
    model = models.create(inputs["network"], inputs["classes"])
    models.load(model, folder / "weights.safetensors")
    if settings.get("images") == "bytes":
        images = np.fromfile(folder / "images.u8", "u1").reshape(count, side, side, 3)
        images = torch.from_numpy(images).permute(0, 3, 1, 2)
    else:
        images = np.fromfile(folder / "images.f32", "<f4").reshape(count, 3, side, side)
        images = torch.from_numpy(images).contiguous(memory_format=torch.channels_last)
    labels = torch.from_numpy(np.fromfile(folder / "labels.i32", "<i4").astype(np.int64))
    if device != "cpu":
        images = images.pin_memory()
    return model.to(device, memory_format=torch.channels_last), images, labels.to(device)


def normalised(pixels, kind):
    """Bytes to what the network takes, on their device."""
    return pixels.float().div_(127.5).sub_(1).to(kind)


def inference(settings):
    """Logits of one batch; the layout and the type of floats are changed beforehand, bytes are normalised in it."""
    model, images, _ = prepared(settings)
    kind = PRECISIONS[settings["precision"]]
    device = settings.get("device", "cpu")
    model = model.eval().to(kind)
    if settings.get("images") != "bytes":
        images = images.to(kind)

    def given():
        there = images.to(device, non_blocking=True)
        return normalised(there, kind) if there.dtype == torch.uint8 else there

    if settings.get("compile") == "true":
        model = torch.compile(model)
        with torch.inference_mode():
            attempt(model, given())

    def work():
        with torch.inference_mode():
            return model(given()).float().cpu().numpy().reshape(-1)[:SAMPLES]

    return work


def class_means(settings):
    """Pooled features of some batches, each class's mean; a batch is copied while the one before is computed."""
    model, images, labels = prepared({**settings, "images": "bytes"})
    kind = PRECISIONS[settings["precision"]]
    device = settings.get("device", "cpu")
    model = model.eval().to(kind)
    batches = int(settings["batches"])
    # Pageable, as a decoder's are; two page-locked places take turns.
    decoded = images.clone(memory_format=torch.preserve_format)
    places = [torch.empty_like(images, pin_memory=True) for _ in range(2)]
    copied = [torch.cuda.Event() for _ in places]
    stream = torch.cuda.Stream()

    pooled = getattr(model, "pooled", None) or (lambda x: model.global_pool(model.forward_features(x)))

    def features(pixels):
        return pooled(normalised(pixels, kind)).flatten(1)

    def bring(batch):
        place, event = places[batch % 2], copied[batch % 2]
        event.synchronize()
        place.copy_(decoded)
        with torch.cuda.stream(stream):
            there = place.to(device, non_blocking=True)
            event.record()
        return there

    @torch.inference_mode()
    def work():
        sums, counts = 0, torch.zeros(CLASSES, dtype=torch.float64, device=device)
        there = bring(0)
        for batch in range(batches):
            torch.cuda.current_stream().wait_stream(stream)
            pixels = there
            pixels.record_stream(torch.cuda.current_stream())
            found = features(pixels).double()
            if batch == 0:
                sums = torch.zeros(CLASSES, found.shape[1], dtype=torch.float64, device=device)
            classes = (labels + batch) % CLASSES
            sums.index_add_(0, classes, found)
            counts.index_add_(0, classes, torch.ones_like(classes, dtype=torch.float64))
            if batch + 1 < batches:
                there = bring(batch + 1)
        means = sums / counts.clamp_min(1).unsqueeze(1)
        return means.float().cpu().numpy().reshape(-1)[:SAMPLES]

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
    device = settings.get("device", "cpu")

    def work():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16, enabled=mixed):
            loss = loss_of(model(images.to(device, non_blocking=True)), labels)
        loss.backward()
        optimizer.step()
        return [loss.item()]

    return work

"""Features of decoded batches: ONNX Runtime's own loop in Python."""

import json
from pathlib import Path

import numpy as np

SAMPLES = 1000
# As many images as our side passes at once.
IMAGES_PER_PASS = 8


def images(settings):
    folder = Path(settings["folder"])
    inputs = json.loads((folder / "inputs.json").read_text())
    values = np.fromfile(folder / "images.f32", "<f4")
    return folder, values.reshape(inputs["batch"], 3, inputs["side"], inputs["side"])


def runtime(settings):
    import onnxruntime

    folder, pixels = images(settings)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(settings["threads"])
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])

    def work():
        parts = range(0, len(pixels), IMAGES_PER_PASS)
        found = [session.run(["features"], {"pixels": pixels[k : k + IMAGES_PER_PASS]})[0] for k in parts]
        return np.concatenate(found).reshape(-1)[:SAMPLES]

    return work

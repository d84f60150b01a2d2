#!/usr/bin/env python3
"""Writes resized-*.png: what Pillow and timm's rules make of noise that ResizedCropTest makes too.

    python3 make-resized.py        # recorded with Pillow 12.3.0

The steps are those of timm 1.0.29's transforms_imagenet_eval: floor(side / fraction), the shorter side (or
both), the centre; non-square targets are covered, with the filter that is asked for.
"""

import math

from PIL import Image

FILTERS = {"BILINEAR": Image.Resampling.BILINEAR, "BICUBIC": Image.Resampling.BICUBIC}
# Height and width of the image and of the target, fraction, fit.
CASES = [
    (61, 47, 24, 24, 0.875, "CROP"),
    (47, 61, 24, 24, 0.9, "CROP"),
    (9, 13, 20, 20, 1.0, "CROP"),
    (40, 70, 18, 26, 0.95, "CROP"),
    (33, 50, 16, 16, 0.8, "SQUASH"),
]


def noise(height, width):
    state = 1
    values = bytearray()
    for _ in range(3 * height * width):
        state = (state * 1103515245 + 12345) % 2**31
        values.append(state >> 16 & 255)
    return Image.frombytes("RGB", (width, height), bytes(values))


def resized_size(height, width, target_height, target_width, fit):
    if fit == "SQUASH":
        return target_height, target_width
    if target_height == target_width:
        longer = int(target_height * max(height, width) / min(height, width))
        return (target_height, longer) if height <= width else (longer, target_height)
    ratio = min(height / target_height, width / target_width)
    return round(height / ratio), round(width / ratio)


def transformed(image, side, fraction, fit, resampling):
    scaled = [math.floor(length / fraction) for length in side]
    height, width = resized_size(image.height, image.width, *scaled, fit)
    image = image.resize((width, height), resampling)
    top = int(round((height - side[0]) / 2.0))
    left = int(round((width - side[1]) / 2.0))
    return image.crop((left, top, left + side[1], top + side[0]))


if __name__ == "__main__":
    for case, (height, width, *side, fraction, fit) in enumerate(CASES):
        for name, resampling in FILTERS.items():
            transformed(noise(height, width), side, fraction, fit, resampling).save(f"resized-{case}-{name}.png")

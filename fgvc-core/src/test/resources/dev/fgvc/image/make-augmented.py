#!/usr/bin/env python3
"""Writes augmented.png: what timm's operations make of a picture that RandAugmentTest makes too, below each other.

    python3 make-augmented.py        # recorded with timm 1.0.29, Pillow 12.3.0
"""

from PIL import Image
from timm.data import auto_augment as timm

HEIGHT, WIDTH = 24, 31
BILINEAR, BICUBIC = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC

# In the order of RandAugmentTest's cases.
CASES = [
    (timm.auto_contrast,),
    (timm.equalize,),
    (timm.invert,),
    (timm.rotate, 27.0, BILINEAR),
    (timm.rotate, -17.3, BICUBIC),
    (timm.posterize, 1),
    (timm.posterize, 0),
    (timm.solarize, 96),
    (timm.solarize_add, 99),
    (timm.color, 0.19),
    (timm.color, 1.81),
    (timm.contrast, 0.19),
    (timm.contrast, 1.81),
    (timm.brightness, 0.19),
    (timm.brightness, 1.81),
    (timm.sharpness, 0.19),
    (timm.sharpness, 1.81),
    (timm.shear_x, 0.27, BILINEAR),
    (timm.shear_x, -0.27, BICUBIC),
    (timm.shear_y, 0.27, BICUBIC),
    (timm.shear_y, -0.27, BILINEAR),
    (timm.translate_x_rel, 0.405, BILINEAR),
    (timm.translate_x_rel, -0.405, BICUBIC),
    (timm.translate_y_rel, 0.405, BICUBIC),
    (timm.translate_y_rel, -0.405, BILINEAR),
]


def picture():
    state = 1
    values = bytearray()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            for channel in range(3):
                state = (state * 1103515245 + 12345) % 2**31
                values.append(20 + (3 * x + 4 * y + 40 * channel + (state >> 16 & 63)) % 200)
    return Image.frombytes("RGB", (WIDTH, HEIGHT), bytes(values))


if __name__ == "__main__":
    sheet = Image.new("RGB", (WIDTH, HEIGHT * len(CASES)))
    for row, (operation, *arguments) in enumerate(CASES):
        settings = {"fillcolor": (128, 128, 128)}
        if arguments and isinstance(arguments[-1], Image.Resampling):
            settings["resample"] = arguments.pop()
        sheet.paste(operation(picture(), *arguments, **settings), (0, row * HEIGHT))
    sheet.save("augmented.png", optimize=True)

#!/usr/bin/env python3
"""Writes pixels that timm's evaluation transform makes of photos, for TimmTransformTest.

    python3 make-transformed.py SHARED    # recorded with timm 1.0.29, torchvision 0.28.0, PyTorch 2.13.0, Pillow 12.3.0

Four photos are drawn and written too; the others lie below the folder SHARED. photos.txt has a name a line; row i of
each transformed-*.png has 400 pixels of photo i, before the normalization.
"""

import sys
from pathlib import Path

import numpy
import torch
from PIL import Image
from timm.data import create_transform

CROP_FRACTIONS = {224: 0.875, 299: 0.875, 518: 1.0}
FILTERS = ("bilinear", "bicubic")
SAMPLES = 400
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# Height, width and how they are saved: chroma of a quarter, whole, a half; a progressive file, a grey one.
DRAWN = {
    "drawn-420.jpg": (430, 580, "RGB", {"subsampling": "4:2:0"}),
    "drawn-444.jpg": (240, 181, "RGB", {"subsampling": "4:4:4"}),
    "drawn-422-progressive.jpg": (333, 450, "RGB", {"subsampling": "4:2:2", "progressive": True}),
    "drawn-grey.jpg": (201, 320, "L", {}),
}
# Real photos: small and large, tall and wide; of chroma of a quarter, a half and whole, grey, with an ICC profile, and
# on their side, which timm leaves so.
REAL = [
    "data/photos/butterflies/danaus_plexippus/*",
    "data/photos/butterflies/vanessa_cardui/*",
    "data/photos/cars/acura_integra_type_r_2001/*",
    "data/photos/cars/volvo_240_sedan_1993/*",
    "data/photos/flowers/anthurium/*",
    "data/photos/flowers/wallflower/*",
    "data/photos/food/apple_pie/*",
    "data/photos/food/breakfast_burrito/*",
    "data/jpeg-samples/n01748264_Indian_cobra.JPEG",
    "data/jpeg-samples/n01776313_tick.JPEG",
    "data/jpeg-samples/n02088364_beagle.JPEG",
    "data/jpeg-samples/n02356798_fox_squirrel.JPEG",
    "data/jpeg-samples/n02692877_airship.JPEG",
    "data/jpeg-samples/n02906734_broom.JPEG",
    "data/jpeg-samples/n02951585_can_opener.JPEG",
    "data/jpeg-samples/n03461385_grocery_store.JPEG",
    "data/jpeg-samples/n04238763_slide_rule.JPEG",
]


def draw(height, width, mode):
    """Discs with fine stripes on a sky, and noise: edges and textures of all sizes."""
    random = numpy.random.default_rng(height)
    y, x = numpy.mgrid[0:height, 0:width]
    picture = numpy.stack([90 + 80 * y / height, 120 + 60 * y / height, 190 - 70 * x / width], -1)
    for _ in range(25):
        distance = numpy.hypot(y - random.uniform(0, height), x - random.uniform(0, width))
        stripes = 1 + 0.3 * numpy.sin((x + random.uniform(-1, 1) * y) * random.uniform(0.1, 2))
        inside = distance < random.uniform(5, height / 5)
        picture[inside] = (random.uniform(0, 255, 3) * stripes[..., None])[inside]
    noisy = picture + random.normal(0, 6, picture.shape)
    return Image.fromarray(numpy.uint8(noisy.clip(0, 255))).convert(mode)


def samples(photo, transform, side, row):
    values = transform(Image.open(photo).convert("RGB")).double()
    levels = 255 * (values * torch.tensor(DEVIATION)[:, None, None] + torch.tensor(MEAN)[:, None, None])
    assert (levels - levels.round()).abs().max() < 1e-3
    places = [(7919 * i + 31 * row) % side**2 for i in range(SAMPLES)]
    return levels.round().flatten(1)[:, places].T.numpy().astype(numpy.uint8)


if __name__ == "__main__":
    shared = Path(sys.argv[1])
    for name, (height, width, mode, options) in DRAWN.items():
        draw(height, width, mode).save(name, quality=85, **options)
    real = [min(shared.glob(pattern)) for pattern in REAL]
    photos = [Path(name) for name in DRAWN] + real
    names = list(DRAWN) + [path.relative_to(shared).as_posix() for path in real]
    Path("photos.txt").write_text("".join(name + "\n" for name in names))
    for side, fraction in CROP_FRACTIONS.items():
        for interpolation in FILTERS:
            transform = create_transform(
                (3, side, side), interpolation=interpolation, crop_pct=fraction, mean=MEAN, std=DEVIATION
            )
            rows = [samples(photo, transform, side, row) for row, photo in enumerate(photos)]
            Image.fromarray(numpy.stack(rows)).save(f"transformed-{side}-{interpolation}.png", optimize=True)

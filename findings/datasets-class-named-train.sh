#!/usr/bin/env bash
# Hugging Face's datasets 5.0.1: of the class folders bus, car and train only the pictures of train are read.
#
# imagefolder looks for names of splits anywhere in a path before it looks for classes. PASCAL VOC and COCO have
# a class "train": as a folder beside others it is taken for the training split, the others are left out
# without a word, and no labels are left. A class "test tube" becomes the test split in the same way.
# Guess before the run: only what stands directly in a folder "train" is left, since names of splits come first.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q datasets==5.0.1 pillow==12.3.0
cd "$work"

venv/bin/python - > seen 2> messages <<'PYTHON' || { cat messages; exit 1; }
import os

from PIL import Image
import datasets

datasets.disable_progress_bars()


def read(*names):
    root = "-".join(names)
    for name in names:
        os.makedirs(f"{root}/{name}")
        for number in range(2):
            Image.new("RGB", (8, 8)).save(f"{root}/{name}/{number}.png")
    splits = datasets.load_dataset("imagefolder", data_dir=root, cache_dir="cache")
    for split, images in splits.items():
        labels = images.features["label"].names if "label" in images.features else None
        print(names, split, images.num_rows, labels)


read("bus", "car", "tram")
read("bus", "car", "train")
read("glass", "test tube", "tin")
PYTHON

grep -i warn messages && { echo "a warning now"; exit 1; }
diff - seen <<'EXPECTED'
('bus', 'car', 'tram') train 6 ['bus', 'car', 'tram']
('bus', 'car', 'train') train 2 None
('glass', 'test tube', 'tin') test 2 None
EXPECTED
echo "unchanged: datasets==5.0.1"

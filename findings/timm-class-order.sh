#!/usr/bin/env bash
# timm 1.0.29: the same folders get other labels than in scikit-learn and Hugging Face's datasets.
#
# timm orders the names of the class folders by the numbers in them and without regard to case; the others
# order them by their characters. With iNaturalist's layout, whose folders are named 0, 1, ..., 10, ..., a
# network trained with one and evaluated with another seems to have learnt almost nothing.
# Guess before the run: the same order everywhere, that of the characters.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-deps timm==1.0.29
"$work/venv/bin/pip" install -q torch==2.13.0 huggingface-hub pyyaml safetensors pillow==12.3.0 \
  datasets==5.0.1 scikit-learn==1.9.1
cd "$work"

venv/bin/python - > seen 2> messages <<'PYTHON' || { cat messages; exit 1; }
import os
import sys
from unittest.mock import MagicMock

from PIL import Image

for name in ("2", "10", "9", "Finch", "auk"):
    os.makedirs("photos/" + name)
    Image.new("RGB", (8, 8)).save(f"photos/{name}/photo.png")

import datasets

datasets.disable_progress_bars()
found = datasets.load_dataset("imagefolder", data_dir="photos", split="train", cache_dir="cache")
from sklearn.datasets import load_files

# The reader of folders makes no use of torchvision, which timm imports beside it.
STUBS = "datasets models models.feature_extraction ops ops.misc transforms transforms.functional"
for name in ["torchvision"] + ["torchvision." + stub for stub in STUBS.split()]:
    sys.modules[name] = MagicMock()
from timm.data.readers.reader_image_folder import ReaderImageFolder

print("datasets", found.features["label"].names)
print("scikit-learn", load_files("photos", load_content=False).target_names)
print("timm", sorted(ReaderImageFolder("photos").class_to_idx.items(), key=lambda pair: pair[1]))
PYTHON

diff - seen <<'EXPECTED'
datasets ['10', '2', '9', 'Finch', 'auk']
scikit-learn ['10', '2', '9', 'Finch', 'auk']
timm [('2', 0), ('9', 1), ('10', 2), ('auk', 3), ('Finch', 4)]
EXPECTED
echo "unchanged: timm==1.0.29 datasets==5.0.1 scikit-learn==1.9.1"

#!/usr/bin/env bash
# Keras 3.15.1: image_dataset_from_directory leaves out WebP and TIFF files without a word.
#
# A class whose photos are all WebP is an empty class; the printed count is the only hint.
# Guess before the run: a refusal, or the photos, since TensorFlow and Pillow decode WebP.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q keras==3.15.1 tensorflow-cpu==2.21.0 pillow==12.3.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from PIL import Image

for name in ("birds", "moths"):
    os.makedirs("photos/" + name)
    for ending in ("jpg", "png", "webp", "tiff"):
        Image.new("RGB", (8, 8)).save(f"photos/{name}/photo.{ending}")
found = keras.utils.image_dataset_from_directory("photos", verbose=False).file_paths
print(sorted(os.path.relpath(path, "photos") for path in found))
PYTHON

diff - seen <<'EXPECTED'
['birds/photo.jpg', 'birds/photo.png', 'moths/photo.jpg', 'moths/photo.png']
EXPECTED
echo "unchanged: keras==3.15.1 tensorflow-cpu==2.21.0 pillow==12.3.0"

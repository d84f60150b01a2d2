#!/usr/bin/env bash
# TensorFlow 2.21.0: sample_distorted_bounding_box draws no crop below a tenth of the image for area_range 0.05 to 1.
#
# The box given is the whole image, and min_object_covered stays at its default of 0.1, which refuses
# smaller crops: the lower half of the first octave that the authors' area range allows is never drawn.
# Guess before the run: areas from 0.05 on.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q tensorflow-cpu==2.21.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf


def areas(**settings):
    whole = tf.constant([[[0.0, 0.0, 1.0, 1.0]]])
    for seed in range(2000):
        _, size, _ = tf.image.sample_distorted_bounding_box(
            [300, 400, 3], whole, seed=seed, aspect_ratio_range=(0.75, 4 / 3),
            area_range=(0.05, 1.0), max_attempts=100, use_image_if_no_bounding_boxes=True, **settings)
        yield int(size[0]) * int(size[1]) / 120000


print("default below a tenth:", sum(a < 0.0999 for a in areas()))
print("min_object_covered=0:", sum(a < 0.0999 for a in areas(min_object_covered=0.0)) > 0)
PYTHON

diff - seen <<'EXPECTED'
default below a tenth: 0
min_object_covered=0: True
EXPECTED
echo "unchanged: tensorflow-cpu==2.21.0"

#!/usr/bin/env bash
# Keras 3.15.1: image_dataset_from_directory with shuffle=False for validation alone gives files of the training set.
#
# The share is cut from the list after it was shuffled, or was not: the same seed does not keep the two
# subsets apart, and an unshuffled one is the last classes only. Order is wanted for a confusion matrix.
# Guess, noted while it ran: disjoint subsets, as split and seed are the same, with a suspicion of this.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q keras==3.15.1 tensorflow-cpu==2.21.0 pillow==12.3.0
cd "$work"

venv/bin/python - > output <<'PYTHON'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
from PIL import Image

for name in "abcde":
    os.makedirs("photos/" + name)
    for number in range(10):
        Image.new("RGB", (8, 8)).save(f"photos/{name}/{number}.png")


def files(subset, shuffle):
    found = keras.utils.image_dataset_from_directory(
        "photos", validation_split=0.2, subset=subset, shuffle=shuffle, seed=1, verbose=False)
    return set(found.file_paths)


training = files("training", True)
for shuffle in (True, False):
    validation = files("validation", shuffle)
    classes = sorted({os.path.basename(os.path.dirname(file)) for file in validation})
    print("shuffle", shuffle, classes, len(validation & training), "of", len(validation), "also for training")
PYTHON

grep shuffle output > seen
diff - seen <<'EXPECTED'
shuffle True ['a', 'b', 'd', 'e'] 0 of 10 also for training
shuffle False ['e'] 9 of 10 also for training
EXPECTED
echo "unchanged: keras==3.15.1 tensorflow-cpu==2.21.0 pillow==12.3.0"

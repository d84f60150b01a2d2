#!/usr/bin/env bash
# Hugging Face's datasets 5.0.1: class_encode_column gives the integer labels 0 to 11 other numbers; 2 becomes 4.
#
# The labels are turned into text and sorted as such: 0, 1, 10, 11, 2. Labels that were right before no longer match
# a network's outputs, once there are more than ten. The names keep the old numbers as text.
# Guess before the run: labels that count from 0 stay as they are, with a suspicion of this.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q datasets==5.0.1
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import datasets

datasets.disable_progress_bars()
labels = datasets.Dataset.from_dict({"label": list(range(12))})
print(labels.class_encode_column("label")["label"][:])
PYTHON

diff - seen <<'EXPECTED'
[0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 2, 3]
EXPECTED
echo "unchanged: datasets==5.0.1"

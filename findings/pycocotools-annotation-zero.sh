#!/usr/bin/env bash
# pycocotools 2.0.11: perfect boxes in two images score 0.5 where their annotations are numbered from 0.
#
# What a box was matched with is kept by its number, and 0 also means that there was no match, so the first
# annotation is never found. The format's description asks for a number and not for one above 0. A rare class may
# have no other.
# Guess before the run: 1, with a suspicion of 0.5.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pycocotools==2.0.11 numpy==2.2.6
cd "$work"

venv/bin/python - > messages <<'PYTHON'
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

boxes = [{"image_id": i, "category_id": i, "bbox": [0, 0, 40, 40]} for i in range(2)]
with open("seen", "w") as seen:
    for first in (0, 1):
        truth = COCO()
        truth.dataset = {
            "info": {},
            "images": [{"id": i} for i in range(2)],
            "categories": [{"id": i, "name": str(i)} for i in range(2)],
            "annotations": [box | {"id": first + i, "area": 1600, "iscrowd": 0} for i, box in enumerate(boxes)],
        }
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes([box | {"score": 0.9} for box in boxes]), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        print("numbered from", first, f"average precision {evaluation.stats[0]:.2f}", file=seen)
PYTHON

diff - seen <<'EXPECTED'
numbered from 0 average precision 0.50
numbered from 1 average precision 1.00
EXPECTED
echo "unchanged: pycocotools==2.0.11 numpy==2.2.6"

#!/usr/bin/env bash
# pyarrow 25.0.1: a safe cast of 70,000 to half precision is infinity; of integers, a safe cast refuses overflow.
#
# safe=True is the default and is said to check for overflow. The same holds from double to float. Features
# stored in half precision to save room, as Parquet allows, become infinite without a word.
# Guess before the run: an error, as for integers, with a suspicion of infinity.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pyarrow==25.0.1
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import pyarrow

for values, target in (([70_000], pyarrow.int16()), ([70_000.0], pyarrow.float16()), ([1e39], pyarrow.float32())):
    try:
        print(target, pyarrow.array(values).cast(target, safe=True)[0])
    except pyarrow.ArrowInvalid as refused:
        print(target, "refused")
PYTHON

diff - seen <<'EXPECTED'
int16 refused
halffloat inf
float inf
EXPECTED
echo "unchanged: pyarrow==25.0.1"

#!/usr/bin/env bash
# Polars 1.44.2: mean_horizontal of the uint8 columns 200 and 100 is 22.
#
# The sum across columns stays in their own type and wraps around to 44; the sum and mean down a column, or in an
# array, are 300 and 150. Pixels and votes of an ensemble are uint8. Nothing warns.
# Guess before the run: that sums within an array wrap around. They do not, and those across columns do.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q polars==1.44.2
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import polars

pixels = polars.DataFrame({"left": [200, 90], "right": [100, 110]}, schema={"left": polars.UInt8, "right": polars.UInt8})
print(pixels.select(polars.mean_horizontal("left", "right"))["left"].to_list())
print(pixels.select(polars.concat_list("left", "right").list.mean())["left"].to_list())
PYTHON

diff - seen <<'EXPECTED'
[22.0, 100.0]
[150.0, 100.0]
EXPECTED
echo "unchanged: polars==1.44.2"

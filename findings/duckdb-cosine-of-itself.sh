#!/usr/bin/env bash
# DuckDB 1.5.6: the cosine similarity of a small or a large float vector with itself is -1, its distance 2.
#
# Norms are computed in float: they underflow to 0 below about 1e-23 and overflow above 1e19, and what is no number is
# then cut to the range at its lower end. The nearest neighbour becomes the farthest. As double the value is 1.
# Guess before the run: 1, with a suspicion of no number.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q duckdb==1.5.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import duckdb

for value in ("1", "1e-25", "3e20"):
    for kind in ("float", "double"):
        vector = f"[{value}, {value}]::{kind}[2]"
        print(value, kind, *duckdb.sql(f"select array_cosine_similarity(v, v), array_cosine_distance(v, v) from (select {vector} v)").fetchone())
PYTHON

diff - seen <<'EXPECTED'
1 float 1.0 0.0
1 double 1.0 0.0
1e-25 float -1.0 2.0
1e-25 double 1.0 0.0
3e20 float -1.0 2.0
3e20 double 1.0 0.0
EXPECTED
echo "unchanged: duckdb==1.5.6"

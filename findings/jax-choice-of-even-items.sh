#!/usr/bin/env bash
# JAX 0.10.2: random.choice with equal weights p for 2^24 items draws no even one.
#
# The draw is a float32 with 23 random bits, looked up in the sums of p. Without p every item comes up.
# Guess before the run: all items, with a suspicion that half of them never come up.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q jax==0.10.2 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import jax
import jax.numpy as jnp

items, draws = 1 << 24, 1 << 20
for p in (None, jnp.full(items, 1 / items)):
    drawn = jax.random.choice(jax.random.key(0), items, (draws,), p=p)
    print("with p" if p is not None else "without", f"{(drawn % 2 == 0).mean():.2f}")
PYTHON

diff - seen <<'EXPECTED'
without 0.50
with p 0.00
EXPECTED
echo "unchanged: jax==0.10.2 numpy==2.2.6"

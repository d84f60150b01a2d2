#!/usr/bin/env bash
# PyTorch 2.13.0, CPU: multinomial never draws the last million items, which have one percent of the weight.
#
# Weights are summed in their own type, and in float32 a million plus 0.01 is a million. With the rare
# items first, or weights in float64, they come up as they should. Long-tailed data are such weights.
# Guess before the run: a small error in the chances of single items, by a rounded sum.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q torch==2.13.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import torch

torch.manual_seed(0)
common, rare = torch.full((1_000_000,), 1.0), torch.full((1_000_000,), 0.01)
for kind in (torch.float32, torch.float64):
    for name, weights in {"last": torch.cat([common, rare]), "first": torch.cat([rare, common])}.items():
        drawn = torch.multinomial(weights.to(kind), 200_000, replacement=True)
        share = ((drawn < 1_000_000) == (name == "first")).float().mean()
        print(kind, "rare items", name, f"{share:.3f}")
PYTHON

diff - seen <<'EXPECTED'
torch.float32 rare items last 0.000
torch.float32 rare items first 0.010
torch.float64 rare items last 0.010
torch.float64 rare items first 0.010
EXPECTED
echo "unchanged: torch==2.13.0 numpy==2.2.6"

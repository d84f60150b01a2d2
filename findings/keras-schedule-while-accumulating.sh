#!/usr/bin/env bash
# Keras 3.15.1: with gradient_accumulation_steps=4 a learning rate schedule runs four times as fast as the updates.
#
# The manual says that a schedule is given the optimizer's step, and iterations counts updates; what it is
# given is the number of batches. The first update below has the second rate already.
# Guess before the run: the number of updates, with a suspicion of batches.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q keras==3.15.1 tensorflow-cpu==2.21.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

weight = keras.Variable([0.0])
schedule = keras.optimizers.schedules.PiecewiseConstantDecay([1], [1.0, 0.1])
optimizer = keras.optimizers.SGD(schedule, gradient_accumulation_steps=4)
for batch in range(8):
    optimizer.apply([np.array([1.0], np.float32)], [weight])
    print(batch + 1, "updates", int(optimizer.iterations), f"weight {float(weight[0]):.1f}")
PYTHON

diff - seen <<'EXPECTED'
1 updates 0 weight 0.0
2 updates 0 weight 0.0
3 updates 0 weight 0.0
4 updates 1 weight -0.1
5 updates 1 weight -0.1
6 updates 1 weight -0.1
7 updates 1 weight -0.1
8 updates 2 weight -0.2
EXPECTED
echo "unchanged: keras==3.15.1 tensorflow-cpu==2.21.0"

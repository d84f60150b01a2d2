#!/usr/bin/env bash
# Keras 3.15.1 keeps a batch's biased variance, TensorFlow 2.21.0's FusedBatchNormV3 the unbiased one.
#
# The moving variance of the same two values differs by a factor of two, so networks trained on small
# batches by TF-slim and by Keras evaluate differently from equal weights.
# Guess before the run: the same, as Keras runs on TensorFlow here.
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
import tensorflow as tf

values = tf.constant([1.0, 3.0], shape=(2, 1, 1, 1))
fused = tf.raw_ops.FusedBatchNormV3(
    x=values, scale=[1.0], offset=[0.0], mean=[0.0], variance=[0.0], is_training=True)
layer = keras.layers.BatchNormalization(momentum=0.0)
layer(values, training=True)
print("fused", fused.batch_variance.numpy().tolist(), "Keras", layer.moving_variance.numpy().tolist())
PYTHON

diff - seen <<'EXPECTED'
fused [2.0] Keras [1.0]
EXPECTED
echo "unchanged: keras==3.15.1 tensorflow-cpu==2.21.0"

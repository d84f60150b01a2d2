#!/usr/bin/env bash
# Equal scores for ten classes: top-1 accuracy is 10 or 100 %, by whom one asks.
#
# scikit-learn 1.9.1 finds only the last class, Keras 3.15.1's accuracy only the first, and its top-k
# accuracy with k = 1, as TensorFlow 2.21.0's in_top_k, every class. Collapsed networks and features
# that underflow give such scores.
# Guess before the run: all take the first class.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q scikit-learn==1.9.1 keras==3.15.1 tensorflow-cpu==2.21.0
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import top_k_accuracy_score

scores = np.full((1, 10), 0.1, np.float32)
hits = {
    "scikit-learn": lambda k: top_k_accuracy_score([k], scores, k=1, labels=range(10)),
    "Keras accuracy": lambda k: keras.metrics.sparse_categorical_accuracy(np.array([k]), scores)[0],
    "Keras top-k": lambda k: keras.metrics.sparse_top_k_categorical_accuracy(np.array([k]), scores, k=1)[0],
    "TensorFlow in_top_k": lambda k: tf.math.in_top_k([k], scores, 1)[0],
}
for name, hit in hits.items():
    print(name, [k for k in range(10) if bool(hit(k))])
PYTHON

diff - seen <<'EXPECTED'
scikit-learn [9]
Keras accuracy [0]
Keras top-k [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
TensorFlow in_top_k [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
EXPECTED
echo "unchanged: scikit-learn==1.9.1 keras==3.15.1 tensorflow-cpu==2.21.0"

#!/usr/bin/env bash
# ONNX Runtime 1.30.0, OpenCV 5.0.0, pyarrow 25.0.1: a big-endian NumPy array is read the wrong way round.
#
# Features from HDF5, FITS or npy files can be such arrays, and NumPy computes with them as with others: a 1 becomes
# 4.6e-41 below. PyTorch and JAX refuse them with a message, TensorFlow, Polars and faiss convert them. pyarrow.array
# refuses, pyarrow.Tensor does not.
# Guess before the run: the numbers or a refusal by all, with a suspicion of ONNX Runtime, OpenCV or TensorFlow.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q onnx==1.23.1 onnxruntime==1.30.0 opencv-python-headless==5.0.0.93 pyarrow==25.0.1 \
  numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import cv2
import numpy as np
import onnx
import onnxruntime
import pyarrow
from onnx import helper

ones = np.ones((2, 2), ">f4")
side = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2, 2]) for name in "xy"]
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "copy", side[:1], side[1:])
model = helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", 19)])
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
print("ONNX Runtime", session.run(None, {"x": ones})[0].tolist())
print("OpenCV resize", cv2.resize(ones, (2, 2)).tolist(), "add", cv2.add(ones, ones).tolist())
print("pyarrow.Tensor", pyarrow.Tensor.from_numpy(ones).to_numpy().tolist())
PYTHON

diff - seen <<'EXPECTED'
ONNX Runtime [[4.600602988224807e-41, 4.600602988224807e-41], [4.600602988224807e-41, 4.600602988224807e-41]]
OpenCV resize [[4.600602988224807e-41, 4.600602988224807e-41], [4.600602988224807e-41, 4.600602988224807e-41]] add [[9.201205976449614e-41, 9.201205976449614e-41], [9.201205976449614e-41, 9.201205976449614e-41]]
pyarrow.Tensor [[4.600602988224807e-41, 4.600602988224807e-41], [4.600602988224807e-41, 4.600602988224807e-41]]
EXPECTED
echo "unchanged: onnx==1.23.1 onnxruntime==1.30.0 opencv-python-headless==5.0.0.93 pyarrow==25.0.1 numpy==2.2.6"

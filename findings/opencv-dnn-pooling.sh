#!/usr/bin/env bash
# OpenCV 5.0.0: its dnn module takes SAME_LOWER for SAME_UPPER and divides by more values than an average has.
#
# The two differ where the padding is odd, as for windows of 2 and an odd side. With ceil_mode and
# count_include_pad the last window reaches beyond the padded image, and only what is inside counts.
# Guess before the run: ONNX Runtime's values.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q opencv-python-headless==5.0.0.93 onnx==1.23.1 onnxruntime==1.30.0 numpy==2.2.6
cd "$work"

venv/bin/python - > seen <<'PYTHON'
import cv2
import numpy as np
import onnxruntime
from onnx import TensorProto, helper

image = np.arange(1, 10, dtype=np.float32).reshape(1, 1, 3, 3)
for operator, settings in (
    ("MaxPool", {"auto_pad": "SAME_UPPER"}),
    ("MaxPool", {"auto_pad": "SAME_LOWER"}),
    ("AveragePool", {"ceil_mode": 1}),
    ("AveragePool", {"ceil_mode": 1, "count_include_pad": 1}),
):
    node = helper.make_node(operator, ["x"], ["y"], kernel_shape=[2, 2], strides=[2, 2], **settings)
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 3, 3]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 2, 2])]
    graph = helper.make_graph([node], "pooling", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    (expected,) = onnxruntime.InferenceSession(model).run(None, {"x": image})
    network = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    network.setInput(image)
    print(operator, settings)
    print("  ONNX Runtime", expected.ravel().tolist(), "OpenCV", network.forward().ravel().tolist())
PYTHON

diff - seen <<'EXPECTED'
MaxPool {'auto_pad': 'SAME_UPPER'}
  ONNX Runtime [5.0, 6.0, 8.0, 9.0] OpenCV [5.0, 6.0, 8.0, 9.0]
MaxPool {'auto_pad': 'SAME_LOWER'}
  ONNX Runtime [1.0, 3.0, 7.0, 9.0] OpenCV [5.0, 6.0, 8.0, 9.0]
AveragePool {'ceil_mode': 1}
  ONNX Runtime [3.0, 4.5, 7.5, 9.0] OpenCV [3.0, 4.5, 7.5, 9.0]
AveragePool {'ceil_mode': 1, 'count_include_pad': 1}
  ONNX Runtime [3.0, 4.5, 7.5, 9.0] OpenCV [3.0, 2.25, 3.75, 2.25]
EXPECTED
echo "unchanged: opencv-python-headless==5.0.0.93 onnx==1.23.1 onnxruntime==1.30.0 numpy==2.2.6"

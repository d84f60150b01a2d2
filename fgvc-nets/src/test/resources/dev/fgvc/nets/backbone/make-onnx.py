#!/usr/bin/env python3
"""Writes tiny networks of timm as ONNX files, and the features that PyTorch gives, for OnnxBackboneTest.

    python3 make-onnx.py    # recorded with torch 2.13.0, timm 1.0.29, onnx 1.23.1, onnxscript 0.7.2

Weights are random. Images are the sines that the test makes too.
"""

import json
import math

import onnx
import torch
from timm.models.convnext import ConvNeXt
from timm.models.resnet import BasicBlock, ResNet
from timm.models.vision_transformer import VisionTransformer

DYNAMIC = {0: "batch", 2: "height", 3: "width"}


def images(count, side):
    values = [math.sin(0.37 * i) for i in range(count * 3 * side * side)]
    return torch.tensor(values).reshape(count, 3, side, side)


class Tokens(torch.nn.Module):
    """All tokens after the last norm, in place of the pooled ones."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, pixels):
        return self.network.forward_features(pixels)


def settled(network):
    """Random statistics, as a batch norm of means 0 and variances 1 would hide a mistake."""
    generator = torch.Generator().manual_seed(2)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
    return network.eval()


def export(name, network, side, output, dynamic):
    example = images(2, side)
    axes = {0: "batch"} if not dynamic else DYNAMIC
    torch.onnx.export(
        network,
        (example,),
        f"{name}.onnx",
        input_names=["pixels"],
        output_names=[output],
        dynamic_shapes=({axis: torch.export.Dim.DYNAMIC for axis in axes},),
        dynamo=True,
        external_data=False,
        opset_version=18,
        verbose=False,
    )
    model = onnx.load(f"{name}.onnx")
    for node in model.graph.node:  # where each operation stood in Python
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    onnx.save(model, f"{name}.onnx")
    with torch.no_grad():
        sides = [side, side + 32] if dynamic else [side]
        features = {str(size): network(images(3, size)).flatten(1) for size in sides}
    return {size: [[round(v, 6) for v in row] for row in rows.tolist()] for size, rows in features.items()}


if __name__ == "__main__":
    torch.manual_seed(1)
    recorded = {}
    resnet = ResNet(BasicBlock, [1, 1, 1, 1], num_classes=0, channels=(8, 8, 12, 16), stem_type="deep", stem_width=4)
    recorded["resnet"] = export("resnet", settled(resnet), 64, "features", True)
    convnext = ConvNeXt(depths=(1, 1, 1, 1), dims=(4, 8, 12, 16), num_classes=0, global_pool="")
    recorded["convnext"] = export("convnext", settled(convnext), 64, "activation", True)
    vit = VisionTransformer(
        img_size=28, patch_size=7, embed_dim=16, depth=2, num_heads=2, num_classes=0, reg_tokens=2, init_values=0.1
    )
    recorded["vit"] = export("vit", Tokens(settled(vit)).eval(), 28, "tokens", False)
    with open("onnx-features.json", "w") as file:
        json.dump(recorded, file)

"""The peers' networks by the names of ours, and their weights in files that both sides read."""

import torch
from safetensors.torch import load_file, save_file
from slim_resnet import UNITS, ResNetV2, in_pytorch, in_tensorflow


def create(network, classes):
    """timm's network, or the authors' ResNet-v2, which timm does not have."""
    if network in UNITS:
        return ResNetV2(network, classes)
    from timm_networks import create_model

    return create_model(network, pretrained=False, num_classes=classes)


def save(model, file):
    """With TF-slim's names and layout for the authors' ResNet, with timm's for its networks."""
    if isinstance(model, ResNetV2):
        tensors = {name: in_tensorflow(tensor).detach() for name, tensor in model.variables()}
    else:
        # Counters of batches are no part of any result.
        tensors = {k: tensor for k, tensor in model.state_dict().items() if "num_batches_tracked" not in k}
    save_file(tensors, file)


def load(model, file):
    tensors = load_file(file)
    if not isinstance(model, ResNetV2):
        model.load_state_dict(tensors, strict=False)
        return
    with torch.no_grad():
        for name, tensor in model.variables():
            tensor.copy_(in_pytorch(tensors[name]))

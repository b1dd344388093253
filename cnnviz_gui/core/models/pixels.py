"""A network that takes pixels: its card, and the wrapper that normalises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from cnnviz_gui.core.facts import Channels
from cnnviz_gui.core.models.hooks import layers_to_ask_at
from cnnviz_gui.core.models.output import LOGITS, Reading
from cnnviz_gui.core.models.replay import Replay

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey, after ITU-R BT.601."""


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


class PixelNetwork(nn.Module):
    """A network with its normalisation: float32 (N, 3, H, W) in [0, 1] to logits (N, K).

    A network that reads grey gets the luma of the three colours, one that reads a fourth channel
    an opaque one, 1 after normalisation.

    The normalisation stays an operation of its own: folded into the first convolution it would be
    wrong at the border, where the padding is zero after it and not before.
    """

    mean: Tensor
    std: Tensor
    luma: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        card: Card,
        memory_format: torch.memory_format,
        reading: Reading = LOGITS,
    ) -> None:
        super().__init__()
        self.network = network
        self._channels = card.channels
        colours = min(card.channels, 3)
        self.register_buffer("mean", torch.tensor(card.mean[:colours]).reshape(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(card.std[:colours]).reshape(1, -1, 1, 1))
        luma = torch.tensor(LUMA).reshape(1, 3, 1, 1)
        self.register_buffer("luma", luma if card.channels == 1 else None)
        self._memory_format = memory_format
        self.reading = reading
        self.asked = layers_to_ask_at(network)
        self.replay = Replay()

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        if self.luma is not None:
            x = (x * self.luma).sum(1, keepdim=True)
        x = (x - self.mean) / self.std
        if self._channels == 4:
            x = torch.cat((x, torch.ones_like(x[:, :1])), 1)
        return self.reading(self.network(x.contiguous(memory_format=self._memory_format)))

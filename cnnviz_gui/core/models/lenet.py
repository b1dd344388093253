"""LeNet-5, the network of 1998 that read the numbers on cheques.

Source: LeCun, Bottou, Bengio and Haffner 1998, Gradient-Based Learning Applied to Document
Recognition. The layers bear the paper's names. As it is commonly written today, two things differ.
Units are ReLUs, not scaled hyperbolic tangents: the gradients that heat maps and attacks follow
would vanish where those saturate. And the pools take the largest value without weights of their
own; the sparse wiring of the second convolution, a saving of its time, is full, and the last layer
is linear.
"""

from __future__ import annotations

from torch import Tensor, nn


class LeNet5(nn.Module):
    """Normalised grey image float32 (N, 1, 32, 32) to logits (N, K)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1 = _unit(1, 6)
        self.s2 = nn.MaxPool2d(2)
        self.c3 = _unit(6, 16)
        self.s4 = nn.MaxPool2d(2)
        self.c5 = _unit(16, 120)
        self.flatten = nn.Flatten()
        self.f6 = nn.Sequential(nn.Linear(120, 84), nn.ReLU())
        self.output = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = self.s2(self.c1(x))
        x = self.s4(self.c3(x))
        logits: Tensor = self.output(self.f6(self.flatten(self.c5(x))))
        return logits


def _unit(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 5), nn.ReLU())

"""LeNet-5, the network of 1998 that read the numbers on cheques.

Source: LeCun, Bottou, Bengio and Haffner 1998, Gradient-Based Learning Applied to Document
Recognition. The layers bear the paper's names, C1 to F6 and the output, and are written as is usual
today: the second convolution reads all maps of the first, the pools take the largest value and have
no weights, the last layer is linear. Units are ReLUs, not scaled hyperbolic tangents: where those
saturate, the gradients that heat maps and attacks follow would vanish.
"""

from __future__ import annotations

from torch import Tensor, nn


class LeNet5(nn.Module):
    """Normalised grey image float32 (N, 1, 32, 32) to logits (N, K)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1, self.relu1 = nn.Conv2d(1, 6, 5), nn.ReLU()
        self.s2 = nn.MaxPool2d(2)
        self.c3, self.relu3 = nn.Conv2d(6, 16, 5), nn.ReLU()
        self.s4 = nn.MaxPool2d(2)
        self.c5, self.relu5 = nn.Conv2d(16, 120, 5), nn.ReLU()
        self.flatten = nn.Flatten()
        self.f6, self.relu6 = nn.Linear(120, 84), nn.ReLU()
        self.output = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = self.s2(self.relu1(self.c1(x)))
        x = self.s4(self.relu3(self.c3(x)))
        x = self.flatten(self.relu5(self.c5(x)))
        logits: Tensor = self.output(self.relu6(self.f6(x)))
        return logits

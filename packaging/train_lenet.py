"""Train LeNet-5 on the handwritten digits of scikit-learn, and write what the program ships.

    python packaging/train_lenet.py [--epochs 60] [--out resources]

writes ``networks/lenet5.safetensors`` and one held-out picture a class to ``digits/``, and prints
the accuracy on the digits held out. The same torch on the same kind of CPU gives the same bytes.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from safetensors.torch import save
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.models.lenet import LeNet5
from cnnviz_gui.core.models.own import LENET5

HELD_OUT = 360
"""The last fifth: the file goes writer by writer, so that few hands are on both sides."""
PICTURE, DIGIT = 64, 48
"""Sides of a picture and of the digit in its middle: strokes belong away from the border."""
BATCH = 64
SEED = 0
Bytes = npt.NDArray[np.uint8]


def pictures() -> tuple[Bytes, Bytes]:
    """Return all digits, white on black, uint8 (1797, 64, 64), and their classes (1797,)."""
    values, classes = load_digits(return_X_y=True)
    small = np.rint(values.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    large = np.zeros((len(small), PICTURE, PICTURE), np.uint8)
    middle = slice((PICTURE - DIGIT) // 2, (PICTURE + DIGIT) // 2)
    for picture, one in zip(large, small, strict=True):
        digit = Image.fromarray(one).resize((DIGIT, DIGIT), Image.Resampling.BICUBIC)
        picture[middle, middle] = np.asarray(digit)
    return large, classes.astype(np.uint8)


def inputs(large: Bytes) -> Tensor:
    """Return what the network reads of pictures, resized as the program does: (N, 1, S, S)."""
    size = (LENET5.input_size, LENET5.input_size)
    small = [Image.fromarray(one).resize(size, Image.Resampling.BILINEAR) for one in large]
    x = torch.from_numpy(np.stack([np.asarray(one) for one in small]))[:, None].float() / 255
    return (x - LENET5.mean[0]) / LENET5.std[0]


def varied(x: Tensor, generator: torch.Generator) -> Tensor:
    """Turn, scale, slant and shift each digit a little."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(len(x), generator=generator) * (high - low) + low

    angle, slant = uniform(-0.25, 0.25), uniform(-0.2, 0.2)
    wider, taller = 1 / uniform(0.75, 1.25), 1 / uniform(0.75, 1.25)
    across, down = uniform(-0.15, 0.15), uniform(-0.15, 0.15)
    cos, sin = angle.cos(), angle.sin()
    rows = (
        torch.stack((cos * wider, slant - sin * taller, across), 1),
        torch.stack((sin * wider, cos * taller, down), 1),
    )
    grid = functional.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    black = (0 - LENET5.mean[0]) / LENET5.std[0]
    return functional.grid_sample(x - black, grid, align_corners=False) + black


def train(x: Tensor, classes: Tensor, epochs: int) -> LeNet5:
    """Train a network from scratch; in one thread, for two would add in another order."""
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    network = LeNet5().train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-2)
    steps = epochs * math.ceil(len(x) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(BATCH):
            loss = functional.cross_entropy(
                network(varied(x[batch], generator)), classes[batch], label_smoothing=0.05
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def accuracy(network: LeNet5, x: Tensor, classes: Tensor) -> float:
    """Return the share of digits that are recognised, in per cent."""
    with torch.no_grad():
        return 100 * float((network(x).argmax(1) == classes).float().mean())


def write(network: LeNet5, reached: float, out: Path) -> None:
    """Write the weights and, as the one entry of their metadata, the accuracy."""
    path = out / "networks" / "lenet5.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(network.state_dict(), {"accuracy": f"{reached:.2f}"}))


def write_samples(large: Bytes, classes: Bytes, out: Path) -> None:
    """Write the first held-out picture of each class."""
    folder = out / "digits"
    folder.mkdir(parents=True, exist_ok=True)
    for digit in range(10):
        first = large[-HELD_OUT:][classes[-HELD_OUT:] == digit][0]
        Image.fromarray(first).save(folder / f"digit-{digit}.png", optimize=True)


def main() -> None:
    """Do all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "resources")
    given = parser.parse_args()
    large, classes = pictures()
    x, y = inputs(large), torch.from_numpy(classes).long()
    network = train(x[:-HELD_OUT], y[:-HELD_OUT], given.epochs)
    reached = accuracy(network, x[-HELD_OUT:], y[-HELD_OUT:])
    print(f"{reached:.2f} % of {HELD_OUT} held-out digits")
    write(network, reached, given.out)
    write_samples(large, classes, given.out)


if __name__ == "__main__":
    main()

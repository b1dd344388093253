"""Random views of a picture: moved, turned, scaled and cropped in a single resampling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.features.canvas import GREY

_FARTHEST_MOVE = 0.25
"""Of the side: most of a small octave stays in sight."""


@dataclass(frozen=True, slots=True)
class Views:
    """How views are drawn; ``FeatureParams`` says what each number means."""

    count: int = 1
    jitter: float = 0.0
    turn: float = 0.0
    stretch: float = 0.0
    nearest: float = 1.0
    farthest: float = 1.0
    noise: float = 0.0

    @property
    def plain(self) -> bool:
        """Whether a view is the whole picture as it is."""
        moved = self.jitter or self.turn or self.stretch
        return not moved and self.nearest == 1 == self.farthest and self.count == 1

    def draw(
        self, picture: Tensor, side: int, generator: torch.Generator, *, alike: bool = False
    ) -> Tensor:
        """Return views (N · count, 3, side, side) of pictures (N, 3, H, H).

        The views of a picture follow one another; ``alike`` are those of each picture. All numbers
        come from ``generator`` on the CPU, so that a seed means the same everywhere.
        """
        drawn, again = (1, len(picture)) if alike else (len(picture), 1)
        seen = picture
        if not self.plain or picture.shape[-1] != side:
            matrices = self.matrices(drawn, picture.shape[-1], generator).repeat(again, 1, 1)
            grid = functional.affine_grid(
                matrices.to(picture),
                [len(picture) * self.count, 3, side, side],
                align_corners=False,
            )
            several = picture.repeat_interleave(self.count, 0) if self.count > 1 else picture
            shown = several - GREY  # which lies around the picture
            if picture.shape[-1] > side:
                seen = _shrunk(shown, grid, matrices, side) + GREY
            else:
                seen = functional.grid_sample(shown, grid, align_corners=False) + GREY
        if self.noise:
            shape = (drawn * self.count, *seen.shape[1:])
            noise = torch.randn(shape, generator=generator).repeat(again, 1, 1, 1)
            seen = seen + self.noise * noise.to(seen)
        return seen

    def matrices(self, pictures: int, side: int, generator: torch.Generator) -> Tensor:
        """Return (N · count, 2, 3): from a view's coordinates to the picture's, both in [-1, 1]."""
        total = pictures * self.count
        drawn = torch.rand(5, total, generator=generator) * 2 - 1
        share = self.nearest + (self.farthest - self.nearest) * (drawn[0] + 1) / 2
        size = share / (1 + self.stretch * drawn[1])
        angle = self.turn * drawn[2] * (math.pi / 180)
        jitter = min(self.jitter, _FARTHEST_MOVE * side)
        room = 2 * jitter / side + (1 - share).clamp_min(0)  # a crop may lie anywhere
        across, down = room * drawn[3], room * drawn[4]
        cosine, sine = size * angle.cos(), size * angle.sin()
        top = torch.stack([cosine, -sine, across], 1)
        return torch.stack([top, torch.stack([sine, cosine, down], 1)], 1)


def _shrunk(pictures: Tensor, grid: Tensor, matrices: Tensor, side: int) -> Tensor:
    """Sample each of pictures (N, 3, H, H) by its grid, shrunk first where the view is coarser.

    A view that passed over pixels would see but some of them, and they alone would climb.
    """
    shares = matrices[:, :, :2].flatten(1).norm(dim=1) / math.sqrt(2)
    seen = []
    for at, share in enumerate(shares.tolist()):
        one, wanted = pictures[at : at + 1], max(1, round(side / share))
        if wanted < one.shape[-1]:
            one = functional.interpolate(one, (wanted, wanted), mode="bilinear", antialias=True)
        seen.append(functional.grid_sample(one, grid[at : at + 1], align_corners=False))
    return torch.cat(seen)

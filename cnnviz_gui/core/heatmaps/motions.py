"""Views of a picture, turned about its centre and then shifted, and the way back from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True, eq=False)
class Motions:
    """How each of some views was made; places are in pixels from the centre, across and down."""

    angles: Tensor
    """float32 (L,), in radians."""
    shifts: Tensor
    """float32 (L, 2), in pixels, across and down."""
    mirrored: bool = False
    """Beyond the border the picture is mirrored; else it is black."""

    @classmethod
    def draw(
        cls,
        count: int,
        degrees: float,
        pixels: float,
        generator: torch.Generator,
        *,
        mirrored: bool = False,
    ) -> Motions:
        """Draw motions, each evenly within its range either way; the first moves nothing.

        The first of many are those of few.
        """
        drawn = torch.rand(count, 3, generator=generator) * 2 - 1
        drawn[0] = 0
        return cls(drawn[:, 0] * math.radians(degrees), drawn[:, 1:] * pixels, mirrored)

    def __len__(self) -> int:
        return len(self.angles)

    def some(self, which: slice | Tensor) -> Motions:
        """Return some of the motions."""
        return Motions(self.angles[which], self.shifts[which], self.mirrored)

    def sources(self, places: Tensor) -> Tensor:
        """Return (L, P, 2): where in the picture lies what each view shows at places (P, 2)."""
        return _turned(places - self.shifts[:, None], -self.angles)

    def views(self, image: Tensor) -> Tensor:
        """Return (L, 3, H, W) of a picture (1, 3, H, W); bilinear, in one resampling."""
        side = (image.shape[2], image.shape[3])
        grid = self.sources(centres(side, side)) / _half(side)
        mode = "reflection" if self.mirrored else "zeros"
        return functional.grid_sample(
            image.expand(len(self), -1, -1, -1),
            grid.reshape(-1, *side, 2).to(image),
            padding_mode=mode,
            align_corners=False,
        )

    def back(self, maps: Tensor, side: tuple[int, int]) -> Tensor:
        """Return (L, H, W): maps (L, h, w) of the views, enlarged, moved back onto the picture.

        Bilinear, in one resampling; zero where a view does not show the picture.
        """
        shown = _turned(centres(side, side), self.angles) + self.shifts[:, None]
        grid = (shown / _half(side)).to(maps)
        inside = (grid.abs() <= 1).all(2)
        found = functional.grid_sample(
            maps[:, None],
            grid.reshape(-1, *side, 2),
            padding_mode="border",
            align_corners=False,
        )
        return found[:, 0] * inside.reshape(-1, *side)


def centres(cells: tuple[int, int], side: tuple[int, int]) -> Tensor:
    """Return (h · w, 2): the centres of so many cells of a picture of ``side`` pixels."""
    (h, w), (height, width) = cells, side
    down = (torch.arange(h) + 0.5) * (height / h) - height / 2
    across = (torch.arange(w) + 0.5) * (width / w) - width / 2
    y, x = torch.meshgrid(down, across, indexing="ij")
    return torch.stack([x, y], 2).reshape(-1, 2)


def _half(side: tuple[int, int]) -> Tensor:
    return torch.tensor([side[1] / 2, side[0] / 2])


def _turned(places: Tensor, angles: Tensor) -> Tensor:
    """Return (L, P, 2): places (P, 2) or (L, P, 2), turned about the centre."""
    cosine, sine = angles.cos()[:, None], angles.sin()[:, None]
    x, y = places[..., 0], places[..., 1]
    return torch.stack([cosine * x - sine * y, sine * x + cosine * y], 2)

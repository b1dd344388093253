"""One fine map from many coarse ones, each of which saw the picture turned and shifted."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from cnnviz_gui.core.heatmaps.motions import Motions, centres

PAPER_STEPS = 200
_PAPER_RATE, _BETAS, _EPSILON = 0.001, (0.9, 0.999), 1e-8
MOST_STEPS = 1000
_SPAN, _SHARE = 10, 0.001
"""The map is found when so many steps lower the loss by less than this share."""
_DUAL = 5.0
"""Step of the dual in weights of the variation: it is bounded by that weight, the map by 1."""


class SuperResolution:
    """Finds the map h that, seen as each view saw the picture, gives the coarse map of that view.

    It minimises  Σ ‖D A h − g‖² + λ · (|∂x h| + |∂y h|) + μ · ‖h‖²  over all views, where A moves a
    map as the view was moved and D reads it off at the centres of the cells of g. Both together are
    four bilinear weights for each cell: no map is ever warped. Computes on the CPU.

    Parameters
    ----------
    maps
        float32 (L, h, w): g of each view.
    motions
        Of the L views.
    side
        Height and width of the map wanted.
    variation, energy
        λ and μ for each view; the weights of all are L times these.

    Attributes
    ----------
    map
        float32 (H, W): the best known so far.
    losses
        Before each step.
    """

    def __init__(
        self,
        maps: Tensor,
        motions: Motions,
        side: tuple[int, int],
        variation: float,
        energy: float,
    ) -> None:
        self.map = torch.zeros(side)
        self.losses: list[float] = []
        self._given = maps.flatten()
        places, weights = _gather(maps, motions, side)
        self._places, self._weights = places.T.flatten(), weights.T.contiguous()
        self._variation = variation * len(maps)
        self._energy = energy * len(maps)

    def paper(self) -> Iterator[int]:
        """Go the 200 small steps of Adam of the authors' code; yield how many were gone."""
        first, second = torch.zeros_like(self.map), torch.zeros_like(self.map)
        for step in range(1, PAPER_STEPS + 1):
            loss, gradient = self._smooth(self.map)
            down, across = self.map.diff(dim=0), self.map.diff(dim=1)
            self._note(loss, down, across)
            down, across = self._variation * down.sign(), self._variation * across.sign()
            _add_divergence(gradient, down, across)
            first = first.lerp(gradient, 1 - _BETAS[0])
            second = second.lerp(gradient.square(), 1 - _BETAS[1])
            size = (second / (1 - _BETAS[1] ** step)).sqrt() + _EPSILON
            self.map = self.map - _PAPER_RATE / (1 - _BETAS[0] ** step) * first / size
            yield step

    def converge(self) -> Iterator[int]:
        """Go until the map is found, by primal-dual steps; yield how many were gone.

        After Condat 2013 and Vũ 2013. Unlike a sub-gradient they settle where the variation has a
        kink, which is wherever the map is flat.
        """
        dual = _DUAL * self._variation
        # At most this, since no cell is more than one pixel's worth.
        curvature = 2 * float(self._back(torch.ones_like(self._given)).max()) + 2 * self._energy
        primal = 1 / max(curvature / 2 + 8 * dual, 1e-12)
        down, across = (
            torch.zeros_like(self.map.diff(dim=0)),
            torch.zeros_like(self.map.diff(dim=1)),
        )
        for step in range(MOST_STEPS):
            h = self.map
            loss, gradient = self._smooth(h)
            self._note(loss, h.diff(dim=0), h.diff(dim=1))
            if step >= _SPAN and step % _SPAN == 0:
                before = self.losses[step - _SPAN]
                if abs(before - self.losses[step]) <= _SHARE * before:
                    return
            _add_divergence(gradient, down, across)
            self.map = h - primal * gradient
            ahead = 2 * self.map - h
            bound = self._variation
            down = (down + dual * ahead.diff(dim=0)).clamp(-bound, bound)
            across = (across + dual * ahead.diff(dim=1)).clamp(-bound, bound)
            yield step + 1

    def seen(self, values: Tensor) -> Tensor:
        """Return (L · h · w,): what the views would show of a map (H, W)."""
        picked = values.flatten().index_select(0, self._places)
        return (picked.reshape(4, -1) * self._weights).sum(0)

    def loss(self, values: Tensor) -> float:
        """Return what is minimised, of a map (H, W)."""
        loss, _ = self._smooth(values)
        return loss + self._variation * _variation(values.diff(dim=0), values.diff(dim=1))

    def _back(self, cells: Tensor) -> Tensor:
        """Return (H, W): numbers of the cells, added to the pixels that they were read off."""
        added = torch.zeros(self.map.numel())
        added.index_add_(0, self._places, (cells * self._weights).flatten())
        return added.reshape(self.map.shape)

    def _smooth(self, values: Tensor) -> tuple[float, Tensor]:
        """Return all of the loss but the variation, and its gradient (H, W)."""
        rest = self.seen(values) - self._given
        loss = rest.square().sum() + self._energy * values.square().sum()
        return float(loss), 2 * (self._back(rest) + self._energy * values)

    def _note(self, loss: float, down: Tensor, across: Tensor) -> None:
        self.losses.append(loss + self._variation * _variation(down, across))


def _variation(down: Tensor, across: Tensor) -> float:
    return float(down.abs().sum() + across.abs().sum())


def _add_divergence(values: Tensor, down: Tensor, across: Tensor) -> None:
    """Add to (H, W) what differences between neighbours, weighed so, change with each pixel."""
    values[1:] += down
    values[:-1] -= down
    values[:, 1:] += across
    values[:, :-1] -= across


def _gather(maps: Tensor, motions: Motions, side: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return indices and weights (L · h · w, 4): the four pixels that each cell lies between."""
    size = torch.tensor(side)
    sources = motions.sources(centres((maps.shape[1], maps.shape[2]), side)).reshape(-1, 2)
    at = sources.flip(1) + (size - 1) / 2
    if motions.mirrored:
        at = _mirrored(at, size)
    low = at.floor()
    share = (at - low)[:, None]
    corner = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    pixel = low.long()[:, None] + corner
    inside = ((pixel >= 0) & (pixel < size)).all(2)
    weight = torch.where(corner == 1, share, 1 - share).prod(2)
    return (pixel[..., 0] * side[1] + pixel[..., 1]) * inside, weight * inside


def _mirrored(at: Tensor, size: Tensor) -> Tensor:
    """Return places between the centres of the outermost pixels, mirrored at their outer edges."""
    edge = (at + 0.5).abs() % (2 * size)
    inside = torch.minimum(edge, 2 * size - edge) - 0.5
    return torch.minimum(inside.clamp_min(0), size - 1)

"""Deletion, insertion and masking: the pictures that put a map to the test, and what they told.

Two rivals know nothing of the network: a blob in the middle, and what chance gives. They are judged
by the same pictures, and mask exactly as much of the picture as the map does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.heatmaps.fills import mean_colour
from cnnviz_gui.core.result import frozen
from cnnviz_gui.core.trust_requests import TrustParams
from cnnviz_gui.core.trust_results import Faithfulness

_Numbers = npt.NDArray[np.float64]
Kind = Literal["deletion", "insertion", "kept", "deleted", "blank"]
_RADIUS = 5
"""Of the blur, 11 pixels wide, and its standard deviation; for pictures of ``_SIDE`` pixels."""
_SIDE = 224


@dataclass(frozen=True, slots=True)
class Question:
    """One picture to pass."""

    kind: Kind
    """On one of the curves, masked by a map, or where all curves end and begin."""
    order: int = 0
    """Whose: 0 the map's, 1 the middle's, then those of chance."""
    point: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """The order in which a map takes the pixels, and how far it marks each."""

    rank: Tensor
    """int64 (H, W)."""
    mask: Tensor
    """float32 (H, W) in [0, 1]."""


class Examination:
    """What is asked about a map, and the answers so far.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].
    values
        The map (H, W), finite and not the same everywhere.
    whole
        Probability of the class for the whole picture.
    """

    def __init__(
        self,
        image: Tensor,
        values: npt.NDArray[np.float32],
        whole: float,
        network: Network,
        parameters: TrustParams,
    ) -> None:
        self._image = image
        self._whole = whole
        self._mean = mean_colour(network, image)
        self._deleted = self._without(parameters.delete_to)
        self._blank = self._without(parameters.insert_into)
        marks = _marks(values)
        random = np.random.default_rng(parameters.seed)
        rivals = [middle(values.shape)]
        for _ in range(parameters.random_draws):
            noise = random.normal(size=values.shape)
            rivals.append(noise if parameters.random_map == "pixels" else like(values, noise))
        self._orders = [_own_order(values, marks, image.device)]
        self._orders += [_rival_order(rival, marks, image.device) for rival in rivals]
        self._step = -(-values.size // parameters.curve_points)
        self._points = -(-values.size // self._step)
        self.shares = np.minimum(np.arange(self._points + 1) * self._step, values.size)
        self.shares = self.shares / values.size
        """Of the pixels, at each point of a curve."""
        shape = (len(self._orders), self._points + 1)
        self._curves: dict[str, _Numbers] = {
            "deletion": np.full(shape, np.nan),
            "insertion": np.full(shape, np.nan),
        }
        self._curves["deletion"][:, 0] = self._curves["insertion"][:, -1] = whole
        self._kept = np.full(len(self._orders), np.nan)

    def questions(self) -> list[Question]:
        """Return all pictures to pass: the map's first, and of each curve the rough course first.

        Those of chance go point by point, so that the mean of their curves grows as one.
        """
        asked = [Question("deleted"), Question("blank")]
        middle, chance = [1], list(range(2, len(self._orders)))
        # 16, 8, 24, 4, 12, ...: the more often 2 divides a point, the earlier it comes.
        points = sorted(range(1, self._points), key=lambda point: -(point & -point))
        for orders in ([0], middle, chance):
            asked += [Question("kept", order) for order in orders]
            for point in points:
                asked += [Question("deletion", order, point) for order in orders]
                asked += [Question("insertion", order, point) for order in orders]
        return asked

    def pictures(self, asked: Sequence[Question]) -> Tensor:
        """Return the pictures of questions, float32 (N, 3, H, W)."""
        return torch.cat([self._picture(one) for one in asked])

    def answer(self, asked: Sequence[Question], probabilities: _Numbers) -> None:
        """Take in the probability of the class for each picture."""
        for one, probability in zip(asked, probabilities, strict=True):
            if one.kind == "kept":
                self._kept[one.order] = probability
            elif one.kind == "deleted":
                self._curves["deletion"][:, -1] = probability
            elif one.kind == "blank":
                self._curves["insertion"][:, 0] = probability
            else:
                self._curves[one.kind][one.order, one.point] = probability

    @property
    def of_map(self) -> Faithfulness:
        """What is known of the map."""
        return self._told(slice(0, 1))

    @property
    def of_middle(self) -> Faithfulness:
        """What is known of a blob in the middle."""
        return self._told(slice(1, 2))

    @property
    def of_chance(self) -> Faithfulness:
        """What is known of random maps, on average."""
        return self._told(slice(2, None))

    def _picture(self, one: Question) -> Tensor:
        if one.kind == "deleted":
            return self._deleted
        if one.kind == "blank":
            return self._blank
        order = self._orders[one.order]
        if one.kind == "kept":
            return self._mean + order.mask * (self._image - self._mean)
        taken = order.rank < one.point * self._step
        if one.kind == "deletion":
            return torch.where(taken, self._deleted, self._image)
        return torch.where(taken, self._image, self._blank)

    def _without(self, kind: str) -> Tensor:
        """Return what takes the place of the picture, float32 (1, 3, H, W)."""
        if kind == "blur":
            return blurred(self._image)
        colour = self._mean if kind == "mean" else torch.zeros_like(self._mean)
        return colour.expand_as(self._image)

    def _told(self, orders: slice) -> Faithfulness:
        deletion, insertion = (
            self._curves[kind][orders].mean(0) for kind in ("deletion", "insertion")
        )
        kept = self._kept[orders]
        lost = np.maximum(0.0, self._whole - kept) / self._whole if self._whole > 0 else 0.0 * kept
        return Faithfulness(
            deletion=self._curve(deletion),
            insertion=self._curve(insertion),
            deletion_area=area(self.shares, deletion),
            insertion_area=area(self.shares, insertion),
            kept=float(kept.mean()),
            drop=float(lost.mean()),
            increase=bool((kept > self._whole).mean() > 0.5),
        )

    def _curve(self, values: _Numbers) -> npt.NDArray[Any]:
        known = np.isfinite(values)
        return frozen(np.stack([self.shares[known], values[known]]).astype(np.float32))


def area(places: _Numbers, values: _Numbers) -> float:
    """Return the area under a curve by trapezoids; NaN where one of its values is."""
    return float((np.diff(places) * (values[1:] + values[:-1]) / 2).sum())


def blurred(image: Tensor) -> Tensor:
    """Return an image (1, 3, H, W) blurred by a Gaussian as published with RISE, 11 pixels wide.

    Wider for pictures larger than theirs. What lies beyond the border is like the border.
    """
    radius = max(_RADIUS, round(_RADIUS * max(image.shape[2:]) / _SIDE))
    places = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-0.5 * (places / radius) ** 2)
    kernel = (kernel / kernel.sum()).repeat(3, 1, 1, 1)
    wide = functional.pad(image, (radius,) * 4, mode="replicate")
    wide = functional.conv2d(wide, kernel, groups=3)
    return functional.conv2d(wide, kernel.transpose(2, 3), groups=3)


def like(values: npt.NDArray[Any], noise: _Numbers) -> _Numbers:
    """Return noise (H, W) as coarse as a map: with the amplitudes of its spectrum."""
    phases = np.fft.rfft2(noise)
    phases /= np.maximum(np.abs(phases), np.finfo(np.float64).tiny)
    amplitudes = np.abs(np.fft.rfft2(values.astype(np.float64)))
    return np.fft.irfft2(amplitudes * phases, values.shape)


def _marks(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return how far a map (H, W) marks each pixel, in [0, 1]: its positive part, stretched.

    A map without negative values is stretched from its least value on, as that of RISE, which is
    nowhere near 0.
    """
    exact = np.maximum(values.astype(np.float64), 0.0)
    low, high = exact.min(), exact.max()
    stretched = (exact - low) / (high - low) if high > low else np.zeros_like(exact)
    return stretched.astype(np.float32)


def middle(shape: tuple[int, ...]) -> _Numbers:
    """Return a blob in the middle (H, W): less the further from it, by height and by width."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    down = (rows - (shape[0] - 1) / 2) / shape[0]
    across = (columns - (shape[1] - 1) / 2) / shape[1]
    return -(down**2 + across**2)


def _own_order(
    values: npt.NDArray[Any], marks: npt.NDArray[np.float32], device: torch.device
) -> _Order:
    rank = _rank(values).reshape(values.shape)
    return _Order(torch.from_numpy(rank).to(device), torch.from_numpy(marks).to(device))


def _rival_order(rival: _Numbers, marks: npt.NDArray[np.float32], device: torch.device) -> _Order:
    """Return the order of a rival, which marks with the map's own values, put elsewhere."""
    rank = _rank(rival)
    mask = np.sort(marks, axis=None)[::-1][rank].reshape(rival.shape)
    ranks = torch.from_numpy(rank.reshape(rival.shape)).to(device)
    return _Order(ranks, torch.from_numpy(mask).to(device))


def _rank(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the place of each pixel (H · W,) in decreasing order; of equal ones the last first.

    As in the published evaluation of RISE.
    """
    order = values.ravel().argsort(kind="stable")[::-1]
    rank = np.empty(order.size, np.int64)
    rank[order] = np.arange(order.size)
    return rank

"""RISE: hide the picture behind many random masks, and see which of them the class survives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.fills import mean_colour
from cnnviz_gui.core.heatmaps.gathering import Pace, in_passes
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import heatmap

_WORTH_A_LOOK = 16


@dataclass(frozen=True, slots=True)
class RiseParams(Params):
    """Parameters of RISE.

    The paper divides by what masks leave open on average. Divided by what they left open at each
    pixel, half as many or fewer give the same map: how often a pixel was open then does not show.
    """

    masks: int = number(
        2000, 1, 20000, step=500, help="The paper takes 4000 for VGG-16, 8000 for ResNet-50."
    )
    cells: int = number(
        7, 2, 16, label="Grid", help="Cells along each side of the grid that a mask is drawn on."
    )
    keep: float = number(
        0.5, 0.05, 0.95, step=0.05, label="Share open", help="Probability that a cell is left open."
    )
    divide: str = choice(
        "actual",
        {"actual": "What masks left open there", "expected": "What they leave open on average"},
        label="Divide by",
        help="On average is the paper's; what was left open at each pixel needs fewer masks.",
    )
    seed: int = number(0, 0, 2**31 - 1, role="seed", help="Of the masks.")


@heatmap(
    "rise",
    title="RISE",
    summary="Mean of random masks, each weighted by the probability that it leaves the class.",
    formula="Σᵢ P_c(x ⊙ Mᵢ) · Mᵢ / Σᵢ Mᵢ;  the paper's: (1 / (N·p)) · Σᵢ P_c(x ⊙ Mᵢ) · Mᵢ",
    paper="Petsiuk, Das and Saenko 2018, RISE, arXiv:1806.07421, equation 6",
    params=RiseParams,
    gathers=True,
)
def rise(
    classifier: Network, image: Tensor, target: int, layer: str, params: RiseParams, ctx: Context
) -> HeatmapValue:
    """Return the mean of the masks, each weighted by the probability of the class behind it.

    What a mask hides has the mean colour of the network, which is zero after its normalisation.
    The first masks of many are those of few.

    Returns
    -------
    A map (H, W) >= 0, in units of probability; with the number of masks and how uncertain it is.
    """
    masks = Masks((image.shape[2], image.shape[3]), params, image.device)
    mean = mean_colour(classifier, image)
    estimate, pace = _Estimate(params), Pace()

    def behind(numbers: Sequence[int]) -> tuple[Tensor, Tensor]:
        some = masks.some(numbers)
        logits = classifier.logits(mean + some[:, None] * (image - mean), ctx)
        return some, logits.softmax(1)[:, target]

    for _, (some, probability) in in_passes(classifier, range(params.masks), behind, ctx):
        estimate.add(some, probability)
        if _WORTH_A_LOOK <= estimate.count < params.masks and pace.due():
            ctx.partial(estimate.value(classifier.facts.labels[target]))
    return estimate.value(classifier.facts.labels[target])


class Masks:
    """The masks of a seed, drawn at once as grids and made on demand, so that few are in memory.

    A grid of zeros and ones is enlarged by a little more than the picture, bilinearly, mirrored
    beyond the centres of its outermost cells, and cut out at random.
    """

    def __init__(self, side: tuple[int, int], params: RiseParams, device: torch.device) -> None:
        cells, (height, width) = params.cells, side
        generator = torch.Generator().manual_seed(params.seed)
        drawn = torch.rand(params.masks, cells * cells + 2, generator=generator)
        self._grids = (drawn[:, :-2] < params.keep).reshape(-1, cells, cells)
        self._down, self._across = (_shares(cells, n).to(device) for n in (height, width))
        self._offsets = [
            (drawn[:, -2 + axis, None] * math.ceil(n / cells)).long() + torch.arange(n)
            for axis, n in enumerate((height, width))
        ]
        self._device = device

    def some(self, numbers: Sequence[int]) -> Tensor:
        """Return float32 (n, H, W) in [0, 1]."""
        part = slice(numbers[0], numbers[-1] + 1)
        down, across = (at[part].to(self._device) for at in self._offsets)
        grids = self._grids[part].to(self._device, torch.float32)
        return self._down[down] @ grids @ self._across[across].transpose(1, 2)


def _shares(cells: int, side: int) -> Tensor:
    """Return (n, cells): what each cell has in each pixel of the enlarged grid."""
    length = (cells + 1) * math.ceil(side / cells)
    at = ((torch.arange(length, dtype=torch.float64) + 0.5) * cells / length - 0.5).abs()
    at = (cells - 1) - (cells - 1 - at).abs()
    return (1 - (at[:, None] - torch.arange(cells)).abs()).clamp_min(0).float()


class _Estimate:
    """The sums over the masks so far, M, and the probabilities behind them, p."""

    def __init__(self, params: RiseParams) -> None:
        self._params = params
        self.count = 0
        self._firsts: Tensor | float = 0.0
        """pM and M (2, H, W)."""
        self._seconds: Tensor | float = 0.0
        """p²M², pM² and M² (3, H, W)."""

    def add(self, masks: Tensor, probability: Tensor) -> None:
        one = torch.ones_like(probability)
        self.count += len(masks)
        firsts = torch.stack([probability, one])
        self._firsts = self._firsts + torch.tensordot(firsts, masks, 1)
        seconds = torch.stack([probability.square(), probability, one])
        self._seconds = self._seconds + torch.tensordot(seconds, masks.square(), 1)

    def value(self, label: str) -> HeatmapValue:
        """Return the map and its standard error."""
        assert isinstance(self._firsts, Tensor) and isinstance(self._seconds, Tensor)
        first, opened = self._firsts / self.count
        squares, crossed, coverage = self._seconds / self.count
        if self._params.divide == "actual":
            divisor = opened.clamp_min(torch.finfo(opened.dtype).tiny)
            found = first / divisor
            variance = squares - 2 * found * crossed + found.square() * coverage
        else:
            divisor = torch.full_like(opened, self._params.keep)
            found = first / divisor
            variance = squares - first.square()
        error = (variance.clamp_min(0) / self.count).sqrt() / divisor
        return HeatmapValue(
            map=found,
            reason="" if bool(found.any()) else _why(label),
            samples=self.count,
            expected=self._params.masks,
            notes=_notes(found, error, self.count),
        )


def _why(label: str) -> str:
    return (
        f"This map is zero everywhere: no mask left {label} any probability. "
        "Try a class that the network sees, or leave more open."
    )


def _notes(found: Tensor, error: Tensor, count: int) -> tuple[str, ...]:
    spread = float(found.max() - found.min())
    if count < _WORTH_A_LOOK or not spread:
        return ()
    typical = float(error.mean())
    return (
        f"A pixel is uncertain by about {fmt.significant(typical, 2)} (standard error), "
        f"{fmt.percent(typical / spread)} of the map's range.",
    )

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
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import ptr, tr

_WORTH_A_LOOK = 16


@dataclass(frozen=True, slots=True)
class RiseParams(Params):
    """Parameters of RISE.

    The gain orders pixels as the paper's map does, and needs about a fifth of the masks: how often
    a pixel was open and how probable the class is behind any mask do not show in it.
    """

    masks: int = number(
        2000,
        1,
        20000,
        step=500,
        label=tr("Masks"),
        help=tr("The paper takes 4000 for VGG-16, 8000 for ResNet-50."),
    )
    cells: int = number(
        7,
        2,
        16,
        label=ptr("of the masks", "Grid"),
        help=tr("Cells along each side of the grid that a mask is drawn on."),
    )
    keep: float = number(
        0.5,
        0.05,
        0.95,
        step=0.05,
        label=tr("Share open"),
        help=tr("Probability that a cell is left open."),
    )
    estimate: str = choice(
        "gain",
        {"gain": tr("Gain over all masks"), "paper": tr("As in the paper")},
        label=tr("Estimate"),
        help=tr("Gain: how much more probable the class is where a pixel is open than on average."),
    )
    seed: int = number(0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of the masks."))


@heatmap(
    "rise",
    family="perturbation",
    title="RISE",
    summary=tr(
        "Random masks hide the picture; each pixel gets the probability left where it is open."
    ),
    formula="Σᵢ Pᵢ Mᵢ / Σᵢ Mᵢ − Σᵢ Pᵢ / N,  Pᵢ = P_c(x ⊙ Mᵢ);  the paper's: Σᵢ Pᵢ Mᵢ / (N·p)",
    paper="Petsiuk, Das and Saenko 2018, RISE, arXiv:1806.07421, equation 6",
    guide=Guide(
        can=tr(
            "Which places keep the probability up when others are hidden at random, of any"
            " network, without gradients."
        ),
        cannot=tr(
            "Fine detail, and small differences: the map is a mean of samples, whose number"
            " stands under it, and its grain is that of the masks. Hidden pictures are"
            " unusual ones."
        ),
        use=tr(
            "For black boxes, and for comparing networks that share nothing. Let it run"
            " until the map no longer changes."
        ),
    ),
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
    A map (H, W) in units of probability, with the number of masks and how uncertain it is. The gain
    is negative where the class does better with a pixel hidden; the paper's map has no sign.
    """
    masks = Masks((image.shape[2], image.shape[3]), params, image.device)
    mean = mean_colour(classifier, image)
    estimate, pace = _Estimate(params, image), Pace()

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

    def __init__(self, params: RiseParams, image: Tensor) -> None:
        self.count = 0
        self._params = params
        self._alone: list[Tensor] = []
        """p."""
        self._firsts = torch.zeros_like(image[0])
        """p²M, pM and M (3, H, W)."""
        self._seconds = torch.zeros_like(image[0])
        """p²M², pM² and M² (3, H, W)."""

    def add(self, masks: Tensor, probability: Tensor) -> None:
        self.count += len(masks)
        self._alone.append(probability)
        powers = torch.stack([probability.square(), probability, torch.ones_like(probability)])
        self._firsts = self._firsts + torch.tensordot(powers, masks, 1)
        self._seconds = self._seconds + torch.tensordot(powers, masks.square(), 1)

    def value(self, label: str) -> HeatmapValue:
        """Return the map and its standard error."""
        probability = torch.cat(self._alone)
        mean, lowest, highest = (
            float(one) for one in (probability.mean(), probability.min(), probability.max())
        )
        gain = self._params.estimate == "gain"
        found, variance = self._gain(probability) if gain else self._paper()
        if gain and lowest == highest:
            found = torch.zeros_like(found)
        notes = _notes(found, (variance.clamp_min(0) / self.count).sqrt(), self.count)
        if gain and notes:
            average = tr(
                "Behind a mask {label} has {probability} on average.",
                label=label,
                probability=fmt.percent(mean),
            )
            notes = (average, *notes)
        return HeatmapValue(
            map=found,
            signed=gain,
            reason="" if bool(found.any()) else _why(label, highest),
            samples=self.count,
            expected=self._params.masks,
            notes=notes,
        )

    def _paper(self) -> tuple[Tensor, Tensor]:
        """Return the map, and the variance of what one mask adds to it."""
        _, first, _ = self._firsts / self.count
        squares, _, _ = self._seconds / self.count
        keep = self._params.keep
        return first / keep, (squares - first.square()) / keep**2

    def _gain(self, probability: Tensor) -> tuple[Tensor, Tensor]:
        """Return the same of the gain; its variance by the delta method."""
        raised, first, opened = self._firsts / self.count
        squares, crossed, coverage = self._seconds / self.count
        divisor = torch.where(opened > 0, opened, 1)
        there = first / divisor
        spread = (squares - 2 * there * crossed + there.square() * coverage) / divisor.square()
        shared = raised / divisor - there.square()
        variance = spread - 2 * shared + probability.var(correction=0)
        return torch.where(opened > 0, there - probability.mean(), 0), variance


def _why(label: str, probability: float) -> str:
    return tr(
        "This map is zero everywhere: {label} has the same probability behind every mask,"
        " {probability}. Try another class, or another share of open cells.",
        label=label,
        probability=fmt.percent(probability),
    )


def _notes(found: Tensor, error: Tensor, count: int) -> tuple[str, ...]:
    spread = float(found.max() - found.min())
    if count < _WORTH_A_LOOK or not spread > 0:
        return ()
    typical = float(error.mean())
    return (
        tr(
            "A pixel is uncertain by about {error} (standard error), {share} of the map's range.",
            error=fmt.significant(typical, 2),
            share=fmt.percent(typical / spread),
        ),
    )

"""Integrated gradients: what each pixel adds to the score on the way from a picture of nothing."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import Curve, HeatmapValue
from cnnviz_gui.core.heatmaps import baselines
from cnnviz_gui.core.heatmaps.fills import blurred
from cnnviz_gui.core.heatmaps.gathering import Pace
from cnnviz_gui.core.heatmaps.gradients import gradients
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import ntr, tr

_WIDE = 0.05
"""A gap above this share of the rise is worth more steps."""


@dataclass(frozen=True, slots=True)
class IntegratedGradientsParams(Params):
    """Parameters of integrated gradients."""

    baseline: str = choice(
        "black",
        {**baselines.COLOURS, "blurred": tr("Blurred photograph"), "noise": tr("Noise")},
        label=tr("Baseline"),
        help=tr("Where the path begins: a picture that says nothing of the class."),
    )
    blur: float = number(
        10.0,
        1.0,
        50.0,
        unit="px",
        when=("baseline", ("blurred",)),
        label=tr("Blur"),
        help=tr("Standard deviation of the blur of the photograph."),
    )
    draws: int = number(
        5,
        1,
        50,
        label=tr("Baselines"),
        when=("baseline", ("noise",)),
        help=tr(
            "How many pictures of noise the map is averaged over, each with a path of its own."
        ),
    )
    steps: int = number(
        50,
        1,
        1000,
        label=tr("Steps"),
        help=tr("Points on each path; more make the sum more exact."),
    )
    score: str = score()
    seed: int = number(
        0,
        0,
        2**31 - 1,
        role="seed",
        when=("baseline", ("noise",)),
        label=tr("Seed"),
        help=tr("The same seed draws the same noise."),
    )


@heatmap(
    "integrated-gradients",
    family="gradient",
    title=tr("Integrated gradients"),
    summary=tr(
        "The gradient along a path from a baseline, times the distance: adds up to the score."
    ),
    formula="Σ over channels of (x − x₀) · ∫₀¹ ∂y_c(x₀ + α(x − x₀)) / ∂x dα",
    paper="Sundararajan et al. 2017, Axiomatic Attribution, arXiv:1703.01365, equation 1",
    guide=Guide(
        can=tr(
            "Signed shares that add up to the difference of the score between picture and"
            " baseline; the gap, shown under the map, says how nearly they do."
        ),
        cannot=tr(
            "Importance without a baseline: what equals it gets nothing, and another"
            " baseline gives another map. Pictures on the path are like no photograph, and"
            " their gradients may be noise."
        ),
        use=tr(
            "Where shares must add up. Compare two baselines, and raise the steps until the"
            " gap is small."
        ),
    ),
    params=IntegratedGradientsParams,
    gathers=True,
)
def integrated_gradients(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: IntegratedGradientsParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the integral of the gradient along straight paths, times their extent.

    The points of a path are those of Gauss and Legendre: they are dense at its ends, where a score
    often jumps (of a photograph of a cat, seen by the embedded network, 50 of them miss 4 % of the
    rise, and 50 at even distances 23 %). They are visited far apart first, so that the map shown
    in between is that of the whole path, only coarser.

    Parameters
    ----------
    image
        float32 (1, 3, H, W) in [0, 1].

    Returns
    -------
    A map (H, W) with sign, in units of the score, and the score along the path; a note says by how
    much the map fails to add up to the rise of the score.
    """
    begins = _begins(image, params, classifier)
    wanted = objective(params.score, target)
    gathered, pace = _Gathered(image, begins, params.steps), Pace()
    scores = []
    for end in (*begins, image):
        ctx.step(0, gathered.expected)
        scores.append(wanted(classifier.logits(end, ctx)))
    for _, found, logits in gradients(classifier, gathered.expected, gathered.point, wanted, ctx):
        gathered.add(found, wanted(logits))
        if gathered.count < gathered.expected and pace.due():
            ctx.partial(gathered.value())
    begun, ended = float(torch.cat(scores[:-1]).mean()), float(scores[-1])
    why = why_flat(params.score, gathered.total, classifier.facts.labels[target])
    return dataclasses.replace(
        gathered.value(),
        reason=baselines.why_empty(image, begins) or why,
        notes=(_gap(float(gathered.total.sum()) / len(begins), ended - begun, params.steps),),
        curve=Curve(
            points=gathered.curve(begun, ended),
            across=tr("Share of the way from the baseline to the picture"),
            up=tr("Probability") if params.score == "probability" else tr("Logit"),
        ),
    )


def _begins(image: Tensor, params: IntegratedGradientsParams, classifier: Network) -> list[Tensor]:
    if params.baseline == "noise":
        return baselines.noise(image, params.draws, params.seed)
    if params.baseline == "blurred":
        return [blurred(image, params.blur)]
    return [baselines.colour(classifier, image, params.baseline)]


def _gap(added: float, rise: float, steps: int) -> str:
    """Return how far a map that adds up to ``added`` misses the rise of the score."""
    gap = abs(added - rise)
    found = {
        "added": fmt.significant(added),
        "rise": fmt.significant(rise),
        "gap": fmt.significant(gap, 2),
    }
    if rise:
        said = ntr(
            "The map adds up to {added}, and the score rises by {rise} from the baseline to the"
            " picture: the gap is {gap}, {share} of it, with {n} point.",
            "The map adds up to {added}, and the score rises by {rise} from the baseline to the"
            " picture: the gap is {gap}, {share} of it, with {n} points.",
            steps,
            share=fmt.percent(gap / abs(rise)),
            **found,
        )
    else:
        said = ntr(
            "The map adds up to {added}, and the score rises by {rise} from the baseline to the"
            " picture: the gap is {gap}, with {n} point.",
            "The map adds up to {added}, and the score rises by {rise} from the baseline to the"
            " picture: the gap is {gap}, with {n} points.",
            steps,
            **found,
        )
    if gap > _WIDE * abs(rise):
        said += " " + tr("More steps close it.")
    return said


class _Gathered:
    """What the points visited so far give, each place on the path of every baseline in turn."""

    def __init__(self, image: Tensor, begins: list[Tensor], steps: int) -> None:
        places, weights = np.polynomial.legendre.leggauss(steps)
        bits = max(1, (steps - 1).bit_length())
        # Numbers are far from the one before with their bits reversed.
        order = sorted(range(steps), key=lambda step: f"{step:0{bits}b}"[::-1])
        self._places = [float(places[step] + 1) / 2 for step in order]
        self._weights = [float(weights[step]) / 2 for step in order]
        self._image = image
        self._begins = begins
        self._weight = 0.0
        self._scores: list[float] = []
        self.expected = len(begins) * steps
        self.total = torch.zeros_like(image[0, 0])
        """Sum of the weighted gradients times the extents of their paths, (H, W)."""

    @property
    def count(self) -> int:
        """Points visited so far."""
        return len(self._scores)

    def point(self, number: int) -> Tensor:
        """Return the picture (1, 3, H, W) at a point."""
        place, which = divmod(number, len(self._begins))
        begin = self._begins[which]
        return begin + self._places[place] * (self._image - begin)

    def add(self, gradients: Tensor, scores: Tensor) -> None:
        """Take what the next points give: gradients (n, 3, H, W) and scores (n,)."""
        for gradient, score_there in zip(gradients, scores.tolist(), strict=True):
            place, which = divmod(self.count, len(self._begins))
            extent = (self._image - self._begins[which])[0]
            self.total += self._weights[place] * (extent * gradient).sum(0)
            self._weight += self._weights[place]
            self._scores.append(score_there)

    def value(self) -> HeatmapValue:
        """Return the map of the points so far."""
        return HeatmapValue(
            map=self.total / self._weight,
            signed=True,
            samples=self.count,
            expected=self.expected,
        )

    def curve(self, begun: float, ended: float) -> Tensor:
        """Return (2, n): places on the way in order, and the mean of the scores there."""
        scores = torch.tensor(self._scores).reshape(len(self._places), -1).mean(1).tolist()
        inner = sorted(zip(self._places, scores, strict=True))
        return torch.tensor([(0.0, begun), *inner, (1.0, ended)]).T

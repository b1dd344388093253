"""Score-CAM: a layer's maps, each weighted by how well the class survives behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.fills import FILLS, filling
from cnnviz_gui.core.heatmaps.gathering import Pace, in_passes
from cnnviz_gui.core.heatmaps.layer_map import all_zero, keep_negative, layer_map, require_space
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.heatmaps.upsample import upsampling
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import ptr, tr


@dataclass(frozen=True, slots=True)
class ScoreCamParams(Params):
    """Parameters of Score-CAM."""

    channels: int = number(
        0,
        0,
        8192,
        step=64,
        label=tr("Channels"),
        help=tr(
            "How many to try, those that vary most first, each one pass; 0 tries every channel."
        ),
    )
    score: str = choice(
        "logit",
        {"logit": tr("Logit"), "probability": tr("Probability")},
        label=tr("Score"),
        help=tr(
            "What the picture scores behind a map; the softmax over logits favours a few maps."
        ),
    )
    weights: str = choice(
        "softmax",
        {"softmax": "Softmax", "increase": ptr("of the score", "Rise")},
        label=tr("Weights"),
        help=tr(
            "Softmax of the scores over the channels, as in the paper; or the rise of each"
            " above the score of the empty picture, which can be negative."
        ),
    )
    fill: str = choice(
        "mean", FILLS, label=tr("Fill"), help=tr("What the picture fades to where a map is low.")
    )
    keep_negative: bool = keep_negative()
    upsampling: str = upsampling()


@heatmap(
    "score-cam",
    family="layer",
    title="Score-CAM",
    summary=tr("A layer's maps, each weighted by the score of the picture behind it; no gradient."),
    formula="ReLU(Σₖ αₖ Aₖ),  αₖ = softmaxₖ y_c(x ⊙ Aₖ↑);  Aₖ↑ enlarged, from 0 to 1",
    paper="Wang et al. 2020, Score-CAM, arXiv:1910.01279, algorithm 1",
    guide=Guide(
        can=tr(
            "How much each map's region, shown alone, supports the class: a measured"
            " effect, without gradients."
        ),
        cannot=tr(
            "What regions do together, and nothing of what the softmax over channels"
            " presses to zero. Maps that only hide the picture put it off the data the"
            " network knows."
        ),
        use=tr("Where gradients are noisy or saturated, if there is time for one pass a channel."),
    ),
    params=ScoreCamParams,
    needs=needs.maps,
    uses_layer=True,
    gathers=True,
)
def score_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: ScoreCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the sum of the layer's maps, weighted by what the picture scores behind each.

    A map is enlarged to the picture and scaled to [0, 1]. One that is the same in all cells hides
    everything: its score is that of the empty picture, and needs no pass.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    features = classifier.cut(image, layer, ctx).features
    require_space(features, layer)
    side, of = (image.shape[2], image.shape[3]), objective(params.score, target)
    empty = filling(classifier, image, params.fill)
    trial = _Trial(features[0], float(of(classifier.logits(empty, ctx))[0]), params)

    def behind(numbers: Sequence[int]) -> Tensor:
        masks = _masks(features[0, trial.order[numbers[0] : numbers[-1] + 1]], side)
        return of(classifier.logits(empty + masks * (image - empty), ctx))

    label = classifier.facts.labels[target]
    pace = Pace()
    for numbers, scores in in_passes(classifier, range(len(trial.order)), behind, ctx):
        trial.add(numbers, scores)
        if trial.done < len(trial.order) and (trial.done == len(numbers) or pace.due()):
            ctx.partial(trial.value(side, layer, label))
    return trial.value(side, layer, label)


def _masks(maps: Tensor, side: tuple[int, int]) -> Tensor:
    """Return (n, 1, H, W) in [0, 1] of maps (n, h, w)."""
    full = functional.interpolate(maps[:, None], side, mode="bilinear", align_corners=False)
    low, high = full.amin((2, 3), keepdim=True), full.amax((2, 3), keepdim=True)
    return torch.where(high > low, (full - low) / (high - low), 0.0)


@dataclass(slots=True)
class _Trial:
    """The channels of a layer in the order in which they are tried, and their scores so far."""

    maps: Tensor
    """(C, h, w)."""
    empty: float
    """The score of the empty picture."""
    params: ScoreCamParams
    order: Tensor = field(init=False)
    """int64, those that vary most first."""
    done: int = field(init=False, default=0)
    flat: Tensor = field(init=False)
    """bool (C,)."""
    scores: Tensor = field(init=False)
    """(C,); minus infinity where a channel has not been tried."""

    def __post_init__(self) -> None:
        cells = self.maps.flatten(1)
        self.flat = cells.amax(1) == cells.amin(1)
        order = cells.std(1).argsort(descending=True, stable=True)
        order = order[~self.flat[order]]
        self.order = order[: self.params.channels] if self.params.channels else order
        self.scores = torch.full_like(cells[:, 0], -torch.inf)
        if not self.params.channels:
            self.scores[self.flat] = self.empty

    def add(self, numbers: Sequence[int], scores: Tensor) -> None:
        self.scores[self.order[numbers[0] : numbers[-1] + 1]] = scores
        self.done += len(numbers)

    def value(self, side: tuple[int, int], layer: str, label: str) -> HeatmapValue:
        weighted = torch.einsum("k,khw->hw", self._weights(), self.maps)
        signed = self.params.keep_negative
        return layer_map(
            weighted,
            side,
            layer,
            self.params.upsampling,
            signed=signed,
            reason=self._why(weighted if signed else weighted.relu(), layer, label),
            samples=self.done,
            expected=len(self.order),
            notes=tuple(self._notes(layer)),
        )

    def _weights(self) -> Tensor:
        tried = torch.isfinite(self.scores)
        if self.params.weights == "increase":
            return torch.where(tried, self.scores - self.empty, 0.0)
        return self.scores.softmax(0) if bool(tried.any()) else torch.zeros_like(self.scores)

    def _why(self, shown: Tensor, layer: str, label: str) -> str:
        if bool(shown.any()):
            return ""
        if not bool(self.maps.any()):
            return all_zero(layer)
        if not len(self.order):
            return tr(
                "This map is zero everywhere: each map of {layer!r} is the same in all cells.",
                layer=layer,
            )
        return tr(
            "This map is zero everywhere: no map of {layer!r} raises the score of {label}. Keep"
            " negative values.",
            layer=layer,
            label=label,
        )

    def _notes(self, layer: str) -> list[str]:
        count, flat = len(self.maps), int(self.flat.sum())
        notes = []
        if len(self.order) < count - flat:
            notes.append(
                tr(
                    "Of the {count} channels of {layer!r} the {tried} that vary most are tried.",
                    count=fmt.count(count),
                    layer=layer,
                    tried=fmt.count(len(self.order)),
                )
            )
        elif flat:
            notes.append(
                tr(
                    "{flat} of the {count} channels of {layer!r} are the same in all cells and"
                    " need no pass.",
                    flat=fmt.count(flat),
                    count=fmt.count(count),
                    layer=layer,
                )
            )
        return notes

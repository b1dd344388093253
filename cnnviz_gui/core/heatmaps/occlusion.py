"""Occlusion: slide a patch over the picture, and see where the score falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.fills import FILLS, filling
from cnnviz_gui.core.heatmaps.gathering import Pace, in_passes
from cnnviz_gui.core.heatmaps.score import objective, score, why_flat
from cnnviz_gui.core.heatmaps.windows import Windows
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class OcclusionParams(Params):
    """Parameters of occlusion."""

    window: int = number(
        16,
        1,
        512,
        unit="px",
        label=tr("Window"),
        help=tr("Side of the patch; a multiple of the stride covers all pixels equally often."),
    )
    stride: int = number(
        8,
        1,
        512,
        unit="px",
        label=tr("Stride"),
        help=tr("From one window to the next; never more than the window."),
    )
    fill: str = choice(
        "mean",
        FILLS,
        label=tr("Fill"),
        help=tr("What the patch shows; a black one is an edge itself."),
    )
    score: str = score()


@heatmap(
    "occlusion",
    family="perturbation",
    title=tr("Occlusion"),
    summary=tr(
        "How much the score falls while a patch hides each place, mean of all that hide it."
    ),
    formula="mean over the windows w around a pixel of  y_c(x) − y_c(x with w hidden)",
    paper="Zeiler and Fergus 2014, Visualizing and Understanding Convolutional Networks, "
    "arXiv:1311.2901",
    guide=Guide(
        can=tr(
            "How much the score really falls when a place is hidden: a measured effect,"
            " with sign, of any network."
        ),
        cannot=tr(
            "What hidden places do together: evidence that stands twice is never missed"
            " when one is hidden. A grey patch is itself something the network sees. No"
            " finer than the window."
        ),
        use=tr(
            "As the check of every other map, and for networks without usable gradients."
            " Begin with a large window."
        ),
    ),
    params=OcclusionParams,
    gathers=True,
)
def occlusion(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: OcclusionParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the fall of the score, mean over the windows that cover a pixel.

    The windows come from coarse to fine; until all are there, one that is missing counts as the
    nearest one that is not.

    Returns
    -------
    A map (H, W) in units of the score; negative where hiding a place speaks for the class.
    """
    of = objective(params.score, target)
    windows = Windows((image.shape[2], image.shape[3]), params.window, params.stride)
    patch = filling(classifier, image, params.fill)
    whole = of(classifier.logits(image, ctx))

    def hidden(numbers: Sequence[int]) -> Tensor:
        some = image.repeat(len(numbers), 1, 1, 1)
        for one, which in zip(some, numbers, strict=True):
            down, across = windows.slices(which)
            one[:, down, across] = patch[0, :, down, across]
        return (whole - of(classifier.logits(some, ctx))).cpu()

    def value() -> HeatmapValue:
        return HeatmapValue(
            map=windows.map(),
            signed=True,
            reason=why_flat(params.score, windows.values, classifier.facts.labels[target]),
            samples=windows.count,
            expected=len(windows),
            notes=_notes(params.stride, windows.stride),
        )

    pace = Pace()
    for numbers, falls in in_passes(classifier, range(len(windows)), hidden, ctx):
        windows.enter(numbers, falls)
        if windows.everywhere and windows.count < len(windows) and pace.due():
            ctx.partial(value())
    return value()


def _notes(wanted: int, taken: int) -> tuple[str, ...]:
    if wanted == taken:
        return ()
    return (
        tr(
            "The windows are {taken} px apart, not {wanted}, so that they leave no gap.",
            taken=taken,
            wanted=wanted,
        ),
    )

"""Augmented Grad-CAM: Grad-CAM of many views of the picture, put together to one finer map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core import shortage
from cnnviz_gui.core.asked import Network
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.heatmap_results import Curve, HeatmapValue
from cnnviz_gui.core.heatmaps import needs
from cnnviz_gui.core.heatmaps.gathering import Pace, at_once, in_passes
from cnnviz_gui.core.heatmaps.layer_map import require_space
from cnnviz_gui.core.heatmaps.motions import Motions
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.heatmaps.super_resolution import MOST_STEPS, PAPER_STEPS, SuperResolution
from cnnviz_gui.core.models.split import Cut
from cnnviz_gui.core.params import Params, choice, number
from cnnviz_gui.core.registry import Guide, heatmap
from cnnviz_gui.texts import ptr, tr

_ROOM = 256 << 20
"""Bytes that the graphs of one pass may keep."""
_FEW = 10
"""Steps of the solver that count as one view."""


@dataclass(frozen=True, slots=True)
class AugmentedGradCamParams(Params):
    """Parameters of Augmented Grad-CAM; the defaults are those of its authors' code."""

    views: int = number(
        100, 1, 400, step=10, label=tr("Views"), help=tr("Of the picture; the first is as it is.")
    )
    turn: float = number(
        28.6,
        0,
        180,
        step=0.1,
        unit="°",
        label=tr("Turn"),
        help=tr("Farthest turn either way; the paper's is 0.5 rad."),
    )
    shift: float = number(
        13.4,
        0,
        50,
        step=0.1,
        unit=tr("% of the side"),
        label=ptr("movement", "Shift"),
        help=tr("Farthest shift either way; the paper's is 30 of 224 pixels."),
    )
    border: str = choice(
        "black",
        {"black": tr("Black"), "mirrored": tr("Mirrored picture")},
        label=ptr("of the picture", "Border"),
        help=tr(
            "What a view shows beyond the border; black corners are edges the network may see."
        ),
    )
    reconstruction: str = choice(
        "variation",
        {"variation": tr("Total variation"), "maximum": tr("Maximum"), "average": tr("Average")},
        label=tr("Combine by"),
        help=tr("Total variation: the map that explains all views; else of the maps moved back."),
    )
    solver: str = choice(
        "converged",
        {"converged": tr("Until it is found"), "paper": tr("As in the paper")},
        when=("reconstruction", ("variation",)),
        label=tr("Solver"),
        help=tr("The paper's 200 small steps stop far from the map looked for."),
    )
    smoothness: float = number(
        0.002,
        0,
        0.05,
        step=0.001,
        when=("reconstruction", ("variation",)),
        label=tr("Smoothness"),
        help=tr("Weight of the total variation, a view: more gives flat areas with clear edges."),
    )
    energy: float = number(
        0.0001,
        0,
        0.01,
        step=0.0001,
        when=("reconstruction", ("variation",)),
        label=tr("Energy"),
        help=tr("Weight of the squared map, a view: more draws towards zero what no view tells."),
    )
    seed: int = number(
        0, 0, 2**31 - 1, role="seed", label=tr("Seed"), help=tr("Of the turns and shifts.")
    )


@heatmap(
    "augmented-grad-cam",
    family="layer",
    title="Augmented Grad-CAM",
    summary=tr(
        "Grad-CAM of many turned and shifted views, put together to one map of fine detail."
    ),
    formula="argmin_h  Σₗ ‖D Aₗ h − gₗ‖² + λ (|∂x h| + |∂y h|) + μ ‖h‖²",
    paper="Morbidelli et al., ICASSP 2020, Augmented Grad-CAM: Heat-Maps Super Resolution Through "
    "Augmentation",
    guide=Guide(
        can=tr(
            "Detail finer than a cell of the layer, from many views that each see the"
            " object at another place of the grid."
        ),
        cannot=tr(
            "Detail that no view had: it is a reconstruction with a smoothness prior."
            " Settings of the paper stop far from the optimum; heights are relative, only"
            " the shape counts."
        ),
        use=tr(
            "For boxes and masks that must be tighter than those of Grad-CAM, if a hundred"
            " passes are affordable."
        ),
    ),
    params=AugmentedGradCamParams,
    needs=needs.maps,
    uses_layer=True,
    gathers=True,
)
def augmented_grad_cam(
    classifier: Network,
    image: Tensor,
    target: int,
    layer: str,
    params: AugmentedGradCamParams,
    ctx: Context,
) -> HeatmapValue:
    """Return the map that the Grad-CAMs of all views have in common.

    Each coarse cell is taken as a point at the cell's centre; what lies between them comes from the
    views. For the total variation each view's map is divided by its maximum, and one that is zero
    everywhere is left out.

    Returns
    -------
    A map (H, W) >= 0: for the total variation in shares of a view's maximum, else in the units of
    Grad-CAM. ``coarse`` is the Grad-CAM of the picture as it is.

    Raises
    ------
    LayerError
        The layer's output has no space.
    """
    side = (image.shape[2], image.shape[3])
    motions = Motions.draw(
        params.views,
        params.turn,
        params.shift / 100 * side[1],
        torch.Generator().manual_seed(params.seed),
        mirrored=params.border == "mirrored",
    )
    of = objective("logit", target)

    def cams(cut: Cut) -> Tensor:
        gradient = cut.gradient(of, ctx)
        return (gradient.mean((2, 3), keepdim=True) * cut.features).sum(1).relu()

    def seen(numbers: Sequence[int]) -> Tensor:
        views = motions.some(slice(numbers[0], numbers[-1] + 1)).views(image)
        return cams(classifier.cut(views, layer, ctx))

    plain = classifier.cut(image, layer, ctx)
    require_space(plain.features, layer)
    first = cams(plain)
    gathered = _Gathered(first, motions, side, params.reconstruction)
    value = _Values(layer, params, first[0], classifier.facts.labels[target])
    solving, paper = params.reconstruction == "variation", params.solver == "paper"
    steps = (PAPER_STEPS if paper else MOST_STEPS) if solving else 0
    total = params.views + steps // _FEW
    views, count = range(1, params.views), _at_once(classifier, layer)
    if params.views > 1:
        ctx.partial(value.of(gathered))
    pace = Pace()
    for _, found in in_passes(classifier, views, seen, ctx, count=count, total=total):
        gathered.add(found)
        if pace.due():
            ctx.partial(value.of(gathered))
    if not solving or not gathered.telling:
        return value.of(gathered)
    solver = gathered.solver(params.smoothness, params.energy)
    for step in solver.paper() if paper else solver.converge():
        if step % _FEW == 0:
            ctx.step(params.views + step // _FEW, total)
            if pace.due():
                ctx.partial(value.solved(gathered, solver))
    return value.solved(gathered, solver)


class _Gathered:
    """The maps of the views so far, as they are and moved back onto the picture."""

    def __init__(
        self, first: Tensor, motions: Motions, side: tuple[int, int], together: str
    ) -> None:
        self.count = 0
        self._motions, self._side, self._together = motions, side, together
        self._coarse: list[Tensor] = []
        self._moved = torch.zeros(side, device=first.device)
        self.add(first)

    def add(self, maps: Tensor) -> None:
        """Take the maps (n, h, w) of the next views."""
        some = self._motions.some(slice(self.count, self.count + len(maps)))
        self._coarse.append(maps.cpu())
        self.count += len(maps)
        back = some.back(maps, self._side)
        if self._together == "maximum":
            self._moved = torch.maximum(self._moved, back.amax(0))
        else:
            self._moved = self._moved + back.sum(0)

    @property
    def moved(self) -> Tensor:
        """The maximum or the average of the maps moved back."""
        return self._moved if self._together == "maximum" else self._moved / self.count

    @property
    def telling(self) -> int:
        """How many of the maps are not zero everywhere."""
        return int((self._highest() > 0).sum())

    def solver(self, variation: float, energy: float) -> SuperResolution:
        """Return what finds one fine map of them all, each divided by its maximum."""
        highest = self._highest()
        kept = highest > 0
        maps = torch.cat(self._coarse)[kept] / highest[kept][:, None, None]
        motions = self._motions.some(slice(self.count)).some(kept)
        return SuperResolution(maps, motions, self._side, variation, energy)

    def _highest(self) -> Tensor:
        return torch.cat(self._coarse).amax((1, 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    """Makes what is shown of what was gathered."""

    layer: str
    params: AugmentedGradCamParams
    coarse: Tensor
    label: str

    def of(self, gathered: _Gathered) -> HeatmapValue:
        """Return the maximum or average of the views, the latter too before a solver begins."""
        waiting = self.params.reconstruction == "variation" and gathered.telling > 0
        follows = tr("This is the mean of the views; one fine map of them follows.")
        notes = (follows,) if waiting else ()
        return self._value(gathered, gathered.moved, notes)

    def solved(self, gathered: _Gathered, solver: SuperResolution) -> HeatmapValue:
        """Return the map found so far, with what its solver went through."""
        steps = len(solver.losses)
        notes = []
        left_out = gathered.count - gathered.telling
        if left_out:
            notes.append(
                tr(
                    "{left_out} of {count} views were left out: nothing in them speaks for"
                    " {label}.",
                    left_out=left_out,
                    count=gathered.count,
                    label=self.label,
                )
            )
        if self.params.solver == "paper":
            notes.append(
                tr(
                    "The paper's {count} steps stop far from the map looked for: its shape"
                    " counts, not its height.",
                    count=PAPER_STEPS,
                )
            )
        points = torch.stack([torch.arange(float(steps)), torch.tensor(solver.losses)])
        curve = Curve(points=points, across=tr("step of the solver"), up=tr("loss"))
        return self._value(gathered, solver.map.relu(), tuple(notes), curve)

    def _value(
        self, gathered: _Gathered, found: Tensor, notes: tuple[str, ...], curve: Curve | None = None
    ) -> HeatmapValue:
        return HeatmapValue(
            map=found,
            coarse=self.coarse,
            layer=self.layer,
            reason="" if bool(found.any()) else self._why(gathered.count),
            samples=gathered.count,
            expected=self.params.views,
            notes=notes,
            curve=curve,
        )

    def _why(self, count: int) -> str:
        if count == 1:
            return tr(
                "This map is zero everywhere: in the picture nothing in this layer speaks for"
                " {label}. Try another class or another layer.",
                label=self.label,
            )
        return tr(
            "This map is zero everywhere: in any of {count} views of the picture nothing in this"
            " layer speaks for {label}. Try another class or another layer.",
            count=count,
            label=self.label,
        )


def _at_once(classifier: Network, layer: str) -> int:
    """Return how many views pass together; each keeps its graph from the layer on."""
    facts = classifier.facts
    names = [row.name for row in facts.layers]
    after = facts.layers[names.index(layer) :] if layer in names else facts.layers
    return max(1, min(at_once(classifier), _ROOM // max(1, shortage.graph_bytes(after))))

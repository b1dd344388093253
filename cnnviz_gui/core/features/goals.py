"""From a request to what an ascent is to reach, and the sentences where it cannot be."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import LayerError, RequestError, TargetError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.feature_requests import Feature, Unit
from cnnviz_gui.core.features import forward, objectives
from cnnviz_gui.core.features.ascent import Goal, Kind, octaves
from cnnviz_gui.core.features.forward import LOGITS
from cnnviz_gui.core.features.objectives import Objective
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.texts import ptr, tr

MOST_PICTURES = 9
_BEYOND = 64
"""Pixels by which a picture is larger that tells whether a network takes its own size alone."""


def goal(request: Feature, classifier: Classifier, seen: Tensor | None, ctx: Context) -> Goal:
    """Return what a request is for.

    Parameters
    ----------
    seen
        The photograph as the network sees it, float32 (1, 3, S, S), where there is one.

    Raises
    ------
    RequestError, LayerError, TargetError
        Too few or too many units, no such layer, channel, cell or class, no photograph.
    """
    facts, units = classifier.facts, request.units
    _require(request)
    for unit in units:
        require(unit, facts, classifier)
    layers = tuple(dict.fromkeys(unit.layer for unit in units))
    several = request.pictures if request.aim in ("blend", "differ") else 1
    looked_at = side(classifier, layers, octaves(request.parameters), ctx)
    return Goal(
        layers=layers,
        objective=_objective(request, classifier, seen, several, looked_at, ctx),
        pictures=several,
        side=looked_at,
        of=describe(request, facts),
        kind=_kind(request),
        plain=describe(request, facts, plainly=True),
        bounded=request.aim == "imitate",
    )


def side(
    classifier: Classifier, layers: tuple[str, ...], sizes: Sequence[int], ctx: Context
) -> int | None:
    """Return the side of the views of a picture that grows through ``sizes``; None for its own.

    It is the network's where something reads vectors, and where that takes no other.

    Raises
    ------
    MethodError
        The picture is too small for the layers, to begin with at least.
    """
    facts = classifier.facts
    rows = [facts.layer(layer) for layer in layers]
    maps = all(row is not None and len(row.output_shape) == 3 for row in rows)
    own = facts.input_size
    if not maps:  # of the logits there is no row
        return own
    ends = {sizes[0], sizes[-1]} - {own}
    refused = [size for size in ends if not forward.takes(classifier, size, layers, ctx)]
    if not refused:
        return None
    if max(refused) > own or not forward.takes(classifier, own + _BEYOND, layers, ctx):
        return own
    raise forward.wrong_size(classifier, min(refused), grows=min(refused) < sizes[-1])


def require(unit: Unit, facts: ModelFacts, classifier: Classifier) -> None:
    """Refuse a unit that the network does not have.

    Raises
    ------
    LayerError, TargetError
        No such layer, channel, cell or class.
    """
    if unit.layer == LOGITS:
        if unit.channel is None or not 0 <= unit.channel < len(facts.labels):
            raise TargetError(
                tr("{network} has no class {number}.", network=facts.title, number=unit.channel),
                tr("Choose one from 0 to {last}.", last=len(facts.labels) - 1),
            )
        return
    classifier.place(unit.layer)
    row = facts.layer(unit.layer)
    if row is None:
        raise LayerError(
            tr("{layer!r} runs several times.", layer=unit.layer), tr("Choose one of its runs.")
        )
    channels = row.output_shape[0]
    if unit.channel is not None and not 0 <= unit.channel < channels:
        raise LayerError(
            tr("{layer!r} has no channel {number}.", layer=unit.layer, number=unit.channel),
            tr("Choose one from 0 to {last}.", last=channels - 1),
        )
    if unit.cell is not None and len(row.output_shape) != 3:
        raise LayerError(
            tr(
                "{layer!r} has no cells: it gives {count} numbers and no maps.",
                layer=unit.layer,
                count=channels,
            ),
            tr("Choose the whole channel."),
        )
    if isinstance(unit.cell, tuple):
        high, wide = row.output_shape[1:]
        if not (0 <= unit.cell[0] < high and 0 <= unit.cell[1] < wide):
            raise LayerError(
                tr(
                    "The maps of {layer!r} have no cell in row {row}, column {column}:"
                    " they are {high} × {wide}.",
                    layer=unit.layer,
                    row=unit.cell[0],
                    column=unit.cell[1],
                    high=high,
                    wide=wide,
                ),
                tr("Choose another cell."),
            )


def describe(request: Feature, facts: ModelFacts, *, plainly: bool = False) -> str:
    """Return what a request is for, in words; ``plainly`` whether more or less of it is wanted."""
    if request.aim in ("direction", "imitate"):
        unit = request.units[0]
        cell = unit.cell if request.aim == "direction" else None
        # All channels are followed, whichever was named.
        where = (
            Unit(layer=unit.layer, cell=cell).described()
            if unit.layer
            else ptr("at or from", "the logits")
        )
        if request.aim == "direction":
            return tr("the photograph at {layer}", layer=where)
        return tr("the photograph from {layer}", layer=where)
    said = ""
    for unit in request.units:
        what = unit.described(facts.labels)
        if unit.weight < 0 and not plainly:
            what = tr("less of {unit}", unit=what)
        said = tr("{one} and {other}", one=said, other=what) if said else what
    return said


def _kind(request: Feature) -> Kind:
    """Return what the first unit is."""
    unit = request.units[0]
    if unit.cell is not None and request.aim != "imitate":
        return "cell"
    if unit.channel is None or request.aim in ("direction", "imitate"):
        return "layer"
    return "channel" if unit.layer else "class"


def _require(request: Feature) -> None:
    count = len(request.units)
    wanted = {"excite": (1, 4), "blend": (2, 2)}.get(request.aim, (1, 1))
    if not wanted[0] <= count <= wanted[1]:
        said = tr("{count} units are too many here.", count=count)
        if count < wanted[0]:
            said = tr("{count} units are too few here.", count=count)
        advice = tr("Name {least} to {most}.", least=wanted[0], most=wanted[1])
        if wanted[0] == wanted[1]:
            advice = tr("Name {count}.", count=wanted[0])
        raise RequestError(said, advice)
    if request.aim in ("blend", "differ") and not 2 <= request.pictures <= MOST_PICTURES:
        raise RequestError(
            tr("{count} pictures cannot be made together.", count=request.pictures),
            tr("Choose a number from 2 to {most}.", most=MOST_PICTURES),
        )
    begins = request.parameters.start == "photograph" and request.begin is None
    if request.image is None and (begins or request.aim in ("direction", "imitate")):
        raise RequestError(tr("There is no photograph to begin with."), tr("Open a picture first."))


def _objective(
    request: Feature,
    classifier: Classifier,
    seen: Tensor | None,
    several: int,
    looked_at: int | None,
    ctx: Context,
) -> Objective:
    units, views = request.units, request.parameters.views
    if request.aim == "blend":
        return objectives.blend(units, several, views)
    if request.aim == "differ":
        return objectives.differ(units[0], request.parameters.differ, views)
    if request.aim == "excite":
        return objectives.excite(units)
    assert seen is not None
    layer = units[0].layer
    cell = units[0].cell if request.aim == "direction" else None
    own = request.parameters.size
    if cell is None and looked_at is None and seen.shape[-1] != own:
        # the maps of a picture of another size are of another size: they shall be compared
        seen = functional.interpolate(seen, (own, own), mode="bilinear", antialias=True)
    wanted = forward.outputs_of(classifier, seen, (layer,), ctx)[layer][0]
    if request.aim == "imitate":
        return objectives.imitate(layer, wanted)
    if cell is not None:
        high, wide = wanted.shape[1:]
        row, column = (high // 2, wide // 2) if cell == "centre" else cell
        wanted = wanted[:, row, column]
    return objectives.direction(layer, wanted)

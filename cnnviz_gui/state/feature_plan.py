"""What is asked of gradient ascent, for the page of features and for the dossier of a channel."""

from __future__ import annotations

import dataclasses
from typing import Literal

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.feature_requests import (
    MOST_STAGES,
    Aim,
    Feature,
    FeatureSheet,
    Unit,
    however_long,
)
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.request import Request
from cnnviz_gui.state.no_maps import has_maps
from cnnviz_gui.state.selection import Display, FeatureAim, Selection

Cell = tuple[int, int] | Literal["centre"] | None

CHOICES = frozenset(
    {
        *("feature_target", "feature_negative", "feature_aim", "feature_second", "feature_weight"),
        *("feature_pictures", "feature_parameters", "feature_spectrum", "feature_begin"),
        *("feature_second_begin", "feature_started", "feature_view"),
    }
)
"""Choices of the page of features that decide what is asked."""

SHEET = FeatureParams(size=96, steps=48, rate=0.02, jitter=5.0)
"""Of a small picture of each channel."""
DREAM = FeatureParams(size=112, steps=64, rate=0.02, jitter=6.0)
"""Of the small picture in the dossier."""
_PAIRED = ("joint", "blend")
_SEEN = ("direction", "imitate")
"""Aims that look at the photograph."""
_ON_THE_WAY = frozenset(
    {
        *("optimiser", "rate", "views", "jitter", "turn", "stretch", "nearest", "farthest"),
        *("noise", "l1", "l2", "variation", "blur", "blur_every", "bound", "redirect", "differ"),
    }
)
"""Parameters that may change while the picture stays; the others need a start of its own."""


def feature_requests(
    selection: Selection,
    display: Display,
    facts: ModelFacts,
    layer: str,
    channel: int | None,
    winner: int | None,
) -> dict[str, Request]:
    """Return, for each lane of made pictures, its request.

    Parameters
    ----------
    layer
        The one in use.
    channel
        The one in use, None before it is known.
    winner
        The class predicted for the picture.
    """
    wanted: dict[str, Request] = {}
    kept = kept_request(selection, display, facts, layer, channel)
    if kept is not None:
        wanted["feature-kept"] = kept
    if selection.stage == "layers" and selection.dream_wanted:
        dream = dream_request(selection, facts, layer, channel)
        if dream is not None:
            wanted["feature"] = dream
    if selection.stage != "features":
        return wanted
    if display.feature_view == "sheet":
        sheet = sheet_request(selection, facts, layer)
        if selection.sheet_started and sheet is not None:
            wanted["feature-sheet"] = sheet
    elif selection.feature_started:
        feature = feature_request(selection, facts, layer, channel, winner)
        if feature is not None:
            wanted["feature"] = feature
    return wanted


def feature_request(
    selection: Selection, facts: ModelFacts, layer: str, channel: int | None, winner: int | None
) -> Feature | None:
    """Return what makes the picture that is selected; None where there is nothing to picture."""
    unit = first_unit(selection, facts, layer, channel, winner)
    if unit is None:
        return None
    aim: Aim = "excite" if selection.feature_aim == "joint" else selection.feature_aim
    units: tuple[Unit, ...] = (unit,)
    if selection.feature_aim in _PAIRED:
        weight = selection.feature_weight if selection.feature_aim == "joint" else unit.weight
        second = second_unit(selection, unit, facts)
        units = (unit, dataclasses.replace(second, weight=weight))
    parameters = selection.feature_parameters
    sees = selection.feature_aim in _SEEN or parameters.start == "photograph"
    request = Feature(
        model=selection.model,
        units=units,
        parameters=parameters,
        spectrum=selection.feature_spectrum if parameters.parameterisation == "maco" else None,
        aim=aim,
        pictures=selection.feature_pictures if aim in ("blend", "differ") else 1,
        image=selection.image if sees else None,
    )
    return begun_with(request, selection.feature_begin)


def begun_with(request: Feature, begin: Feature | None) -> Feature:
    """Return a request that begins with what another came to, if that was a picture of the same.

    With another photograph the winner and the strongest channel may be others, and nobody chose
    them: theirs begins from its own start. Where nothing is made with other parameters it is the
    same ascent, which goes on by itself.
    """
    request = dataclasses.replace(request, before=())
    if begin is None or subject(begin) != subject(request) or _seen(begin) != _seen(request):
        return request
    if however_long(begin.parameters) == however_long(request.parameters):
        return dataclasses.replace(request, before=begin.before)
    return begin.then(request.parameters)


def subject(request: Feature) -> tuple[object, ...]:
    """Return what a picture is of, whatever it is made with."""
    return request.model, request.units, request.aim, request.pictures


def first_unit(
    selection: Selection, facts: ModelFacts, layer: str, channel: int | None, winner: int | None
) -> Unit | None:
    """Return what is to answer; None where the class or the layer is not known, or has no maps."""
    target = selection.feature_target
    weight = -1.0 if selection.feature_negative else 1.0
    if target == "class" and not looks_at_photograph(selection.feature_aim):
        index = selection.target if selection.target is not None else winner
        return None if index is None else Unit(channel=index, weight=weight)
    row = facts.layer(layer)
    if row is None or not has_maps(row):
        return None
    cell: Cell = (selection.cell or "centre") if target == "neuron" and row.spatial else None
    if looks_at_photograph(selection.feature_aim):
        # All channels are followed: at one cell, or to rebuild it in all of them.
        at = cell if selection.feature_aim == "direction" else None
        return fitted(Unit(layer=layer, cell=at), facts)
    if target in ("layer", "class"):
        return Unit(layer=layer, weight=weight)
    chosen = min(channel or 0, row.output_shape[0] - 1)
    return fitted(Unit(layer=layer, channel=chosen, cell=cell, weight=weight), facts)


def second_unit(selection: Selection, unit: Unit, facts: ModelFacts) -> Unit:
    """Return what the first unit is joined or blended with: the chosen one, else its neighbour."""
    if selection.feature_second is not None:
        return selection.feature_second
    row = facts.layer(unit.layer)
    count = len(facts.labels) if row is None else row.output_shape[0]
    return dataclasses.replace(unit, channel=((unit.channel or 0) + 1) % count, weight=1.0)


def fitted(unit: Unit, facts: ModelFacts) -> Unit:
    """Return a unit that a network has: the last channel, the centre, where it has fewer."""
    row = facts.layer(unit.layer)
    if row is None or not row.output_shape:
        return unit
    channel = None if unit.channel is None else min(unit.channel, row.output_shape[0] - 1)
    cell = unit.cell
    if len(row.output_shape) != 3:
        cell = None
    elif isinstance(cell, tuple) and not (
        cell[0] < row.output_shape[1] and cell[1] < row.output_shape[2]
    ):
        cell = "centre"
    return dataclasses.replace(unit, channel=channel, cell=cell)


def dream_request(
    selection: Selection, facts: ModelFacts, layer: str, channel: int | None
) -> Feature | None:
    """Return what makes the small picture in the dossier of a channel."""
    row = facts.layer(layer)
    if row is None or channel is None or not has_maps(row) or channel >= row.output_shape[0]:
        return None
    unit = Unit(layer=layer, channel=channel)
    return Feature(model=selection.model, units=(unit,), parameters=DREAM)


def sheet_request(selection: Selection, facts: ModelFacts, layer: str) -> FeatureSheet | None:
    """Return what makes a small picture of every channel of a layer."""
    row = facts.layer(layer)
    if row is None or not has_maps(row):
        return None
    channels = tuple(range(row.output_shape[0]))
    return FeatureSheet(model=selection.model, layer=layer, channels=channels, parameters=SHEET)


def kept_request(
    selection: Selection, display: Display, facts: ModelFacts, layer: str, channel: int | None
) -> FeatureSheet | None:
    """Return what reads the small pictures that are kept: all of a sheet, or the dossier's one."""
    sheet = sheet_request(selection, facts, layer)
    if sheet is None or selection.model.given:
        return None
    if selection.stage == "features" and display.feature_view == "sheet":
        return dataclasses.replace(sheet, kept_only=True)
    if selection.stage == "layers" and channel in sheet.channels:
        return dataclasses.replace(sheet, channels=(channel,), kept_only=True)
    return None


def begin_of(former: Feature, done: int, parameters: FeatureParams) -> Feature | None:
    """Return what to go on from when parameters change after ``done`` steps of an ascent.

    None where they need a start of their own: another size, another seed, or too many stages.
    """
    before, after = former.parameters.values(), parameters.values()
    changed = {name for name in after if after[name] != before[name]} - {"steps"}
    if not changed <= _ON_THE_WAY or not done or parameters.grows:
        return None
    if len(former.before) >= MOST_STAGES:
        return None
    return dataclasses.replace(
        former, parameters=dataclasses.replace(former.parameters, steps=done)
    )


def goes_on(parameter: str) -> bool:
    """Tell whether the picture stays when a parameter changes."""
    return parameter in _ON_THE_WAY or parameter == "steps"


def _seen(request: Feature) -> tuple[object, ...]:
    """Return the files that a picture depends on."""
    return request.image, request.spectrum


def looks_at_photograph(aim: FeatureAim) -> bool:
    """Tell whether an aim needs the photograph."""
    return aim in _SEEN

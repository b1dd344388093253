"""What is shown of made pictures, and how far they are: pure functions of the state."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, however_long
from cnnviz_gui.core.feature_results import FeaturePictures, SheetOfFeatures
from cnnviz_gui.core.features.params import MOST_STEPS, FeatureParams
from cnnviz_gui.core.features.presets import preset
from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.state import feature_plan, no_maps, prediction_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.comparison_plan import same_classes, same_layers, second_feature
from cnnviz_gui.state.layer_view import channel_in_use, current_layer
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

Phase = Literal["idle", "running", "paused", "done", "failed"]
_MEANT_FOR: dict[str, dict[str, Any]] = {
    "course": {"feature_target": "channel", "feature_aim": "excite"},
    "class-l2": {"feature_target": "class", "feature_aim": "excite"},
    "deepdream": {"feature_target": "layer", "feature_aim": "excite"},
    "rebuild": {"feature_aim": "imitate"},
}
"""What a preset is about, where it is about one thing."""
_BEGINS = (("feature", "feature_begin"), ("feature-second", "feature_second_begin"))
"""What the picture of each network goes on from."""
_SHEETS = ("feature-sheet", "feature-kept")
"""Where there are small pictures of channels: made now, or read from the disk."""
_TURN = 10_000
"""Seeds stay below this: four digits can be read out."""


@dataclass(frozen=True, slots=True, eq=False)
class ShownFeature:
    """Made pictures of what is selected, as far as they are."""

    result: FeaturePictures
    request: Feature
    unlike: str
    """What they are of instead: ``of another photograph``; empty where they are current."""

    @property
    def current(self) -> bool:
        """Whether they are those of the choices in use, or what these go on from."""
        return not self.unlike


@dataclass(frozen=True, slots=True, eq=False)
class ShownSheet:
    """Small pictures of the channels of the layer in use."""

    result: SheetOfFeatures
    request: FeatureSheet


@dataclass(frozen=True, slots=True, eq=False)
class SmallPicture:
    """What excites a channel, from a sheet."""

    pixels: ByteArray
    """(h, w, 3)."""
    answer: float
    """0 for a channel that does not react."""


def wanted(state: AppState, lane: str = "feature") -> Feature | None:
    """Return what makes the picture that is selected, whether it was asked for or not."""
    facts, selection = state.shared.facts, state.selection
    if facts is None:
        return None
    layer, channel = effective_layer(selection, facts), channel_in_use(state)
    best = prediction_view.winner(state)
    winner = best.index if best is not None else None
    feature = feature_plan.feature_request(selection, facts, layer, channel, winner)
    if lane == "feature" or feature is None:
        return feature
    second = state.shared.second_facts
    if selection.second is None or second is None:
        return None
    begin = selection.feature_second_begin
    return second_feature(feature, selection.second, facts, second, begin)


def why_none(state: AppState) -> str:
    """Return why there is nothing to picture; empty where there is."""
    facts, selection = state.shared.facts, state.selection
    if facts is None or wanted(state) is not None:
        return ""
    if selection.feature_target == "class":
        return tr(
            "Which class is meant is known once there is a prediction, or a target is chosen."
        )
    said = why_no_channels(state)
    if said:
        return said
    return tr("{network} has no layer to look into. Picture a class instead.", network=facts.title)


def why_no_channels(state: AppState) -> str:
    """Return why the layer has no channels to picture; empty where it has some."""
    return no_maps.why(current_layer(state), channels=True)


def why_no_second(state: AppState) -> str:
    """Return why the second network makes no picture; empty where it does."""
    facts, second = state.shared.facts, state.shared.second_facts
    if facts is None or second is None or wanted(state) is None or same_classes(facts, second):
        return ""
    asked = wanted(state, "feature-second")
    return "" if asked is not None else tr("{network} has other classes.", network=second.title)


def why_unlike(state: AppState) -> str:
    """Return why pictures of channels of two networks cannot be compared; empty where they can."""
    facts, second, asked = state.shared.facts, state.shared.second_facts, wanted(state)
    if facts is None or second is None or asked is None or same_layers(facts, second):
        return ""
    numbered = any(unit.layer and unit.channel is not None for unit in asked.units)
    said = tr("A channel of one network has no counterpart of its number in another; a class has.")
    return said if numbered else ""


def shown(state: AppState, lane: str = "feature") -> ShownFeature | None:
    """Return the pictures that are there of what is selected, of whatever parameters."""
    asked, finding = wanted(state, lane), state.finding(lane)
    request, value = finding.request, finding.value
    if asked is None or not isinstance(request, Feature) or not isinstance(value, FeaturePictures):
        return None
    if feature_plan.subject(request) != feature_plan.subject(asked) or not value.done:
        return None
    return ShownFeature(value, request, _unlike(request, value.done, asked))


def gives_way(state: AppState, lane: str = "feature") -> bool:
    """Tell whether others are made in place of the pictures that are there."""
    found = shown(state, lane)
    return found is not None and not found.current and phase(state, lane) == "running"


def phase(state: AppState, lane: str = "feature") -> Phase:
    """Return how far the picture in use is."""
    asked, finding = wanted(state, lane), state.finding(lane)
    if asked is None:
        return "idle"
    found = shown(state, lane)
    started = state.selection.feature_started
    if started and finding.problem is not None and finding.asked == asked:
        return "failed"
    if found is not None and found.result.done == asked.parameters.steps and _same(found, asked):
        return "done"
    if started and finding.status in ("loading", "partial", "stale"):
        return "running"
    there = found is not None and found.current
    return "paused" if there else "idle"


def slowest(state: AppState) -> str:
    """Return the lane that decides how far the pictures in use are: what runs, the first before."""
    first, second = phase(state), phase(state, "feature-second")
    if "running" in (first, second):
        return "feature" if first == "running" else "feature-second"
    asked = wanted(state, "feature-second")
    if first != "done" or asked is None or second in ("done", "failed"):
        return "feature"
    return "feature-second"


def whole_phase(state: AppState) -> Phase:
    """Return how far the pictures in use are, those of a second network included.

    While either is being made they are: whatever became of the other, this one can be paused.
    """
    lane = slowest(state)
    found = phase(state, lane)
    # The first picture is there: what is left is to go on.
    return "paused" if lane == "feature-second" and found == "idle" else found


def shown_sheet(state: AppState) -> ShownSheet | None:
    """Return the sheet of the layer in use, as far as it is made or was kept; None for nothing."""
    asked = wanted_sheet(state)
    if asked is None:
        return None
    found = [_sheet(state, lane, asked) for lane in _SHEETS]
    there = [one for one in found if one is not None and one.channels]
    if not there:
        return None
    return ShownSheet(max(there, key=lambda one: len(one.channels)), asked)


def small_picture(state: AppState) -> SmallPicture | None:
    """Return the picture of the channel in use that a sheet has."""
    asked, channel = wanted_sheet(state), channel_in_use(state)
    if asked is None or channel is None:
        return None
    one = dataclasses.replace(asked, channels=(channel,))
    for sheet in (_sheet(state, "feature-sheet", asked), _sheet(state, "feature-kept", one)):
        if sheet is not None and channel in sheet.channels:
            place = sheet.channels.index(channel)
            return SmallPicture(sheet.pictures[place], float(sheet.activations[place]))
    return None


def _sheet(state: AppState, lane: str, asked: FeatureSheet) -> SheetOfFeatures | None:
    """Return what a lane has of a sheet, whether it was made now or read."""
    request, value = state.finding(lane).request, state.finding(lane).value
    if not isinstance(request, FeatureSheet) or not isinstance(value, SheetOfFeatures):
        return None
    return value if dataclasses.replace(request, kept_only=False) == asked else None


def wanted_sheet(state: AppState) -> FeatureSheet | None:
    """Return what makes the sheet of the layer in use."""
    facts, selection = state.shared.facts, state.selection
    if facts is None:
        return None
    return feature_plan.sheet_request(selection, facts, effective_layer(selection, facts))


def sheet_phase(state: AppState) -> Phase:
    """Return how far the sheet in use is."""
    asked, finding = wanted_sheet(state), state.finding("feature-sheet")
    if asked is None:
        return "idle"
    found, started = shown_sheet(state), state.selection.sheet_started
    if started and finding.problem is not None and finding.asked == asked:
        return "failed"
    if found is not None and len(found.result.channels) >= len(asked.channels):
        return "done"
    if started and finding.status in ("loading", "partial", "stale"):
        return "running"
    return "paused" if found is not None or finding.asked == asked else "idle"


def order(sheet: SheetOfFeatures, by_strength: bool) -> list[int]:
    """Return the channels that are done, by number or from the strongest answer down."""
    answers = dict(zip(sheet.channels, sheet.activations.tolist(), strict=True))
    if by_strength:
        return sorted(answers, key=lambda channel: (-answers[channel], channel))
    return sorted(answers)


def dream(state: AppState) -> FeaturePictures | None:
    """Return the picture of the channel in the dossier, as far as it is."""
    finding = state.finding("feature")
    value = finding.value
    matches = finding.request is not None and finding.request == wanted_dream(state)
    return value if matches and isinstance(value, FeaturePictures) else None


def wanted_dream(state: AppState) -> Feature | None:
    """Return what makes the picture of the channel in the dossier."""
    facts, selection = state.shared.facts, state.selection
    if facts is None:
        return None
    layer = effective_layer(selection, facts)
    return feature_plan.dream_request(selection, facts, layer, channel_in_use(state))


# What the hand does, as changes of the selection


def with_parameters(state: AppState, parameters: FeatureParams) -> dict[str, Any]:
    """Return what changes with the parameters: they go on from the pictures if those can stay."""
    before = state.selection.feature_parameters
    changes: dict[str, Any] = {"feature_parameters": parameters}
    if dataclasses.replace(before, steps=1) == dataclasses.replace(parameters, steps=1):
        return changes
    if not all(_stays(name, before, parameters) for name in parameters.values()):
        return changes | {"feature_begin": None}
    for lane, name in _BEGINS:
        found = shown(state, lane)
        if found is not None and _same(found, wanted(state, lane)):
            done = found.result.done
            changes[name] = feature_plan.begin_of(found.request, done, parameters)
    return changes


def opened(channel: int | None) -> dict[str, Any]:
    """Return what makes the picture of a channel, large."""
    return {
        "stage": "features",
        "channel": channel,
        "feature_target": "channel",
        "feature_aim": "excite",
        "feature_negative": False,
        "feature_started": True,
    }


def with_preset(name: str) -> dict[str, Any]:
    """Return what changes with a preset: all parameters, and what it is meant for."""
    chosen = preset(name)
    if chosen is None:
        return {}
    changes = {"feature_preset": name, "feature_parameters": chosen.parameters}
    return changes | {"feature_begin": None} | _MEANT_FOR.get(name, {})


def anew(state: AppState) -> dict[str, Any]:
    """Return what starts the picture once more, with the next seed: the same one is known."""
    parameters = state.selection.feature_parameters
    seed = (parameters.seed + 1) % _TURN
    again = dataclasses.replace(parameters, seed=seed)
    return {"feature_parameters": again, "feature_begin": None, "feature_started": True}


def more(state: AppState) -> int:
    """Return by how many steps the picture can go on at once.

    0 where steps decide on its sizes, and where it has as many as there can be.
    """
    parameters = state.selection.feature_parameters
    if parameters.grows:
        return 0
    chosen = preset(state.selection.feature_preset)
    usual = chosen.parameters.steps if chosen is not None else parameters.steps
    return min(usual, MOST_STEPS - parameters.steps)


def longer(state: AppState) -> dict[str, Any]:
    """Return what lets the picture go on for more steps."""
    parameters = state.selection.feature_parameters
    steps = parameters.steps + more(state)
    return {
        "feature_parameters": dataclasses.replace(parameters, steps=steps),
        "feature_started": True,
    }


def halted(state: AppState) -> tuple[str, ...]:
    """Return the lanes of the view in use that were stopped or failed, and must be asked again."""
    sheet = state.display.feature_view == "sheet"
    lanes = ("feature-sheet",) if sheet else ("feature", "feature-second")
    findings = {lane: state.finding(lane) for lane in lanes}
    return tuple(
        lane for lane, finding in findings.items() if finding.halted or finding.status == "failed"
    )


def going(state: AppState) -> bool:
    """Tell whether what is in sight is being made."""
    sheet = state.display.feature_view == "sheet"
    return (sheet_phase(state) if sheet else whole_phase(state)) == "running"


def switched(state: AppState, on: bool) -> dict[str, Any]:
    """Return what lets the making of what is in sight begin, go on or pause."""
    sheet = state.display.feature_view == "sheet"
    return {"sheet_started" if sheet else "feature_started": on}


def _stays(name: str, before: FeatureParams, after: FeatureParams) -> bool:
    same = before.values()[name] == after.values()[name]
    return same or feature_plan.goes_on(name)


def _same(found: ShownFeature, asked: Feature | None) -> bool:
    """Tell whether pictures are of the very ascent that is asked for, however long."""
    return asked is not None and _of_one_step(found.request) == _of_one_step(asked)


def _unlike(request: Feature, done: int, asked: Feature) -> str:
    """Return what an ascent is of that is not asked for; empty where it leads to what is."""
    if _leads_to(request, done, asked):
        return ""
    if request.image is not None and asked.image not in (None, request.image):
        return tr("of another photograph")
    alike = request.parameters.parameterisation == asked.parameters.parameterisation
    if alike and request.spectrum != asked.spectrum:
        return tr("of another spectrum")
    return tr("of other parameters")


def _leads_to(request: Feature, done: int, asked: Feature) -> bool:
    """Tell whether an ascent is the one asked for, or what that one goes on from.

    One that is beyond the steps asked for does not lead back to them.
    """
    if _of_one_step(request) == _of_one_step(asked):
        return done <= asked.parameters.steps
    begun = asked.begin
    return begun is not None and _of_one_step(begun) == _of_one_step(request)


def _of_one_step(request: Feature) -> Feature:
    """Return what is the same however long an ascent is."""
    return dataclasses.replace(request, parameters=however_long(request.parameters))

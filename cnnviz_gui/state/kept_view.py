"""What is kept beside the pictures in use, and how the two differ: pure functions of the state."""

from __future__ import annotations

import dataclasses
from pathlib import PurePath
from typing import Any

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import preset_of
from cnnviz_gui.core.params import Spec, Value, specs
from cnnviz_gui.state import comparison_view, feature_view, spectrum_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.kept_features import KeptFeatures, KeptPart
from cnnviz_gui.state.session_kept import CHOSEN
from cnnviz_gui.texts import ntr, tr, within

_FEW = 3
"""More settings than these are better said by the name of their preset."""


def to_keep(state: AppState) -> KeptFeatures | None:
    """Return the pictures on screen, to be kept; None where there are none."""
    names = comparison_view.names(state)
    facts = (state.shared.facts, state.shared.second_facts)
    parts: list[KeptPart] = []
    for place, lane in enumerate(lanes(state)):
        found, known = feature_view.shown(state, lane), facts[place]
        if found is not None and known is not None:
            labels = known.labels
            parts.append(KeptPart(lane, names[place], labels, found.request, found.result))
    if not parts or parts[0].lane != "feature":
        return None
    return KeptFeatures(tuple(parts), state.selection)


def toggled(state: AppState) -> dict[str, Any]:
    """Return what is shared where the pictures on screen are kept, or kept no longer."""
    kept = state.shared.kept_features
    return {"kept_features": to_keep(state) if kept is None else None}


def lanes(state: AppState) -> tuple[str, ...]:
    """Return the lanes whose pictures are in use."""
    two = comparison_view.comparing(state)
    return ("feature", "feature-second") if two else ("feature",)


def title(state: AppState, part: KeptPart) -> str:
    """Return the title of kept pictures: with the network where there are two."""
    return tr("Kept: {network}", network=part.network) if _several(state) else tr("Kept")


def told_of_kept(state: AppState, part: KeptPart) -> str:
    """Return in what kept pictures differ from those in use."""
    lane = next((one for one in lanes(state) if _network(state, one) == part.request.model), "")
    asked = feature_view.wanted(state, lane or "feature")
    if asked is None:
        return _joined(part.request, None, part.labels, part.labels)
    other = "" if lane or _several(state) else part.network
    words = _joined(part.request, asked, part.labels, _labels(state, lane or "feature"))
    return " · ".join(filter(None, (other, words))) or tr("The same settings")


def told_of_used(state: AppState, lane: str = "feature") -> str:
    """Return in what the settings in use differ from those of the kept pictures."""
    kept, asked = state.shared.kept_features, feature_view.wanted(state, lane)
    if kept is None or asked is None:
        return ""
    mine = (part for part in kept.parts if part.request.model == asked.model)
    part = next(mine, kept.parts[0])
    words = _joined(asked, part.request, _labels(state, lane), part.labels, named=False)
    if part.request.model == asked.model or comparison_view.comparing(state):
        return words
    return " · ".join(filter(None, (comparison_view.names(state)[0], words)))


def comparable(state: AppState) -> KeptPart | None:
    """Return the kept pictures of which the answer is that of the same units as in use."""
    kept, asked = state.shared.kept_features, feature_view.wanted(state)
    if kept is None or asked is None:
        return None
    what = (asked.model, asked.units, asked.aim)
    same = (p for p in kept.parts if (p.request.model, p.request.units, p.request.aim) == what)
    return next(same, None)


def taken_back(kept: KeptFeatures) -> dict[str, Any]:
    """Return what changes where the settings of kept pictures are those in use again."""
    first = kept.parts[0].request
    changes = {name: getattr(kept.selection, name) for name in CHOSEN}
    unit = first.units[0]
    # What was not chosen followed from what was predicted; the picture is of just this.
    if not unit.layer:
        changes["target"] = unit.channel
    else:
        changes["layer"] = unit.layer
        if unit.channel is not None:
            changes["channel"] = unit.channel
    begins = {part.lane: part.request.begin for part in kept.parts}
    return changes | {
        "stage": "features",
        "feature_parameters": first.parameters,
        "feature_begin": first.begin,
        "feature_second_begin": begins.get("feature-second"),
    }


def _several(state: AppState) -> bool:
    kept = state.shared.kept_features
    return comparison_view.comparing(state) or (kept is not None and len(kept.parts) > 1)


def _network(state: AppState, lane: str) -> object:
    selection = state.selection
    return selection.model if lane == "feature" else selection.second


def _labels(state: AppState, lane: str) -> tuple[str, ...]:
    shared = state.shared
    facts = shared.facts if lane == "feature" else shared.second_facts
    return facts.labels if facts is not None else ()


def _joined(
    mine: Feature,
    other: Feature | None,
    labels: tuple[str, ...],
    other_labels: tuple[str, ...],
    *,
    named: bool = True,
) -> str:
    """Return in what a request differs from another; with its subject, if ``named``."""
    words: list[str] = []
    what = subject(mine, labels)
    if named and (other is None or what != subject(other, other_labels)):
        words.append(what)
    if mine.image is not None and other is not None and other.image not in (None, mine.image):
        words.append(tr("with {picture}", picture=PurePath(mine.image.path).name))
    if other is not None and mine.spectrum != other.spectrum:
        spectrum = PurePath(mine.spectrum.path).name if mine.spectrum else spectrum_view.NATURAL
        words.append(tr("magnitudes of {spectrum}", spectrum=spectrum))
    words += _parameters(mine.parameters, other.parameters if other is not None else None)
    if mine.before and (other is None or mine.before != other.before):
        words.append(tr("from step {step}", step=mine.before[-1].steps))
    return " · ".join(words)


def subject(request: Feature, labels: tuple[str, ...]) -> str:
    """Return what a request makes a picture of: ``less of channel 5 of blocks.3``."""
    units = [unit.described(labels) for unit in request.units]
    for place, one in enumerate(request.units):
        if one.weight == -1.0:
            units[place] = tr("less of {unit}", unit=units[place])
        elif one.weight != 1.0:
            units[place] = tr("{weight} of {unit}", weight=fmt.plain(one.weight), unit=units[place])
    what = units[0]
    for unit in units[1:]:
        if request.aim == "blend":
            what = tr("{first} to {second}", first=what, second=unit)
        else:
            what = tr("{first} and {second}", first=what, second=unit)
    match request.aim:
        case "blend":
            return tr("from {units}", units=what)
        case "differ":
            return tr("several of {unit}", unit=what)
        case "direction":
            return tr("the photograph at {unit}", unit=what)
        case "imitate":
            return tr("the photograph from {unit}", unit=what)
    return what


def _parameters(mine: FeatureParams, other: FeatureParams | None) -> list[str]:
    values = mine.values()
    before = other.values() if other is not None else {}
    words = [
        _worded(spec, values[spec.name])
        for spec in specs(FeatureParams)
        if values[spec.name] != before.get(spec.name) and spec.active(values)
    ]
    plain = preset_of(dataclasses.replace(mine, seed=0))
    return [plain.title] if len(words) > _FEW and plain is not None else words


def _worded(spec: Spec, value: Value) -> str:
    """Return a setting in words: ``Pixel``, ``256 steps``, ``rate 0.05``."""
    label = within(spec.label)
    if spec.kind == "choice":
        said = dict(spec.choices)[str(value)]
        return tr("start {start}", start=within(said)) if spec.name == "start" else said
    if spec.kind == "bool":
        return label if value else tr("not {label}", label=label)
    number = fmt.plain(float(value)).replace("-", fmt.MINUS)
    if spec.name == "steps":
        return ntr("{number} step", "{number} steps", int(value), number=number)
    if spec.name == "size":
        return f"{number} {spec.unit}"
    return f"{label} {number}{'' if spec.unit == '°' else ' '}{spec.unit}".strip()

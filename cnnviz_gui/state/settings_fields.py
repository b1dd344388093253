"""What of selection and display is a setting, how it is called, and on which page it is seen."""

from __future__ import annotations

import dataclasses
from typing import Any, Final

from cnnviz_gui.core.params import Params, specs
from cnnviz_gui.state.edits_view import Edits
from cnnviz_gui.state.selection import Display, Selection, Stage
from cnnviz_gui.texts import tr, within

Values = dict[str, Any]
"""Fields of ``Selection`` and ``Display`` by name; no two share one."""
OF_SELECTION: Final = frozenset(field.name for field in dataclasses.fields(Selection))
OF_DISPLAY: Final = frozenset(field.name for field in dataclasses.fields(Display))
_MAPS: tuple[Stage, ...] = ("heatmaps",)
_ATTACK: tuple[Stage, ...] = ("attack",)
_TRIED: tuple[Stage, ...] = ("attack", "plane")
_LAYERS: tuple[Stage, ...] = ("layers",)
_MADE: tuple[Stage, ...] = ("features",)
_BOTH: tuple[Stage, ...] = ("heatmaps", "attack")
_ALL: tuple[Stage, ...] = ()
_SETTINGS: Final[dict[str, tuple[str, tuple[Stage, ...]]]] = {
    "model": (tr("network"), _ALL),
    "second": (tr("comparison"), _ALL),
    "image": (tr("picture"), _ALL),
    "heatmap_method": (tr("method"), _MAPS),
    "attack_method": (tr("method"), _TRIED),
    "feature_preset": (tr("preset"), _MADE),
    "layer": (tr("layer"), ("layers", "features", "heatmaps", "attack")),
    "edits": (tr("edit of a channel"), _ALL),
    "channel": (tr("channel"), ("layers", "features")),
    "target": (tr("target"), _ALL),
    "against": (tr("rather-than class"), _MAPS),
    "heatmap_parameters": (tr("parameters"), _MAPS),
    "attack_parameters": (tr("parameters"), _TRIED),
    "feature_parameters": (tr("parameters"), _MADE),
    "trust_parameters": (tr("parameters"), _MAPS),
    "border_parameters": (tr("parameters"), _ATTACK),
    "race_parameters": (tr("parameters"), _ATTACK),
    "knowing_parameters": (tr("parameters"), _ATTACK),
    "plane_parameters": (tr("parameters"), ("plane",)),
    "defence_parameters": (tr("parameters"), _ATTACK),
    "filter_view": (tr("view of the filters"), _LAYERS),
    "filter_order": (tr("order of the filters"), _LAYERS),
    "layer_folder": (tr("folder"), _LAYERS),
    "place_share": (tr("share of the maximum"), _MAPS),
    "truth": (tr("drawn box"), _MAPS),
    "grid_across": (tr("columns of the grid"), _MAPS),
    "grid_methods": (tr("rows of the grid"), _MAPS),
    "grid_classes": (tr("columns of the grid"), _MAPS),
    "grid_layers": (tr("columns of the grid"), _MAPS),
    "attack_scaled": (tr("scaling"), _ATTACK),
    "attack_scale": (tr("scale"), _ATTACK),
    "sweep_maximum": (tr("end of the axis"), _ATTACK),
    "borders_by": (tr("what is compared"), _ATTACK),
    "border_attacks": (tr("attacks"), _ATTACK),
    "borders_norm": (tr("norm"), _ATTACK),
    "race_attacks": (tr("attacks"), _ATTACK),
    "defences_off": (tr("defences"), _ATTACK),
    "plane_class": (tr("class across"), ("plane",)),
    "plane_image": (tr("picture across"), ("plane",)),
    "feature_target": (tr("subject"), _MADE),
    "feature_negative": (tr("sign"), _MADE),
    "feature_aim": (tr("aim"), _MADE),
    "feature_second": (tr("second subject"), _MADE),
    "feature_weight": (tr("weight"), _MADE),
    "feature_pictures": (tr("number of pictures"), _MADE),
    "feature_spectrum": (tr("spectrum"), _MADE),
    "folder": (tr("folder"), _BOTH),
    "folder_nested": (tr("folders in it"), _BOTH),
    "folder_curves": (tr("curves"), _MAPS),
    "similar_folder": (tr("folder"), ("similar",)),
    "heatmap_view": (tr("view"), _MAPS),
    "attack_view": (tr("view"), _ATTACK),
    "layer_view": (tr("view"), _LAYERS),
    "feature_view": (tr("view"), _MADE),
    "opacity": (tr("opacity"), _MAPS),
    "heatmap_colours": (tr("colours"), _MAPS),
    "photograph": (tr("photograph"), _MAPS),
    "photograph_signed": (tr("photograph"), _MAPS),
    "heatmap_in_colour": (tr("colours"), _MAPS),
    "heatmap_layout": (tr("layout"), _MAPS),
    "place_view": (tr("view of the place"), _MAPS),
    "grid_scale": (tr("colour scale"), _MAPS),
    "locked_range": (tr("colour range"), _MAPS),
    "epsilon_unit": (tr("unit of epsilon"), _ALL),
    "amplification": (tr("amplification"), _ATTACK),
    "blinking": (tr("blinking"), _ATTACK),
    "race_order": (tr("order"), _ATTACK),
    "race_falling": (tr("order"), _ATTACK),
    "folder_look": (tr("view"), _BOTH),
    "folder_order": (tr("order"), _BOTH),
    "folder_falling": (tr("order"), _BOTH),
    "folder_class": (tr("class"), _BOTH),
    "layer_share": (tr("share"), _ALL),
    "map_order": (tr("order of the maps"), _LAYERS),
    "maps_beside": (tr("maps beside"), _LAYERS),
    "map_colours": (tr("colours"), _LAYERS),
    "map_scale": (tr("colour scale"), _LAYERS),
    "map_upsampling": (tr("enlarging"), _LAYERS),
    "statistics_of": (tr("layers"), _LAYERS),
    "feature_pixels": (tr("smoothing"), _MADE),
    "sheet_order": (tr("order"), _MADE),
    "linked": (tr("linked cursors"), _ALL),
}
"""By field: what an undo is called, and where it is seen; none for everywhere.

The first of those that change together gives the name. What is not here is pointed at, scrubbed
through, begun or made, and is no step of its own.
"""
SETTINGS: Final = tuple(_SETTINGS)
STRIP: Final = "strip"
"""The pictures at hand, ``AtHand``: no setting, and yet taken back and brought again."""
OF_PICTURES: Final = frozenset({"image", STRIP})
_FIRST = frozenset({"heatmap_method", "attack_method"})
"""Without a value they wait for the start of the program."""
_SLIDING = frozenset(
    {
        *("layer", "channel", "opacity", "place_share", "attack_scale", "sweep_maximum"),
        *("feature_weight", "feature_pictures", "amplification", "locked_range"),
    }
)
"""What the hand passes many values of on its way to one."""


def values(selection: Selection, display: Display) -> Values:
    """Return every field of both by name."""
    return {
        **{name: getattr(selection, name) for name in OF_SELECTION},
        **{name: getattr(display, name) for name in OF_DISPLAY},
    }


def changed(before: Values, after: Values) -> tuple[str, ...]:
    """Return the settings that differ, the one that gives the name first.

    Methods that come with the start of the program are no change of the user's.
    """
    named = [name for name in (*SETTINGS, STRIP) if before.get(name) != after.get(name)]
    first = {name for name in _FIRST if not before[name]}
    if first:
        kinds = {name.removesuffix("_method") + "_parameters" for name in first}
        named = [name for name in named if name not in first | kinds]
    return tuple(named)


def word(names: tuple[str, ...], before: Values, after: Values) -> str:
    """Return how a change of settings is called: ``epsilon``, ``method``, ``layer``."""
    first = names[0]
    if first == STRIP:
        return tr("pictures")
    return _label(before[first], after[first]) or _SETTINGS[first][0]


def title(name: str) -> str:
    """Return how a field is called, setting or not: ``rather-than class``, ``input channel``."""
    return _SETTINGS[name][0] if name in _SETTINGS else name.replace("_", " ")


def slid(names: tuple[str, ...], before: Values, after: Values) -> frozenset[str]:
    """Return along which axes a slider went; none where a choice was made."""
    axes: set[str] = set()
    for name in names:
        old, new = before[name], after[name]
        if name in _SLIDING:
            axes.add(name)
        elif name == "edits" and (key := _one(old, new)):
            axes.add(f"edits.{key}")
        elif isinstance(new, Params) and type(old) is type(new):
            differing = _differing(old, new)
            numbers = [spec.name for spec in specs(type(new)) if spec.kind in ("int", "float")]
            if len(differing) != 1 or differing[0] not in numbers:
                return frozenset()
            axes.add(f"{name}.{differing[0]}")
        else:
            return frozenset()
    return frozenset(axes)


def page(names: tuple[str, ...], made_on: Stage, current: Stage) -> Stage:
    """Return the page on which a change is seen: the one in view if it can be."""
    for name in names:
        seen = _SETTINGS[name][1] if name in _SETTINGS else _ALL
        if seen and current not in seen:
            return made_on if made_on in seen else seen[0]
        if seen:
            break
    return current


def _label(before: object, after: object) -> str:
    """Return how the parameter that changed is called; empty where there is not one."""
    name = parameter(before, after)
    if not name or not isinstance(after, Params):
        return ""
    return within(next(spec.label for spec in specs(type(after)) if spec.name == name))


def parameter(before: object, after: object) -> str:
    """Return the one parameter that changed, or the one that others depend on; empty for none."""
    if not isinstance(after, Params) or type(before) is not type(after):
        return ""
    names = _differing(before, after)
    described = [spec for spec in specs(type(after)) if spec.name in names]
    leading = {spec.depends_on for spec in described} & set(names)
    chosen = names if len(names) == 1 else sorted(leading)
    return chosen[0] if len(chosen) == 1 else ""


def _differing(before: Any, after: Params) -> list[str]:
    old, new = before.values(), after.values()
    return [name for name in new if old[name] != new[name]]


def _one(before: Edits, after: Edits) -> str:
    """Return layer and channel where only one factor differs, and neither end silences it."""
    old, new = ({(e.layer, e.channel): e.factor for e in edits} for edits in (before, after))
    keys = [key for key in {**old, **new} if old.get(key, 1.0) != new.get(key, 1.0)]
    if len(keys) != 1 or 0.0 in (old.get(keys[0], 1.0), new.get(keys[0], 1.0)):
        return ""
    return f"{keys[0][0]}.{keys[0][1]}"

"""What a step of the history leads to, in a word or two: ``4 / 255``, ``Grad-CAM``, ``cat.png``."""

from __future__ import annotations

from pathlib import PurePath

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.params import Params, Spec, Value, specs
from cnnviz_gui.core.registry import Kind
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import epsilon_words, settings_fields
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.at_hand import AtHand
from cnnviz_gui.state.choice_words import WORDS
from cnnviz_gui.state.network_title import title_while_opening
from cnnviz_gui.state.settings_fields import Values
from cnnviz_gui.texts import ntr, tr

_MOST = 28
"""So many letters fit into a menu."""
_KINDS: dict[str, Kind] = {"heatmap_method": "heatmap", "attack_method": "attack"}
_SHARES = frozenset({"opacity", "place_share"})
_SWITCHES = frozenset({"linked", "maps_beside", "blinking", "folder_nested"})
_CLASSES = frozenset({"target", "against", "plane_class", "folder_class"})


def value(names: tuple[str, ...], before: Values, after: Values, state: AppState) -> str:
    """Return what the first of ``names`` has in ``after``; empty where that is not short.

    Parameters
    ----------
    names
        The settings of a step, the one that gives the name first.
    before, after
        Every field, at both ends of the step.
    """
    name = names[0]
    said = _said(name, before[name], after[name], state)
    return said if len(said) <= _MOST else f"{said[: _MOST - 1].rstrip()}…"


def _said(name: str, old: object, new: object, state: AppState) -> str:
    shared = state.shared
    match new:
        case Params():
            return _of_parameter(old, new, state)
        case AtHand(refs=refs):
            return ntr("{n} picture", "{n} pictures", len(refs))
        case ImageRef(path=path):
            return PurePath(path).name
        case ModelRef():
            return title_while_opening(new, shared)
        case bool():
            return _switched(on=new) if name in _SWITCHES else ""
        case str() if name in WORDS:
            return WORDS[name].get(new, "")
        case None if name in ("image", "second"):
            return tr("none")
        case None if name == "target":
            return tr("the winner")
        case int() if name in _CLASSES:
            labels = shared.facts.labels if shared.facts is not None else ()
            return labels[new] if 0 <= new < len(labels) else ""
        case int() if name == "channel":
            return str(new)
        case float() if name in _SHARES:
            return fmt.share(new)
        case float() if name in ("attack_scale", "feature_weight"):
            return fmt.plain(new)
        case str() if name in _KINDS:
            method = shared.method(_KINDS[name], new)
            return method.title if method is not None else ""
        case str() if name == "layer":
            return new or tr("the recommended one")
    return ""


def _of_parameter(old: object, new: Params, state: AppState) -> str:
    """Return the value of the one parameter that differs."""
    name = settings_fields.parameter(old, new)
    spec = next((one for one in specs(type(new)) if one.name == name), None)
    return "" if spec is None else _written(spec, new.values(), state)


def _written(spec: Spec, values: dict[str, Value], state: AppState) -> str:
    found = values[spec.name]
    if spec.kind == "bool":
        return _switched(on=bool(found))
    if spec.kind == "choice":
        return dict(spec.choices).get(str(found), "")
    if spec.role == "epsilon":
        norm = str(values.get("norm", "linf"))
        return epsilon_words.budget(float(found), norm, state.display.epsilon_unit)
    if spec.automatic is not None and not found:
        return tr("automatic")
    return f"{fmt.plain(float(found))} {spec.scaled(values).unit}".strip()


def _switched(*, on: bool) -> str:
    return tr("on") if on else tr("off")

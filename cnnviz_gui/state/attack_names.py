"""The file name of what an attack made: its picture, and what tells it from its sisters."""

from __future__ import annotations

from pathlib import PurePath

from cnnviz_gui.core import attack_bound, file_names
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import Attack
from cnnviz_gui.state.epsilon_words import NORMS

_PHOTOGRAPH = 90
"""Bytes: half of what a name can have."""


def file_name(request: Attack, facts: ModelFacts | None, *more: str) -> str:
    """Return a name without ending: ``chelsea-pgd-epsilon-2-255-to-teapot``.

    The budget is named in 255ths for L∞, and with its norm else (``L2-0.84``); the class only where
    one is to be reached. So what one attack made of a picture by other budgets or for other classes
    has other names. Of a long name of a photograph the beginning is kept.
    """
    photograph = PurePath(request.image.path).stem
    photograph = photograph.encode()[:_PHOTOGRAPH].decode(errors="ignore")
    goal = "" if request.target is None else f"to {_label(request.target, facts)}"
    return file_names.of_words(photograph, request.method, _size(request), goal, *more)


def _label(target: int, facts: ModelFacts | None) -> str:
    labels = facts.labels if facts is not None else ()
    if target >= len(labels):
        return str(target)
    label = labels[target]
    return f"{label} {target}" if labels.count(label) > 1 else label


def _size(request: Attack) -> str:
    if request.scale is not None:
        return f"{fmt.plain(request.scale)}-times"
    epsilon = attack_bound.epsilon_of(request.parameters)
    norm = attack_bound.norm_of(request.parameters)
    if epsilon is None:
        return ""
    if norm == "linf":
        return f"epsilon {fmt.epsilon(epsilon)} 255"
    return f"{NORMS[norm]} {fmt.epsilon(epsilon)}"

"""The file name of what an attack made: its picture, and what tells it from its sisters."""

from __future__ import annotations

from pathlib import PurePath

from cnnviz_gui.core import attack_bound, file_names
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import Attack
from cnnviz_gui.state.epsilon_words import NORMS


def file_name(request: Attack, facts: ModelFacts | None, *more: str) -> str:
    """Return a name without ending: ``chelsea-pgd-epsilon-2-255-to-teapot``.

    The budget is named in 255ths for L∞, and with its norm else (``L2-0.84``); the class only where
    one is to be reached. So two pictures of one attack do not ask for the same name.
    """
    photograph = PurePath(request.image.path).stem
    labels = facts.labels if facts is not None else ()
    goal = ""
    if request.target is not None:
        named = request.target < len(labels)
        goal = f"to {labels[request.target] if named else request.target}"
    return file_names.of_words(photograph, request.method, _size(request), goal, *more)


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

"""What the command palette offers: every action, every method, every network."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from PySide6.QtGui import QAction, QKeySequence

from cnnviz_gui.app.actions import SPECS
from cnnviz_gui.app.palette import Command
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state.app_state import AppState


def all_of(
    state: AppState, actions: Mapping[str, QAction], choose_model: Callable[[ModelRef], None]
) -> list[Command]:
    """Return all commands that can be run now."""
    commands = [
        Command(
            action.text().rstrip("…"),
            action.shortcut().toString(QKeySequence.SequenceFormat.NativeText),
            spec.icon,
            action.trigger,
        )
        for spec in SPECS
        if (action := actions[spec.handler]).isEnabled()
    ]
    for method in state.shared.methods:
        hint, icon = ("heat map", "fire") if method.kind == "heatmap" else ("attack", "lightning")
        run = functools.partial(_use, state, method)
        commands.append(Command(method.title, hint, icon, run))
    return commands + _networks(state, choose_model)


def to_compare(state: AppState, choose_second: Callable[[ModelRef], None]) -> list[Command]:
    """Return the networks that can be compared with the one in use."""
    used = (state.selection.model, state.selection.second)
    return _networks(state, choose_second, without=used)


def _networks(
    state: AppState,
    choose: Callable[[ModelRef], None],
    without: tuple[ModelRef | None, ...] = (),
) -> list[Command]:
    """Return the networks: trained where the weights are here, else untrained."""
    commands: list[Command] = []
    for entry in state.shared.catalogue:
        here = entry.weights in ("embedded", "here")
        model = ModelRef(name=entry.name, untrained=not here)
        hint = entry.weights if here else "untrained"
        if model not in without:
            commands.append(Command(entry.title, hint, "cube", functools.partial(choose, model)))
    return commands


def _use(state: AppState, method: Method) -> None:
    state.choose_method(method.kind, method.name)
    state.select(stage="heatmaps" if method.kind == "heatmap" else "attack")

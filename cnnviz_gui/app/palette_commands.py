"""What the command palette offers: every action, method, network and device."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from cnnviz_gui.app import palette_words
from cnnviz_gui.app.actions import SPECS
from cnnviz_gui.app.palette import Command
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.features.presets import PRESETS
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.choice_words import ATTACK_VIEWS, HEATMAP_VIEWS, LAYER_VIEWS
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import ptr, tr

_NOT_NOW = tr("It would do nothing now.")
_ICONS = {
    tr("Pa&nels"): ("columns", palette_words.PANELS),
    tr("Open recent"): ("image", palette_words.RECENT),
    tr("Recent networks"): ("cube", palette_words.RECENT),
    tr("Compute on"): ("cpu", palette_words.DEVICES),
}
"""Icon and other words, by the menu that an entry stands in."""
_PAGES = {
    "layers": ("stack", "layer_view"),
    "heatmaps": ("fire", "heatmap_view"),
    "attack": ("lightning", "attack_view"),
}
"""Icon of a page with several views, and the field that chooses one."""
_WEIGHTS = {
    "embedded": ptr("weights", "embedded"),
    "here": ptr("weights", "here"),
    "download": ptr("weights", "download"),
    "none": ptr("weights", "none"),
}


def all_of(
    state: AppState,
    actions: Mapping[str, QAction],
    choose_network: Callable[[CatalogueEntry], None],
    devices: Sequence[QAction] = (),
    menus: Sequence[QMenu] = (),
) -> list[Command]:
    """Return all commands, with the reason of those that would do nothing now.

    Parameters
    ----------
    devices
        The choices of where to compute.
    menus
        Menus inside of the menus, as of ``submenus``.
    """
    # the pages come after the first paint
    from cnnviz_gui.panels.method_box import icon

    commands = [
        Command(
            spec.title.rstrip("…"),
            ", ".join(KEYS.native(key) for key in KEYS.of(spec.handler)),
            spec.icon,
            action.trigger,
            "" if action.isEnabled() else action.statusTip() or _NOT_NOW,
            palette_words.ACTIONS[spec.handler],
        )
        for spec in SPECS
        for action in (actions[spec.handler],)
    ]
    for method in state.shared.methods:
        if method.kind == "defence":
            continue
        hint = tr("heat map") if method.kind == "heatmap" else tr("attack")
        run = functools.partial(_use, state, method)
        words = f"{palette_words.METHODS.get(method.name, '')}, {palette_words.KINDS[method.kind]}"
        commands.append(Command(method.title, hint, icon(method), run, words=words))
    if state.shared.methods:
        commands += _views(state)
    for one in PRESETS if state.shared.facts is not None else ():
        run = functools.partial(_make, state, one.name)
        title, words = tr("{preset} picture", preset=one.title), palette_words.FEATURES
        commands.append(Command(title, tr("features"), "sparkle", run, words=words))
    commands += networks(state, choose_network)
    for action in devices:
        if action.isEnabled():
            commands.append(
                Command(
                    tr("Compute on: {device}", device=action.text()),
                    "",
                    "cpu",
                    action.trigger,
                    words=palette_words.DEVICES,
                )
            )
    for menu in menus:
        entries = (one for one in menu.actions() if one not in devices)
        commands += [_entry(menu, one) for one in entries if one.isEnabled() and one.text()]
    return commands


def _views(state: AppState) -> list[Command]:
    """Return the views of the pages that have several."""
    titles = {
        **{f"layers/{view}": tr("Layers: {view}", view=word) for view, word in LAYER_VIEWS.items()},
        **{
            f"heatmaps/{view}": tr("Heat maps: {view}", view=word)
            for view, word in HEATMAP_VIEWS.items()
        },
        **{
            f"attack/{view}": tr("Attack: {view}", view=word) for view, word in ATTACK_VIEWS.items()
        },
    }
    made: list[Command] = []
    for place, title in titles.items():
        stage, _, view = place.partition("/")
        icon, field = _PAGES[stage]
        run = functools.partial(_look, state, stage, **{field: view})
        words = palette_words.VIEWS.get(place, "")
        made.append(Command(title, tr("view"), icon, run, words=words))
    return made


def submenus(bar: QMenuBar) -> list[QMenu]:
    """Return the menus inside of those of a bar, filled with what they would show now."""
    inner = [one.menu() for top in bar.actions() for one in top.menu().actions() if one.menu()]
    found = [menu for menu in inner if isinstance(menu, QMenu) and menu.isEnabled()]
    for menu in found:
        menu.aboutToShow.emit()
    return found


def _entry(menu: QMenu, action: QAction) -> Command:
    hint = (tr("on") if action.isChecked() else tr("off")) if action.isCheckable() else ""
    icon, words = _ICONS.get(menu.title(), ("list", ""))
    title = f"{_plain(menu.title())}: {_plain(action.text())}"
    return Command(title, hint, icon, action.trigger, words=words)


def _plain(text: str) -> str:
    """Return a text of a menu without the mark of its letter; && stands for one &."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))


def networks(state: AppState, choose: Callable[[CatalogueEntry], None]) -> list[Command]:
    """Return the networks of the catalogue, to be opened; none before that is known."""
    return [
        Command(
            entry.title,
            _WEIGHTS[entry.weights],
            "cube",
            functools.partial(choose, entry),
            words=palette_words.NETWORKS,
        )
        for entry in state.shared.catalogue
    ]


def to_compare(state: AppState, choose_second: Callable[[ModelRef], None]) -> list[Command]:
    """Return the networks to compare with the one in use: untrained where weights are missing."""
    used = (state.selection.model, state.selection.second)
    commands: list[Command] = []
    for entry in state.shared.catalogue:
        here = entry.weights in ("embedded", "here")
        model = ModelRef(name=entry.name, untrained=not here)
        hint = _WEIGHTS[entry.weights] if here else tr("untrained")
        if model not in used:
            run = functools.partial(choose_second, model)
            commands.append(Command(entry.title, hint, "cube", run, words=palette_words.SECOND))
    return commands


def _make(state: AppState, name: str) -> None:
    state.show(feature_view="picture")
    state.select(stage="features", feature_started=True, **feature_view.with_preset(name))


def _look(state: AppState, stage: str, **view: str) -> None:
    state.show(**view)
    state.select(stage=stage)


def _use(state: AppState, method: Method) -> None:
    state.choose_method(method.kind, method.name)
    state.select(stage="heatmaps" if method.kind == "heatmap" else "attack")

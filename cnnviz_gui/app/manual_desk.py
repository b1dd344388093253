"""Opens the manual where it is about what is in view, and does what its links show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app import actions
from cnnviz_gui.core.registry import Kind
from cnnviz_gui.panels.places import PLACES, keep_window
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.selection import STAGES, Stage

if TYPE_CHECKING:
    from cnnviz_gui.core.manual.manual import Known
    from cnnviz_gui.panels.manual.manual_window import ManualWindow

_KINDS: tuple[Kind, ...] = ("heatmap", "attack", "defence")
_PAGES: dict[str, Stage] = {"heatmap": "heatmaps", "attack": "attack"}
"""Where the methods of a kind are chosen."""
_VIEWS = {
    "layers": "layer_view",
    "features": "feature_view",
    "heatmaps": "heatmap_view",
    "attack": "attack_view",
}
"""What says how a page is looked at."""
_ZOOM = "zoom.manual"
_CHAPTERS = {("heatmaps", "trust"): "trust", ("attack", "defences"): "defences"}
"""Views with a chapter of their own."""


class ManualDesk(QObject):
    """Makes the window of the manual when it is first wanted, with what there is to name by then.

    ``entries`` are the actions of the window by handler, as soon as they are made.
    """

    def __init__(self, window: QWidget, state: AppState) -> None:
        super().__init__(window)
        self._parent = window
        self._state = state
        self._awaited = ""
        """What was asked for before the methods were known."""
        self.entries: Mapping[str, QAction] = {}
        self.window: ManualWindow | None = None
        state.observe(self._on_state_changed)

    @Slot()
    def on_show_manual(self) -> None:
        """Open the manual at the chapter of the page in view."""
        self._open("page")

    @Slot()
    def on_about_method(self) -> None:
        """Open the manual at the method in use, or at the view in sight where none is chosen."""
        self._open("method")

    @Slot(str)
    def open_chapter(self, chapter: str) -> None:
        """Open the manual at a chapter."""
        self._open(f"chapter:{chapter}")

    @Slot(str)
    def search(self, words: str) -> None:
        """Open the manual with words in its search."""
        self._open(f"search:{words}")

    def close(self) -> None:
        """Close the window with the program."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"methods", "start_problem"} and self._awaited:
            self._open(self._awaited)

    def _open(self, what: str) -> None:
        shared = self._state.shared
        # After a start that failed no methods will come, and the manual is wanted most.
        self._awaited = "" if shared.methods or shared.start_problem else what
        if self._awaited:
            return  # a moment after the start
        from cnnviz_gui.core.manual.manual import Manual
        from cnnviz_gui.panels.manual.manual_window import ManualWindow

        manual = Manual(self._known())
        if self.window is None:
            self.window = ManualWindow(manual)
            keep_window(self.window, "manual")
            zoom = (PLACES.get(_ZOOM, list) or [100])[0]
            self.window.view.set_zoom(zoom / 100 if isinstance(zoom, int) else 1.0)
            self.window.shown_wanted.connect(self.show)
            self.window.view.zoomed.connect(self._on_zoomed)
        else:
            self.window.set_manual(manual)
        manner, _, words = what.partition(":")
        if manner == "search":
            self.window.search(words)
        else:
            self.window.go(*self._place(manner, words))
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def _known(self) -> Known:
        from cnnviz_gui.core.manual.manual import Action, Known

        native = QKeySequence.SequenceFormat.NativeText
        named = {  # by their usual titles: some say what they would do at the moment
            spec.handler: Action(
                actions.MENUS[spec.menu],
                spec.title,
                QKeySequence.listToString(self.entries[spec.handler].shortcuts(), native),
            )
            for spec in actions.SPECS
        }
        return Known({kind: self._state.shared.of_kind(kind) for kind in _KINDS}, named)

    def _place(self, what: str, chapter: str) -> tuple[str, str]:
        """Return chapter and heading: those named, or about the page, or the method, in use."""
        if what == "chapter":
            return chapter, ""
        from cnnviz_gui.core.manual.manual import METHODS_IN
        from cnnviz_gui.core.manual.sections import anchor

        selection = self._state.selection
        stage = selection.stage
        view = getattr(self._state.display, _VIEWS[stage]) if stage in _VIEWS else ""
        kinds: dict[str, Kind] = {"heatmaps": "heatmap", "attack": "attack", "plane": "attack"}
        kind = kinds.get(stage)
        if what == "method" and kind is not None:
            method = self._state.shared.method(kind, getattr(selection, f"{kind}_method"))
            if method is not None:
                return METHODS_IN[kind], anchor(method)
        return _CHAPTERS.get((stage, view), stage), ""

    @Slot(str)
    def show(self, target: str) -> None:
        """Open a page, a view of it, or a page with a method chosen."""
        first, _, second = target.partition("/")
        if first in _PAGES and self._state.shared.method(cast(Kind, first), second) is not None:
            self._state.choose_method(cast(Kind, first), second)
            self._state.select(stage=_PAGES[first])
            if first == "heatmap" and self._state.display.heatmap_view in ("steps", "folder"):
                self._state.show(heatmap_view="map")
            if first == "attack" and self._state.display.attack_view != "steps":
                self._state.show(attack_view="picture")
        elif first in STAGES:
            self._state.select(stage=first)
            if second and first in _VIEWS:
                view: dict[str, Any] = {_VIEWS[first]: second}
                self._state.show(**view)
        self._parent.raise_()
        self._parent.activateWindow()

    @Slot(float)
    def _on_zoomed(self, zoom: float) -> None:
        PLACES.keep(_ZOOM, [round(100 * zoom)])

"""The dossier of the channel in use: what it is, what it does, what excites it."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import KeyValueRows, SectionHeader
from cnnviz_gui.panels.layers.channel_head import ChannelHead
from cnnviz_gui.panels.layers.dream_box import DreamBox
from cnnviz_gui.panels.layers.histogram import Histogram
from cnnviz_gui.panels.layers.patch_box import PatchBox
from cnnviz_gui.panels.layers.pushes import PushBox
from cnnviz_gui.panels.layers.silence_box import SilenceBox
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import dossier_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset({"facts", "image", "stage", "layer", "channel", "map_order", "finding.layer"})
_HISTOGRAM = 96


class Dossier(QWidget):
    """One column of sections; each observes the state itself and draws on the layers stage only."""

    folder_wanted = Signal()
    """The user wants to choose the folder of the patches."""
    again = Signal(object)
    """The lane to go on with."""
    opened = Signal(object)
    """The ``ImageRef`` of a picture to open."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.head = ChannelHead(state)
        self.silence = SilenceBox(state)
        self.spread = SpreadBox(state)
        self.pushes = PushBox(state)
        self.dream = DreamBox(state)
        self.patches = PatchBox(state)
        self.dream.again.connect(self.again)
        self.silence.again.connect(self.again)
        self.patches.again.connect(self.again)
        self.patches.folder_wanted.connect(self.folder_wanted)
        self.patches.opened.connect(self.opened)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        parts = (self.head, self.silence, self.spread, self.pushes, self.dream, self.patches)
        for part in parts:
            column.addWidget(part)
        state.observe(self._on_state_changed)
        self._show_parts()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & (_CONCERNS | {"edits"}) and self._state.selection.stage == "layers":
            self._show_parts()

    def _show_parts(self) -> None:
        """Hide what is about a channel while there is none; edits can be restored all the same."""
        known = dossier_view.dossier(self._state) is not None
        self.silence.setVisible(known or bool(self._state.selection.edits))
        for part in (self.spread, self.pushes, self.dream, self.patches):
            part.setVisible(known)


class SpreadBox(QWidget):
    """How the values of the map are spread, and the numbers of the whole layer."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._head = SectionHeader(tr("Distribution"), " ", level=2)
        self.histogram = Histogram("values")
        self.histogram.setFixedHeight(_HISTOGRAM)
        self._layer_head = SectionHeader(tr("Layer"), level=2)
        self.rows = KeyValueRows()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP)
        column.setSpacing(0)
        column.addWidget(self._head)
        spread = QVBoxLayout()
        spread.setContentsMargins(theme.PADDING, 0, theme.PADDING, theme.GAP)
        spread.addWidget(self.histogram)
        add_layout(column, spread)
        column.addWidget(self._layer_head)
        rows = QVBoxLayout()
        rows.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        rows.addWidget(self.rows)
        add_layout(column, rows)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    @Slot()
    def _draw(self) -> None:
        found, facts = dossier_view.dossier(self._state), self._state.shared.facts
        if found is None or facts is None:
            self.histogram.clear()
            self.rows.set_rows([])
            self._head.caption.setText("")
            return
        spread = dossier_view.distribution(found.shown.result, found.channel)
        self._head.caption.setText(spread.says)
        self.histogram.set_distribution(spread.shares, spread.low, spread.high)
        self.rows.set_rows(dossier_view.layer_numbers(found, facts))
        self.rows.set_stale(not found.current)

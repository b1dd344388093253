"""The channel that is chosen on a sheet: its picture, larger, and where one can go with it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, KeyValueRows, Label
from cnnviz_gui.panels.image_pane import TITLE_ROW, ImagePane
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state import feature_view, layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.feature_results import SheetOfFeatures
    from cnnviz_gui.core.result import ByteArray

CONCERNS = frozenset(
    {
        *("facts", "stage", "layer", "channel", "feature_view"),
        *("finding.feature-sheet", "finding.feature-kept"),
    }
)
_HINT = tr("Click a picture, or walk with the arrows, to see it larger here.")


class ChannelCard(QWidget):
    """Two buttons, the picture, and how all pictures of a sheet are made."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.open = Button(tr("Dossier"), "arrow-right")
        self.open.setToolTip(
            tr(
                "Open the channel in Layers: what its cells see and what it does\n(Enter or a"
                " double click on the sheet)"
            )
        )
        self.open.clicked.connect(self._on_open)
        self.make = Button(tr("Make it large"), "sparkle")
        self.make.setToolTip(tr("Make this picture in full size, with all that can be chosen"))
        self.make.clicked.connect(self._on_make)
        self._feed = PaneFeed(ImagePane(tr("Channel"), background="panel"), state)
        self.pane = self._feed.pane
        self.pane.set_smooth(True, math.inf)
        self.pane.setFixedHeight(theme.RIGHT_DOCK - 2 * theme.PADDING + TITLE_ROW)
        self._hint = Label(_HINT, "caption", "text2", wrap=True)
        self._rows = KeyValueRows()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.INSIDE)
        buttons.addWidget(self.make, 1)
        buttons.addWidget(self.open, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._hint)
        add_layout(column, buttons)
        column.addWidget(self.pane)
        column.addWidget(self._rows)
        state.observe(self._on_state_changed)
        self.draw()

    @Slot()
    def _on_open(self) -> None:
        self._state.select(stage="layers", channel=layer_view.channel_in_use(self._state))

    @Slot()
    def _on_make(self) -> None:
        self._state.show(feature_view="picture")
        self._state.select(**feature_view.opened(layer_view.channel_in_use(self._state)))

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & CONCERNS and self._state.selection.stage == "features":
            self.draw()

    def draw(self) -> None:
        """Show the picture of the channel in use, where the sheet has it."""
        found = feature_view.shown_sheet(self._state)
        channel = layer_view.channel_in_use(self._state)
        there = found is not None and channel in found.result.channels
        for widget in (self.open, self.make, self.pane):
            widget.setVisible(there)
        self._hint.setVisible(found is not None and not there)
        if found is not None and there and channel is not None:
            place = found.result.channels.index(channel)
            self._feed.show("done", _one, found.result, place)
            self.pane.set_title(tr("Channel {channel}", channel=channel))
            answer = fmt.significant(float(found.result.activations[place]))
            self.pane.set_caption([(tr("answer"), "text3", False), (answer, "text1", True)])
        self._draw_rows()

    def _draw_rows(self) -> None:
        wanted = feature_view.wanted_sheet(self._state)
        self._rows.setVisible(wanted is not None)
        if wanted is not None:
            size, steps = wanted.parameters.size, wanted.parameters.steps
            each = tr("{size}, {steps} steps", size=f"{size} {fmt.TIMES} {size}", steps=steps)
            self._rows.set_rows(
                [(tr("Each picture"), each), (tr("Kept"), tr("on disk, until it is cleared"))]
            )


def _one(sheet: SheetOfFeatures, place: int) -> ByteArray:
    """Return a picture, uint8 (h, w, 3)."""
    return sheet.pictures[place]

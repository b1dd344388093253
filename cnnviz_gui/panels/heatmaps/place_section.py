"""What is shown of the place that a map marks, from which height on, and how well it is met."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    Button,
    IconButton,
    KeyValueRows,
    Label,
    SectionHeader,
    Segmented,
    Slider,
)
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import place_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import PLACES
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("stage", "heatmap_view", "model", "image", "place_view", "place_share", "truth"),
        *("drawing_box", "finding.heatmap", f"finding.{place_view.LANE}"),
    }
)


class PlaceSection(QWidget):
    """Choice, threshold, numbers, the box of the hand, the crop."""

    crop_wanted = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.view = Segmented(tuple(PLACES.items()), tr("Place"))
        self.view.setToolTip(
            tr(
                "Draw what the map marks over the pictures: all that is high enough, or box and"
                " mask of its largest part"
            )
        )
        self.view.chosen.connect(self._on_view)
        self._seen = "off"
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._scroll)
        self.threshold = Slider(
            tr("Threshold"), tr("From which share of the maximum on a pixel counts")
        )
        self.threshold.setRange(1, 100)
        self.threshold.valueChanged.connect(self._on_threshold)
        self._percent = Label("", "caption", "text1")
        self._percent.setFixedWidth(40)
        self.draw = Button(tr("Draw your box"), "crosshair")
        self.draw.setToolTip(tr("Drag a box over the picture, to compare the map with it"))
        self.draw.setCheckable(True)
        self.draw.clicked.connect(self._on_draw)
        self.clear = IconButton("x", tr("Take your box away"))
        self.clear.clicked.connect(self._on_clear)
        self.numbers = KeyValueRows()
        self._why = Label("", "caption", "text3", wrap=True)
        self.crop = Button(tr("Save the crop"), "export")
        self.crop.setToolTip(tr("Save what lies in the box of the map, as PNG"))
        self.crop.clicked.connect(self.crop_wanted)
        self._lay_out()
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(SectionHeader(tr("Place"), level=2))
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        body.setSpacing(theme.INSIDE)
        body.addWidget(self.view)
        threshold = QHBoxLayout()
        threshold.setSpacing(theme.INSIDE)
        label = Label(tr("Threshold"), "body", "text2")
        label.setFixedWidth(theme.LABEL_COLUMN)
        label.setBuddy(self.threshold)
        for widget in (label, self.threshold, self._percent):
            threshold.addWidget(widget)
        add_layout(body, threshold)
        truth = QHBoxLayout()
        truth.setSpacing(theme.INSIDE)
        truth.addWidget(self.draw, 1)
        truth.addWidget(self.clear)
        add_layout(body, truth)
        body.addWidget(self._why)
        body.addWidget(self.numbers)
        body.addWidget(self.crop)
        add_layout(column, body)

    @Slot(object)
    def _on_view(self, view: str) -> None:
        self._state.show(place_view=view)

    @Slot(int)
    def _on_threshold(self, value: int) -> None:
        if round(100 * self._state.selection.place_share) != value:
            self._state.select(place_share=value / 100)

    @Slot(bool)
    def _on_draw(self, checked: bool) -> None:
        self._state.show(drawing_box=checked)

    @Slot()
    def _on_clear(self) -> None:
        self._state.select(truth=None)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    def _draw(self) -> None:
        state = self._state
        share, truth = state.selection.place_share, state.selection.truth
        self.view.set_value(state.display.place_view)
        self.threshold.setValue(round(100 * share))
        self._percent.setText(fmt.share(share))
        self.draw.setChecked(state.display.drawing_box)
        self.draw.setText(tr("Draw it again") if truth is not None else tr("Draw your box"))
        self.clear.setVisible(truth is not None)
        wanted = state.display.place_view != "off" or truth is not None
        place = place_view.shown_place(state) if wanted else None
        rows = place_view.numbers(place) if place is not None else []
        self.numbers.set_rows(rows)
        self.numbers.setVisible(bool(rows))
        why = place_view.why_none(state) if wanted else ""
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.crop.setVisible(place is not None and place.box is not None)
        self._come_into_sight()

    def _come_into_sight(self) -> None:
        """Scroll to the section once something of the place is shown."""
        before, self._seen = self._seen, self._state.display.place_view
        if before == "off" and self._seen != "off":
            self._soon.start(0)  # once the numbers have their room

    @Slot()
    def _scroll(self) -> None:
        area: QWidget | None = self
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None:
            area.ensureWidgetVisible(self, 0, theme.PADDING)

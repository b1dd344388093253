"""How heat maps are drawn."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    ComboBox,
    Label,
    SectionHeader,
    Segmented,
    Slider,
    Toggle,
)
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import COLOURS, LAYOUTS, PHOTOGRAPHS
from cnnviz_gui.state.heatmap_view import fits, lock, shown_map
from cnnviz_gui.texts import ptr, tr

_HUES = tr("The colours of the heat map")
_OWN = tr("The map is drawn in red, green and blue, which need no colour map")
_SIGNED = tr("This map has two signs: its colours diverge from 0, whatever is chosen for others")
_PHOTOGRAPH = tr(
    "What lies under the map: the photograph, the photograph in grey, or nothing."
    " Maps with two signs remember a choice of their own"
)
_DRAWN = (("map", ptr("heat map", "Map")), ("colours", tr("Colours")))
_CONCERNS = frozenset(
    {
        *("opacity", "heatmap_colours", "heatmap_layout", "heatmap_view", "locked_range"),
        *("finding.heatmap", "image", "model", "photograph", "photograph_signed"),
        "heatmap_in_colour",
    }
)


class DisplaySection(QWidget):
    """How map and picture stand, opacity, colour map, range."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._opacity = Slider(
            tr("Opacity of the heat map"), tr("How much of the photograph it covers")
        )
        self._opacity.setRange(0, 100)
        self._opacity.valueChanged.connect(self._on_opacity)
        self._percent = Label("", "caption", "text1")
        self._percent.setFixedWidth(40)
        self._colours = ComboBox(tr("Colour map"))
        self._colours.setPlaceholderText(tr("Diverging"))
        for value, word in COLOURS.items():
            self._colours.addItem(word, value)
        self._colours.activated.connect(self._on_colours)
        self.photograph = Segmented(tuple(PHOTOGRAPHS.items()), tr("Photograph under the map"))
        self.photograph.setToolTip(_PHOTOGRAPH)
        self.photograph.chosen.connect(self._on_photograph)
        self.drawn = Segmented(_DRAWN, tr("How the map is drawn"))
        self.drawn.setToolTip(
            tr(
                "One number for each pixel, or what came back to red, green and blue, around"
                " grey, as papers print it"
            )
        )
        self.drawn.chosen.connect(self._on_drawn)
        self.arrangement = Segmented(tuple(LAYOUTS.items()), tr("How map and picture stand"))
        key_tip(self.arrangement, tr("The map over the photograph, or beside it"), "toggle_layout")
        self.arrangement.chosen.connect(self._on_layout)
        self._lock = Toggle(
            tr("Lock range"), tr("Keep this colour range for all maps of the method")
        )
        self._lock.chosen.connect(self._on_lock)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(SectionHeader(tr("Display"), level=2))
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        body.setSpacing(theme.INSIDE)
        opacity = _row(tr("Opacity"), self._opacity)
        opacity.addWidget(self._percent)
        self._layout_row = _whole(_row(tr("Layout"), self.arrangement))
        self._drawn_row = _whole(_row(tr("Drawn as"), self.drawn))
        body.addWidget(self._layout_row)
        body.addWidget(self._drawn_row)
        self._over = (
            _whole(_row(tr("Photograph"), self.photograph)),
            _whole(opacity),
        )
        for row in self._over:
            body.addWidget(row)
        add_layout(body, _row(tr("Colour map"), self._colours))
        lock = _row(tr("Lock range"), self._lock)
        lock.addStretch(1)
        self._over += (_whole(lock),)
        body.addWidget(self._over[-1])
        add_layout(column, body)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_layout(self, layout: str) -> None:
        self._state.show(heatmap_layout=layout)

    @Slot(object)
    def _on_photograph(self, under: str) -> None:
        name = "photograph_signed" if self._signed() else "photograph"
        self._state.show(**{name: under})

    @Slot(object)
    def _on_drawn(self, drawn: str) -> None:
        self._state.show(heatmap_in_colour=drawn == "colours")

    @Slot(int)
    def _on_opacity(self, value: int) -> None:
        if round(100 * self._state.display.opacity) != value:
            self._state.show(opacity=value / 100)

    @Slot(int)
    def _on_colours(self, place: int) -> None:
        self._state.show(heatmap_colours=self._colours.itemData(place))

    @Slot(object)
    def _on_lock(self, locked: bool) -> None:
        shown = shown_map(self._state)
        wanted = lock(shown.result) if locked and shown is not None else None
        self._state.show(locked_range=wanted)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS:
            self._draw()

    def _draw(self) -> None:
        display = self._state.display
        self._layout_row.setVisible(display.heatmap_view == "map")
        self.arrangement.set_value(display.heatmap_layout)
        self._opacity.setValue(round(100 * display.opacity))
        self._percent.setText(fmt.share(display.opacity))
        locked, shown = display.locked_range, shown_map(self._state)
        coloured = shown is not None and shown.result.colour is not None
        bare = coloured and display.heatmap_in_colour
        self._drawn_row.setVisible(coloured and display.heatmap_view != "trust")
        for row in self._over:
            row.setVisible(display.heatmap_view != "trust")
        self.drawn.set_value("colours" if display.heatmap_in_colour else "map")
        signed = self._signed()
        under = display.photograph_signed if signed else display.photograph
        self.photograph.set_value(under)
        self.photograph.setEnabled(not bare)
        self._opacity.setEnabled(not bare and under != "none")
        self._draw_colours(signed=signed, bare=bare)
        self._lock.setEnabled(shown is not None and not bare)
        applies = locked is not None and (shown is None or fits(locked, shown.result))
        self._lock.setChecked(applies)

    def _signed(self) -> bool:
        """Tell whether the one map in sight has two signs."""
        shown = shown_map(self._state)
        one_map = self._state.display.heatmap_view in ("map", "trust")
        return one_map and shown is not None and shown.result.signed

    def _draw_colours(self, *, signed: bool, bare: bool) -> None:
        """Show the colour map; a signed map is drawn in none of them, nor is one in colour."""
        place = self._colours.findData(self._state.display.heatmap_colours)
        self._colours.setPlaceholderText(tr("Its own") if bare else tr("Diverging"))
        self._colours.setCurrentIndex(-1 if signed or bare else place)
        self._colours.setEnabled(not signed and not bare)
        said = _OWN if bare else _SIGNED if signed else _HUES
        self._colours.setToolTip(said)
        self._colours.setAccessibleDescription(said)


def _whole(row: QHBoxLayout) -> QWidget:
    """Return a row as a widget, which can be hidden."""
    widget = QWidget()
    row.setContentsMargins(0, 0, 0, 0)
    widget.setLayout(row)
    return widget


def _row(text: str, control: QWidget) -> QHBoxLayout:
    """Put a label before its control."""
    row = QHBoxLayout()
    row.setSpacing(theme.INSIDE)
    label = Label(text, "body", "text2")
    label.setFixedWidth(theme.LABEL_COLUMN)
    label.setBuddy(control)
    row.addWidget(label)
    row.addWidget(control, 1)
    return row

"""The convolution microscope: how one cell of a map came about."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    Card,
    ElidedLabel,
    FailureCard,
    IconButton,
    Label,
    painting,
)
from cnnviz_gui.panels.layers.cell_window import CellWindow
from cnnviz_gui.panels.layers.formula import Formula
from cnnviz_gui.panels.layers.step_line import StepLine
from cnnviz_gui.panels.layers.sum_line import SumLine
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.panels.places import keep_window
from cnnviz_gui.state import cell_view, layer_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.cell_view import ShownCell
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "channel",
        "cell",
        "edits",
        "stage",
        "finding.layer",
        "finding.cell",
    }
)
_PLACE = frozenset({"facts", "image", "layer", "channel", "cell"})
"""What says which cell is in use."""


class CellCard(Card):
    """Patch times kernel for one input channel at a time, and the steps that follow the sum.

    It draws only while the stage is ``layers``. The left and right arrows go through the input
    channels, the one that adds or takes most first.
    """

    again = Signal(object)
    """The lane to compute again."""

    def __init__(self, state: AppState) -> None:
        super().__init__(tr("Microscope"), " ")
        self._state = state
        self._shown: ShownCell | None = None
        self._number = 0
        self._window: CellWindow | None = None
        self._formula = Formula()
        self._which = ElidedLabel("", "caption", "text2")
        self._written = SumLine("", "tick", "text2")
        self._back = IconButton("caret-left", tr("The input channel before (←)"))
        self._on = IconButton("caret-right", tr("The next input channel (→)"))
        self._enlarge = IconButton(
            "arrows-out-simple", tr("All numbers, to read and to copy (Enter)")
        )
        self._steps = StepLine()
        self._busy = BusyArc()
        self._why = Label("", "caption", "text3", wrap=True)
        self._strongest = Button(tr("Strongest cell"), "crosshair")
        self._failure = FailureCard()
        self._connect()
        self._lay_out()
        self._redraw()

    def _connect(self) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        painting.name(self, tr("Microscope"))
        self._strongest.setToolTip(tr("Look at the cell of this channel with the greatest value"))
        self._back.clicked.connect(self._on_back)
        self._on.clicked.connect(self._on_next)
        self._enlarge.clicked.connect(self.enlarge)
        self._failure.remedied.connect(self._on_again)
        self._strongest.clicked.connect(self._on_strongest)
        self._formula.told.connect(self._on_told)
        theme.notifier.changed.connect(self._redraw)
        self._state.observe(self._on_state_changed)

    def _lay_out(self) -> None:
        self.head.addWidget(self._busy)
        self.head.addWidget(self._enlarge)
        choice = QHBoxLayout()
        choice.setSpacing(0)
        choice.addWidget(self._back)
        choice.addWidget(self._which, 1)
        choice.addWidget(self._on)
        for line in (self._which, self._written):
            line.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._arithmetic = QWidget()
        column = QVBoxLayout(self._arithmetic)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._formula)
        add_layout(column, choice)
        column.addWidget(self._written)
        column.addWidget(self._steps)
        self.body.addWidget(self._failure)
        self.body.addWidget(self._why)
        self.body.addWidget(self._strongest, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._arithmetic)

    @Slot()
    def enlarge(self) -> None:
        """Show all numbers in a window of their own."""
        if self._shown is None:
            return
        if self._window is None:
            self._window = CellWindow(self)
            keep_window(self._window, "cell")
        self._window.show_cell(self._shown, self._number)
        self._window.show()
        self._window.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the input channels, or enlarge."""
        keys = {
            Qt.Key.Key_Left: self._on_back,
            Qt.Key.Key_Right: self._on_next,
            Qt.Key.Key_Return: self.enlarge,
            Qt.Key.Key_Enter: self.enlarge,
        }
        act = keys.get(Qt.Key(event.key())) if self._shown is not None else None
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, with a ring while it has the keyboard."""
        super().paintEvent(event)
        if self.hasFocus():
            painting.ring(QPainter(self), self.rect(), theme.R_CARD)

    @Slot()
    def _on_again(self) -> None:
        self.again.emit("cell")

    @Slot()
    def _on_back(self) -> None:
        self._go(-1)

    @Slot()
    def _on_next(self) -> None:
        self._go(1)

    def _go(self, by: int) -> None:
        if self._shown is not None:
            self._number = min(max(self._number + by, 0), len(self._shown.order) - 1)
            self._draw_channel(self._shown)

    @Slot()
    def _on_strongest(self) -> None:
        found = layer_view.shown_layer(self._state)
        if found is None:
            return
        channel = layer_view.chosen_channel(found, self._state.selection.channel)
        self._state.select(channel=channel, cell=cell_view.strongest(found.result.maps[channel]))

    @Slot(str)
    def _on_told(self, product: str) -> None:
        if self._shown is not None:
            place = int(self._shown.order[self._number])
            self._written.setText(product or cell_view.written_out(self._shown, place))

    def _on_state_changed(self, changes: Changes) -> None:
        if not changes & _CONCERNS:
            return
        if self._state.selection.stage == "layers":
            self._draw()
        elif self._window is not None and changes & _PLACE:
            self._shown = None
            self._window.leave()

    @Slot()
    def _redraw(self) -> None:
        self._draw()

    def _describe(self, said: str) -> None:
        """Tell what is seen, for the card itself has the focus and takes the arrow keys."""
        self.setAccessibleDescription(said or tr("No cell is looked at yet"))

    def _draw(self) -> None:
        layer, cell = layer_view.current_layer(self._state), self._state.selection.cell
        why = cell_view.why_none(layer, cell)
        shown = None if why else cell_view.shown_cell(self._state)
        show_problem(self._failure, self._state.finding("cell"))
        if why or shown is None:
            self._failure.setVisible(self._failure.isVisibleTo(self) and not why)
        waiting = self._state.finding("cell").status in ("loading", "stale")
        working = waiting and shown is None and not why
        self._busy.setVisible(working)
        self._busy.start() if working else self._busy.stop()
        self._why.setText(why)
        self._why.setVisible(bool(why))
        found = layer_view.shown_layer(self._state)
        convolution = layer is not None and layer.groups is not None
        self._strongest.setVisible(bool(why) and convolution and found is not None)
        self._arithmetic.setVisible(shown is not None)
        self._enlarge.setVisible(shown is not None)
        self.caption.setText("" if shown is None else cell_view.place(shown.result))
        before, self._shown = self._shown, shown
        if shown is None:
            self._describe(why)
            if self._window is not None:
                self._window.leave()
            return
        if self._window is not None and self._window.isVisible() and not shown.same(before):
            self._window.show_cell(shown)
        if before is None or before.result is not shown.result:
            self._number = 0
        self._draw_channel(shown)
        self._steps.set_steps(
            cell_view.steps(shown.result, shown.factor),
            cell_view.agrees(shown.result),
            not shown.current,
        )

    def _draw_channel(self, shown: ShownCell) -> None:
        place = int(shown.order[self._number])
        self._formula.show_channel(shown, place)
        self._which.setText(cell_view.rank(shown, self._number))
        self._written.setText(cell_view.written_out(shown, place))
        self._describe(f"{self._which.text()}, {self._written.text()}")
        self._back.setEnabled(self._number > 0)
        self._on.setEnabled(self._number < len(shown.order) - 1)

"""The five best classes of one network as bars."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.panels.controls import ProbabilityBar
from cnnviz_gui.state.prediction_view import ROWS, Row


class ScoreBars(QWidget):
    """As many bars as there are rows, the best first."""

    chosen = Signal(object)
    """The index of the class the user clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.bars = [ProbabilityBar() for _ in range(ROWS)]
        for bar in self.bars:
            bar.chosen.connect(self._on_chosen)
            column.addWidget(bar)

    def set_rows(self, rows: Sequence[Row], *, target: int | None, stale: bool) -> None:
        """Show classes; ``target`` bears the crosshair, ``stale`` rows are of an old result."""
        for place, bar in enumerate(self.bars):
            bar.setVisible(place < len(rows))
            if place < len(rows):
                row = rows[place]
                bar.set_row(
                    row.index,
                    row.label,
                    row.clean,
                    row.adversarial,
                    row.before,
                    winner=place == 0,
                    target=row.index == target,
                )
                bar.set_stale(stale)

    def set_dense(self, dense: bool) -> None:
        """Take less height."""
        for bar in self.bars:
            bar.set_dense(dense)

    def set_clickable(self, clickable: bool) -> None:
        """Tell whether a class can be made the target."""
        for bar in self.bars:
            bar.set_clickable(clickable)

    @Slot(object)
    def _on_chosen(self, index: int) -> None:
        self.chosen.emit(index)

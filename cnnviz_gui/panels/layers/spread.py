"""A distribution with its mean and its standard deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel, Label
from cnnviz_gui.panels.layers.histogram import Histogram, Numbers
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import Distribution

_ROUNDING = 5e-4


class Spread(QWidget):
    """A histogram with its title, mean and standard deviation above it."""

    def __init__(self, title: str, what: Numbers) -> None:
        super().__init__()
        self._caption = ElidedLabel("", "caption", "text3")
        self._histogram = Histogram(what)
        self._histogram.setFixedHeight(84)
        head = QHBoxLayout()
        head.setSpacing(theme.INSIDE)
        head.addWidget(Label(title, "title"))
        head.addWidget(self._caption, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        add_layout(column, head)
        column.addWidget(self._histogram)
        self._caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_distribution(self, spread: Distribution | None) -> None:
        """Show a distribution, or nothing."""
        if spread is None:
            self._caption.setText("")
            self._histogram.clear()
            return
        std = fmt.significant(spread.std)
        # What is less than the last digit beside it is rounding, not a mean.
        nothing = abs(spread.mean) < _ROUNDING * spread.std
        mean = tr("mean ≈ 0") if nothing else tr("mean {value}", value=fmt.significant(spread.mean))
        self._caption.set_texts(f"{mean} ± {std}", mean)
        self._histogram.set_distribution(spread.counts, spread.low, spread.high)

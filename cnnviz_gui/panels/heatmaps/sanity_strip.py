"""Small maps from the trained network's to a random one's, each with its rank correlation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QImage, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core import render
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.overlays import diverging
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import FloatArray
    from cnnviz_gui.core.trust_results import SanityResult

_SIDE, _GAP, _WORDS = 84, 12, 34


class SanityStrip(QWidget):
    """One map a tile, in as many rows as are needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._found: SanityResult | None = None
        self._colours = "inferno"
        self._stale = False
        self._tiles: list[QImage] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        painting.name(
            self,
            tr("Maps while the weights become random"),
            tr(
                "Below each map the lowest layer with random weights, and its rank correlation"
                " with the first"
            ),
        )
        theme.notifier.changed.connect(self._on_theme_changed)

    def set_result(self, found: SanityResult | None, colours: str, *, stale: bool = False) -> None:
        """Show the maps there are so far, dimmed where they are made anew."""
        if stale != self._stale:
            self._stale = stale
            self.update()
        if found is self._found and colours == self._colours:
            return
        self._found, self._colours = found, colours
        self._make()
        told = [f"{name} {said}" for name, said in self._words()]
        self.setAccessibleDescription(", ".join(told))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for all rows."""
        columns = self._columns()
        rows = math.ceil(len(self._tiles) / columns)
        return QSize(columns * (_SIDE + _GAP), rows * (_SIDE + _WORDS + _GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take as many rows as are needed."""
        super().resizeEvent(event)
        self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw tiles and words."""
        painter = painting.begin(self)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        columns = self._columns()
        middle = Qt.AlignmentFlag.AlignHCenter
        for place, (tile, words) in enumerate(zip(self._tiles, self._words(), strict=True)):
            row, column = divmod(place, columns)
            left, top = column * (_SIDE + _GAP), row * (_SIDE + _WORDS + _GAP)
            rect = QRect(left, top, _SIDE, _SIDE)
            painter.drawImage(rect, tile)
            name, said = words
            below = QRect(left - 4, rect.bottom() + 2, _SIDE + 8, 16)
            painting.text(painter, below, name, "tick", "text2", middle)
            painting.text(painter, below.translated(0, 15), said, "tick", "text1", middle)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._make()
        self.update()

    def _columns(self) -> int:
        return max(1, (self.width() + _GAP) // (_SIDE + _GAP))

    def _make(self) -> None:
        found = self._found
        maps = [] if found is None else [found.original, *(stage.map for stage in found.stages)]
        signed = found is not None and found.signed
        self._tiles = [to_qimage(self._painted(values, signed)) for values in maps]

    def _painted(self, values: FloatArray, signed: bool) -> object:
        bound = render.signed_range(values) or 1.0
        name = diverging() if signed else self._colours
        return render.apply_colormap(values, name, -bound if signed else 0.0, bound)

    def _words(self) -> list[tuple[str, str]]:
        if self._found is None:
            return []
        stages = [(_short(stage.layer), stage) for stage in self._found.stages]
        return [
            (tr("trained"), ""),
            *((name, _correlation(stage.absolute)) for name, stage in stages),
        ]


def _short(layer: str) -> str:
    """Return the block of a layer that lies deep: its own name says little."""
    return ".".join(layer.split(".")[:2])


def _correlation(value: float) -> str:
    return tr("blank") if math.isnan(value) else f"{value:.2f}".replace("-", fmt.MINUS)

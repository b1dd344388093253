"""Pictures side by side, as large as the place allows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.image_pane import ImagePane

_TITLES = 232
"""Room for title and caption over a picture, taken where it is free beside small pictures."""
_RESHAPING = (
    QEvent.Type.ShowToParent,
    QEvent.Type.HideToParent,
    QEvent.Type.LayoutRequest,
)


class PaneRow(QWidget):
    """Panes of one size with 12 px between them, and perhaps a colour bar as high as the pictures.

    The pictures are square, as networks see them, so that titles, pictures and bar line up. Where
    they are small because the place is low, their titles take the room beside them.
    """

    def __init__(
        self, panes: Sequence[ImagePane], bar: QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        as_data(self)
        self._panes = tuple(panes)
        self._bar = bar
        self._parts: tuple[QWidget, ...] = (*self._panes, *([] if bar is None else [bar]))
        for part in self._parts:
            part.setParent(self)
            part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Place the panes anew when one is hidden or shown, or the bar's labels have grown."""
        if event.type() in _RESHAPING:
            self._place()
        return False

    def event(self, event: QEvent) -> bool:
        """Place the panes anew when the title of one has grown."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(320 * len(self._panes), 320 + self._title_height())

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(120 * len(self._panes), 120 + self._title_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the panes anew."""
        super().resizeEvent(event)
        self._place()

    def _title_height(self) -> int:
        return max((pane.title_height() for pane in self._shown()), default=0)

    def _shown(self) -> list[ImagePane]:
        return [pane for pane in self._panes if not pane.isHidden()]

    def _place(self) -> None:
        shown = self._shown()
        if not shown:
            return
        bar = 0
        if self._bar is not None and not self._bar.isHidden():
            bar = self._bar.sizeHint().width() + theme.GAP
        room = self.width() - bar - theme.GAP * (len(shown) - 1)
        title = self._title_height()
        most = int(room / len(shown))
        side = max(min(most, self.height() - title), 1)
        width = max(side, min(most, _TITLES))
        for index, pane in enumerate(shown):
            pane.set_side(side)
            pane.setGeometry(index * (width + theme.GAP), 0, width, side + title)
        if self._bar is not None:
            left = (len(shown) - 1) * (width + theme.GAP) + side + theme.GAP
            self._bar.setGeometry(left, title, max(0, bar - theme.GAP), side)

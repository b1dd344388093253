"""The room of the pages: where it is too small for one, it scrolls and nothing is cut."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedWidget, QWidget

_LEAST = QSize(280, 160)
"""What large letters on a small screen leave between the docks."""


class Pages(QStackedWidget):
    """Pages of which only the one in sight asks for room."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self._share)

    def addWidget(self, page: QWidget) -> int:
        """Put a page in, out of sight unless it is the first."""
        place = super().addWidget(page)
        self._share()
        return place

    def _share(self) -> None:
        ignored, usual = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        for place in range(self.count()):
            policy = usual if place == self.currentIndex() else ignored
            self.widget(place).setSizePolicy(policy, policy)


class PageRoom(QScrollArea):
    """Gives pages all the room there is, and at least what they ask for."""

    def __init__(self, pages: QWidget) -> None:
        super().__init__()
        self.setWidget(_Holder(pages))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is inside of it takes the keys
        self.setMinimumSize(_LEAST)

    def sizeHint(self) -> QSize:
        """Return what the pages would like to have."""
        return self.widget().sizeHint()


class _Holder(QWidget):
    """Has no layout: one would ask for the height that sentences like, not for the least."""

    def __init__(self, pages: QWidget) -> None:
        super().__init__()
        self._pages = pages
        pages.setParent(self)

    def sizeHint(self) -> QSize:
        """Return what the pages would like to have."""
        return self._pages.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return what the pages need."""
        return self._pages.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give all of it to the pages."""
        super().resizeEvent(event)
        self._pages.setGeometry(self.rect())

    def event(self, event: QEvent) -> bool:
        """Pass on that the pages need another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)

"""What the program tells: quiet notes in the lower left corner, over the dock there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.app_state import Notice as Told
from cnnviz_gui.state.bulletin import Changes

_MOMENT_MS = 6000
"""A notice that only informs goes by itself after so long."""
_WORD_MS = 60
"""And later by so much for each letter: a verdict is to be read."""
_MOVES = (
    *(QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide),
    QEvent.Type.LayoutRequest,
)


class Notices(QWidget):
    """All notices that have not been closed, the newest at the foot.

    They move nothing on the page and lie over none of its controls.
    """

    remedy_wanted = Signal(object)
    """What a notice offers: the ``ImageRef`` to open, or the file to ``SaveAgain``."""

    def __init__(self, state: AppState, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state
        self._window: QMainWindow | None = None
        self._dock: QDockWidget | None = None
        self._shown: dict[int, _One] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.INSIDE)
        parent.installEventFilter(self)
        self.hide()
        state.observe(self._on_state_changed)
        self._draw()

    def stand_over(self, window: QMainWindow, dock: QDockWidget) -> None:
        """Stand at the foot of a dock, whenever it is at the left, instead of over the parent."""
        self._window, self._dock = window, dock
        self.setParent(window)
        for moving in (window, window.statusBar(), dock):
            moving.installEventFilter(self)
        self._draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the place."""
        if event.type() in _MOVES:
            self._place()
        return False

    def _on_state_changed(self, changes: Changes) -> None:
        if "notices" in changes:
            self._draw()

    def _draw(self) -> None:
        told = {id(notice): notice for notice in self._state.shared.notices}
        for key in [key for key in self._shown if key not in told]:
            gone = self._shown.pop(key)
            self._column.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for key, notice in told.items():
            if key not in self._shown:
                self._shown[key] = one = _One(notice, self)
                one.left.connect(self._on_left)
                one.wanted.connect(self._on_wanted)
                self._column.addWidget(one)
        self.setVisible(bool(told))
        self._place()

    def _place(self) -> None:
        if self.isHidden():
            return
        window, dock = self._window, self._dock
        foot, width = self.parentWidget().height(), theme.LEFT_DOCK
        if window is not None and dock is not None:
            if window.statusBar().isVisible():
                foot = window.statusBar().y()
            if dock.isVisible() and not dock.isFloating() and dock.x() <= theme.GAP:
                width = dock.width()
        width -= 2 * theme.INSIDE
        high = min(self._column.totalHeightForWidth(width), foot)
        self.setGeometry(theme.INSIDE, foot - high - theme.INSIDE, width, high)
        self.raise_()

    @Slot(object)
    def _on_left(self, notice: Told) -> None:
        self._state.dismiss(notice)

    @Slot(object)
    def _on_wanted(self, notice: Told) -> None:
        self._state.dismiss(notice)
        self.remedy_wanted.emit(notice.remedy_ref)


class _One(Notice):
    """One notice; what only informs goes by itself."""

    left = Signal(object)
    wanted = Signal(object)

    def __init__(self, told: Told, parent: QWidget) -> None:
        super().__init__(closable=True, narrow=True, parent=parent)
        self._told = told
        kinds = {"info": "info", "warning": "warning", "error": "error"}
        self.set_notice(told.text, kind=kinds.get(told.level, "info"), action=told.remedy)
        self.setToolTip(told.details)
        self.dismissed.connect(self._on_left)
        self.acted.connect(self._on_wanted)
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(_MOMENT_MS + _WORD_MS * len(told.text))
        self._moment.timeout.connect(self._on_left)
        if told.level == "info" and not told.remedy:
            self._moment.start()

    @Slot()
    def _on_left(self) -> None:
        self.left.emit(self._told)

    @Slot()
    def _on_wanted(self) -> None:
        self.wanted.emit(self._told)

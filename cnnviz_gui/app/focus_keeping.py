"""Where the focus goes when what has it is hidden or can no longer be used.

Qt would give it to the next control, wherever that stands and whatever the next key does there.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from shiboken6 import isValid

from cnnviz_gui.app import focus_order

_SOON_MS = 50
"""What takes the place of a button is drawn once the program has seen what was asked."""
_COMES = (QEvent.Type.Show, QEvent.Type.EnabledChange)


class FocusKeeper(QObject):
    """Keeps the focus where it was lost, and hands it on to what comes in its place.

    Until that is there the part round it has the focus: it takes no keys, and Tab goes on from
    where the lost one stood.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._holder: QWidget | None = None
        self._lost: QWidget | None = None
        self._watched: list[QWidget] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._hand_on)

    def go_on(self, *, back: bool) -> bool:
        """Go where Tab leads, or keep the focus there if it is no key but a loss; say whether."""
        now = QApplication.focusWidget()
        if now is not None and self._window.isAncestorOf(now) and not _usable(now):
            self._keep(now)
            return True
        lost = self._lost if self._holds() else None
        self._leave()
        return focus_order.go_on(self._window, back=back, start=lost)

    def _keep(self, lost: QWidget) -> None:
        self._leave()
        holder = lost.parentWidget()
        while holder is not self._window and not _usable(holder):
            holder = holder.parentWidget()
        self._holder, self._lost = holder, lost
        holder.setFocus(Qt.FocusReason.OtherFocusReason)
        if not getattr(lost, "by_mouse", False):
            self._watched = [lost, *_heirs(lost)]
            for widget in self._watched:
                widget.installEventFilter(self)
            self._soon.start()

    def _holds(self) -> bool:
        """Tell whether nothing else has taken the focus since."""
        holder, lost = self._holder, self._lost
        there = holder is not None and lost is not None and isValid(holder) and isValid(lost)
        return there and QApplication.focusWidget() is holder

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hand the focus on once there is something to hand it to."""
        if event.type() in _COMES:
            self._soon.start()
        return False

    @Slot()
    def _hand_on(self) -> None:
        if not self._holds():
            self._leave()
            return
        order = focus_order.controls(self._window)
        for heir in filter(isValid, self._watched):
            within = [one for one in order if one is heir or heir.isAncestorOf(one)]
            if within:
                self._leave()
                within[0].setFocus(Qt.FocusReason.TabFocusReason)
                return

    def _leave(self) -> None:
        self._soon.stop()
        for widget in filter(isValid, self._watched):
            widget.removeEventFilter(self)
        self._holder = self._lost = None
        self._watched = []


def _heirs(lost: QWidget | None) -> tuple[QWidget, ...]:
    """Return what is to have the focus in place of something, or of what that is in."""
    while lost is not None:
        heirs: tuple[QWidget, ...] = getattr(lost, "heirs", ())
        if heirs:
            return heirs
        lost = lost.parentWidget()
    return ()


def _usable(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled()

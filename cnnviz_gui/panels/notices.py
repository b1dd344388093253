"""What the program tells: quiet notes at the foot of a dock, which makes room for them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QBoxLayout, QDockWidget, QVBoxLayout, QWidget
from shiboken6 import isValid

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Notice
from cnnviz_gui.panels.controls.folded import FoldedDetails
from cnnviz_gui.panels.layouts import drop
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.app_state import Notice as Told
from cnnviz_gui.state.bulletin import Changes

_MOMENT_MS = 6000
"""A notice that only informs goes by itself after so long."""
_WORD_MS = 60
"""And later by so much for each letter: a verdict is to be read."""
_LINGERS_MS = 1500
"""What is being read then is looked at again so much later, until it is not."""
_HELD_MS = 100
"""How often is looked whether the hand has let go."""


class Notices(QWidget):
    """All notices that have not been closed, the newest at the foot.

    They lie over nothing. They stand below the panel of the first dock that is open, whose tree or
    form then scrolls; what stands at its foot stays, and nothing on the page moves. Only where no
    such dock is open the page gets lower, and not while the hand holds something on it.
    """

    standing = Signal(bool)
    """Whether there are any; said before what stands above them makes room."""
    remedy_wanted = Signal(object)
    """What a notice offers: the ``ImageRef`` to open, or the file to ``SaveAgain``."""
    refused = Signal(object)
    """The same, of a notice that the hand closed."""

    def __init__(self, state: AppState, page: QBoxLayout) -> None:
        """Stand at the end of ``page`` while no dock is open."""
        super().__init__()
        self._state = state
        self._homes: dict[int, _Home] = {}
        self._page = self._home = page
        self._before: QWidget | None = None
        self._shown: dict[int, _One] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.INSIDE, theme.INSIDE, theme.INSIDE, theme.INSIDE)
        self._column.setSpacing(theme.INSIDE)
        page.addWidget(self)
        self._held = QTimer(self)
        self._held.setSingleShot(True)
        self._held.setInterval(_HELD_MS)
        self._held.timeout.connect(self._draw)
        self._settled = QTimer(self, singleShot=True)  # what stood above has its height again
        self._settled.timeout.connect(self._on_settled)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)
        self.hide()
        state.observe(self._on_state_changed)
        self._draw()

    def add_home(self, rank: int, dock: QDockWidget, column: QBoxLayout) -> None:
        """Stand below the first in the column of a dock, while none of lower rank is open."""
        self._homes[rank] = home = _Home(dock, column, self)
        home.changed.connect(self._move)

    def event(self, event: QEvent) -> bool:
        """Ask for the height that the sentences need: a dock knows of nothing that wraps."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.setMinimumHeight(max(0, self._column.totalHeightForWidth(self.width())))
        return super().event(event)

    def _on_state_changed(self, changes: Changes) -> None:
        if "notices" in changes:
            self._draw()

    @Slot()
    def _move(self) -> None:
        """Go to where they stand now."""
        ranked = (self._homes[rank] for rank in sorted(self._homes))
        home = next((one.column for one in ranked if one.open), self._page)
        if home is self._home:
            return
        self._home.removeWidget(self)
        self._home = home
        home.insertWidget(1 if self._in_dock else -1, self)
        for one in self._shown.values():
            one.set_narrow(self._in_dock)
        self.setVisible(bool(self._shown))

    @property
    def _in_dock(self) -> bool:
        return self._home is not self._page

    @Slot()
    def _draw(self) -> None:
        if not self._in_dock and QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._held.start()
            return
        told = {id(notice): notice for notice in self._state.shared.notices}
        for key in [key for key in self._shown if key not in told]:
            gone = self._shown.pop(key)
            self._give_back(gone)
            drop(self._column, [gone])
        for key, notice in told.items():
            if key not in self._shown:
                self._shown[key] = one = _One(notice, narrow=self._in_dock, parent=self)
                one.left.connect(self._on_left)
                one.refused.connect(self.refused)
                one.wanted.connect(self._on_wanted)
                self._column.addWidget(one)
        if told:
            self.standing.emit(True)
        self.setVisible(bool(told))
        if not told:
            self._settled.start()

    @Slot()
    def _on_settled(self) -> None:
        if not self._shown:
            self.standing.emit(False)

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, old: QWidget | None, now: QWidget | None) -> None:
        """Note what had the focus before one of the notices."""
        if now is not None and self.isAncestorOf(now) and not (old and self.isAncestorOf(old)):
            self._before = old

    def _give_back(self, gone: QWidget) -> None:
        """Let what had the focus before have it again when the notice goes that has it now."""
        now, before = QApplication.focusWidget(), self._before
        if now is None or not gone.isAncestorOf(now) or before is None or not isValid(before):
            return
        if before.isVisible() and before.isEnabled():
            reason = Qt.FocusReason
            clicked = getattr(now, "by_mouse", False)
            before.setFocus(reason.OtherFocusReason if clicked else reason.TabFocusReason)

    @Slot(object)
    def _on_left(self, notice: Told) -> None:
        shown = self._shown.get(id(notice))
        if shown is not None:
            self._give_back(shown)  # before it hides
        self._state.dismiss(notice)

    @Slot(object)
    def _on_wanted(self, notice: Told) -> None:
        self._on_left(notice)
        self.remedy_wanted.emit(notice.remedy_ref)


class _Home(QObject):
    """The place for notices in a dock."""

    changed = Signal()

    def __init__(self, dock: QDockWidget, column: QBoxLayout, parent: QObject) -> None:
        super().__init__(parent)
        self.column = column
        self._dock = dock
        self._seen = False
        dock.visibilityChanged.connect(self._on_seen)
        dock.topLevelChanged.connect(self.changed)

    @property
    def open(self) -> bool:
        """It is to be seen, and in the window."""
        return self._seen and not self._dock.isFloating()

    @Slot(bool)
    def _on_seen(self, seen: bool) -> None:
        self._seen = seen
        self.changed.emit()


class _One(Notice):
    """One notice; what only informs goes by itself."""

    left = Signal(object)
    wanted = Signal(object)
    refused = Signal(object)

    def __init__(self, told: Told, *, narrow: bool, parent: QWidget) -> None:
        super().__init__(closable=True, narrow=narrow, parent=parent)
        self._told = told
        kinds = {"info": "info", "warning": "warning", "error": "error"}
        self.set_notice(told.text, kind=kinds.get(told.level, "info"), action=told.remedy)
        if told.details:
            self.add_below(FoldedDetails(told.text, told.details))
        self.dismissed.connect(self._on_dismissed)
        self.acted.connect(self._on_wanted)
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(_MOMENT_MS + _WORD_MS * len(told.text))
        self._moment.timeout.connect(self._on_moment)
        if told.level == "info" and not told.remedy:
            self._moment.start()

    @Slot()
    def _on_dismissed(self) -> None:
        self.refused.emit(self._told.remedy_ref)
        self._on_left()

    @Slot()
    def _on_moment(self) -> None:
        """Go, but not from under the mouse, nor with the keyboard focus."""
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._moment.start(_LINGERS_MS)
        else:
            self._on_left()

    @Slot()
    def _on_left(self) -> None:
        self.left.emit(self._told)

    @Slot()
    def _on_wanted(self) -> None:
        self.wanted.emit(self._told)

"""The window in which keys are looked up and changed. It blocks nothing."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    Button,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    SearchBox,
    window_parts,
)
from cnnviz_gui.panels.controls.key_recorder import KeyRecorder
from cnnviz_gui.panels.key_tip import follow_keys
from cnnviz_gui.panels.layouts import drop
from cnnviz_gui.panels.shortcut_table import Entry, ShortcutTable
from cnnviz_gui.state import key_rules
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import ntr, tr

__all__ = ["Entry", "ShortcutWindow"]

USUAL = QSize(780, 660)
_LEAST = QSize(620, 420)
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_HOW = tr("Double-click an action, or press Return on it, to give it another key.")


class ShortcutWindow(QDialog):
    """Search, table, and below it the keys of the action that is chosen there.

    Parameters
    ----------
    entries
        The actions, menu by menu.
    letters
        The letter that opens a menu with Alt, and the menu's title.
    """

    def __init__(
        self, entries: Sequence[Entry], letters: Mapping[str, str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._letters = dict(letters)
        self._adds = False
        """The next key is to be one more, and not to take the place of the others."""
        self._held = ""
        """A key that is to be confirmed."""
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self.setMinimumSize(_LEAST)
        self.resize(USUAL)
        self.table = ShortcutTable(entries)
        self.table.selectionModel().currentChanged.connect(self._on_current_changed)
        self.table.submitted.connect(self._on_submitted)
        self.search = SearchBox(tr("Search actions and keys"), "", tr("Search actions and keys"))
        self.search.textChanged.connect(self._look)
        self.search.installEventFilter(self)
        self.finder = KeyRecorder(tr("Press the key to look for"))
        self.finder.pressed.connect(self._on_looked_for)
        self.finder.cleared.connect(self._on_finder_left)
        self.finder.ended.connect(self._on_finder_left)
        self._by_key = IconButton("keyboard", tr("Search by pressing a key"), boxed=True)
        self._by_key.setCheckable(True)
        self._by_key.clicked.connect(self._on_by_key)
        self._count = Label("", "caption", "text3")
        self._none = EmptyState(
            "magnifying-glass", tr("No action fits."), tr("Show all"), self.table
        )
        self._none.acted.connect(self._show_all)
        self._wanted = ""
        """The key that is looked for."""
        self._make_foot()
        self._lay_out()
        follow_keys(self._on_keys_changed)
        self.table.choose(entries[0].name)
        self._draw()

    def _make_foot(self) -> None:
        self._title = ElidedLabel("", "title", "text1")
        self._caps = QWidget()
        self._shown_caps: list[Button] = []
        row = QHBoxLayout(self._caps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        self.change = Button(tr("Change…"))
        self.change.setToolTip(tr("Press another key for this action"))
        self.change.clicked.connect(functools.partial(self._record, adds=False))
        self.add = Button(tr("Add…"), "plus")
        self.add.setToolTip(tr("Press one more key for this action"))
        self.add.clicked.connect(functools.partial(self._record, adds=True))
        self.reset = IconButton("arrow-counter-clockwise", tr("Put the usual key back"), boxed=True)
        self.reset.clicked.connect(self._on_reset)
        self.recorder = KeyRecorder(tr("Press the new key"))
        self.recorder.pressed.connect(self._on_pressed)
        self.recorder.cleared.connect(self._on_cleared)
        self.recorder.ended.connect(self._on_ended)
        self.message = ElidedLabel(_HOW, "caption", "text3")
        self.resolve = Button("", kind="primary")
        self.resolve.clicked.connect(self._on_resolve)
        self.reset_all = Button(tr("Reset all keys"), "arrow-counter-clockwise", "quiet")
        self.reset_all.clicked.connect(self._on_reset_all)

    def _lay_out(self) -> None:
        self._fields = QStackedWidget()
        self._fields.setFixedHeight(theme.CONTROL)
        self._fields.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._fields.addWidget(self.search)
        self._fields.addWidget(self.finder)
        head, top = window_parts.bar(theme.TOP_BAR)
        top.addWidget(self._fields, 1)
        top.addWidget(self._by_key)
        top.addSpacing(theme.GAP)
        top.addWidget(self._count)
        self._buttons = QWidget()
        own = QHBoxLayout(self._buttons)
        own.setContentsMargins(0, 0, 0, 0)
        own.setSpacing(theme.INSIDE)
        for part in (self._caps, self.change, self.add, self.reset):
            own.addWidget(part)
        chosen, line = window_parts.bar(theme.TOOL_ROW)
        line.addWidget(self._title, 1)
        line.addWidget(self._buttons)
        line.addWidget(self.recorder)
        said, words = window_parts.bar(theme.TOOL_ROW)
        words.addWidget(self.message, 1)
        words.addWidget(self.resolve)
        foot, below = window_parts.bar(theme.TOOL_ROW + 4)
        close = Button(tr("Close"))
        close.clicked.connect(self.reject)
        below.addWidget(self.reset_all)
        below.addStretch(1)
        below.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (
            head,
            window_parts.line(),
            self.table,
            window_parts.line(),
            chosen,
            said,
            window_parts.line(),
            foot,
        ):
            column.addWidget(part, 1 if part is self.table else 0)

    def show_now(self) -> None:
        """Come to the front with the search ready for typing."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._on_finder_left()
        self.search.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows move in the table and Return change a key while the search has the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self.table.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_submitted(self.table.currentIndex())
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape leave a key that waits to be confirmed, before it closes the window."""
        if event.key() == Qt.Key.Key_Escape and (self._held or self._recording()):
            self._on_ended()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QEvent) -> None:
        """Keep the words of an empty table in its middle."""
        super().resizeEvent(event)
        self._none.setGeometry(self.table.viewport().geometry())

    # Searching

    @Slot()
    def _look(self) -> None:
        self._leave()
        words = "" if self._wanted else self.search.text()
        found = self.table.look_for(words, self._wanted)
        self._none.setVisible(not found)
        self._none.setGeometry(self.table.viewport().geometry())
        self._draw()

    @Slot()
    def _show_all(self) -> None:
        self.search.clear()
        self._on_finder_left()

    @Slot(bool)
    def _on_by_key(self, checked: bool) -> None:
        if checked:
            self._fields.setCurrentWidget(self.finder)
            self.finder.begin()
        else:
            self._on_finder_left()

    @Slot(str)
    def _on_looked_for(self, key: str) -> None:
        self._wanted = key
        self.finder.say(KEYS.native(key))
        self._look()

    @Slot()
    def _on_finder_left(self) -> None:
        self._by_key.setChecked(False)
        self._wanted = ""
        self._fields.setCurrentWidget(self.search)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._look()

    # Changing

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        self._leave()
        self._draw()

    @Slot(QModelIndex)
    def _on_submitted(self, index: QModelIndex) -> None:
        if self.table.current():
            self._record(adds=False)

    def _recording(self) -> bool:
        return not self.recorder.isHidden()

    def _record(self, checked: bool = False, *, adds: bool) -> None:
        """Wait for a key."""
        if not self.table.current():
            return
        self._adds, self._held = adds, ""
        self._show_recorder(True)
        self.recorder.begin()
        held = key_rules.advice()
        self._say(
            tr("Press the key, with {held}. Escape ends, Backspace takes the keys away.", held=held)
        )

    def _show_recorder(self, shown: bool) -> None:
        self.recorder.setVisible(shown)
        self._buttons.setVisible(not shown)
        self.resolve.setVisible(False)

    def _leave(self) -> None:
        """Wait for no key any more."""
        self._held = ""
        self._show_recorder(False)
        self._say("")

    @Slot()
    def _on_ended(self) -> None:
        self._leave()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_cleared(self) -> None:
        self._give(())

    @Slot(str)
    def _on_pressed(self, key: str) -> None:
        name = self.table.current()
        self.recorder.say(KEYS.native(key))
        self._held = ""
        self.resolve.setVisible(False)
        refused, owner = key_rules.refusal(name, key), KEYS.owner(key)
        if refused:
            self._say(refused, "error")
        elif owner == name:
            self._say(tr("{key} is a key of this action already.", key=KEYS.native(key)))
        elif owner:
            taken = tr(
                "{key} is the key of “{title}”.",
                key=KEYS.native(key),
                title=KEYS.title(owner),
            )
            self._hold(key, taken, tr("Take it from “{title}”", title=KEYS.title(owner)))
        elif warned := key_rules.warning(key, self._letters):
            self._hold(key, warned, tr("Use it all the same"))
        else:
            self._take(key)

    def _hold(self, key: str, why: str, answer: str) -> None:
        self._held = key
        self._say(why, "warning")
        self.resolve.setText(answer)
        self.resolve.setVisible(True)
        self.resolve.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_resolve(self) -> None:
        self._take(self._held)

    def _take(self, key: str) -> None:
        keys = KEYS.of(self.table.current()) if self._adds else ()
        self._give((*keys, key))

    def _give(self, keys: tuple[str, ...]) -> None:
        name = self.table.current()
        lost = {owner for key in keys if (owner := KEYS.owner(key)) and owner != name}
        self._leave()
        KEYS.assign(name, keys)
        self._tell_lost(lost)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell_lost(self, lost: set[str]) -> None:
        bare = [
            tr("“{title}”", title=KEYS.title(name)) for name in sorted(lost) if not KEYS.of(name)
        ]
        if bare:
            said = ntr(
                "{actions} has no key now.",
                "{actions} have no key now.",
                len(bare),
                actions=", ".join(bare),
            )
            self._say(said)

    @Slot()
    def _on_reset(self) -> None:
        self._give(KEYS.usual(self.table.current()))

    @Slot()
    def _on_reset_all(self) -> None:
        self._leave()
        KEYS.choose({})
        self._say(tr("All actions have their usual keys again."))

    def _on_drop(self, key: str, checked: bool = False) -> None:
        name = self.table.current()
        self._give(tuple(one for one in KEYS.of(name) if one != key))

    # Drawing

    def _say(self, text: str, token: str = "text3") -> None:
        self.message.setText(text or _HOW)
        self.message.set_tone({"error": "error", "warning": "warning"}.get(token, "text3"))
        self.message.update()

    def _on_keys_changed(self) -> None:
        self.table.draw()
        self._draw()

    def _draw(self) -> None:
        name = self.table.current()
        entry = self.table.entry(name) if name else None
        self._title.setText(f"{entry.menu} › {entry.title}" if entry else "")
        row = self._caps.layout()
        drop(row, self._shown_caps)
        self._shown_caps = [self._cap(key) for key in KEYS.of(name)] if name else []
        for cap in self._shown_caps:
            row.addWidget(cap)
        chosen = KEYS.chosen()
        for button in (self.change, self.add):
            button.setEnabled(bool(name))
        self.reset.setEnabled(name in chosen)
        self.reset_all.setEnabled(bool(chosen))
        count = ntr("{n} action", "{n} actions", len(KEYS.names()))
        if chosen:
            count = tr("{actions}, {changed} changed", actions=count, changed=len(chosen))
        self._count.setText(count)

    def _cap(self, key: str) -> Button:
        cap = Button(KEYS.native(key), "x")
        cap.setToolTip(tr("Take {key} away from this action", key=KEYS.native(key)))
        cap.clicked.connect(functools.partial(self._on_drop, key))
        return cap

"""The command palette: every action and every network, found by typing a few letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from cnnviz_gui.core import text_search
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import ElidedLabel, SearchBox, Tree, painting
from cnnviz_gui.texts import tr

_HOW = tr("Return does it, Escape closes.")
_USUAL = tr("Type an action, a method or a network")
_WIDTH = 600
_AROUND = 48
"""Room about a hint: what the tree leaves free at both sides of it, and the scroll bar."""
_ROWS = 12
_SAID = Qt.ItemDataRole.AccessibleTextRole
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the palette can do."""

    title: str
    hint: str
    icon: str
    run: Callable[[], object]
    why: str = ""
    """Why it would do nothing now; empty where it would."""
    words: str = ""
    """Other words to find it by, separated by commas."""
    resort: bool = False
    """It comes after all others."""


def found(query: str, commands: Sequence[Command]) -> list[Command]:
    """Return the commands that fit a query, the best first.

    Those whose title fits come before those that other words were found of, and of either what
    would do something before what would not.
    """
    ranked: list[tuple[tuple[bool, bool, bool, int, int], Command]] = []
    for place, command in enumerate(commands):
        score = text_search.fit(query, command.title)
        titled = score > 0
        if not titled:
            everything = f"{command.title}, {command.words}"
            score = text_search.fit(query, everything, middles=False)
        if score:
            rank = command.resort, not titled, bool(command.why), -score, place
            ranked.append((rank, command))
    return [command for _, command in sorted(ranked, key=lambda one: one[0])]


class Palette(QFrame):
    """A field and the commands that fit what is typed."""

    chosen = Signal(object)
    """The ``Command``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAccessibleName(tr("Find an action"))
        theme.surface(self, "popup")
        self._commands: Sequence[Command] = ()
        self._offered: Sequence[Command] = ()
        """What the rows offer, in their order."""
        self._otherwise: Callable[[str], Command] | None = None
        self._search = SearchBox(_USUAL, "", tr("Find an action"))
        self._model = QStandardItemModel(0, 2, self)
        self._list = Tree(tr("Actions"))
        self._list.setModel(self._model)
        self._list.setRootIsDecorated(False)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.clicked.connect(self._on_clicked)
        self._search.textChanged.connect(self._fill)
        self._search.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.INSIDE, theme.INSIDE, theme.INSIDE, theme.INSIDE)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._search)
        column.addWidget(self._list)
        self._note = ElidedLabel(_HOW, "caption", "text3")
        self._note.setFixedHeight(theme.ROW)
        column.addWidget(self._note)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.setFixedSize(_WIDTH, (_ROWS + 1) * theme.ROW + theme.CONTROL + 4 * theme.INSIDE)

    def open_with(
        self,
        commands: Sequence[Command],
        question: str = _USUAL,
        otherwise: Callable[[str], Command] | None = None,
    ) -> None:
        """Show all commands over the top of the parent.

        Parameters
        ----------
        commands
            In the order in which they are offered before anything is typed.
        question
            What the empty field asks.
        otherwise
            Returns what is offered where nothing fits the words typed.
        """
        self._commands = commands
        self._otherwise = otherwise
        self._search.setPlaceholderText(question)
        self._search.clear()
        self._fill("")
        parent = self.parentWidget()
        corner = QPoint((parent.width() - self.width()) // 2, theme.TOP_BAR + theme.MENU)
        self.move(parent.mapToGlobal(corner))
        self.show()
        self._search.setFocus()

    def add(self, commands: Sequence[Command]) -> None:
        """Offer more, behind what is offered already; what is typed and chosen by hand stays."""
        place = self._list.currentIndex().row() - self._first_row()
        chosen = self._offered[place] if place > 0 else None
        self._commands = (*self._commands, *commands)
        self._fill(self._search.text())
        if chosen in self._offered:
            row = self._first_row() + self._offered.index(chosen)
            self._list.setCurrentIndex(self._model.index(row, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while the field has the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self._list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._on_clicked(self._list.currentIndex())
                return True
            if event.key() == Qt.Key.Key_Escape:  # with words typed too, as the foot says
                self.hide()
                return True
        return super().eventFilter(watched, event)

    @Slot(str)
    def _fill(self, query: str) -> None:
        self._model.removeRows(0, self._model.rowCount())
        self._offered = found(query, self._commands)
        if not self._offered:
            none = QStandardItem(tr("Nothing found for “{words}”", words=query.strip()))
            none.setFlags(Qt.ItemFlag.NoItemFlags)
            self._model.appendRow(none)
            self._offered = [self._otherwise(query.strip())] if self._otherwise else []
        for place, command in enumerate(self._offered):
            self._model.appendRow(_row(command, place))
        self._share_out()
        if self._offered:
            self._list.setCurrentIndex(self._model.index(self._first_row(), 0))

    def _first_row(self) -> int:
        """Return the row of the first command, below what may be said of there being none."""
        return self._model.rowCount() - len(self._offered)

    def _share_out(self) -> None:
        """Let the widest hint stand whole, a shortcut of three keys too; titles have the rest."""
        hints = (painting.width_of(command.hint, "body") for command in self._commands)
        room = min(max(hints, default=0) + _AROUND, _WIDTH // 2)
        self._list.setColumnWidth(0, _WIDTH - 2 * theme.INSIDE - room)

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Say why what is chosen would do nothing."""
        place = current.siblingAtColumn(0).data(Qt.ItemDataRole.UserRole)
        why = self._offered[place].why if place is not None else ""
        self._note.setText(why or _HOW)

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        place = index.siblingAtColumn(0).data(Qt.ItemDataRole.UserRole)
        if place is None or self._offered[place].why:
            return
        command = self._offered[place]
        self.hide()
        self.chosen.emit(command)


def _row(command: Command, place: int) -> list[QStandardItem]:
    title = QStandardItem(icons.icon(command.icon), command.title)
    title.setData(place, Qt.ItemDataRole.UserRole)
    hint = QStandardItem(command.hint)
    hint.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    hint.setForeground(theme.color("disabled" if command.why else "text3"))
    if command.why:
        title.setForeground(theme.color("text3"))
        title.setData(tr("{title}: {why}", title=command.title, why=command.why), _SAID)
        for item in (title, hint):
            item.setToolTip(command.why)
    return [title, hint]

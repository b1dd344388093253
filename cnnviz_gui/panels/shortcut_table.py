"""The actions by menu, with their keys, as a table that can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import Tree, painting
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr

Index = QModelIndex | QPersistentModelIndex
_NAME = Qt.ItemDataRole.UserRole
_KEYS = 300
"""Width of the keys."""
_CAP = 20
"""Height of one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An action of the table."""

    name: str
    menu: str
    title: str
    icon: str


class ShortcutTable(Tree):
    """Menus, their actions below them, and the keys of each; a dot marks what was changed."""

    def __init__(self, entries: Sequence[Entry], parent: QWidget | None = None) -> None:
        super().__init__(tr("Actions and their keys"), parent)
        self._entries = tuple(entries)
        self._model = QStandardItemModel(0, 2, self)
        self._rows: dict[str, QStandardItem] = {}
        self._menus: dict[str, QStandardItem] = {}
        for entry in self._entries:
            self._add(entry)
        self.setModel(self._model)
        self.setItemDelegateForColumn(1, _Caps(self))
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, self.header().ResizeMode.Stretch)
        self.header().resizeSection(1, _KEYS)
        self.expandAll()
        self.draw()

    def _add(self, entry: Entry) -> None:
        menu = self._menus.get(entry.menu)
        if menu is None:
            menu = self._menus[entry.menu] = QStandardItem(entry.menu)
            menu.setFlags(Qt.ItemFlag.ItemIsEnabled)
            menu.setData(theme.font("title"), Qt.ItemDataRole.FontRole)
            end = QStandardItem()
            end.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self._model.appendRow([menu, end])
        title = QStandardItem(icons.icon(entry.icon), entry.title) if entry.icon else None
        title = title or QStandardItem(entry.title)
        title.setData(entry.name, _NAME)
        keys = QStandardItem()
        keys.setData(entry.name, _NAME)
        menu.appendRow([title, keys])
        self._rows[entry.name] = title

    def draw(self) -> None:
        """Show the keys as they are now."""
        for entry in self._entries:
            title = self._rows[entry.name]
            keys = [KEYS.native(key) for key in KEYS.of(entry.name)]
            row = title.parent().child(title.row(), 1)
            row.setText(", ".join(keys))
            said = ", ".join(keys) or tr("no key")
            title.setData(f"{entry.title}: {said}", Qt.ItemDataRole.AccessibleTextRole)
        self.viewport().update()

    def look_for(self, words: str, key: str = "") -> int:
        """Show the actions that fit all words, or that have a key; return how many do."""
        parts, found = words.lower().split(), 0
        for entry in self._entries:
            keys = KEYS.of(entry.name)
            text = " ".join((entry.menu, entry.title, *map(KEYS.native, keys))).lower()
            fits = key in keys if key else all(part in text for part in parts)
            title = self._rows[entry.name]
            self.setRowHidden(title.row(), title.parent().index(), not fits)
            found += fits
        for menu in self._menus.values():
            hidden = [self.isRowHidden(row, menu.index()) for row in range(menu.rowCount())]
            self.setRowHidden(menu.row(), QModelIndex(), all(hidden))
        if found and not self._in_sight(self.current()):
            self.choose(next(e.name for e in self._entries if self._in_sight(e.name)))
        return found

    def _in_sight(self, name: str) -> bool:
        title = self._rows.get(name)
        return title is not None and not self.isRowHidden(title.row(), title.parent().index())

    def current(self) -> str:
        """Return the name of the current action, empty for none."""
        name = self.currentIndex().siblingAtColumn(0).data(_NAME)
        return name if isinstance(name, str) else ""

    def choose(self, name: str) -> None:
        """Make an action the current one and show it."""
        index = self._rows[name].index()
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def entry(self, name: str) -> Entry:
        """Return an action."""
        return next(entry for entry in self._entries if entry.name == name)

    def drawBranches(self, painter: QPainter, rect: QRect, index: Index) -> None:
        """Draw the dot of what was changed; the menus are always open."""
        name = index.data(_NAME)
        if isinstance(name, str) and name in KEYS.chosen():
            painting.dot(painter, rect.center().toPointF(), 5, theme.color("accent"))


class _Caps(QStyledItemDelegate):
    """Draws keys as caps, at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the caps of a row, the first one leftmost."""
        with painting.mirrored(painter, option.rect):
            name = index.data(_NAME)
            right = option.rect.right() - theme.GAP
            for key in reversed(KEYS.of(name) if isinstance(name, str) else ()):
                said = KEYS.native(key)
                width = painting.width_of(said, "caption") + 14
                top = option.rect.center().y() - _CAP // 2
                cap = QRect(right - width, top, width, _CAP)
                painting.box(painter, cap, theme.R_TILE, "window", "line_strong")
                middle = Qt.AlignmentFlag.AlignHCenter
                painting.text(painter, cap, said, "caption", "text1", middle)
                right -= width + 6

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(_KEYS, theme.ROW)

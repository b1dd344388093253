"""The rows of the list of notifications, with a place for the details below each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from cnnviz_gui.state import chronicle_view
from cnnviz_gui.state.chronicle import Entry
from cnnviz_gui.texts import tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_MANY = 60
"""After so many changes at once it is quicker to begin anew."""


class Entries(QAbstractItemModel):
    """Entries, the newest first; each has one row below it, which is empty."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Entry] = []

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show other entries; rows that stay are left alone, with what is open below them."""
        kept = {one.last for one in entries} & {one.last for one in self._rows}
        if len(entries) + len(self._rows) - 2 * len(kept) > _MANY:
            self.beginResetModel()
            self._rows = list(entries)
            self.endResetModel()
            return
        for place in reversed(range(len(self._rows))):
            if self._rows[place].last not in kept:
                self.beginRemoveRows(_NOWHERE, place, place)
                del self._rows[place]
                self.endRemoveRows()
        for place, entry in enumerate(entries):
            if entry.last not in kept:
                self.beginInsertRows(_NOWHERE, place, place)
                self._rows.insert(place, entry)
                self.endInsertRows()
            elif self._rows[place] != entry:
                self._rows[place] = entry
                at = self.index(place, 0)
                self.dataChanged.emit(at, at)

    def entry(self, index: Index) -> Entry | None:
        """Return the entry of a row, or of the row below it."""
        if not index.isValid():
            return None
        number = index.internalId()
        if not number:
            return self._rows[index.row()]
        return next((one for one in self._rows if one.number == number), None)

    def find(self, number: int) -> QModelIndex:
        """Return where an entry stands; nowhere if it is not shown."""
        place = next((n for n, one in enumerate(self._rows) if one.number == number), None)
        return _NOWHERE if place is None else self.index(place, 0)

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Return the index of an entry, or of what is below ``parent``."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(
            row, column, self._rows[parent.row()].number if parent.isValid() else 0
        )

    def parent(self, index: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        """Return the entry that a row is below of."""
        number = index.internalId() if index.isValid() else 0
        return self.find(number) if number else QModelIndex()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many entries there are; one row is below each."""
        if not parent.isValid():
            return len(self._rows)
        return 0 if parent.internalId() else 1

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return the one column."""
        return 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let entries be chosen, and not what is below them."""
        if index.isValid() and not index.internalId():
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return an entry in words."""
        entry = self.entry(index)
        if entry is None or index.internalId():
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return entry.text
            case Qt.ItemDataRole.AccessibleTextRole:
                said = f"{chronicle_view.spoken(entry)}: {entry.text}"
                often = entry.count
                return tr("{said}, {count} times", said=said, count=often) if often > 1 else said
        return None

"""What the tables of networks and of layers have in common: columns that fit, a head that says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.lists import Tree
from cnnviz_gui.panels.controls.sorting import CELL, Heading, SortHeader
from cnnviz_gui.panels.places import PLACES
from cnnviz_gui.texts import tr

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_WIDE_LEAST, _NARROWEST = 80, 36
"""Pixels: what the widest column keeps where others are made wider, and what any keeps."""
_Fitted = tuple[Sequence[Collection[str]], Mapping[int, int], int, Mapping[int, int] | None]
_ARROW = 14
"""Room for the arrow of the order beside a title."""


class Column(Heading, Protocol):
    """What a header shows and says of a column."""

    @property
    def help(self) -> str:
        """What it means."""
        ...

    @property
    def largest_first(self) -> bool:
        """Whether the first click puts the largest first."""
        ...


def heading(column: Column, role: int) -> Any:
    """Return a column's title, its help, or which order its first click gives."""
    match role:
        case Qt.ItemDataRole.DisplayRole:
            return column.title
        case Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}, {column.unit}" if column.unit else column.title
        case Qt.ItemDataRole.ToolTipRole:
            return column.help + "\n" + tr("Click to sort.")
        case Qt.ItemDataRole.InitialSortOrderRole:
            order = Qt.SortOrder
            return order.DescendingOrder if column.largest_first else order.AscendingOrder
    return None


def side(column: Heading) -> Qt.AlignmentFlag:
    """Return at which side of its cells a column stands."""
    return Qt.AlignmentFlag.AlignRight if column.number else Qt.AlignmentFlag.AlignLeft


class ColumnTable(QAbstractTableModel):
    """What the models of such tables have in common: so many rows and columns, and their heads."""

    columns: Sequence[Column] = ()
    rows: Sequence[Any] = ()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return a column's title, its help, or which order its first click gives."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        return heading(self.columns[section], role)


class ColumnList(Tree):
    """A list of rows in columns, each as wide as its widest text.

    Where the names would have too little room, columns are left out one after the other.
    """

    def __init__(
        self,
        accessible_name: str,
        header: SortHeader,
        *,
        name: int,
        giving_way: Sequence[int],
        row: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(accessible_name, parent)
        self._head = header
        self._name = name
        self._giving_way = tuple(giving_way)
        self._widths: dict[int, int] = {}
        self._least = 0
        self._fitted: _Fitted | None = None
        self._place = accessible_name
        """Under which the columns are remembered."""
        self._by_hand = True
        """Columns that change their width or place now do so under the hand."""
        self.setHeader(header)
        self.setHeaderHidden(False)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setItemDelegate(_Height(row, self))
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.setSortingEnabled(True)
        header.sectionResized.connect(self._on_resized)
        header.sectionMoved.connect(self._on_moved)
        header.sectionHandleDoubleClicked.connect(self._on_handle_double_clicked)
        PLACES.forgotten.connect(self._fit_again)

    def fit(
        self,
        texts: Sequence[Collection[str]],
        fixed: Mapping[int, int],
        least: int,
        most: Mapping[int, int] | None = None,
    ) -> None:
        """Give each column the width of its widest text; the widest of the header has the rest.

        Parameters
        ----------
        texts
            What stands in each column.
        fixed
            By place, the least widths of columns that draw something else than text.
        least
            Width that the names keep; others are left out before.
        most
            By place, the width beyond which the texts of a column are cut.
        """
        self._least, self._fitted = least, (texts, fixed, least, most)
        self._order()
        wide = {
            place: fixed.get(place) or _width(column, texts[place]) + self._margin(place)
            for place, column in enumerate(self._head.columns)
        }
        chosen = PLACES.get(f"widths.{self._place}", dict) or {}
        self._widths = {
            place: chosen.get(self._head.columns[place].key)
            or 1 + min(width, (most or {}).get(place, width))
            for place, width in wide.items()
        }
        self._give_way()

    @Slot()
    def _fit_again(self) -> None:
        if self._fitted is not None:
            self.fit(*self._fitted)

    def _order(self) -> None:
        """Let the columns stand as the hand put them; those it never saw stand last."""
        keys = [column.key for column in self._head.columns]
        wanted = PLACES.get(f"order.{self._place}", list) or []
        order = [key for key in wanted if key in keys]
        order += [key for key in keys if key not in order]
        if keys and (order[0] != keys[0] or len(keys) != self._head.count()):
            order = keys
        self._by_hand = False
        for at, key in enumerate(order if len(keys) == self._head.count() else ()):
            self._head.moveSection(self._head.visualIndex(keys.index(key)), at)
        self._by_hand = True

    @Slot(int, int, int)
    def _on_moved(self, place: int, old: int, new: int) -> None:
        if self._by_hand:
            columns = self._head.columns
            order = [columns[self._head.logicalIndex(n)].key for n in range(self._head.count())]
            PLACES.keep(f"order.{self._place}", order)
            self._fit_again()

    @Slot(int, int, int)
    def _on_resized(self, place: int, old: int, new: int) -> None:
        """Remember the width that the hand gave a column, as far as there is room for it."""
        if not self._by_hand or place == self._head.wide or not new or place not in self._widths:
            return
        others = sum(self._head.sectionSize(n) for n in self._head.shown())
        others -= self._head.sectionSize(self._head.wide) + new
        least = self._least if self._head.wide == self._name else _WIDE_LEAST
        width = max(min(new, self.viewport().width() - others - least), _NARROWEST)
        self._widths[place] = width
        self._remember({self._head.columns[place].key: width})
        if width != new:
            self._resize(place, width)

    @Slot(int)
    def _on_handle_double_clicked(self, place: int) -> None:
        """Let a column be as wide as its texts again."""
        self._remember({self._head.columns[place].key: 0})
        self._fit_again()

    def _remember(self, widths: Mapping[str, int]) -> None:
        known: dict[str, int] = PLACES.get(f"widths.{self._place}", dict) or {}
        PLACES.keep(f"widths.{self._place}", {**known, **widths})

    def _resize(self, place: int, width: int) -> None:
        self._by_hand = False
        self._head.resizeSection(place, width)
        self._by_hand = True

    def cell(self, rect: QRect, place: int) -> QRect:
        """Return where the text of a column stands in a row."""
        left, width = self._head.sectionViewportPosition(place), self._head.sectionSize(place)
        return self._head.inner(QRect(left, rect.top(), width, rect.height()), place)

    def _margin(self, place: int) -> int:
        """Return what the first and the last column keep beyond what all keep."""
        return theme.PADDING - CELL if self._at(place) in (0, len(self._head.columns) - 1) else 0

    def _at(self, place: int) -> int:
        """Return how many columns stand before one, in sight or not."""
        at = self._head.visualIndex(place)
        return place if at < 0 else at

    def _end(self, shown: Collection[int]) -> int:
        """Return what the last column in sight keeps beyond its width, which has no margin yet."""
        last = max((*shown, self._name), key=self._at)
        made = last == self._name or self._at(last) == len(self._head.columns) - 1
        return 0 if made else theme.PADDING - CELL  # the names have what is left

    def _give_way(self) -> None:
        """Leave out columns until the names have room; the card shows what they would."""
        room = self.viewport().width() - self._least
        others = {place: width for place, width in self._widths.items() if place != self._name}
        for place in self._giving_way:
            if sum(others.values()) + self._end(others) <= room:
                break
            others.pop(place, None)
        for place in reversed(self._giving_way):  # one that went first may have room after all
            if place in self._widths and place not in others:
                more = {**others, place: self._widths[place]}
                others = more if sum(more.values()) + self._end(more) <= room else others
        if others:
            others[max(others, key=self._at)] += self._end(others)
        left = self.viewport().width() - sum(others.values())
        for place in self._widths:
            if place == self._name:
                alone = self._head.wide not in (self._name, *others)
                self._resize(place, left if alone else min(self._widths[place], left))
                continue
            self._by_hand = False
            self._head.setSectionHidden(place, place not in others)
            self._by_hand = True
            if place in others:
                self._resize(place, others[place])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See which columns there is room for."""
        super().resizeEvent(event)
        self._give_way()


class _Height(QStyledItemDelegate):
    """Gives the rows their height; a ``ColumnList`` draws them whole."""

    def __init__(self, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._height = height

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(40, self._height)


def _width(column: Heading, texts: Collection[str]) -> int:
    widest = max((painting.width_of(text, "caption") for text in texts), default=0)
    # That of a number stands between the columns, before the title.
    arrow = 0 if column.number else _ARROW
    title = painting.width_of(column.title, "caption") + arrow
    unit = painting.width_of(column.unit, "tick")
    return max(widest, title, unit) + 2 * CELL

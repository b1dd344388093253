"""The list of notifications as it is drawn: one line each, one of them unfolded."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPointF, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.lists import Tree
from cnnviz_gui.panels.notifications.details import Details
from cnnviz_gui.panels.notifications.entries import Entries, Index
from cnnviz_gui.state import chronicle_view
from cnnviz_gui.state.chronicle import Entry, Level
from cnnviz_gui.texts import tr

_ROW = 32
_DOT, _CARET, _GLYPH = 6, 12, 14
_SOURCE = 150
_ICONS: dict[Level, tuple[str, str]] = {
    "info": ("info", "text2"),
    "warning": ("warning", "warning"),
    "error": ("warning-circle", "error"),
}
_FOLDING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class Listing(Tree):
    """Rows of level, sentence, source, count and time; a click unfolds one, and folds it again.

    Parameters
    ----------
    applies
        Tells whether the button that an entry offers still makes sense.
    """

    chosen = Signal()
    """Another row is the current one, or none."""
    remedied = Signal(object)
    """The ``Entry`` whose button was pressed."""
    copied = Signal(object)
    """The ``Entry`` that is to be copied."""

    def __init__(self, applies: Callable[[Entry], bool], parent: QWidget | None = None) -> None:
        super().__init__(tr("Notifications"), parent)
        self._applies = applies
        self._open = 0
        """Number of the entry that is unfolded."""
        self._details: Details | None = None
        self._twice = False
        self.looked = 0
        """What was told later is marked as new."""
        self.entries = Entries(self)
        self.setModel(self.entries)
        self.setUniformRowHeights(False)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setExpandsOnDoubleClick(False)
        self.setItemDelegate(_Heights(self))
        self.clicked.connect(self._on_clicked)
        self.doubleClicked.connect(self._on_double_clicked)
        self.selectionModel().currentChanged.connect(self._on_current_changed)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show other entries; the current one stays so, and what is unfolded."""
        current = self.current()
        scrolled = self.verticalScrollBar().value()
        self.entries.set_entries(entries)
        if current is not None and self.current() != current:
            self.setCurrentIndex(self.entries.find(current.number))
        if self._open:
            self._unfold(self._open)
        self.verticalScrollBar().setValue(scrolled)
        self.viewport().update()

    def current(self) -> Entry | None:
        """Return the entry that is chosen."""
        return self.entries.entry(self.currentIndex())

    def toggle(self, index: Index) -> None:
        """Unfold a row, and fold the one that was; or fold it again."""
        entry = self.entries.entry(index)
        if entry is not None:
            self._unfold(0 if entry.number == self._open else entry.number)

    def _unfold(self, number: int) -> None:
        at = self.entries.find(number)
        if self._open and self._open != number:
            self.collapse(self.entries.find(self._open))
        entry = self.entries.entry(at)
        self._open = number if entry is not None else 0
        if entry is None:
            self._details = None
            return
        below = self.entries.index(0, 0, at)
        held = self.indexWidget(below)
        if not isinstance(held, Details):
            held = Details()
            held.remedied.connect(self._on_remedied)
            held.copied.connect(self._on_copied)
            held.set_width(self.viewport().width())
            self.setIndexWidget(below, held)
        self._details = held
        held.show_entry(entry, remedy=self._applies(entry))
        self.expand(at)
        self.scheduleDelayedItemsLayout()

    def _opened(self) -> Entry | None:
        return self.entries.entry(self.entries.find(self._open)) if self._open else None

    @Slot()
    def _on_remedied(self) -> None:
        self.remedied.emit(self._opened())

    @Slot()
    def _on_copied(self) -> None:
        self.copied.emit(self._opened())

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        if self._twice:
            self._twice = False  # the second click of two
        else:
            self.toggle(index)

    @Slot()
    def _on_double_clicked(self) -> None:
        self._twice = True

    @Slot()
    def _on_current_changed(self) -> None:
        self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Unfold and fold with Return and Space."""
        if event.key() in _FOLDING and self.currentIndex().isValid():
            self.toggle(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the details the height that they need now."""
        super().resizeEvent(event)
        if self._details is not None:
            self._details.set_width(self.viewport().width())
            self.scheduleDelayedItemsLayout()

    def drawRow(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one line; below it is a widget."""
        entry = self.entries.entry(index)
        if entry is None or index.internalId():
            return
        rect = option.rect
        self.draw_ground(painter, rect, selected=entry.number == self._current_number())
        with painting.mirrored(painter, rect):
            self._draw_entry(painter, rect, entry)

    def _draw_entry(self, painter: QPainter, rect: QRect, entry: Entry) -> None:
        middle = rect.center().y() + 1
        left = rect.left() + theme.PADDING - 2
        if entry.last > self.looked:
            spot = QPointF(left + 1, middle)
            painting.dot(painter, spot, _DOT, theme.color("accent"))
        left += _DOT
        caret = QRect(left, middle - _CARET // 2, _CARET, _CARET)
        name = "caret-down" if entry.number == self._open else "caret-right"
        icons.paint(painter, caret, name, theme.color("text3"))
        left += _CARET + theme.INSIDE
        glyph = QRect(left, middle - _GLYPH // 2, _GLYPH, _GLYPH)
        icon, token = _ICONS[entry.level]
        icons.paint(painter, glyph, icon, theme.color(token))
        self._draw_words(painter, rect, glyph.right() + theme.INSIDE, entry)

    def _draw_words(self, painter: QPainter, rect: QRect, left: int, entry: Entry) -> None:
        right = rect.right() - theme.PADDING
        align = Qt.AlignmentFlag.AlignRight
        now = time.time()
        when = chronicle_view.when(entry, now)
        often = f"× {entry.count}" if entry.count > 1 else ""
        for text, width, token in (
            (when, self._room_for_times(now), "text3"),
            (often, painting.width_of("× 000", "caption"), "text2"),
            (chronicle_view.origin(entry), _SOURCE, "text3"),
        ):
            place = QRect(right - width, rect.top(), width, rect.height())
            painting.text(painter, place, text, "caption", token, align)
            right -= width + theme.GAP
        room = QRect(left, rect.top(), right - left, rect.height())
        painting.text(painter, room, entry.text, "body", "text1")

    def _room_for_times(self, now: float) -> int:
        """Return the width of the column of times: the oldest, the last, has the longest."""
        last = self.entries.entry(self.entries.index(self.entries.rowCount() - 1, 0))
        longest = "" if last is None else chronicle_view.when(last, now)
        return painting.width_of(re.sub(r"\d", "0", longest), "caption")

    def _current_number(self) -> int:
        entry = self.current()
        return entry.number if entry is not None else 0


class _Heights(QStyledItemDelegate):
    """Gives the entries their height; what is below has that of its widget."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(40, 1 if index.internalId() else _ROW)

"""The contents of the manual as a tree, narrowed by a search over all of its text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core import text_search
from cnnviz_gui.core.manual.manual import Section
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Label, SearchBox, Tree
from cnnviz_gui.texts import ntr, tr

_PLACE = Qt.ItemDataRole.UserRole + 1
_WIDTH = 272
_SETTLED_MS = 150
"""After so long without another letter the text follows the search."""


class Contents(QWidget):
    """Chapters and their headings; with words in the search, only those in which they occur."""

    wanted = Signal(str, str)
    """Chapter and heading to show; the heading is empty for a chapter's beginning."""
    searched = Signal(object)
    """The words that are sought, those of ``text_search.words``; none for no search."""
    led = Signal(str, str)
    """Chapter and heading of the first place in which they are, a moment after typing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.surface(self, "window")
        self._sections: tuple[Section, ...] = ()
        self._showing = False
        self.search = SearchBox(tr("Search the manual"), "", tr("Search the manual"))
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self._on_submitted)
        self.tree = Tree(tr("Contents"))
        self._model = QStandardItemModel(self)
        self.tree.setModel(self._model)
        self.tree.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        self.tree.clicked.connect(self._on_current)
        theme.surface(self.tree, "window")
        self._told = Label("", "caption", "text3")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.INSIDE, theme.GAP, theme.INSIDE, theme.INSIDE)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.search)
        column.addWidget(self._told)
        column.addWidget(self.tree, 1)
        self.setMinimumWidth(_WIDTH)
        self._settled = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._settled.timeout.connect(self._on_settled)

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Take the headings of all chapters, in order."""
        self._sections = tuple(sections)
        self._fill()

    def words(self) -> tuple[str, ...]:
        """Return what is sought."""
        return text_search.words(self.search.text())

    def show_place(self, chapter: str, anchor: str) -> None:
        """Mark where the text is."""
        found = self._item(chapter, anchor) or self._item(chapter, "")
        if found is not None:
            self._showing = True
            self.tree.setCurrentIndex(found.index())
            self.tree.scrollTo(found.index())
            self._showing = False

    def _item(self, chapter: str, anchor: str) -> QStandardItem | None:
        stack = [self._model.invisibleRootItem()]
        while stack:
            item = stack.pop()
            if item.data(_PLACE) == (chapter, anchor):
                return item
            stack += [item.child(row) for row in range(item.rowCount())]
        return None

    def _fill(self) -> None:
        words = self.words()
        self._showing = True
        self._model.clear()
        above: list[tuple[int, QStandardItemModel | QStandardItem]] = [(0, self._model)]
        counts = {section: section.hits(words) for section in self._sections} if words else {}
        kept = _with_above(self._sections, counts) if words else frozenset(self._sections)
        for section in self._in_order(words):
            if section not in kept:
                continue
            while above[-1][0] >= section.level:
                above.pop()
            hits = counts.get(section, 0)
            item = QStandardItem(f"{section.title}  ({hits})" if hits else section.title)
            item.setToolTip(section.title)
            item.setData((section.chapter, "" if section.level == 1 else section.anchor), _PLACE)
            if section.level == 1:
                item.setFont(theme.font("strong"))
            above[-1][1].appendRow(item)
            above.append((section.level, item))
        if words:
            self.tree.expandAll()
            places = sum(1 for hits in counts.values() if hits)
            found = ntr("Found in {n} section", "Found in {n} sections", places)
            self._told.setText(found if places else tr("Nothing found"))
        else:
            self.tree.collapseAll()
        self._told.setVisible(bool(words))
        self._showing = False

    def _in_order(self, words: Sequence[str]) -> list[Section]:
        """Return the sections, first the chapters that have the words in a heading."""
        titled = {one.chapter for one in self._sections if words and one.titled(words)}
        return sorted(self._sections, key=lambda one: one.chapter not in titled)

    def _first(self) -> tuple[str, str] | None:
        """Return where the words are first, in a heading if there is such; None for nowhere."""
        words = self.words()
        hit = [one for one in self._in_order(words) if one.hits(words)]
        first = next((one for one in hit if one.titled(words)), hit[0] if hit else None)
        if first is None:
            return None
        return first.chapter, "" if first.level == 1 else first.anchor

    @Slot()
    def _on_typed(self) -> None:
        self._fill()
        self.searched.emit(self.words())
        self._settled.start()

    @Slot()
    def _on_settled(self) -> None:
        first = self._first()
        if first is not None:
            self.led.emit(*first)

    @Slot()
    def _on_submitted(self) -> None:
        """Show the first section in which the words are."""
        self._settled.stop()
        first = self._first()
        if first is not None:
            self.wanted.emit(*first)

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        place = index.data(_PLACE)
        if place is not None and not self._showing:
            self.tree.expand(index)
            self.wanted.emit(*place)


def _with_above(sections: Sequence[Section], counts: dict[Section, int]) -> frozenset[Section]:
    """Return the sections with hits and the headings under which they stand."""
    kept: set[Section] = set()
    above: list[Section] = []
    for section in sections:
        above = [one for one in above if one.level < section.level] if section.level > 1 else []
        above.append(section)
        if counts[section]:
            kept.update(above)
    return frozenset(kept)

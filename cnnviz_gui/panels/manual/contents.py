"""The contents of the manual as a tree, narrowed by a search over all of its text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.manual.manual import Section
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Label, SearchBox, Tree
from cnnviz_gui.texts import ntr, tr

_PLACE = Qt.ItemDataRole.UserRole + 1
_WIDTH = 272


class Contents(QWidget):
    """Chapters and their headings; with words in the search, only those in which they occur."""

    wanted = Signal(str, str)
    """Chapter and heading to show; the heading is empty for a chapter's beginning."""
    searched = Signal(object)
    """The words that are sought; none for no search."""

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
        column.addWidget(self.tree, 1)
        column.addWidget(self._told)
        self.setMinimumWidth(_WIDTH)

    def set_sections(self, sections: Sequence[Section]) -> None:
        """Take the headings of all chapters, in order."""
        self._sections = tuple(sections)
        self._fill()

    def words(self) -> tuple[str, ...]:
        """Return what is sought."""
        return tuple(self.search.text().split())

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
        above: list[tuple[int, QStandardItem]] = [(0, self._model.invisibleRootItem())]
        counts = {section: section.hits(words) for section in self._sections} if words else {}
        kept = _with_above(self._sections, counts) if words else frozenset(self._sections)
        for section in self._sections:
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

    @Slot()
    def _on_typed(self) -> None:
        self._fill()
        self.searched.emit(self.words())

    @Slot()
    def _on_submitted(self) -> None:
        """Show the first section in which the words are."""
        words = self.words()
        found = next((one for one in self._sections if one.hits(words)), None)
        if found is not None:
            self.wanted.emit(found.chapter, found.anchor)

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

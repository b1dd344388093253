"""The networks there are: search, key figures, and whether the weights are here."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import Button, Label, SearchBox, Segmented, Tree, painting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_ENTRY = Qt.ItemDataRole.UserRole
_USED = Qt.ItemDataRole.UserRole + 1
_IN_USE = "in use"
_HEIGHT = 42
_HERE = ("embedded", "here")


class NetworkPanel(QWidget):
    """A list of networks and a button that opens the chosen one."""

    chosen = Signal(object)
    """The ``ModelRef`` to open."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "panel")
        self._search = SearchBox("Search networks")
        self._search.textChanged.connect(self._fill)
        self._search.returnPressed.connect(self._on_open)
        self._which = Segmented((("all", "All"), ("here", "With weights here")), "Which networks")
        self._which.set_value("all")
        self._which.chosen.connect(self._fill)
        self._model = QStandardItemModel(self)
        self._list = Tree("Networks")
        self._list.setModel(self._model)
        self._list.setRootIsDecorated(False)
        self._list.setItemDelegate(_EntryPainter(self._list))
        self._list.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self._list.submitted.connect(self._on_open)
        self._list.selectionModel().currentChanged.connect(self._on_current_changed)
        self._hint = Label("", "caption", "text2", wrap=True)
        self._open = Button("Open", "cube", "primary")
        self._open.clicked.connect(self._on_open)
        self._lay_out()
        state.observe(self._on_state_changed)
        self._fill()

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.INSIDE)
        top.setSpacing(theme.INSIDE)
        top.addWidget(self._search)
        top.addWidget(self._which)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.PADDING)
        foot.addWidget(self._hint)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._open)
        foot.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._list, 1)
        column.addLayout(foot)

    def focus_search(self) -> None:
        """Put the cursor into the search."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def _on_state_changed(self, changes: Changes) -> None:
        if "catalogue" in changes:
            self._fill()
        elif changes & {"facts", "pending_model", "model"}:
            self._mark_used()
            self._draw_hint()

    @Slot()
    def _fill(self) -> None:
        query = self._search.text().lower().split()
        only_here = self._which.value() == "here"
        self._model.clear()
        for entry in self._state.shared.catalogue:
            words = f"{entry.title} {entry.name} {entry.family}".lower()
            if all(part in words for part in query) and (not only_here or entry.weights in _HERE):
                item = QStandardItem(entry.title)
                item.setData(entry, _ENTRY)
                item.setToolTip(_tooltip(entry))
                self._model.appendRow(item)
        self._mark_used()
        if self._model.rowCount():
            self._list.setCurrentIndex(self._model.index(0, 0))
        self._draw_hint()

    def _mark_used(self) -> None:
        """Mark the network in use."""
        used = self._state.selection.model.name if self._state.shared.facts is not None else ""
        for row in range(self._model.rowCount()):
            item = self._model.item(row)
            entry: CatalogueEntry = item.data(_ENTRY)
            item.setData(entry.name == used, _USED)
            said = f"{entry.title}, {_IN_USE}" if entry.name == used else entry.title
            item.setData(said, Qt.ItemDataRole.AccessibleTextRole)

    def _current(self) -> CatalogueEntry | None:
        entry = self._list.currentIndex().data(_ENTRY)
        return entry if isinstance(entry, CatalogueEntry) else None

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        self._draw_hint()

    def _draw_hint(self) -> None:
        entry = self._current()
        self._open.setEnabled(entry is not None)
        if entry is None:
            self._hint.setText("No network has that name.")
        elif entry.weights in _HERE:
            self._open.setText("Open")
            self._hint.setText(f"{entry.title} with its trained weights.")
        else:
            self._open.setText("Open untrained")
            self._hint.setText(
                "Its weights are not on this machine. With random weights you can study its"
                " layers; what it predicts means nothing."
            )

    @Slot()
    def _on_open(self) -> None:
        entry = self._current()
        if entry is not None:
            self.chosen.emit(ModelRef(name=entry.name, untrained=entry.weights not in _HERE))


def _tooltip(entry: CatalogueEntry) -> str:
    lines = [f"{entry.title} ({entry.name})", f"Family: {entry.family}"]
    if entry.macs is not None:
        lines.append(f"Multiply-adds: {fmt.short(entry.macs)}")
    if entry.size is not None:
        lines.append(f"Weights: {entry.size:.0f} MB")
    return "\n".join(lines)


class _EntryPainter(QStyledItemDelegate):
    """Draws a network in two lines."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of two lines."""
        return QSize(100, _HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw name, key figures, and marks: the weights are here, the network is in use."""
        entry: CatalogueEntry = index.data(_ENTRY)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        rect = option.rect.adjusted(14, 0, -14, 0)
        here = entry.weights in _HERE
        mark = QRect(rect.left(), rect.top() + 6, 16, 16)
        token = "success" if here else "text3"
        icons.paint(
            painter, mark, "check-circle" if here else "download-simple", theme.color(token)
        )
        left = mark.right() + 9
        width = rect.right() - left
        if entry.accuracy is not None:
            top1 = f"{entry.accuracy:.1f} %"
            painting.text(
                painter,
                QRect(left, rect.top() + 4, width, 18),
                top1,
                "caption",
                "text2",
                Qt.AlignmentFlag.AlignRight,
            )
        title = QRect(left, rect.top() + 4, width - 60, 18)
        painting.text(painter, title, entry.title, "title" if selected else "body", "text1")
        size = f"{entry.input_size} {fmt.TIMES} {entry.input_size}"
        said = f"{fmt.short(entry.parameters)} parameters · {size}"
        below = QRect(left, rect.top() + 21, width, 16)
        if index.data(_USED):
            right = Qt.AlignmentFlag.AlignRight
            below.setWidth(
                width - 8 - painting.text(painter, below, _IN_USE, "tick", "accent", right)
            )
        painting.text(painter, below, said, "tick", "text2" if selected else "text3")

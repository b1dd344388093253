"""The layers of the network as a tree, and the facts of the selected one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Slot,
)
from PySide6.QtGui import QPainter, QPixmap, QPixmapCache, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import ElidedLabel, KeyValueRows, Label, SearchBox, Tree, painting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.layer_tree import Node, count, summary, tree
from cnnviz_gui.state.layer_view import why_none
from cnnviz_gui.state.plan import effective_layer

_LAYER = Qt.ItemDataRole.UserRole
_SHARE = Qt.ItemDataRole.UserRole + 1
_ICONS = {
    "conv": "grid-four",
    "depthwise": "circles-three",
    "linear": "rows",
    "norm": "sliders",
    "activation": "waves",
    "pool": "arrows-in",
    "block": "stack",
    "residual": "arrow-bend-down-right",
    "other": "math-operations",
}
_BAR = 30
_INDENT = 18
_FORMULA = 24
"""So many characters of a formula fit beside its name; a longer one is in the tooltip."""


class LayerDock(QWidget):
    """Search, tree, and a card with the facts of the selected layer."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "panel")
        self._search = SearchBox("Search layers")
        self._search.textChanged.connect(self._on_searched)
        self._search.returnPressed.connect(self._on_search_entered)
        self._nothing = Label("No layer has that name.", "body", "text2", wrap=True)
        self._nothing.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        self._nothing.hide()
        self._model = QStandardItemModel(self)
        self._filter = QSortFilterProxyModel(self)
        self._filter.setSourceModel(self._model)
        self._filter.setRecursiveFilteringEnabled(True)
        self._filter.setAutoAcceptChildRows(True)
        self._filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._filter.setFilterRole(Qt.ItemDataRole.AccessibleTextRole)
        self._view = Tree("Layers, in order of execution")
        self._view.setModel(self._filter)
        self._view.setItemDelegate(_RowPainter(self._view))
        self._view.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self._view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._view.setIndentation(_INDENT)
        self._rearranging = False
        self._card = _FactsCard()
        top = QHBoxLayout()
        top.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.INSIDE)
        top.addWidget(self._search)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._nothing)
        column.addWidget(self._view, 1)
        column.addWidget(self._card)
        state.observe(self._on_state_changed)
        self._fill()

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def _on_state_changed(self, changes: Changes) -> None:
        if "facts" in changes:
            self._fill()
        elif "layer" in changes:
            self._show_selected()

    def _fill(self) -> None:
        self._rearranging = True
        self._model.clear()
        facts = self._state.shared.facts
        if facts is not None:
            _append(self._model.invisibleRootItem(), tree(facts))
            self._search.setPlaceholderText(f"Search {count(facts)} layers")
        self._rearranging = False
        self._show_selected()

    @Slot(str)
    def _on_searched(self, text: str) -> None:
        self._rearranging = True
        self._filter.setFilterFixedString(text.strip())
        self._rearranging = False
        self._show_selected()
        self._nothing.setVisible(bool(text.strip()) and not self._filter.rowCount())
        if text.strip():
            self._view.expandAll()
        else:
            self._view.collapseAll()
            self._show_selected()

    @Slot()
    def _on_search_entered(self) -> None:
        """Choose the first layer whose own row fits the search."""
        wanted = self._search.text().strip().lower()
        facts = self._state.shared.facts
        if facts is None or not wanted:
            return
        found = (row.name for row in facts.layers if wanted in row.name.lower())
        name = next((name for name in found if self._find(name, QModelIndex()).isValid()), "")
        if name:
            self._state.select(layer=name)

    @Slot(QItemSelection, QItemSelection)
    def _on_selection_changed(self, selected: QItemSelection, _: QItemSelection) -> None:
        # Not the current row: when rows go away Qt makes a neighbour the current one.
        indexes = [] if self._rearranging else selected.indexes()
        layer = indexes[0].data(_LAYER) if indexes else None
        if isinstance(layer, LayerFacts):
            self._state.select(layer=layer.name)

    def _show_selected(self) -> None:
        """Select, and make visible, the row of the layer in use."""
        facts = self._state.shared.facts
        layer = facts.layer(effective_layer(self._state.selection, facts)) if facts else None
        self._card.show_layer(layer, why_none(facts))
        if layer is None:
            return
        index = self._find(layer.name, QModelIndex())
        model = self._view.selectionModel()
        if not model.isSelected(index):
            self._rearranging = True
            # A layer that the search hides leaves no row selected: a click on any row counts.
            model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self._rearranging = False
        if index.isValid():
            self._view.scrollTo(index)

    def _find(self, name: str, parent: QModelIndex) -> QModelIndex:
        for row in range(self._filter.rowCount(parent)):
            index = self._filter.index(row, 0, parent)
            if index.data(_LAYER).name == name:
                return index
            below = self._find(name, index)
            if below.isValid():
                return below
        return QModelIndex()


def _append(parent: QStandardItem, nodes: Sequence[Node]) -> None:
    for node in nodes:
        item = QStandardItem(node.name)
        item.setData(node.layer, _LAYER)
        item.setData(node.share, _SHARE)
        item.setToolTip(f"{node.layer.name}: {node.layer.type}, {summary(node.layer)}")
        said = f"{node.layer.name} {node.layer.type} {summary(node.layer)}"
        item.setData(said, Qt.ItemDataRole.AccessibleTextRole)
        parent.appendRow(item)
        _append(item, node.children)


class _RowPainter(QStyledItemDelegate):
    """Draws icon, name, shape and share of a row."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the height of a row."""
        return QSize(100, theme.ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw the row; its background is the view's.

        Rows are kept as pictures: drawn anew, those in sight take 10 ms whenever one is chosen.
        """
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ratio = painter.device().devicePixelRatio()
        where = QRect(option.rect.left(), 0, option.widget.viewport().width(), option.rect.height())
        layer = index.data(_LAYER)
        row = f"{index.data()} {layer.role} {layer.output_shape} {index.data(_SHARE)}"
        key = f"layer row {where.getRect()} {ratio} {theme.current().name} {selected} {row}"
        drawn = QPixmap()
        if not QPixmapCache.find(key, drawn):
            drawn = QPixmap(where.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            with QPainter(drawn) as inner:
                self._draw(inner, where, index, selected)
            QPixmapCache.insert(key, drawn)
        painter.drawPixmap(0, option.rect.top(), drawn)

    def _draw(
        self,
        painter: QPainter,
        rect: QRect,
        index: QModelIndex | QPersistentModelIndex,
        selected: bool,
    ) -> None:
        layer = index.data(_LAYER)
        right = rect.width() - theme.GAP
        glyph = QRect(rect.left() + 2, rect.top() + (rect.height() - 16) // 2, 16, 16)
        icons.paint(
            painter, glyph, _ICONS[layer.role], theme.color("accent" if selected else "text2")
        )
        bar = QRectF(right - _BAR, rect.center().y() - 1, _BAR, 3)
        painting.bar(painter, bar, index.data(_SHARE), "accent" if selected else "text3")
        shape = fmt.shape(layer.output_shape)
        width = painting.width_of(shape, "caption") + 2
        where = QRect(right - _BAR - 10 - width, rect.top(), width, rect.height())
        painting.text(painter, where, shape, "caption", "text1" if selected else "text2")
        name = QRect(
            glyph.right() + 9, rect.top(), where.left() - glyph.right() - 15, rect.height()
        )
        role: theme.FontRole = "title" if selected else "body"
        painting.text(painter, name, str(index.data()), role, "text1")


class _FactsCard(QWidget):
    """Name, type and numbers of the selected layer."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("layer-facts")
        theme.surface(self, "panel")
        self._name = ElidedLabel("", "name")
        self._type = Label("", "caption", "text3")
        self._rows = KeyValueRows()
        self._empty = Label("Choose a layer to see its numbers.", "body", "text2", wrap=True)
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._type)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        column.setSpacing(theme.INSIDE)
        column.addLayout(head)
        column.addWidget(self._empty)
        column.addWidget(self._rows)

    def show_layer(self, layer: LayerFacts | None, why: str = "") -> None:
        """Show the facts of a layer, or why there is none."""
        self._empty.setText(why or "Choose a layer to see its numbers.")
        self._empty.setVisible(layer is None)
        self._rows.setVisible(layer is not None)
        self._name.setText(_short(layer.name) if layer else "No layer")
        self._name.set_tooltip(layer.name if layer else "")
        self._type.setText(summary(layer) if layer else "")
        if layer is not None:
            self._rows.set_rows(_rows(layer))


def _short(name: str) -> str:
    """Return the last part of a name, with the one before where it is only a number."""
    parts = name.split(".")
    return ".".join(parts[-2:] if parts[-1].isdecimal() else parts[-1:])


def _rows(layer: LayerFacts) -> list[tuple[str, str, str]]:
    rows = [("Output", fmt.shape(layer.output_shape), "")]
    if layer.stride is not None:
        padding = layer.padding if isinstance(layer.padding, str) else (layer.padding or (0, 0))[0]
        rows.append(("Stride, padding", f"{layer.stride[0]}, {padding}", ""))
    parameters = fmt.count(layer.parameters) if layer.parameters else "none"
    formula = f"{layer.parameters_formula} = {parameters}" if layer.parameters_formula else ""
    short = formula if 0 < len(formula) <= _FORMULA else parameters
    rows.append(("Parameters", short, formula))
    rows.append(
        ("Multiply-adds", fmt.short(layer.macs) if layer.macs else "none", fmt.count(layer.macs))
    )
    if layer.receptive_field is None:
        rows.append(("Receptive field", "whole image", "Every cell sees all of the picture"))
    else:
        rows.append(("Receptive field", f"{layer.receptive_field} px, step {layer.jump}", ""))
    return rows

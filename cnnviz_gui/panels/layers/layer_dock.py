"""The layers of the network: a strip of their sizes, a tree, the facts of the selected one."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import DockHeader, IconButton, Label, SearchBox
from cnnviz_gui.panels.layers.facts_card import FactsCard
from cnnviz_gui.panels.layers.kind_filter import KindFilter
from cnnviz_gui.panels.layers.profile_strip import ProfileStrip
from cnnviz_gui.panels.layers.tree_menu import TreeMenu
from cnnviz_gui.panels.layers.tree_rows import NODE
from cnnviz_gui.panels.layers.tree_view import FoundRows, LayerTree
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import layer_profile
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.layer_tree import Node, count, found, kinds, most, tree
from cnnviz_gui.state.layer_view import current_layer, why_none
from cnnviz_gui.state.layer_words import said
from cnnviz_gui.texts import ntr, tr


class LayerDock(QWidget):
    """Search, filter, strip, tree, and a card with the facts of the selected layer."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "panel")
        self._search = SearchBox(tr("Search layers"))
        self._search.textChanged.connect(self._on_searched)
        self._search.returnPressed.connect(self._on_search_entered)
        self._kinds = KindFilter()
        self._kinds.changed.connect(self._on_kinds_changed)
        self._nothing = Label(tr("No layer is like that."), "body", "text2", wrap=True)
        self._nothing.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, 0)
        self._nothing.hide()
        self._strip = ProfileStrip()
        self._strip.chosen.connect(self._on_step_chosen)
        self._model = QStandardItemModel(self)
        self._rows = FoundRows(self)
        self._rows.setSourceModel(self._model)
        self._view = LayerTree(self._rows)
        self._view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._view.submitted.connect(self._on_submitted)
        self._view.customContextMenuRequested.connect(self._on_menu_wanted)
        self._tops: list[Node] = []
        self._items: dict[str, QStandardItem] = {}
        self._rearranging = False
        self._card = FactsCard()
        self._menu = TreeMenu(state, self)
        self._menu.open_all.connect(self._view.expandAll)
        self._menu.close_all.connect(self._on_close_all)
        self._more: IconButton | None = None
        self._column = QVBoxLayout(self)
        self._lay_out()
        state.observe(self._on_state_changed)
        state.observe(self._on_layer_concerned)
        self._fill()
        self._draw_strip()
        self._show_selected()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._search, 1)
        row.addWidget(self._kinds.button)
        top = QVBoxLayout()
        top.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.INSIDE)
        top.setSpacing(theme.INSIDE)
        add_layout(top, row)
        top.addWidget(self._kinds)
        top.addWidget(self._strip)
        column = self._column
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        add_layout(column, top)
        column.addWidget(self._nothing)
        column.addWidget(self._view, 1)
        column.addWidget(self._card)

    def save_table(self) -> None:
        """Ask for a file and save the table of the layers."""
        self._menu.out.save()

    @functools.cached_property
    def header(self) -> DockHeader:
        """The title bar of the dock; who asks for it keeps it."""
        header = DockHeader(tr("Layers"))
        self._more = IconButton(
            "dots-three", tr("What can be done with the layers"), tr("Layers menu")
        )
        self._more.clicked.connect(self._on_more)
        header.add_tool(self._more)
        return header

    @functools.cached_property
    def foot(self) -> QWidget:
        """The numbers of the selected layer, for the foot of the dock; who asks for it keeps it."""
        self._column.removeWidget(self._card)
        return self._card

    @Slot(bool)
    def hold_rows(self, held: bool) -> None:
        """Let the rows stand still for a while, whatever gets in below them."""
        self._view.still = held

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self._search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from the search box down to the tree, to the first hit if no row is chosen there."""
        if event.key() == Qt.Key.Key_Down and self._search.hasFocus():
            self._view.setFocus(Qt.FocusReason.TabFocusReason)
            if not self._view.selectionModel().hasSelection():
                self._on_search_entered()
        else:
            super().keyPressEvent(event)

    # Two observers, so that each has a turn of the event loop to itself.

    def _on_state_changed(self, changes: Changes) -> None:
        if "facts" in changes:
            self._fill()
        elif "layer_share" in changes:
            self._scale()

    def _on_layer_concerned(self, changes: Changes) -> None:
        if "facts" in changes:
            self._draw_strip()
        if changes & {"facts", "layer"}:
            self._show_selected()

    def _fill(self) -> None:
        facts = self._state.shared.facts
        self._rearranging = True
        self._model.clear()
        self._items.clear()
        self._tops = tree(facts) if facts is not None else []
        self._append(self._model, self._tops)
        self._view.set_facts(facts)
        self._kinds.set_kinds(kinds(facts) if facts is not None else ())
        if facts is not None:
            self._search.setPlaceholderText(
                ntr("Search {n} layer", "Search {n} layers", count(facts))
            )
        self._rearranging = False
        self._look()
        self._scale()

    def _draw_strip(self) -> None:
        facts = self._state.shared.facts
        self._strip.set_steps(layer_profile.profile(facts) if facts is not None else ())

    def _append(self, parent: QStandardItemModel | QStandardItem, nodes: Sequence[Node]) -> None:
        for node in nodes:
            item = QStandardItem(node.name)
            item.setData(node, NODE)
            spoken = f"{said(node.layer)}, {fmt.shape(node.layer.output_shape)}"
            item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
            parent.appendRow(item)
            self._items[node.layer.name] = item
            self._append(item, node.children)

    def _scale(self) -> None:
        measure = self._state.display.layer_share
        facts = self._state.shared.facts
        self._view.painter.set_scale(facts, measure, most(self._tops, measure))
        self._view.viewport().update()

    def _look(self) -> None:
        """Leave the rows that search and filter are about."""
        facts, text = self._state.shared.facts, self._search.text().strip()
        chosen = self._kinds.chosen()
        wanted = facts is not None and bool(text or chosen)
        self._rearranging = True
        self._rows.show_only(found(facts, text, chosen) if facts and wanted else None)
        self._rearranging = False
        self._nothing.setVisible(wanted and not self._rows.rowCount())

    @Slot()
    def _on_searched(self) -> None:
        self._look()
        self._show_selected()
        if not self._rows.complete:
            self._view.expandAll()
        else:
            self._view.collapseAll()
        self._show_selected()

    @Slot()
    def _on_kinds_changed(self) -> None:
        self._on_searched()

    @Slot()
    def _on_search_entered(self) -> None:
        """Choose the first layer whose own name fits the search."""
        words = self._search.text().casefold().split()
        facts = self._state.shared.facts
        if facts is None or not words:
            return
        names = (row.name for row in facts.layers)
        fitting = (name for name in names if all(word in name.casefold() for word in words))
        name = next((name for name in fitting if self._index(name).isValid()), "")
        if name:
            self._state.select(layer=name)

    @Slot(QItemSelection, QItemSelection)
    def _on_selection_changed(self, selected: QItemSelection, _: QItemSelection) -> None:
        # Not the current row: when rows go away Qt makes a neighbour the current one.
        indexes = [] if self._rearranging else selected.indexes()
        if indexes:
            self._state.select(layer=indexes[0].data(NODE).layer.name)

    @Slot(QModelIndex)
    def _on_submitted(self, index: QModelIndex) -> None:
        self._state.select(layer=index.data(NODE).layer.name)

    @Slot(str)
    def _on_step_chosen(self, name: str) -> None:
        self._state.select(layer=name)

    @Slot()
    def _on_close_all(self) -> None:
        self._rearranging = True
        self._view.collapseAll()
        self._rearranging = False

    @Slot()
    def _on_more(self) -> None:
        assert self._more is not None
        self._menu.open_at(self._more.mapToGlobal(self._more.rect().bottomLeft()), "")

    @Slot(QPoint)
    def _on_menu_wanted(self, position: QPoint) -> None:
        index = self._view.indexAt(position)
        if not self._view.viewport().rect().contains(position):  # asked for with the keyboard
            index = self._view.currentIndex()
            position = self._view.visualRect(index).bottomLeft()
        name = index.data(NODE).layer.name if index.isValid() else ""
        self._menu.open_at(self._view.viewport().mapToGlobal(position), name)

    def _show_selected(self) -> None:
        """Select, and make visible, the row of the layer in use."""
        facts, layer = self._state.shared.facts, current_layer(self._state)
        self._card.setVisible(facts is not None)  # until then the bar above says what is opened
        self._card.show_layer(layer, facts, why_none(facts))
        if layer is None or facts is None:
            return
        self._strip.set_current(layer_profile.at(self._strip.steps, facts, layer.name))
        index = self._index(layer.name)
        model = self._view.selectionModel()
        if not model.isSelected(index):
            self._rearranging = True
            # A layer that the search hides leaves no row selected: a click on any row counts.
            model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self._rearranging = False
        if index.isValid():
            self._view.scrollTo(index)

    def _index(self, name: str) -> QModelIndex:
        """Return where a row is shown, nowhere where the search hides it."""
        item = self._items.get(name)
        return self._rows.mapFromSource(item.index()) if item is not None else QModelIndex()

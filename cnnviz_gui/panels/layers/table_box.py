"""The view of all layers as a table."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, Slot
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QVBoxLayout

from cnnviz_gui.core.request import OpenModel
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import IconButton, Label, Segmented
from cnnviz_gui.panels.export import Export, Table, stem
from cnnviz_gui.panels.layers.box import LayerBox
from cnnviz_gui.panels.layers.heading import Heading
from cnnviz_gui.panels.layers.table_model import ROW, LayerTable
from cnnviz_gui.panels.layers.table_out import TableOut
from cnnviz_gui.panels.layers.table_view import LayerList
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import SHARES
from cnnviz_gui.state.layer_columns import totals
from cnnviz_gui.state.layer_view import current_layer
from cnnviz_gui.texts import tr

_FILLED_BY = frozenset({"facts", "stage", "layer_view", "layer_share"})


class TableBox(LayerBox):
    """A row a layer, sorted by any column, in step with the tree."""

    view = "table"
    beside = False

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self._drawn: tuple[object, ...] = ()
        self._whole = False
        self._showing = False
        self._heading = Heading("")
        self._table = LayerTable(self)
        self._list = LayerList(self._table)
        self._list.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._list.clicked.connect(self._on_picked)
        self._list.submitted.connect(self._on_picked)
        self._list.customContextMenuRequested.connect(self._on_menu_wanted)
        self._make_tools()
        card = QFrame()
        theme.surface(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(0, theme.INSIDE, 0, theme.INSIDE)
        inside.addWidget(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._heading)
        column.addWidget(card, 1)
        state.observe(self._on_table_concerned)
        state.observe(self._on_layer_concerned)
        self._fill()
        self._show_selected()

    def _make_tools(self) -> None:
        self._detail = Segmented(
            [(False, tr("Layers")), (True, tr("All rows"))], tr("Rows of the table")
        )
        self._detail.setToolTip(
            tr("Each layer once, or every row of the tree: blocks and what they are made of")
        )
        self._detail.set_value(False)
        self._detail.chosen.connect(self._on_detail_chosen)
        self._measure = Segmented(tuple(SHARES.items()), tr("Share of"))
        self._measure.setToolTip(tr("What the bars are shares of"))
        self._measure.chosen.connect(self._on_measure_chosen)
        self._out = TableOut(self._state, self)
        self._menu = QMenu(self)
        self._menu.setAccessibleName(tr("Table of the layers"))
        self._out.add_to(self._menu)
        self._more = IconButton("dots-three", tr("Copy or save the table"), boxed=True)
        self._more.clicked.connect(self._on_more)
        share = Label(tr("Share of"), "caption", "text3")
        for tool in (self._detail, share, self._measure, self._more):
            tool.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._heading.add_tool(tool)

    def export(self) -> Export | None:
        """Return the rows as they are shown, and the request that tells of the layers."""
        facts = self._state.shared.facts
        if facts is None or not self._table.rows:
            return None
        rows = [row.layer for row in self._table.rows]
        asked = OpenModel(model=self._state.selection.model)
        table = Table(partial(self._out.copy_rows, rows), self._out.save)
        return Export(stem(facts.name, "layers"), None, None, asked, table=table)

    def _on_table_concerned(self, changes: Changes) -> None:
        if changes & _FILLED_BY and self.in_sight():
            self._fill()

    def _on_layer_concerned(self, changes: Changes) -> None:
        if changes & (_FILLED_BY | {"layer"}) and self.in_sight():
            self._show_selected()

    def _fill(self) -> None:
        facts, measure = self._state.shared.facts, self._state.display.layer_share
        wanted = (facts, measure, self._whole)
        self._measure.set_value(measure)
        if wanted == self._drawn:
            return
        self._drawn = wanted
        self._showing = True
        self._table.show_network(facts, measure, whole=self._whole)
        self._showing = False
        self._list.fit_columns()
        self._heading.set_title(facts.title if facts is not None else "")
        parts = totals(facts, self._table.rows).split(" · ") if facts is not None else [""]
        lines = [" · ".join(parts[:count]) for count in range(len(parts), 0, -1)]
        self._heading.set_caption(*lines)

    def _show_selected(self) -> None:
        layer = current_layer(self._state)
        if layer is None:
            return
        place = self._place(layer.name)
        self._showing = True
        if place is None:  # a block: it has no row
            self._list.clearSelection()
            index = self._first_inside(layer.name)
        else:
            index = self._table.index(place, 0)
            flags = QItemSelectionModel.SelectionFlag
            self._list.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
        self._showing = False
        if index.isValid():
            seen = self._list.viewport().rect().contains(self._list.visualRect(index))
            hints = LayerList.ScrollHint
            self._list.scrollTo(index, hints.EnsureVisible if seen else hints.PositionAtCenter)

    def _place(self, name: str) -> int | None:
        """Return the row of a layer, or of the one that it is a part of."""
        while name and self._table.place_of(name) is None:
            name = name.rpartition(".")[0]
        return self._table.place_of(name)

    def _first_inside(self, name: str) -> QModelIndex:
        rows = self._table.rows
        inside = (at for at, row in enumerate(rows) if row.layer.name.startswith(f"{name}."))
        place = next(inside, None)
        return self._table.index(place, 0) if place is not None else QModelIndex()

    @Slot(QItemSelection, QItemSelection)
    def _on_selection_changed(self, selected: QItemSelection, _: QItemSelection) -> None:
        indexes = [] if self._showing else selected.indexes()
        if indexes:
            self._on_picked(indexes[0])

    @Slot(QModelIndex)
    def _on_picked(self, index: QModelIndex) -> None:
        """Choose the layer of a row, also of one that is marked for a part of it."""
        self._state.select(layer=index.data(ROW).layer.name)

    @Slot()
    def _on_more(self) -> None:
        self._menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    @Slot(QPoint)
    def _on_menu_wanted(self, position: QPoint) -> None:
        self._menu.popup(self._list.viewport().mapToGlobal(position))

    @Slot(object)
    def _on_detail_chosen(self, whole: bool) -> None:
        self._whole = whole
        self._fill()
        self._show_selected()

    @Slot(object)
    def _on_measure_chosen(self, measure: str) -> None:
        self._state.show(layer_share=measure)

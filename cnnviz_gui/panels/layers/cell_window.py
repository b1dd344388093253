"""All numbers of one cell of a map, to read and to copy."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, ElidedLabel, Label
from cnnviz_gui.panels.layers.formula import Formula
from cnnviz_gui.panels.layers.step_line import StepLine
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import cell_view
from cnnviz_gui.state.cell_view import ShownCell
from cnnviz_gui.texts import tr

_WIDTH, _HEIGHT = 980, 540
_TABLE = 250
_PICTURE = 640
_CELL = 46
"""Room for a number of two digits with sign and point."""
_Index = QModelIndex | QPersistentModelIndex


class CellWindow(QDialog):
    """The input channels at the left, patch, kernel and product of one of them at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Microscope"))
        self._shown: ShownCell | None = None
        self._where = Label("", "name")
        self._said = ElidedLabel("", "caption", "text3")
        self._channels = _Channels()
        self._table = QTableView()
        self._formula = Formula(_PICTURE)
        self._product = ElidedLabel("", "caption", "text2")
        self._steps = StepLine()
        self._how = Label("", "caption", "text2", wrap=True)
        self._copy = Button(tr("Copy all numbers"), "copy")
        self._copy.setToolTip(tr("As text with tabs, for a spreadsheet (Ctrl+C)"))
        self._copy.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._copy.clicked.connect(self._on_copy)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self, self._on_copy)
        self._formula.told.connect(self._product.setText)
        self._furnish()
        self._lay_out()
        theme.notifier.changed.connect(self._redraw)

    def _furnish(self) -> None:
        table = self._table
        table.setModel(self._channels)
        table.setAccessibleName(tr("Input channels"))
        table.setToolTip(tr("What each input channel adds to the sum, the largest first"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setFixedWidth(_TABLE)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(theme.ROW)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.selectionModel().currentRowChanged.connect(self._on_row)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.GAP)
        head.addWidget(self._where)
        head.addWidget(self._said, 1)
        head.addWidget(self._copy)
        self._product.setMinimumHeight(20)
        self._product.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._how.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        right = QVBoxLayout()
        right.setSpacing(theme.INSIDE)
        right.addWidget(self._formula)
        right.addWidget(self._product)
        right.addWidget(self._steps)
        right.addWidget(self._how)
        right.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(theme.PADDING)
        body.addWidget(self._table)
        add_layout(body, right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.PADDING)
        column.setSpacing(theme.GAP)
        add_layout(column, head)
        add_layout(column, body, 1)

    def show_cell(self, shown: ShownCell, number: int = 0) -> None:
        """Show a cell, and of its input channels the one of that rank, counted from 0."""
        if self._shown is None:
            self._make_room(shown.result.patch.shape[2])
        self._shown = shown
        result = shown.result
        self._where.setText(result.layer)
        reads = result.source or tr("the picture, normalised")
        self._said.setText(
            tr("{where} · reads {input}", where=cell_view.where(result), input=reads)
        )
        self._channels.show_cell(shown)
        steps = cell_view.steps(result, shown.factor)
        self._steps.set_steps(steps, cell_view.agrees(result), not shown.current)
        self._how.setText("\n".join(f"{step.title}: {step.how}" for step in steps))
        self._table.selectRow(number)
        self._table.setFocus()
        self._on_row(self._channels.index(number, 0))

    def leave(self) -> None:
        """Dim the numbers: layer, picture or network they are of is no longer in use."""
        if self._shown is None or not self._shown.current:
            return
        self._shown = shown = dataclasses.replace(self._shown, current=False)
        self._said.setText(tr("{where} · no longer in use", where=cell_view.where(shown.result)))
        steps = cell_view.steps(shown.result, shown.factor)
        self._steps.set_steps(steps, cell_view.agrees(shown.result), stale=True)
        self._redraw()

    def _make_room(self, columns: int) -> None:
        """Be as wide as the numbers of a kernel need, as far as the screen goes."""
        around = _TABLE + 5 * theme.PADDING
        screen = self.screen().availableGeometry()
        wide = min(max(_WIDTH, around + 3 * _CELL * columns), screen.width() - 80)
        self.resize(wide, _HEIGHT)

    @Slot()
    def _redraw(self) -> None:
        if self._shown is not None:
            self._on_row(self._table.currentIndex())

    @Slot(object)
    def _on_row(self, index: QModelIndex) -> None:
        if self._shown is not None and index.isValid():
            self._formula.show_channel(self._shown, int(self._shown.order[index.row()]))

    @Slot()
    def _on_copy(self) -> None:
        if self._shown is not None:
            QGuiApplication.clipboard().setText(cell_view.as_text(self._shown))


class _Channels(QAbstractTableModel):
    """Input channels and what they add, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: ShownCell | None = None

    def show_cell(self, shown: ShownCell) -> None:
        """Show another cell."""
        self.beginResetModel()
        self._shown = shown
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # of Qt
        """Return how many channels the kernel reads."""
        return 0 if self._shown is None or parent.isValid() else len(self._shown.order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # of Qt
        """Return name and part."""
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the titles."""
        across = orientation == Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Input"), tr("Adds to the sum"))[section]
        if across and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the texts of a row."""
        if self._shown is None:
            return None
        place = int(self._shown.order[index.row()])
        part = float(self._shown.parts[place])
        if role == Qt.ItemDataRole.DisplayRole:
            return (self._shown.name(place), fmt.significant(part))[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell_view.exact(part)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        return None


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter

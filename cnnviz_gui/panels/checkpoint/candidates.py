"""Which architecture a file is of: the candidates, ranked, and what does not fit."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.core.facts import Candidate
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, IconLabel, Label, Tree, painting
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.checkpoint_form import fitting, misfit_words
from cnnviz_gui.texts import ntr, tr

_CANDIDATE = Qt.ItemDataRole.UserRole
_WORDS = Qt.ItemDataRole.UserRole + 1
_ROW, _MISFIT_ROW = 44, 37
_MOST_ROWS = 5
_LEAST = 150
INSET = 11
"""Of the column in which the list stands, whose rows keep 5 px of their own."""
_MOST_MISFITS = 2000


class Candidates(QWidget):
    """A list of which one is chosen, and under it, unfolded on demand, the misfits of that one."""

    chosen = Signal(object)
    """The name of the architecture, by the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("check-circle", "success")
        self._said = Label("", "body", "text2", wrap=True)
        self._model = QStandardItemModel(self)
        self.list = Tree(tr("Architectures that may fit"))
        self.list.setModel(self._model)
        self.list.setRootIsDecorated(False)
        self.list.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.list.setItemDelegate(_CandidateRow(self.list))
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.fold = Button("", "caret-right", "quiet")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold)
        self.misfits = MisfitList()
        self._filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        said = QHBoxLayout()
        said.setContentsMargins(theme.PADDING - INSET, 0, 0, 0)
        said.setSpacing(theme.INSIDE)
        said.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._said, 1)
        add_layout(column, said)
        column.addWidget(self.list)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.misfits, 1)
        column.addStretch(0)
        self.show_candidates((), "")

    def show_candidates(
        self, candidates: tuple[Candidate, ...], chosen: str, instead: str = "", tone: str = "text2"
    ) -> None:
        """Offer these, the best first; without any say something else.

        ``tone``: ``success`` puts a check mark before what is said instead.
        """
        self._filling = True
        self._model.clear()
        for one in candidates:
            item = QStandardItem(one.title)
            item.setData(one, _CANDIDATE)
            item.setData(f"{one.title}, {fitting(one)}", Qt.ItemDataRole.AccessibleTextRole)
            self._model.appendRow(item)
        names = [one.name for one in candidates]
        if chosen in names:
            self.list.setCurrentIndex(self._model.index(names.index(chosen), 0))
        self._filling = False
        self._said.setText(instead)
        self._said.setVisible(not candidates)
        self._icon.setVisible(not candidates and tone == "success")
        self.list.setVisible(bool(candidates))
        self.list.setFixedHeight(_ROW * min(max(len(candidates), 1), _MOST_ROWS) + 2)
        self._draw()

    def _current(self) -> Candidate | None:
        one = self.list.currentIndex().data(_CANDIDATE)
        return one if isinstance(one, Candidate) else None

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        one = self._current()
        if self._filling or one is None:
            return
        self._draw()
        self.chosen.emit(one.name)

    @Slot(bool)
    def _on_fold(self, open_: bool) -> None:
        self.fold.set_icon("caret-down" if open_ else "caret-right")
        self._draw()

    def _draw(self) -> None:
        one = self._current()
        count = len(one.misfits) if one is not None else 0
        self.fold.setVisible(count > 0)
        self.fold.setText(ntr("1 tensor differs", "{n} tensors differ", count))
        shown = count > 0 and self.fold.isChecked()
        self.misfits.setVisible(shown)
        if shown and one is not None:
            self.misfits.show_misfits(one)


class MisfitList(Tree):
    """Name and, below it, wanted and found shape of every tensor that differs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Tensors that differ"), parent)
        self._shown: Candidate | None = None
        self._rows = QStandardItemModel(self)
        self.setModel(self._rows)
        self.setRootIsDecorated(False)
        self.setEditTriggers(Tree.EditTrigger.NoEditTriggers)
        self.setItemDelegate(_MisfitRow(self))
        self.setMinimumHeight(_LEAST)

    def sizeHint(self) -> QSize:
        """Return room for a few rows; more is welcome."""
        return QSize(200, _LEAST)

    def show_misfits(self, one: Candidate) -> None:
        """List what differs, the first of them where there are thousands."""
        if one is self._shown:
            return
        self._shown = one
        self._rows.clear()
        for misfit in one.misfits[:_MOST_MISFITS]:
            words = misfit_words(misfit)
            item = QStandardItem(misfit.name)
            item.setData(words, _WORDS)
            item.setData(f"{misfit.name}: {words}", Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(f"{misfit.name}\n{words}")
            self._rows.appendRow(item)


class _MisfitRow(QStyledItemDelegate):
    """The whole width for the name, which gives way in its middle: both ends tell the layer."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the height of two lines."""
        return QSize(100, _MISFIT_ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw the name over the shapes."""
        with painting.mirrored(painter, option.rect):
            rect = option.rect.adjusted(theme.PADDING, 0, -theme.GAP, 0)
            painter.setFont(theme.font("caption"))
            middle = Qt.TextElideMode.ElideMiddle
            name = QFontMetrics(painter.font()).elidedText(index.data(), middle, rect.width())
            upper = QRect(rect.left(), rect.top() + 3, rect.width(), 16)
            painting.text(painter, upper, name, "caption", "text1")
            below = QRect(rect.left(), rect.top() + 19, rect.width(), 15)
            painting.text(painter, below, index.data(_WORDS), "tick", "text2")


class _CandidateRow(QStyledItemDelegate):
    """Title and count in two lines, the count as a bar too."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the height of two lines."""
        return QSize(100, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw title, count and bar."""
        with painting.mirrored(painter, option.rect):
            one: Candidate = index.data(_CANDIDATE)
            selected = bool(option.state & QStyle.StateFlag.State_Selected)
            rect = option.rect.adjusted(theme.PADDING, 0, -theme.GAP, 0)
            title = QRect(rect.left(), rect.top() + 5, rect.width(), 18)
            painting.text(painter, title, one.title, "title" if selected else "body", "text1")
            whole = one.fitting == one.total
            token = "success" if whole else "text2"
            below = QRect(rect.left(), rect.top() + 22, rect.width(), 16)
            painting.text(painter, below, fitting(one), "caption", token)
            bar = QRect(rect.right() - 96, rect.center().y() - 2, 96, 5)
            share = one.fitting / one.total if one.total else 0.0
            painting.bar(painter, bar.toRectF(), share, "success" if whole else "text3")

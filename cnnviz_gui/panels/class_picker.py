"""Chooses the class that a method explains or an attack aims at, among a thousand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.class_list import CLASS, ClassDelegate, ClassModel
from cnnviz_gui.panels.controls import Label, SearchBox, painting
from cnnviz_gui.texts import tr


class ClassPopup(QFrame):
    """The list that drops down: a search field over the classes that match it."""

    picked = Signal(object)
    """Index of a class; None: the winner."""

    def __init__(self, parent: QWidget, none: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        theme.surface(self, "popup")
        self.setAccessibleName(tr("Choose a class"))
        self.model = ClassModel(self, none)
        self.search = SearchBox(tr("Search classes"), accessible_name=tr("Search classes"))
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._on_search)
        self.view = QListView()
        self.view.setProperty("rows", "drawn")
        self.view.setAccessibleName(tr("Classes"))
        self.view.setModel(self.model)
        self.view.setItemDelegate(ClassDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.clicked.connect(self._on_clicked)
        self.nothing = Label(tr("No class has that in its name."), "caption", "text2", wrap=True)
        self.nothing.setContentsMargins(10, 6, 10, 6)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.view, 1)

    def open_at(self, anchor: QWidget, current: int | None) -> None:
        """Drop down from ``anchor``, with ``current`` marked; upwards where there is no room."""
        self.search.clear()
        self.resize(max(anchor.width(), 264), 340)
        below = anchor.mapToGlobal(QPoint(anchor.width() - self.width(), anchor.height() + 4))
        screen = anchor.screen().availableGeometry()
        if below.y() + self.height() > screen.bottom():
            below = anchor.mapToGlobal(QPoint(anchor.width() - self.width(), -self.height() - 4))
        most = max(screen.left(), screen.right() - self.width())
        below.setX(min(max(below.x(), screen.left()), most))
        below.setY(max(below.y(), screen.top()))
        self.move(below)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)
        self._mark(max(0, self.model.row_of(current)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the search field keep the focus while the keys move the mark in the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._on_key(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _on_key(self, key: Qt.Key) -> bool:
        page = max(1, self.view.viewport().height() // theme.CONTROL - 1)
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
        }
        if key in steps:
            last = self.model.rowCount() - 1
            self._mark(min(max(self.view.currentIndex().row() + steps[key], 0), last))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.view.currentIndex().isValid():
                self._on_clicked(self.view.currentIndex())
            return True
        if key == Qt.Key.Key_Escape:
            self.hide()
            return True
        return False

    def _on_search(self, text: str) -> None:
        self.model.set_query(text)
        found = self.model.rowCount() > 0
        self.nothing.setVisible(not found)
        self.view.setVisible(found)
        self._mark(0)

    def _mark(self, row: int) -> None:
        index = self.model.index(row)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index)

    def _on_clicked(self, index: QModelIndex) -> None:
        shown = index.data(CLASS)
        self.hide()
        self.picked.emit(shown)


class ClassPicker(QPushButton):
    """Shows the class that is the target, and drops down a list to choose another.

    Parameters
    ----------
    purpose
        What the class is for, in words for a screen reader.
    none
        What no class of one's own choice is called.
    """

    chosen = Signal(object)
    """Index of the class chosen by the user, an int; None: whichever class wins."""

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        purpose: str = tr("Target class"),
        none: str = tr("Winner"),
    ) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._index: int | None = None
        self._purpose, self._none = purpose, none
        self._winner, self._word = "", none
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(theme.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.popup = ClassPopup(self, none)
        self.popup.picked.connect(self._on_picked)
        self.clicked.connect(self.open)
        self._describe()

    def set_labels(
        self,
        labels: Sequence[str],
        probabilities: Sequence[float] | None = None,
        first: Sequence[int] = (),
    ) -> None:
        """Take the labels of the network; ``probabilities``, in [0, 1], are shown beside them.

        The list begins with the classes that are ``first``.
        """
        self._labels = tuple(labels)
        self.popup.model.set_labels(labels, probabilities, first)
        self._describe()

    def set_current(
        self, index: int | None, winner_label: str = "", word: str = tr("Winner")
    ) -> None:
        """Show a class as the target, or, for None, the winner and its name. No signal.

        ``word`` says which winner it is, where there are two.
        """
        self._index, self._winner, self._word = index, winner_label, word
        self._describe()

    def current(self) -> int | None:
        """Return the class shown; None: the winner."""
        return self._index

    def text_shown(self) -> str:
        """Return what the button says."""
        if self._index is None:
            return f"{self._word}: {self._winner}" if self._winner else self._none
        known = self._index < len(self._labels)
        return self._labels[self._index] if known else tr("class {index}", index=self._index)

    def _fitting(self, room: int) -> str:
        """Return what the button says; where that is too wide the class alone, the tip says all."""
        whole = self.text_shown()
        alone = self._index is None and self._winner and painting.width_of(whole, "body") > room
        return self._winner if alone else whole

    def open(self) -> None:
        """Drop the list down."""
        self.popup.open_at(self, self._index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open on the keys that open a combo box."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F4):
            self.open()
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Return the size of a control."""
        return QSize(176, theme.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(96, theme.CONTROL)

    def _on_picked(self, index: int | None) -> None:
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        if index != self._index:
            self._index = index
            self._describe()
            self.chosen.emit(index)

    def _describe(self) -> None:
        shown = self.text_shown()
        painting.name(
            self,
            f"{self._purpose}: {shown}",
            tr("{shown}\nClick to choose another class.", shown=shown),
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, the crosshair, the class and the caret."""
        painter, on = painting.begin(self), self.isEnabled()
        painting.box(painter, self.rect(), theme.R_CONTROL, "raised", "field" if on else "edge")
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        elif self.underMouse() and on:
            painting.box(painter, self.rect(), theme.R_CONTROL, "", "text3")
        tone = "text1" if on else "disabled"
        middle = (self.height() - theme.ICON) // 2
        glyph = QRect(9, middle, theme.ICON, theme.ICON)
        icons.paint(painter, glyph, "crosshair", theme.color("target" if on else "disabled"))
        room = QRect(31, 0, self.width() - 31 - 26, self.height())
        painting.text(painter, room, self._fitting(room.width()), "body", tone)
        caret = QRect(self.width() - 22, (self.height() - 12) // 2, 12, 12)
        icons.paint(painter, caret, "caret-down", theme.color("text3" if on else "disabled"))

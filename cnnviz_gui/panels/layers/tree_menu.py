"""What can be done with a layer, or with all of them: the menu of the tree."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from cnnviz_gui.panels import icons
from cnnviz_gui.panels.layers.table_out import TableOut
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.layer_words import MEASURES
from cnnviz_gui.texts import tr


class TreeMenu(QMenu):
    """Copy a name, copy or save the table, open and close blocks, choose what bars measure."""

    open_all = Signal()
    close_all = Signal()

    def __init__(self, state: AppState, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = state
        self._name = ""
        self.setAccessibleName(tr("Layers"))
        self._copy = self.addAction(icons.icon("copy"), tr("Copy the name"))
        self._copy.triggered.connect(self._on_copy)
        self.out = TableOut(state, parent)
        self.out.add_to(self)
        self.addSeparator()
        self._group = QActionGroup(self)
        for measure, word in MEASURES.items():
            action = self.addAction(tr("Bars show {measure}", measure=word))
            action.setCheckable(True)
            action.setData(measure)
            self._group.addAction(action)
        self._group.triggered.connect(self._on_measure)
        self.addSeparator()
        self.addAction(tr("Open all blocks")).triggered.connect(self.open_all)
        self.addAction(tr("Close all blocks")).triggered.connect(self.close_all)

    def open_at(self, position: QPoint, name: str) -> None:
        """Show the menu for a layer, or with an empty name for the network."""
        self._name = name
        self._copy.setVisible(bool(name))
        for action in self._group.actions():
            action.setChecked(action.data() == self._state.display.layer_share)
        self.popup(position)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._name)
        self._state.share(
            notice=Notice(tr("The name {name} is in the clipboard.", name=self._name))
        )

    @Slot(QAction)
    def _on_measure(self, action: QAction) -> None:
        self._state.show(layer_share=action.data())

"""The window in which a network is chosen. It stands beside the main window and blocks nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    Button,
    ComboBox,
    EmptyState,
    Label,
    SearchBox,
    Segmented,
    window_parts,
)
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.networks.drops import dropped_weights
from cnnviz_gui.panels.networks.network_card import NetworkCard
from cnnviz_gui.panels.networks.table_model import ROW, FoundNetworks, NetworkTable
from cnnviz_gui.panels.networks.table_view import NetworkList
from cnnviz_gui.state import catalogue_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.catalogue_view import Row
from cnnviz_gui.texts import ntr, tr

USUAL = QSize(1220, 740)
_LEAST = QSize(760, 440)
_CONCERNS = frozenset(
    {
        "catalogue",
        "downloads",
        "facts",
        "second_facts",
        "model",
        "pending_model",
        "start_problem",
        "methods",
        "offline",
    }
)
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_PLACES = (("all", tr("All")), ("here", tr("On this machine")))


class NetworkWindow(QDialog):
    """Search, table and card. Escape closes it."""

    open_wanted = Signal(object)
    """A ``ModelRef``; the window closes once it is ready."""
    second_wanted = Signal(object)
    """A ``ModelRef`` to be shown beside the one in use; None to stop comparing."""
    fetch_wanted = Signal(object, bool)
    """The name of a network whose weights are wanted, and whether to open it then."""
    cancel_wanted = Signal(object)
    """The name of a network whose download is to stop."""
    copy_wanted = Signal(object)
    """Text for the clipboard."""
    checkpoint_wanted = Signal()
    dropped = Signal(object)
    """The path of a file of weights that was dropped on the window."""
    folder_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._awaited: ModelRef | None = None
        """What was chosen here and is to close the window once it is in use."""
        self.setWindowTitle(tr("Choose a network"))
        self.setMinimumSize(_LEAST)
        self.setAcceptDrops(True)
        screen = (parent or self).screen() or QGuiApplication.primaryScreen()
        self.resize(USUAL.boundedTo(screen.availableSize() - QSize(60, 60)))
        self._table = NetworkTable(self)
        self._found = FoundNetworks(self)
        self._found.setSourceModel(self._table)
        self.search = SearchBox(tr("Search by name, family or year"), "", tr("Search networks"))
        self.search.textChanged.connect(self._on_typed)
        self.search.installEventFilter(self)
        self._place = Segmented(_PLACES, tr("Which networks"))
        self._place.set_value("all")
        self._place.chosen.connect(self._look)
        self._family = ComboBox(tr("Family"))
        self._family.activated.connect(self._look)
        self._fill_families(())
        self._count = Label("", "caption", "text3")
        self.list = NetworkList()
        self.list.setModel(self._found)
        self.list.header().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.list.header().sortIndicatorChanged.connect(self._show_current)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.list.submitted.connect(self._on_submitted)
        self._none = EmptyState("clock", "", "", self.list)
        self._none.acted.connect(self._show_all)
        self.list.viewport().installEventFilter(self)
        self.card = NetworkCard(state)
        self._wire_card()
        self._lay_out()
        state.observe(self._on_state_changed)
        self._take()

    def _wire_card(self) -> None:
        card = self.card
        card.open_wanted.connect(self._on_open)
        card.fetch_wanted.connect(self._on_fetch)
        card.second_wanted.connect(self.second_wanted)
        card.cancel_wanted.connect(self.cancel_wanted)
        card.copy_wanted.connect(self.copy_wanted)
        card.settings_wanted.connect(self.settings_wanted)
        card.plot.chosen.connect(self.show_network)

    def _lay_out(self) -> None:
        bar, top = window_parts.bar(theme.TOP_BAR, theme.GAP)
        self.search.setMinimumWidth(220)
        self._place.setFixedWidth(230)
        self._family.setFixedWidth(170)
        top.addWidget(self.search, 1)
        top.addWidget(self._place)
        top.addWidget(self._family)
        top.addWidget(self._count)
        foot, below = window_parts.bar(theme.TOOL_ROW + 4)
        checkpoint = Button(tr("Open checkpoint…"), "file-arrow-up")
        checkpoint.setToolTip(
            tr("Your own weights: .safetensors, .pth, .pt; no code in them is run")
        )
        checkpoint.clicked.connect(self.checkpoint_wanted)
        folder = Button(tr("Folder of the weights"), "folder-open", "quiet")
        folder.setToolTip(tr("Show where downloaded weights are kept"))
        folder.clicked.connect(self.folder_wanted)
        close = Button(tr("Close"))
        close.clicked.connect(self.reject)
        below.addWidget(checkpoint)
        below.addWidget(folder)
        below.addStretch(1)
        below.addWidget(close)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.list, 1)
        middle.addWidget(window_parts.line(vertical=True))
        middle.addWidget(self.card)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (bar, window_parts.line(), middle, window_parts.line(), foot):
            if isinstance(part, QHBoxLayout):
                add_layout(column, part, 1)
            else:
                column.addWidget(part)

    def show_now(self) -> None:
        """Come to the front with the search ready for typing.

        Opened anew it shows all networks, the one in use selected.
        """
        if not self.isVisible():
            self._awaited = None
            self._show_all()
            self.show_network(self._name_in_use())
        self.show()
        self.raise_()
        self.activateWindow()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @Slot(object)
    def show_network(self, name: str) -> None:
        """Select a network, whatever is being looked for."""
        if self._table.row_of(name) is None:
            self._take()  # the catalogue may have come just now
        place = self._table.row_of(name)
        if place is None:
            return
        index = self._found.mapFromSource(self._table.index(place, 0))
        if not index.isValid():
            self._show_all()
            index = self._found.mapFromSource(self._table.index(place, 0))
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index, NetworkList.ScrollHint.EnsureVisible)

    def current(self) -> Row | None:
        """Return the selected network, None where none fits."""
        row = self.list.currentIndex().data(ROW)
        return row if isinstance(row, Row) else None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let arrows move in the table and Return choose while the search has the focus.

        What is said in place of rows stays in the middle of the table.
        """
        if watched is self.list.viewport() and event.type() == QEvent.Type.Resize:
            self._none.setGeometry(self.list.viewport().geometry())
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                self.list.keyPressEvent(event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._submit()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Send what is typed elsewhere in the window to the search."""
        if event.text().isprintable() and event.text().strip():
            self.search.setFocus(Qt.FocusReason.OtherFocusReason)
            self.search.insert(event.text())
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file of weights."""
        event.setAccepted(bool(dropped_weights(event)))

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over the file that was dropped."""
        self.dropped.emit(dropped_weights(event))

    def _name_in_use(self) -> str:
        facts = self._state.shared.facts
        return facts.name if facts is not None else ""

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS or "finding.model" in changes:
            self._take()
        if self._awaited is not None and self._state.selection.model == self._awaited:
            self._awaited = None
            self.accept()

    def _take(self) -> None:
        """Show what the state says; the selected network stays selected."""
        before = self.current()
        rows = catalogue_view.rows(self._state)
        self._table.set_rows(rows)
        families = catalogue_view.families([row.entry for row in rows])
        if [self._family.itemText(at) for at in range(1, self._family.count())] != list(families):
            self._fill_families(families)
            self.list.fit_columns()
            self.card.plot.set_entries([row.entry for row in rows])
        name = before.entry.name if before is not None else self._name_in_use()
        place = self._table.row_of(name)
        if place is not None and self.current() is None:
            self.list.setCurrentIndex(self._found.mapFromSource(self._table.index(place, 0)))
        if self.current() is None and self.search.text():
            self._on_typed()  # before there were any
        self._draw()

    def _fill_families(self, families: tuple[str, ...]) -> None:
        chosen = self._family.currentText()
        self._family.clear()
        self._family.addItem(tr("All families"), "")
        for family in families:
            self._family.addItem(family, family)
        self._family.setCurrentIndex(max(0, self._family.findText(chosen)))

    @Slot()
    def _show_current(self) -> None:
        """Keep the selected network in sight, wherever the new order has put it."""
        self.list.scrollTo(self.list.currentIndex(), NetworkList.ScrollHint.EnsureVisible)

    @Slot()
    def _on_typed(self) -> None:
        self._look()
        place = catalogue_view.best(self._found.entries(), self.search.text())
        if place is not None and self.search.text():
            self.list.setCurrentIndex(self._found.index(place, 0))
        self._show_current()

    @Slot()
    def _look(self) -> None:
        self._found.look_for(
            self.search.text(),
            only_here=self._place.value() == "here",
            family=str(self._family.currentData() or ""),
        )
        if not self.list.currentIndex().isValid() and self._found.rowCount():
            self.list.setCurrentIndex(self._found.index(0, 0))
        self._draw()

    @Slot()
    def _show_all(self) -> None:
        self._place.set_value("all")
        self._family.setCurrentIndex(0)
        self.search.clear()
        self._look()

    def _draw(self) -> None:
        found, total = self._found.rowCount(), self._table.rowCount()
        words = ntr("{n} network", "{n} networks", total)
        self._count.setText(
            words if found == total else tr("{found} of {total}", found=found, total=total)
        )
        self._count.setVisible(total > 0)
        self.card.setVisible(total > 0)
        if total:
            self._none.set_state("magnifying-glass", tr("No network fits."), tr("Show all"))
        else:
            problem = self._state.shared.start_problem
            looking = tr("Looking for networks") + "…"
            self._none.set_state("warning" if problem else "clock", problem or looking)
        self._none.setVisible(found == 0)
        self.card.plot.set_found(entry.name for entry in self._found.entries())
        self.card.show_row(self.current())

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        self._awaited = None
        self.card.show_row(self.current())

    @Slot(QModelIndex)
    def _on_submitted(self, index: QModelIndex) -> None:
        self._submit()

    def _submit(self) -> None:
        """Do the first thing offered; the network in use needs no more than to be gone back to."""
        row = self.current()
        if row is not None and row.use == "trained":
            self.accept()
        else:
            self.card.submit()

    @Slot(object)
    def _on_open(self, model: ModelRef) -> None:
        self._awaited = model
        self.open_wanted.emit(model)
        if self._state.selection.model == model and self._state.shared.pending_model is None:
            self._awaited = None
            self.accept()

    @Slot(object, bool)
    def _on_fetch(self, name: str, opens: bool) -> None:
        self._awaited = ModelRef(name=name) if opens else None
        self.fetch_wanted.emit(name, opens)

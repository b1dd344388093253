"""The window of notifications. It stands beside the main window and blocks nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QStackedLayout, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, EmptyState, Label, SearchBox, Segmented, window_parts
from cnnviz_gui.panels.notifications.listing import Listing
from cnnviz_gui.state import chronicle_view
from cnnviz_gui.state.chronicle import Entry
from cnnviz_gui.texts import tr

USUAL = QSize(860, 560)
_LEAST = QSize(720, 340)
_LEVELS = (
    (chronicle_view.ALL, tr("All")),
    ("error", tr("Errors")),
    ("warning", tr("Warnings")),
    ("info", tr("Notes")),
)
_NOTHING = tr("Nothing was told yet, and nothing went wrong.")
_NONE_FITS = tr("No notification fits.")


class NotificationsWindow(QDialog):
    """Search, list, and what can be done with it. Escape closes it.

    Parameters
    ----------
    applies
        Tells whether the button that an entry offers still makes sense.
    """

    report_copied = Signal()
    report_saved = Signal()
    cleared = Signal()
    folder_wanted = Signal()
    hidden = Signal()

    def __init__(self, applies: Callable[[Entry], bool], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Notifications"))
        self.setMinimumSize(_LEAST)
        screen = (parent or self).screen()
        self.resize(USUAL.boundedTo(screen.availableSize() - QSize(60, 60)))
        self._all: tuple[Entry, ...] = ()
        self.search = SearchBox(
            tr("Search in sentences and details"), "", tr("Search notifications")
        )
        self.search.textChanged.connect(self._draw)
        self._level = Segmented(_LEVELS, tr("Which notifications"))
        self._level.set_value(chronicle_view.ALL)
        self._level.chosen.connect(self._draw)
        self._count = Label("", "caption", "text3")
        self.list = Listing(applies)
        self._none = EmptyState("bell", _NOTHING)
        self._none.acted.connect(self._show_all)
        self.folder = Button(tr("Folder of the log"), "folder-open", "quiet")
        self.folder.setToolTip(tr("Show where the log and the reports of crashes are"))
        self.folder.clicked.connect(self.folder_wanted)
        self._clear = Button(tr("Clear"), "trash", "quiet")
        self._clear.setToolTip(tr("Empty this list; the log stays"))
        self._clear.clicked.connect(self.cleared)
        self.copy_report = Button(tr("Copy report"), "copy")
        self.copy_report.setToolTip(
            tr(
                "Versions, system, settings, the end of the log and what is chosen here,"
                " without names"
            )
        )
        self.copy_report.clicked.connect(self.report_copied)
        self.save_report = Button(tr("Save report…"), "file-text")
        self.save_report.clicked.connect(self.report_saved)
        self._lay_out()
        self._draw()

    def _lay_out(self) -> None:
        bar, top = window_parts.bar(theme.TOP_BAR, theme.GAP)
        self._level.setFixedWidth(300)
        top.addWidget(self.search, 1)
        top.addWidget(self._level)
        top.addWidget(self._count)
        foot, below = window_parts.bar(theme.TOOL_ROW + 4)
        close = Button(tr("Close"))
        close.clicked.connect(self.reject)
        for button in (self.copy_report, self.save_report, self._clear, self.folder):
            below.addWidget(button)
        below.addStretch(1)
        below.addWidget(close)
        middle = QWidget()
        theme.surface(middle, "panel")
        self._stack = QStackedLayout(middle)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self._none)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(window_parts.line())
        column.addWidget(middle, 1)
        column.addWidget(window_parts.line())
        column.addWidget(foot)

    def set_entries(self, entries: tuple[Entry, ...], looked: int) -> None:
        """Show what was told, the newest first; what came after ``looked`` is marked as new."""
        self._all = entries
        self.list.looked = looked
        self._draw()

    def chosen(self) -> Entry | None:
        """Return the entry that a report is about."""
        return self.list.current() if self._stack.currentWidget() is self.list else None

    @Slot()
    def _draw(self) -> None:
        level = str(self._level.value())
        shown = chronicle_view.fitting(self._all, level, self.search.text())
        self.list.set_entries(shown)
        self._count.setText(chronicle_view.counted(shown, self._all))
        self._clear.setEnabled(bool(self._all))
        self._stack.setCurrentWidget(self.list if shown else self._none)
        if self._all:
            self._none.set_state("magnifying-glass", _NONE_FITS, tr("Show all"))
        else:
            self._none.set_state("bell", _NOTHING)

    @Slot()
    def _show_all(self) -> None:
        self._level.set_value(chronicle_view.ALL)
        self.search.clear()
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that nobody looks any more."""
        super().hideEvent(event)
        self.hidden.emit()

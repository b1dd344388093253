"""One list for all that was told and all that went wrong, and reports on it."""

from __future__ import annotations

import contextlib
import functools
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from cnnviz_gui.app import log
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.save_as import save_as
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.panels.controls.reporting import reporting
from cnnviz_gui.panels.notifications.notifications_window import NotificationsWindow
from cnnviz_gui.panels.notifications.report_window import ReportWindow
from cnnviz_gui.panels.places import keep_window
from cnnviz_gui.state import chronicle_view
from cnnviz_gui.state.app_state import AppState, Notice, SaveAgain, ShowReport
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.chronicle import LEVELS, Chronicle, Entry, Level
from cnnviz_gui.state.finding import Problem
from cnnviz_gui.state.recovered import Recovered
from cnnviz_gui.texts import ptr, tr

_EVERY_MS = 250
"""However much is told, it is shown no more often."""
_SLACK_S = 2.0
"""Clocks of disks are so coarse."""
_CRASHED = tr("The last run ended in a crash.")


class Notifications(QObject):
    """Gathers what the window tells and what jobs end in, and shows the list.

    What no window knows of comes from ``log``.
    """

    _told = Signal()

    def __init__(
        self,
        window: MainWindow,
        state: AppState,
        settings: Settings,
        engine: Engine,
        chronicle: Chronicle | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._state = state
        self._settings = settings
        self._chronicle = chronicle or log.chronicle()
        self._looked = 0
        self._noted: Notice | None = None
        self._failed: dict[str, Problem | None] = {}
        """By name of a network, the last failure of its download."""
        self._labels: dict[str, str] = {}
        """By lane, what the user calls the job that began there last."""
        self.window: NotificationsWindow | None = None
        self.report: ReportWindow | None = None
        self._bell = window.status.bell
        self._bell.clicked.connect(self.on_notifications)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_EVERY_MS)
        self._soon.timeout.connect(self._draw)
        self._stopped = False
        # Queued: whatever thread tells it, and from the midst of whatever.
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        self._chronicle.listen(self._tell)
        state.observe(self._on_state_changed, at_once=True)
        engine.happened.connect(self._on_event)
        window.stage.remedy_wanted.connect(self._on_remedy)
        reporting.wanted.connect(self._on_report_wanted)
        window.closing.connect(self.stop)
        if log.former_crash() is not None:
            offer = (tr("Show report"), ShowReport())
            state.share(notice=Notice(_CRASHED, "warning", "", *offer, stays=True))
        self._draw()

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # Qt's half is gone: the program is ending
            self._told.emit()

    @Slot()
    def stop(self) -> None:
        """Show nothing more: the window closes."""
        if not self._stopped:
            self._stopped = True
            self._chronicle.leave(self._tell)
            self._soon.stop()
            reporting.wanted.disconnect(self._on_report_wanted)

    @Slot()
    def on_notifications(self) -> None:
        """Open the list, or bring it to the front."""
        if self.window is None:
            self.window = NotificationsWindow(self._applies, self._window)
            keep_window(self.window, "notifications")
            self.window.list.remedied.connect(self._on_remedied)
            self.window.list.copied.connect(self._on_copied)
            self.window.report_copied.connect(self.on_copy_report)
            self.window.report_saved.connect(self.on_save_report)
            self.window.cleared.connect(self._chronicle.clear)
            self.window.folder_wanted.connect(self._open_folder)
            self.window.hidden.connect(self._on_hidden)
            self.window.folder.setVisible(log.folder() is not None)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()
        self._draw()

    @Slot()
    def on_copy_report(self) -> None:
        """Copy a report on the program, and on what is chosen in the list."""
        self._copy(self._report())

    @Slot()
    def on_save_report(self) -> None:
        """Save the same."""
        self._save(self._report())

    @Slot(object, object, object)
    def _on_report_wanted(self, card: QWidget, said: str, details: str) -> None:
        """Copy a report on what a card of this window, or of one of its own windows, tells of."""
        if self._window in (card.window(), card.window().parentWidget()):
            entry = Entry(0, 0, time.time(), "error", said, "a card", details)
            self._copy(self._report(entry))

    def _report(self, entry: Entry | None = None) -> str:
        from cnnviz_gui.app import report  # what it asks of is not needed before

        if entry is None and self.window is not None and self.window.isVisible():
            entry = self.window.chosen()
        return report.of_entry(self._state, self._settings, log.lines(), entry)

    @Slot(object)
    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._state.share(notice=Notice(tr("The report is in the clipboard.")))

    @Slot(object)
    def _save(self, text: str) -> None:
        write = functools.partial(_write, text)
        save_as(
            self._window,
            self._state,
            "cnnviz-report.txt",
            tr("Text ({endings})", endings="*.txt"),
            write,
        )

    @Slot()
    def _open_folder(self) -> None:
        folder = log.folder()
        if folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def show_crash(self) -> None:
        """Show the report of the crash in which the last run ended."""
        from cnnviz_gui.app import report

        crash = log.former_crash()
        if crash is None:
            return
        if self.report is None:
            text = report.of_crash(self._state, self._settings, crash)
            self.report = ReportWindow(tr("Report of the crash"), text, self._window)
            keep_window(self.report, "report")
            self.report.copied.connect(self._copy)
            self.report.saved.connect(self._save)
            self.report.folder_wanted.connect(self._open_folder)
        self.report.show()
        self.report.raise_()
        self.report.activateWindow()

    def _on_state_changed(self, changes: Changes) -> None:
        notice = self._state.shared.notice
        if "notice" in changes and notice is not None and notice is not self._noted:
            self._noted = notice
            level: Level = next((one for one in LEVELS if one == notice.level), "info")
            self._chronicle.note(
                level, notice.text, "", notice.details, notice.remedy, notice.remedy_ref
            )
        if "downloads" in changes:
            for one in self._state.shared.downloads:
                if one.problem is not None and one.problem is not self._failed.get(one.name):
                    self._note_problem(one.problem, tr("Download of {title}", title=one.title))
                self._failed[one.name] = one.problem

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        match event:
            case events.Started():
                self._labels[event.lane] = event.label
            case events.Failed(failure=failure) | events.StartFailed(failure=failure):
                of_job = isinstance(event, events.Failed)
                source = (
                    self._labels.get(event.lane, event.lane) if of_job else ptr("source", "Start")
                )
                problem = Problem(failure.message, failure.advice, "", failure.details)
                self._note_problem(problem, source)

    def _note_problem(self, problem: Problem, source: str) -> None:
        text = f"{problem.message} {problem.advice}".strip()
        self._chronicle.note("error", text, source, problem.details)

    @Slot(object)
    def _on_remedy(self, remedy: object) -> None:
        """Show the report where that is what a notice offered; most else is done once only.

        Work that was left can be restored as long as it is there.
        """
        if isinstance(remedy, ShowReport):
            self.show_crash()
        elif not isinstance(remedy, Recovered):
            self._chronicle.use_up(remedy)

    def _applies(self, entry: Entry) -> bool:
        """Tell whether the button of an entry would still do what it says."""
        again = entry.remedy_ref
        if isinstance(again, Recovered):
            return Path(again.path).is_file()
        if not isinstance(again, SaveAgain):
            return bool(entry.remedy)
        path = Path(again.request.path)
        if path in self._state.writer.due():
            return False
        try:
            return path.stat().st_mtime <= entry.at + _SLACK_S
        except FileNotFoundError:
            return True
        except (OSError, ValueError):
            return False

    @Slot(object)
    def _on_remedied(self, entry: Entry) -> None:
        if self._applies(entry):
            self._window.stage.remedy_wanted.emit(entry.remedy_ref)
        else:
            self._draw()

    @Slot(object)
    def _on_copied(self, entry: Entry) -> None:
        QGuiApplication.clipboard().setText(chronicle_view.as_text(entry))

    @Slot()
    def _on_hidden(self) -> None:
        """All that was there was seen."""
        self._looked = self._chronicle.told
        self._on_told()

    @Slot()
    def _on_told(self) -> None:
        if not self._stopped and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _draw(self) -> None:
        entries = self._chronicle.entries()
        if self.window is not None and self.window.isVisible():
            self.window.set_entries(entries, self._looked)
            self._bell.set_new(0, "info")
        else:
            self._bell.set_new(*chronicle_view.new(entries, self._looked))


def _write(text: str, path: Path) -> Path:
    from cnnviz_gui.core.files import write_atomically

    write_atomically(path, text.encode("utf-8"))
    return path

"""One list for what notices tell and what jobs end in."""

import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from cnnviz_gui.app import log, notifications
from cnnviz_gui.app.crash_files import Crash
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.notifications import Notifications
from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Predict, SaveAdversarial
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.engine.mailbox import lanes_in_order
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import FailureCard
from cnnviz_gui.panels.controls.folded import FoldedDetails
from cnnviz_gui.state.app_state import AppState, Notice, SaveAgain, ShowReport
from cnnviz_gui.state.chronicle import Chronicle
from cnnviz_gui.state.downloads import DownloadState
from cnnviz_gui.state.finding import Problem

IMAGE = ImageRef(path="half.png", partial=True)


class Desk:
    def __init__(self, qtbot):
        self.state, self.chronicle = AppState(), Chronicle()
        self.window = MainWindow("dark")
        qtbot.addWidget(self.window)
        theme.apply(QGuiApplication.instance(), "dark")
        self.window.furnish(self.state)
        self.engine = Engine(lambda say: None, lanes_in_order("heatmap"))
        self.bell = self.window.status.bell
        self.made = Notifications(self.window, self.state, Settings(), self.engine, self.chronicle)

    def texts(self):
        return [one.text for one in self.chronicle.entries()]

    def open(self):
        self.made.on_notifications()
        return self.made.window


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot)
    yield made
    made.made.stop()


def test_notices_and_failures_of_jobs_and_downloads_are_listed_once(desk):
    state, engine = desk.state, desk.engine
    failed = events.Failure("Grad-CAM failed: no.", "Try again.", "", "Traceback 1")
    request = Predict(model=ModelRef(name="net"), image=IMAGE)
    engine.happened.emit(events.Started("heatmap", 1, "Grad-CAM"))
    engine.happened.emit(events.Failed("heatmap", 1, request, failed))
    state.share(notice=Notice("Grad-CAM failed: no. Try again.", "error"))
    same = Notice("Saved a.png.")
    for notice in (same, None, same):
        state.share(notice=notice)
    lost = DownloadState("r", "ResNet", "failed", problem=Problem("The server is gone."))
    state.share(downloads=(lost,))
    state.share(downloads=(lost.opening(True),))
    listed = {one.text: one for one in desk.chronicle.entries()}
    job = listed["Grad-CAM failed: no. Try again."]
    assert (job.source, job.count, job.details) == ("Grad-CAM", 1, "Traceback 1")
    assert listed["Saved a.png."].count == 1
    assert listed["The server is gone."].source == "Download of ResNet"
    assert listed["The server is gone."].count == 1


def test_the_bell_counts_what_is_new_until_the_list_was_looked_at(desk, qtbot):
    desk.state.share(notice=Notice("Saved."))
    desk.chronicle.note("warning", "Odd.", "Qt")
    qtbot.waitUntil(lambda: desk.bell.said() == "1")
    desk.chronicle.note("error", "Wrong.", "Qt")
    qtbot.waitUntil(lambda: desk.bell.said() == "2")
    assert desk.bell.accessibleName() == "Notifications: 2 new"
    qtbot.mouseClick(desk.bell, Qt.MouseButton.LeftButton)
    window = desk.made.window
    assert desk.bell.said() == ""
    assert window.list.entries.rowCount() == 3
    assert all(one.last > window.list.looked for one in desk.chronicle.entries())
    window.reject()
    desk.chronicle.note("error", "Wrong.", "Qt")
    qtbot.waitUntil(lambda: desk.bell.said() == "1")
    desk.open()
    assert [one.last > window.list.looked for one in desk.chronicle.entries()] == [
        *(True, False, False)
    ]


def test_thousands_of_messages_are_shown_at_once(desk, qtbot, monkeypatch):
    window = desk.open()
    drawn = []
    show = window.set_entries
    monkeypatch.setattr(window, "set_entries", lambda *told: (drawn.append(1), show(*told)))
    for n in range(5000):
        desk.chronicle.note("error", f"Message {n}.", "Qt")
    assert drawn == []
    qtbot.waitUntil(lambda: window.list.entries.rowCount() == 500)
    assert len(drawn) == 1


def test_a_remedy_can_be_pressed_in_the_list_once(desk):
    opened = []
    desk.window.stage.remedy_wanted.connect(opened.append)
    desk.state.share(notice=Notice("half.png is cut.", "error", "", "Open what is there", IMAGE))
    desk.state.share(notice=None)
    window = desk.open()
    rows = window.list
    rows.toggle(rows.entries.index(0, 0))
    rows._details._remedy.click()
    assert opened == [IMAGE]
    assert desk.chronicle.entries()[0].remedy == ""


def test_a_file_that_was_written_anew_is_not_written_over_from_the_list(desk, tmp_path):
    path = tmp_path / "a.png"
    attack = Attack(model=ModelRef(name="n"), image=IMAGE, method="pgd", parameters=Params())
    again = SaveAgain(SaveAdversarial(attack=attack, path=str(path), repair=True), None)
    desk.state.share(notice=Notice("Saved a.png.", "warning", "", "Write it again", again))
    (entry,) = desk.chronicle.entries()
    assert desk.made._applies(entry)
    path.write_bytes(b"something newer")
    os.utime(path, (entry.at + 60, entry.at + 60))
    assert not desk.made._applies(entry)


def test_a_crash_of_the_last_run_is_told_and_its_report_shown(qtbot, monkeypatch, tmp_path):
    crash = Crash(tmp_path / "crash-1.txt", "Fatal Python error: Segmentation fault", 0.0)
    monkeypatch.setattr(log, "former_crash", lambda: crash)
    desk = Desk(qtbot)
    (notice,) = desk.state.shared.notices
    assert (notice.text, notice.remedy) == ("The last run ended in a crash.", "Show report")
    desk.state.share(notice=None)
    desk.window.stage.notices._on_wanted(notice)
    report = desk.made.report
    assert report.isVisible()
    assert "Segmentation fault" in report.text.toPlainText()
    assert desk.chronicle.entries()[0].remedy_ref == ShowReport()  # can be shown again
    report.copied.emit(report.text.toPlainText())
    assert "Segmentation fault" in QGuiApplication.clipboard().text()
    desk.made.stop()


def test_a_report_is_about_what_is_chosen_and_can_be_saved(desk, monkeypatch, tmp_path):
    desk.chronicle.note("error", "It broke.", "Grad-CAM", "Traceback of it")
    desk.made.on_copy_report()
    assert "Traceback of it" not in QGuiApplication.clipboard().text()
    window = desk.open()
    window.list.setCurrentIndex(window.list.entries.index(1, 0))
    window.copy_report.click()
    assert "Traceback of it" in QGuiApplication.clipboard().text()
    path = tmp_path / "report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    desk.made.on_save_report()
    assert "Traceback of it" in path.read_text("utf-8")


def test_a_card_of_a_failure_offers_details_and_a_report(desk, qtbot):
    mine, foreign = FailureCard(desk.window), FailureCard()
    qtbot.addWidget(foreign)
    QGuiApplication.clipboard().setText("")
    for card in (foreign, mine):
        assert card.report.isHidden()
        card.set_failure("Grad-CAM failed: no.", "Try again.", "Traceback of a card")
        assert not card.report.isHidden()
        card.report.click()
        copied = QGuiApplication.clipboard().text()
        assert ("Traceback of a card" in copied) == (card is mine)
        assert ("Grad-CAM failed: no. Try again." in copied) == (card is mine)


def test_a_notice_unfolds_its_details_and_copies_them(desk, qtbot):
    desk.window.show()
    desk.state.share(notice=Notice("It broke.", "error", "Traceback of it"))
    qtbot.waitUntil(lambda: desk.window.findChild(FoldedDetails) is not None)
    folded = desk.window.findChild(FoldedDetails)
    assert folded.text.isHidden()
    folded.fold.click()
    assert not folded.text.isHidden()
    folded.copy.click()
    assert QGuiApplication.clipboard().text() == "It broke.\nTraceback of it"


def test_the_folder_of_the_log_is_opened(desk, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(log, "folder", lambda: tmp_path)
    monkeypatch.setattr(notifications.QDesktopServices, "openUrl", opened.append)
    desk.open().folder.click()
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]

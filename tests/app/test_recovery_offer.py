"""What another run has left stays until it is refused, or is safe in this run's own file."""

import json
import os
import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from cnnviz_gui.app import log
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.recovery_file import RecoveryFile
from cnnviz_gui.panels.controls import Notice as Note
from cnnviz_gui.state import session_file
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.recovered import Recovered
from tests.app.test_sessions import computer


@pytest.fixture
def left(tmp_path):
    """A session as a run leaves it that ended unexpectedly."""
    path = tmp_path / "recovery" / "1-left" / "session.cnnviz"
    path.parent.mkdir(parents=True)
    path.write_bytes(session_file.write(AppState()))
    return path


@pytest.fixture
def explorer(qtbot, tmp_path, left):
    log.chronicle().clear()
    made = Explorer(
        tmp_path / "settings.json", tmp_path / "cache", start=computer,
        recovery=tmp_path / "recovery",
    )  # fmt: skip
    qtbot.addWidget(made.window)
    made.show()
    qtbot.waitUntil(lambda: made.complete and offer(made) is not None, timeout=20_000)
    qtbot.waitUntil(lambda: made.state.selection.image is not None, timeout=20_000)
    yield made
    made.window.may_close = lambda: True
    made.window.close()


def offer(explorer):
    offers = (one for one in explorer.state.shared.notices if isinstance(one.remedy_ref, Recovered))
    return next(offers, None)


def note_of(explorer, text):
    notes = explorer.window.stage.notices.findChildren(Note)
    return next((one for one in notes if one.accessibleName() == text), None)


def listed(explorer):
    """Tell whether the list of notifications would still restore it."""
    entries = explorer.notifications._chronicle.entries()
    return any(explorer.notifications._applies(e) for e in entries if e.remedy_ref is not None)


def test_an_offer_is_refused_by_the_hand_alone(qtbot, explorer, left):
    text = offer(explorer).text
    for number in range(9):
        explorer.state.share(notice=Notice(str(number), stays=True))
    qtbot.waitUntil(lambda: note_of(explorer, "8") is not None)
    assert offer(explorer) is not None and left.is_file() and listed(explorer)
    explorer.state.dismiss(offer(explorer))
    explorer.state.share(notice=Notice("10"))
    qtbot.waitUntil(lambda: note_of(explorer, text) is None)
    assert left.is_file() and listed(explorer)


def refuse(qtbot, explorer):
    offered = offer(explorer)
    qtbot.waitUntil(lambda: note_of(explorer, offered.text) is not None)
    qtbot.mouseClick(note_of(explorer, offered.text)._close, Qt.MouseButton.LeftButton)
    assert offer(explorer) is None
    return offered


def test_an_offer_tells_of_when_it_is_and_how_many_there_are(explorer, left):
    assert "older" not in offer(explorer).text
    explorer.state.dismiss(offer(explorer))
    for number, hour in ((2, 9), (3, 8), (4, 7)):
        path = left.parents[1] / f"{number}-left" / "left.cnnviz"
        path.parent.mkdir()
        path.write_bytes(left.read_bytes())
        moment = time.mktime((2024, 5, 17, hour, 30, 0, 0, 0, -1))
        os.utime(path, (moment, moment))
    left.unlink()
    assert explorer._recovery.offer()
    assert offer(explorer).text == (
        "Your work of 2024-05-17 09:30 is kept, though you did not save it. "
        "2 older ones are offered at the next starts."
    )


def test_what_was_refused_goes_with_the_end_of_the_program(qtbot, explorer, left):
    refuse(qtbot, explorer)
    assert left.exists() and listed(explorer)
    assert "until the program ends" in explorer.state.shared.notice.text
    assert not explorer._recovery.offer(), "it was refused once"
    explorer.window.may_close = lambda: True
    explorer.window.close()
    qtbot.waitUntil(lambda: not left.exists())


def test_what_was_refused_by_a_slip_is_had_back_from_the_notifications(qtbot, explorer, left):
    offered = refuse(qtbot, explorer)
    explorer.window.stage.remedy_wanted.emit(offered.remedy_ref)
    told = explorer.notifications._chronicle.entries
    qtbot.waitUntil(lambda: any(one.text.startswith("Restored") for one in told()))
    qtbot.waitUntil(lambda: not left.exists())


def press(qtbot, explorer):
    offered = offer(explorer)
    explorer.state.dismiss(offered)
    explorer.window.stage.remedy_wanted.emit(offered.remedy_ref)
    told = explorer.notifications._chronicle.entries
    qtbot.waitUntil(lambda: any(one.text.startswith("Restored") for one in told()))
    return next(one.text for one in told() if one.text.startswith("Restored"))


def changed(left, **values):
    left.write_text(json.dumps(json.loads(left.read_bytes()) | values))


def test_what_could_be_taken_whole_is_not_kept_twice(qtbot, explorer, left):
    changed(left, model={"name": "other"}, second={"name": "beside"})
    assert press(qtbot, explorer) == "Restored the session."
    qtbot.waitUntil(lambda: not left.exists())
    assert explorer.state.selection.second.name == "beside"
    assert explorer._recovery._file.path.is_file()


@pytest.mark.parametrize(
    "values",
    [
        {"model": {"name": "gone"}},
        {"second": {"name": "gone"}},
        {"pictures": [{"path": "/none/a.png"}]},
        {"settings": {"opacity": 12}},
    ],
)
def test_what_could_not_be_taken_whole_is_kept(qtbot, explorer, left, values):
    changed(left, **values)
    dropped = []
    explorer.sessions.restored.connect(dropped.append)
    said = press(qtbot, explorer)
    qtbot.waitUntil(lambda: explorer.state.shared.pending_second is None)
    assert left.is_file() and not dropped and listed(explorer)
    assert "offered again" in said or "second" in values


def test_what_is_restored_stays_where_this_run_cannot_keep_it(qtbot, explorer, left, monkeypatch):
    assert explorer._recovery._file.write(b"of before")
    monkeypatch.setattr(RecoveryFile, "write", lambda *_: False)
    press(qtbot, explorer)
    assert left.is_file() and listed(explorer)


def test_changes_of_another_session_are_asked_about_first(qtbot, explorer, left, monkeypatch):
    asked = []
    monkeypatch.setattr(explorer.sessions, "path", "/work.cnnviz")
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()))
    monkeypatch.setattr(QMessageBox, "clickedButton", lambda box: None)
    offered, before = offer(explorer), explorer.state.selection
    explorer.state.dismiss(offered)
    explorer.window.stage.remedy_wanted.emit(offered.remedy_ref)
    explorer.sessions._pool.waitForDone()
    assert len(asked) == 1 and "work.cnnviz" in asked[0]
    assert offer(explorer) is not None and explorer.state.selection == before and left.is_file()
    answer = lambda box: next(b for b in box.buttons() if b.text() == "Do not save")  # noqa: E731
    monkeypatch.setattr(QMessageBox, "clickedButton", answer)
    assert press(qtbot, explorer) == "Restored the session."

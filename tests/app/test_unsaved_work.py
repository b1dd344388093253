"""Work that was never saved is kept when it is left, without a question, and offered again."""

# ruff: noqa: F811

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from cnnviz_gui.app import log, recovery_file
from cnnviz_gui.app.explorer import Explorer
from cnnviz_gui.app.recovery_file import RecoveryFile
from cnnviz_gui.state.app_state import Notice, ShowReport
from cnnviz_gui.state.recovered import Recovered
from tests.app.test_recovery_offer import explorer, left, offer  # noqa: F401
from tests.app.test_sessions import computer, open_picture, picture  # noqa: F401


@pytest.fixture
def fresh(qtbot, tmp_path, monkeypatch):
    """Return a function that starts the program; nothing may be asked in it."""
    monkeypatch.setattr(QMessageBox, "exec", lambda box: pytest.fail(box.text()))
    made = []

    def begin():
        one = Explorer(
            tmp_path / "settings.json", tmp_path / "cache", start=computer,
            recovery=tmp_path / "recovery",
        )  # fmt: skip
        made.append(one)
        qtbot.addWidget(one.window)
        one.show()
        qtbot.waitUntil(lambda: one.complete, timeout=20_000)
        qtbot.waitUntil(lambda: one.state.selection.image is not None, timeout=20_000)
        return one

    yield begin
    made[-1].window.close()


def files(tmp_path):
    return [path.name for path in (tmp_path / "recovery").rglob("*.cnnviz")]


def test_it_is_left_without_a_question_and_goes_on_at_the_next_start(
    qtbot, fresh, tmp_path, picture
):
    first = fresh()
    mine = picture("mine.png", 9)
    open_picture(qtbot, first, mine)
    first.state.select(target=1, layer="head")
    first.window.close()
    assert files(tmp_path) == ["left.cnnviz"]
    second = fresh()
    qtbot.waitUntil(lambda: offer(second) is not None)
    assert offer(second).remedy == "Continue where you left" and offer(second).level == "info"
    # What is done before it goes on is kept in its turn, and what goes on can be left again.
    second.state.select(channel=3)
    kept = offer(second).remedy_ref
    second.state.dismiss(offer(second))
    second.window.stage.remedy_wanted.emit(kept)
    qtbot.waitUntil(lambda: second.state.selection.target == 1)
    assert second.state.selection.image.path == mine and second.state.selection.layer == "head"
    back = offer(second)
    assert back.remedy == "Go back to it" and Path(back.remedy_ref.path).is_file()
    second.state.dismiss(back)
    second.window.stage.remedy_wanted.emit(back.remedy_ref)
    qtbot.waitUntil(lambda: second.state.selection.channel == 3)
    assert second.state.selection.target is None
    second.window.close()
    assert files(tmp_path) == ["left.cnnviz"] * 2


def test_nothing_is_kept_of_a_window_in_which_nothing_was_done(qtbot, fresh, tmp_path, picture):
    made = fresh()
    open_picture(qtbot, made, picture("mine.png", 9))
    made.state.select(stage="attack")
    made.state.show(opacity=0.3)
    made.commands.actions["new_session"].trigger()
    assert offer(made) is None and made.state.shared.notice is None
    made.state.select(target=1)
    made.undoing.on_undo()
    made.window.close()
    assert files(tmp_path) == []


def test_another_session_keeps_what_was_done_before(qtbot, fresh, tmp_path, monkeypatch):
    made = fresh()
    made.state.select(target=1)
    saved = tmp_path / "work.cnnviz"
    saved.write_text(json.dumps({"format": 1, "model": {"name": "other"}}))
    made.sessions.open(str(saved))
    qtbot.waitUntil(lambda: made.sessions.path == str(saved))
    assert made.state.shared.notice.text == "Opened work.cnnviz. What was open before is kept."
    assert offer(made).remedy == "Go back to it"
    made.commands.actions["new_session"].trigger()
    assert made.sessions.path == "" and offer(made) is not None
    made.state.select(target=1)
    monkeypatch.setattr(recovery_file, "set_aside", lambda *_: None)
    made.commands.actions["new_session"].trigger()
    assert made.state.selection.target == 1, "what cannot be kept is not replaced"
    assert "cannot be kept" in made.state.shared.notice.text


def test_a_crash_is_told_once(explorer, left, monkeypatch):
    """The report is in the notice that offers the work."""
    crash = log.crash_files.Crash(Path("crash.txt"), "Fatal Python error", 0.0)
    monkeypatch.setattr(log, "former_crash", lambda: crash)
    state = explorer.state
    state.dismiss(offer(explorer))
    state.share(
        notice=Notice("The last run ended in a crash.", remedy_ref=ShowReport(), stays=True)
    )
    explorer._recovery.offer()
    (said,) = state.shared.notices
    assert isinstance(said.remedy_ref, Recovered) and "crash" in said.text
    assert "Fatal Python error" in said.details and said.remedy == "Restore the session"


def test_a_file_that_was_left_in_order_is_found_whoever_wrote_it(tmp_path):
    file = RecoveryFile(tmp_path)
    assert file.write(b"1")
    file.close(keep=True)
    aside = recovery_file.set_aside(tmp_path, b"2")
    found = recovery_file.left(tmp_path)
    assert {path.read_bytes() for path in found} == {b"1", b"2"} and aside in found
    assert all(recovery_file.in_order(path) for path in found)
    for path in found:
        recovery_file.remove(path)
    assert not any(tmp_path.iterdir())

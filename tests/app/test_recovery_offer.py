"""What another run has left stays until it is refused, or is safe in this run's own file."""

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.app.explorer import Explorer
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


def test_a_refused_offer_is_gone_everywhere(qtbot, explorer, left):
    text = offer(explorer).text
    qtbot.waitUntil(lambda: note_of(explorer, text) is not None)
    qtbot.mouseClick(note_of(explorer, text)._close, Qt.MouseButton.LeftButton)
    assert not left.exists() and offer(explorer) is None and not listed(explorer)

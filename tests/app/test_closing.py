"""Pictures are closed, and a new session begun, in the whole window; without its computation."""

# ruff: noqa: F811

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui import resources
from cnnviz_gui.core.named_files import files
from cnnviz_gui.core.request import ImageRef
from tests.app.test_sessions import explorer, open_picture, picture  # noqa: F401


def strip(explorer):
    return [Path(entry.ref.path).name for entry in explorer.state.shared.strip]


def in_use(explorer):
    image = explorer.state.selection.image
    return None if image is None else Path(image.path).name


def do(explorer, name):
    explorer.commands.actions[name].trigger()


@pytest.fixture
def three(qtbot, explorer, picture):
    """Three pictures of the user's own, the second in use; alone on the strip."""
    assert not explorer.undoing.history.undone_next, "the start of the program is no step"
    for name, shade in (("a.png", 1), ("b.png", 2), ("c.png", 3)):
        open_picture(qtbot, explorer, picture(name, shade))
    for entry in [e for e in explorer.state.shared.strip if len(Path(e.ref.path).name) > 5]:
        explorer.closing.close(entry.ref)
    open_picture(qtbot, explorer, explorer.state.shared.strip[1].ref.path)
    assert strip(explorer) == ["a.png", "b.png", "c.png"]
    explorer.undoing.history.clear()
    return explorer


def test_a_picture_is_closed_and_its_neighbour_opened(qtbot, three):
    closed = three.state.selection.image
    qtbot.waitUntil(lambda: three.state.finding("predict").status == "done")
    assert any(closed in files(one) for one in three.controller._history._results)
    do(three, "close_picture")
    assert strip(three) == ["a.png", "c.png"] and in_use(three) != "b.png"
    assert three.state.finding("predict").value is None, "what was found of it is freed"
    assert not any(closed in files(one) for one in three.controller._history._results)
    qtbot.waitUntil(lambda: in_use(three) == "c.png")
    qtbot.waitUntil(lambda: three.state.finding("predict").status == "done")
    do(three, "close_picture")
    qtbot.waitUntil(lambda: in_use(three) == "a.png")
    do(three, "close_picture")
    assert strip(three) == [] and in_use(three) is None
    stage = three.window.stage
    qtbot.waitUntil(lambda: stage.page is stage._empty and three.state.shared.pending_image == "")
    do(three, "close_picture")
    assert "no picture" in three.state.shared.notice.text


def test_closing_and_opening_is_one_step_back_and_again(qtbot, three, picture):
    do(three, "close_picture")
    qtbot.waitUntil(lambda: in_use(three) == "c.png")
    do(three, "undo")
    assert strip(three) == ["a.png", "b.png", "c.png"] and in_use(three) == "b.png"
    assert not three.undoing.history.undone_next
    do(three, "redo")
    assert strip(three) == ["a.png", "c.png"] and in_use(three) == "c.png"
    do(three, "undo")
    do(three, "close_others")
    assert strip(three) == ["b.png"] and in_use(three) == "b.png"
    do(three, "close_picture")
    assert in_use(three) is None
    three.gallery.open(ImageRef(path=picture("new.png", 9)))
    qtbot.waitUntil(lambda: in_use(three) == "new.png")
    do(three, "undo")
    assert strip(three) == [] and in_use(three) is None
    do(three, "undo")
    assert strip(three) == ["b.png"] and in_use(three) == "b.png"
    do(three, "undo")
    assert strip(three) == ["a.png", "b.png", "c.png"]
    for _ in range(3):
        do(three, "redo")
    assert strip(three) == ["new.png"] and in_use(three) == "new.png"


def test_pictures_are_closed_on_the_strip(qtbot, three, picture):
    bar = three.window.top_bar.strip
    path = picture("late.png", 9)
    three.gallery.add([path])
    three.gallery.bring(ImageRef(path=path))
    bar.closed.emit(ImageRef(path=path))
    assert three.state.shared.pending_image == "" and "late.png" not in strip(three)
    bar.closed.emit(three.state.shared.strip[0].ref)
    assert strip(three) == ["b.png", "c.png"] and in_use(three) == "b.png"
    bar.setFocus()
    qtbot.keyClick(bar, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: in_use(three) == "c.png")
    do(three, "undo")
    bar.others_closed.emit(three.state.shared.strip[1].ref)
    qtbot.waitUntil(lambda: in_use(three) == "c.png")
    assert strip(three) == ["c.png"]


def test_a_new_session_begins_as_the_program_does(qtbot, three):
    state = three.state
    begun = state.display.opacity
    state.select(stage="attack", target=1, layer="head", channel=3)
    do(three, "new_session")
    chosen = state.selection
    assert (chosen.target, chosen.layer, chosen.channel) == (None, "", None)
    assert chosen.stage == "attack" and state.display.opacity == begun
    samples = [path.name for path in resources.samples()]
    assert strip(three) == samples and not three.undoing.history.undone_next
    qtbot.waitUntil(lambda: in_use(three) == samples[0])
    assert not three.undoing.history.undone_next
    assert three.window.windowTitle() == "CNN explorer"


def test_the_neighbour_that_is_opened_is_one_that_can_be_read(qtbot, three):
    a, b, c = three.state.shared.strip
    three.state.share(strip=(a, b, dataclasses.replace(c, problem="It is cut off.")))
    do(three, "close_picture")
    qtbot.waitUntil(lambda: in_use(three) == "a.png")

"""A folder that is dropped on the window, mapped or attacked, with the real mouse and keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageOps
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from cnnviz_gui import resources
from cnnviz_gui.panels.attack.folder_box import FolderBox as AttackBox
from cnnviz_gui.panels.heatmaps.folder_box import FolderBox
from cnnviz_gui.state import attack_folder_view
from cnnviz_gui.state.map_folder_view import LANE

pytestmark = pytest.mark.window


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The samples, each also mirrored, and a file that is cut off."""
    made = tmp_path / "holiday"
    made.mkdir()
    for path in resources.samples():
        with Image.open(path) as image:
            colour = image.convert("RGB")
        colour.save(made / f"{path.stem}.png")
        ImageOps.mirror(colour).save(made / f"{path.stem} mirrored.png")
    whole = (made / "chelsea.png").read_bytes()
    (made / "cut.png").write_bytes(whole[: len(whole) // 2])
    return made


def drop(window, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(500, 400), copy, mime, left, keys)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(500, 400), copy, mime, left, keys))


def test_a_dropped_folder_is_explained_sorted_and_one_picture_opened(explorer, hand, folder):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+6")
    hand.wait(lambda: state.selection.stage == "similar")
    drop(explorer.window, folder)
    hand.wait(lambda: state.finding(LANE).status == "done")
    assert state.selection.folder == str(folder) and state.selection.stage == "heatmaps"
    rows = state.finding(LANE).value.rows
    assert len(rows) == 7 and [Path(row.path).name for row in rows if row.problem] == ["cut.png"]
    box = explorer.window.findChild(FolderBox)
    hand.wait(box.tiles.isVisible)
    hand.wait(lambda: box.tiles.count() == 7)
    hand.click(box.tools.search)
    hand.type("mirrored")
    hand.wait(lambda: box.tiles.count() == 3)
    hand.press("Escape")
    hand.wait(lambda: box.tiles.count() == 7)
    hand.wait(lambda: state.selection.image.path.startswith(str(folder)))
    place = next(n for n in range(7) if Path(box.tiles.path(n)).name == "rocket.png")
    hand.click(box.tiles.viewport(), box.tiles.tile_rect(place).center())
    hand.wait(lambda: Path(state.selection.image.path).name == "rocket.png")
    hand.wait(lambda: state.finding("heatmap").status == "done")
    alone = state.finding("heatmap").value
    row = next(one for one in rows if one.path == state.selection.image.path)
    assert row.peak == pytest.approx(float(alone.map.max()), rel=1e-5)
    assert row.target.label == alone.target.label
    state.show(heatmap_view="folder")
    hand.wait(box.tiles.isVisible)
    assert box.tiles.marked() == place, "one comes back to where one was"
    hand.wait(lambda: state.finding(LANE).status == "done")


def test_a_folder_dropped_on_the_attacks_is_attacked_and_one_picture_opened(explorer, hand, folder):
    state, lane = explorer.state, attack_folder_view.LANE
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+4")
    hand.wait(lambda: state.selection.stage == "attack")
    state.choose_method("attack", "fgsm")
    drop(explorer.window, folder)
    hand.wait(lambda: state.display.attack_view == "folder")
    hand.wait(lambda: explorer.window.findChild(AttackBox))
    box = explorer.window.findChild(AttackBox)
    hand.wait(box.tools.start.isVisible)
    hand.wait(lambda: state.selection.image.path.startswith(str(folder)))
    assert state.finding(lane).status == "empty", "nothing is computed before the button"
    hand.rest(box.tools.start)
    hand.press("ctrl+Return")
    hand.wait(lambda: state.finding(lane).value is not None)
    hand.wait(lambda: box.tools.stop.isVisible() or state.finding(lane).status == "done")
    state.show(attack_view="picture")  # what is out of sight is not gone on with
    hand.wait(lambda: state.finding(lane).left or state.finding(lane).status == "done")
    state.show(attack_view="folder")
    hand.wait(lambda: state.finding(lane).status == "done")
    rows = state.finding(lane).value.rows
    assert len(rows) == 7 and [Path(row.path).name for row in rows if row.problem] == ["cut.png"]
    assert "of 6 pictures" in box.verdict.text() and box.chart.isVisible()
    changed = next(row for row in rows if row.flip is not None)
    place = next(n for n in range(7) if box.pane.tiles.path(n) == changed.path)
    hand.click(box.pane.tiles.viewport(), box.pane.tiles.tile_rect(place).center())
    hand.wait(lambda: state.display.attack_view == "picture")
    hand.wait(lambda: state.selection.attack_started)
    hand.wait(lambda: state.finding("attack").status == "done")
    found = state.finding("attack").value
    assert found.success and found.epsilon == changed.flip
    assert found.adversarial[0].label == changed.after.label


def test_the_program_closes_while_a_folder_is_attacked(explorer, hand, folder):
    state, lane = explorer.state, attack_folder_view.LANE
    hand.wait(lambda: explorer.complete)
    state.choose_method("attack", "square")
    state.show(attack_view="folder")
    state.select(stage="attack", folder=str(folder))
    state.select(attack_folder=attack_folder_view.wanted(state))
    hand.wait(lambda: state.finding(lane).advance is not None)
    explorer.window.close()
    hand.wait(lambda: not explorer.window.isVisible())

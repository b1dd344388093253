"""Similar pictures, the device and the memory, with the real mouse and the real keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageOps
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from cnnviz_gui import resources
from cnnviz_gui.panels.neighbour_grid import NeighbourGrid
from cnnviz_gui.panels.similar_page import SimilarPage

pytestmark = pytest.mark.window


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The samples, each also mirrored."""
    made = tmp_path / "holiday"
    made.mkdir()
    for path in resources.samples():
        with Image.open(path) as image:
            colour = image.convert("RGB")
        colour.save(made / f"{path.stem}.png")
        ImageOps.mirror(colour).save(made / f"{path.stem} mirrored.png")
    return made


def test_a_dropped_folder_is_searched_and_a_neighbour_opened(explorer, hand, folder):
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    hand.press("ctrl+6")
    hand.wait(lambda: state.finding("embed").status == "done")
    page = explorer.window.findChild(SimilarPage)
    hand.wait(page.isVisible)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(300, 300), copy, mime, left, keys)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(300, 300), copy, mime, left, keys))
    hand.wait(lambda: state.finding("nearest").status == "done")
    found = state.finding("nearest").value.neighbours
    names = [Path(one.path).name for one in found]
    assert names[:2] == ["chelsea.png", "chelsea mirrored.png"], "itself, then its mirror image"
    assert found[1].similarity > 0.8 > found[2].similarity
    grid = page.findChild(NeighbourGrid)
    hand.click(grid.viewport(), grid.tile_rect(1).center())
    hand.wait(lambda: state.selection.image.path == found[1].path)
    hand.wait(lambda: state.finding("nearest").status == "done")
    assert state.finding("nearest").value.neighbours[0].path == found[1].path
    hand.wait(lambda: explorer.settings.similar_folder == str(folder))


def test_the_device_in_use_is_a_button_that_offers_the_others(explorer, hand):
    hand.wait(lambda: explorer.state.shared.computing is not None)
    strip = explorer.window.status
    hand.click(strip._device)
    menu = explorer.computing.menu
    hand.wait(menu.isVisible)
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles[:2] == ["Automatic", "CPU"]
    hand.press("Escape")
    hand.wait(lambda: not menu.isVisible())

"""Where files go: the folder a dialog begins in, and what is replaced only after a question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.panels import save_dialog
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layers.table_out import KINDS, TableOut
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.state.app_state import AppState
from tests.recorder import Recorder


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Folders by name, and what Qt takes for the usual ones."""
    made = {name: tmp_path / name for name in ("saved", "photos", "own", "pictures", "documents")}
    for folder in made.values():
        folder.mkdir()
    locations = QStandardPaths.StandardLocation
    usual = {
        locations.PicturesLocation: made["pictures"],
        locations.DocumentsLocation: made["documents"],
    }
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda kind: str(usual[kind]))
    return made


@pytest.fixture
def told(places):
    made = AppState()
    made.select(image=ImageRef(path=str(places["photos"] / "cat.png")))
    made.share(save_folder=str(places["saved"]), own_folders=(str(places["own"]),))
    return made


def test_a_dialog_begins_in_the_likeliest_folder_that_is_there(told, places):
    for name in ("saved", "photos", "pictures", "documents"):
        assert save_dialog.begin_in(told) == places[name]
        places[name].rmdir()
    assert save_dialog.begin_in(told) == Path.home()


def test_what_belongs_to_the_program_is_no_place_for_a_file(told, places):
    told.share(save_folder="")
    deeper = places["own"] / "samples"
    deeper.mkdir()
    for folder in (places["own"], deeper):
        told.select(image=ImageRef(path=str(folder / "cat.png")))
        assert save_dialog.begin_in(told) == places["pictures"]
    told.select(image=ImageRef(path="cat.png"))
    assert save_dialog.begin_in(told) == places["pictures"], "not wherever the program was started"
    told.select(image=None)
    assert save_dialog.begin_in(told) == places["pictures"]


def test_a_folder_that_cannot_be_written_to_is_passed_over(told, places, monkeypatch):
    able = lambda folder, mode: Path(folder) != places["saved"]  # noqa: E731  # root can write all
    monkeypatch.setattr(save_dialog.os, "access", able)
    assert save_dialog.begin_in(told) == places["photos"]


@pytest.fixture
def dialog(monkeypatch):
    """The dialog, which gives back ``path`` and ``kind`` and notes where it began."""

    class Dialog:
        path, kind = "", ""

        def __init__(self):
            self.began: list[str] = []

        def ask(self, parent, title, start, kinds):
            self.began.append(start)
            return str(self.path), self.kind

    made = Dialog()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", made.ask)
    return made


@pytest.fixture
def question(monkeypatch):
    """The questions that were asked; each is answered with no."""
    asked: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()))
    return asked


def test_the_picture_of_a_pane_is_saved_where_files_go(told, places, qtbot, dialog, question):
    told.writer = writer = Recorder()
    pane = ImagePane("Grad-CAM")
    qtbot.addWidget(pane)
    feed = PaneFeed(pane, told)
    feed.show("done", lambda: np.zeros((4, 4, 3), np.uint8))
    dialog.path = places["photos"] / "map"
    pane.save_as()
    assert writer.write().path == str(places["photos"] / "map.png")
    assert (places["photos"] / "map.png").exists()
    pane.save_as()
    assert question == ["map.png is there already. Replace it?"] and not writer.asked
    assert writer.given_up == [places["photos"] / "map.png"], "only where it may be written"
    assert dialog.began == [str(places["saved"] / "cat-grad-cam.png")] * 2
    dialog.path = places["photos"] / "map.webp"
    pane.save_as()
    with pytest.raises(OutputError, match="saved as PNG"):
        writer.write()
    assert len(question) == 1
    dialog.path = ""
    pane.save_as()
    assert not writer.asked and told.shared.notice is None


def test_a_picture_carries_what_it_was_of_when_its_dialog_was_opened(
    told, places, qtbot, dialog, monkeypatch
):
    told.writer = writer = Recorder()
    inside = [b"then"]
    monkeypatch.setattr(writer, "told", lambda: inside[0])
    pane = ImagePane("Grad-CAM")
    qtbot.addWidget(pane)
    PaneFeed(pane, told).show("done", lambda: np.zeros((4, 4, 3), np.uint8))

    def ask(*given):
        inside[0] = b"now"
        return str(places["photos"] / "map.png"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    pane.save_as()
    assert writer.asked[-1].carried == b"then"


def test_a_table_of_layers_replaces_nothing_unasked(state, places, qtbot, dialog, question):
    pane = ImagePane()
    qtbot.addWidget(pane)
    state.share(save_folder=str(places["saved"]))
    state.writer = writer = Recorder()
    state.use_network(ModelRef(name="net"), state.shared.facts)
    dialog.path, dialog.kind = places["documents"] / "t", KINDS["csv"]
    (places["documents"] / "t.csv").write_text("old")
    out = TableOut(state, pane)
    out.save()
    assert question == ["t.csv is there already. Replace it?"]
    assert (places["documents"] / "t.csv").read_text() == "old" and state.shared.notice is None
    (places["documents"] / "t.csv").unlink()
    out.save()
    assert (places["documents"] / "t.csv").exists()
    assert writer.given_up == [places["documents"] / "t.csv"], "nothing else is written there"
    assert dialog.began[0].startswith(str(places["saved"]))
    assert state.shared.save_folder == str(places["documents"])

"""What the page of similar pictures asks of the program: a folder, and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.settings import Settings
from cnnviz_gui.app.similar import Similar
from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.request import Embed, ImageRef, ModelRef, Nearest
from cnnviz_gui.core.result import Embedding, NearestImages, Neighbour
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding
from tests.recorder import Recorder

NET, CAT = ModelRef(name="net"), ImageRef(path="/p/cat.png")


@pytest.fixture
def state() -> AppState:
    made = AppState()
    made.select(model=NET, image=CAT, similar_folder="/p")
    vector = Embedding(layer="fc", vector=np.arange(4, dtype=np.float32))
    made.found("embed", Finding().finished(Embed(model=NET, image=CAT), vector))
    near = Neighbour("/p/a,b.jpg", 0.5, np.zeros((4, 4, 3), np.uint8))
    found = NearestImages(layer="fc", neighbours=(near,), looked_at=1, total=1)
    made.found("nearest", Finding().finished(Nearest(model=NET, image=CAT, folder="/p"), found))
    return made


@pytest.fixture
def similar(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)
    return Similar(window, state, Settings())


def answer(monkeypatch: pytest.MonkeyPatch, path: str) -> list[str]:
    """Let the dialogs be answered with a path; return what they suggested."""
    suggested: list[str] = []

    def choose(parent: QWidget, title: str, start: str, kinds: str = "") -> object:
        suggested.append(start)
        return (path, kinds) if kinds else path

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    return suggested


def test_a_folder_that_is_chosen_is_looked_in(similar, state, monkeypatch) -> None:
    suggested = answer(monkeypatch, "/elsewhere")
    similar.choose_folder()
    assert suggested == ["/p"]
    assert (state.selection.similar_folder, state.selection.stage) == ("/elsewhere", "similar")
    answer(monkeypatch, "")
    similar.choose_folder()
    assert state.selection.similar_folder == "/elsewhere", "the question was dismissed"


def test_embedding_and_table_are_written(similar, state, monkeypatch, tmp_path: Path) -> None:
    suggested = answer(monkeypatch, str(tmp_path / "vector"))
    state.writer = writer = Recorder()
    similar.save_embedding()
    assert writer.write().path == str(tmp_path / "vector.npy")
    assert np.load(tmp_path / "vector.npy").tolist() == [0, 1, 2, 3]
    answer(monkeypatch, str(tmp_path / "table"))
    similar.save_table()
    assert (tmp_path / "table.csv").read_text().splitlines()[1] == '"/p/a,b.jpg",0.500000'
    assert [Path(one).name for one in suggested] == ["cat-embedding.npy"]
    assert state.shared.save_folder == str(tmp_path)


def test_what_cannot_be_written_is_told(similar, state, monkeypatch, tmp_path: Path) -> None:
    answer(monkeypatch, str(tmp_path / "no" / "such" / "folder.npy"))
    state.writer = writer = Recorder()
    similar.save_embedding()
    with pytest.raises(OutputError):
        writer.write()
    similar.save_table()
    assert state.shared.notice.level == "error" and "cannot be written" in state.shared.notice.text
    answer(monkeypatch, "")
    state.share(notice=None)
    similar.save_table()
    assert state.shared.notice is None


def test_before_anything_is_known_nothing_is_asked(similar, state, monkeypatch) -> None:
    state.findings.clear()
    suggested = answer(monkeypatch, "x")
    similar.save_embedding()
    similar.save_table()
    assert not suggested

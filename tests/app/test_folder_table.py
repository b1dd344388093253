"""What the view of a folder asks of the program: its table as a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app import folder_table
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.map_folder_results import HeatmapFolderResult, MapRow
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.map_folder_view import LANE


@pytest.fixture
def state() -> AppState:
    made = AppState()
    made.select(folder="/p")
    folder = FolderRef(path="/p")
    asked = HeatmapFolder(
        model=ModelRef(name="net"), folder=folder, method="saliency", parameters=Params()
    )
    rows = tuple(
        MapRow(path=f"/p/{name}.png", predicted=score, target=score)
        for name, score in (("a", Score(0, "cat", 0.25, 1.0)), ("b", Score(1, "dog", 0.75, 2.0)))
    )
    found = HeatmapFolderResult(folder=folder, rows=rows, total=2, method="saliency", layer="")
    made.found(LANE, Finding().finished(asked, found))
    return made


@pytest.fixture
def folder(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)
    return folder_table.of_maps(window, state)


def test_the_rows_in_sight_are_written_as_they_are_shown(
    folder, state, monkeypatch, tmp_path: Path
) -> None:
    suggested: list[str] = []

    def choose(parent: QWidget, title: str, start: str, kinds: str) -> tuple[str, str]:
        suggested.append(start)
        return str(tmp_path / "t"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    state.show(folder_order="probability", folder_falling=True)
    folder.save_table()
    lines = (tmp_path / "t.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in lines] == ["file", "b.png", "a.png"]
    assert "0.75" in lines[1] and [Path(one).name for one in suggested] == ["p-saliency.csv"]
    assert state.shared.notice.text == "Saved t.csv."
    (tmp_path / "t.csv").unlink()
    state.show(folder_words="cat")
    folder.save_table()
    assert (tmp_path / "t.csv").read_text("utf-8").count("\n") == 2
    assert state.shared.notice.text == "Saved t.csv, 1 of 2 pictures."


def test_without_a_row_in_sight_nothing_is_asked(folder, state, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: pytest.fail("asked"))
    state.show(folder_words="nobody")
    folder.save_table()


def test_before_there_are_rows_nothing_is_asked(folder, state, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: pytest.fail("asked"))
    state.findings.clear()
    folder.save_table()

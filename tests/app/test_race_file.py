"""What the view of a race asks of the program: its table as a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from cnnviz_gui.app.race_file import RaceFile
from cnnviz_gui.state import race_view
from tests.state.test_race_view import give, racing, refused, runner


@pytest.fixture
def state(qapp):
    return racing()


@pytest.fixture
def file(qtbot, state):
    window = QWidget()
    qtbot.addWidget(window)
    return RaceFile(window, state)


def test_the_table_is_written_where_files_were_written_last(
    file, state, monkeypatch, tmp_path: Path
) -> None:
    suggested: list[str] = []

    def choose(parent: QWidget, title: str, start: str, kinds: str) -> tuple[str, str]:
        suggested.append(start)
        return str(tmp_path / "race"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    give(state, runner("pgd"), refused("fgsm"))
    file.save_table()
    rows = list(csv.DictReader((tmp_path / "race.csv").open(encoding="utf-8")))
    assert [row["attack"] for row in rows] == ["pgd", "fgsm"]
    assert {row["picture"] for row in rows} == {"cat.png"}
    assert state.shared.notice.text == "Saved race.csv."
    (tmp_path / "race.csv").unlink()
    file.save_table()
    assert [Path(one).name for one in suggested] == ["cat-race.csv"] * 2
    assert suggested[1].startswith(str(tmp_path))


def test_a_race_that_is_no_longer_asked_for_is_not_written(file, state, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: pytest.fail("no dialog"))
    file.save_table()
    give(state, runner("pgd"))
    assert race_view.table(state)
    state.select(target=1)
    assert not race_view.table(state)
    file.save_table()


def test_a_table_replaces_no_file_that_was_not_asked_about(file, state, monkeypatch, tmp_path):
    give(state, runner("pgd"))
    asked = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box.text()))
    (tmp_path / "t.csv").write_text("old")
    for name, questions in (("t", 1), ("t.csv", 1)):
        given = str(tmp_path / name)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, given=given: (given, ""))
        file.save_table()
        assert asked == ["t.csv is there already. Replace it?"] * questions
        assert ((tmp_path / "t.csv").read_text() == "old") is (name == "t"), "the dialog has asked"


def test_a_folder_that_is_gone_is_told(file, state, monkeypatch, tmp_path: Path) -> None:
    give(state, runner("pgd"))
    gone = tmp_path / "gone" / "race.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (str(gone), ""))
    file.save_table()
    assert state.shared.notice.level == "error"

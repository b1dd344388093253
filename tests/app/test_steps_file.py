"""What the view of an attack's steps asks of the program: its table as a file."""

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from cnnviz_gui.app.steps_file import StepsFile
from cnnviz_gui.core.attacks.pgd import PgdParams
from cnnviz_gui.panels.attack.page import AttackPage
from cnnviz_gui.panels.attack.steps_box import StepsBox
from tests.panels.conftest import network, state  # noqa: F401
from tests.panels.test_attack_steps_box import attacked, give  # noqa: F401


@pytest.fixture
def page(qtbot, attacked):  # noqa: F811
    made = AttackPage(attacked)
    qtbot.addWidget(made)
    file = StepsFile(made, attacked)
    made.steps_wanted.connect(file.save_table)
    made.show()
    return made


def test_the_button_writes_a_line_for_each_step(page, attacked, monkeypatch, tmp_path):  # noqa: F811
    suggested = []

    def choose(parent, title, start, kinds):
        suggested.append(Path(start).name)
        return str(tmp_path / "way"), kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    give(attacked)
    box = page.findChild(StepsBox)
    assert box.save.isVisible() and box.save.isEnabled()
    box.save.click()
    rows = list(csv.DictReader((tmp_path / "way.csv").open(encoding="utf-8")))
    assert suggested == ["a-pgd-epsilon-4-255-steps.csv"]
    assert [row["step"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert [row["returned"] for row in rows] == ["0", "0", "0", "0", "1"]
    assert attacked.shared.notice.text == "Saved way.csv."


def test_steps_of_another_attack_are_not_written(page, attacked, monkeypatch):  # noqa: F811
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: pytest.fail("no dialog"))
    give(attacked)
    box = page.findChild(StepsBox)
    finding = attacked.finding("attack-steps")
    attacked.select(attack_parameters=PgdParams(steps=3))
    attacked.found("attack-steps", finding.waiting(box._shown.request))
    assert not box.save.isEnabled()
    box.table_wanted.emit()

"""Yes or no, asked in a box."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMessageBox

from cnnviz_gui.panels import question

ROLE = QMessageBox.ButtonRole


@pytest.fixture
def seen(monkeypatch):
    """What was asked, with the roles of the buttons and what Return and Escape press."""
    found = []

    def look(box):
        words = (box.windowTitle(), box.text(), box.informativeText())
        roles = {one.text().replace("&", ""): box.buttonRole(one) for one in box.buttons()}
        keys = tuple(
            one.text().replace("&", "") for one in (box.defaultButton(), box.escapeButton())
        )
        found.append((words, roles, keys))

    monkeypatch.setattr(QMessageBox, "exec", look)
    return found


@pytest.mark.parametrize(("pressed", "answer"), [("Go", True), ("Stay", False), ("", False)])
def test_only_the_button_that_agrees_does(qtbot, seen, monkeypatch, pressed, answer):
    def clicked(box):
        return next((one for one in box.buttons() if one.text() == pressed), None)

    monkeypatch.setattr(QMessageBox, "clickedButton", clicked)
    said = question.agreed(None, "Title", "Go on?", "Go", more="It is far.", refuse="Stay")
    assert said is answer
    assert seen[0][0] == ("Title", "Go on?", "It is far.")


def test_return_and_escape_refuse_unless_return_is_told_to_agree(qtbot, seen):
    question.agreed(None, "Title", "Go on?", "Go", refuse="Stay")
    question.agreed(None, "Title", "Go on?", "Go", eager=True)
    assert [keys for _, _, keys in seen] == [("Stay", "Stay"), ("Go", "Cancel")]


def test_who_agrees_to_lose_something_is_told_so_as_the_system_does(qtbot, seen):
    question.agreed(None, "Title", "Go on?", "Go", refuse="Stay")
    question.agreed(None, "Title", "Go on?", "Go", refuse="Stay", loses=True)
    assert [roles["Go"] for _, roles, _ in seen] == [ROLE.AcceptRole, ROLE.DestructiveRole]
    assert seen[1][1]["Stay"] == ROLE.RejectRole


def test_no_button_is_one_to_which_a_desktop_gives_a_picture_of_its_own(qtbot, monkeypatch):
    usual = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: usual.append(box.standardButtons()))
    question.agreed(None, "Title", "Go on?", "Go")
    question.agreed(None, "Title", "Go on?", "Go", refuse="Stay")
    assert usual == [QMessageBox.StandardButton.NoButton] * 2

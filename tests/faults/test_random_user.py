"""The turns of the random user of ``random_user.py``; run that by hand for as long as one likes."""

import runpy
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

PROGRAM = Path(__file__).with_name("random_user.py")


@pytest.mark.timeout(30)
def test_who_is_left_in_a_dialog_at_the_end_is_led_out(qtbot):
    made = runpy.run_path(str(PROGRAM))
    boxes = [QMessageBox(), QMessageBox()]
    for box in boxes:
        qtbot.addWidget(box)
    asked = iter(boxes)
    turns = made["Turns"](
        len(boxes), lambda: next(asked).exec(), lambda: QApplication.activeModalWidget().close()
    )
    turns.begin()
    assert turns.until(lambda: turns.left == 0, patience=20)
    turns.end()
    assert [box.isVisible() for box in boxes] == [False, False]
    assert turns.done == len(boxes)

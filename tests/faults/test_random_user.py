"""The random user of ``random_user.py``, for a moment; run that by hand for longer."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMessageBox

PROGRAM = Path(__file__).with_name("random_user.py")
EVENTS = 2000
SECONDS = 240
"""No more events after these, on a machine that has much else to do."""


@pytest.mark.timeout(900)
def test_a_user_who_does_anything_meets_no_error():
    command = [sys.executable, str(PROGRAM), "--seed", "5"]
    command += ["--events", str(EVENTS), "--seconds", str(SECONDS), "--log"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=880)
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"it goes on and on: {(late.stderr or b'').decode()[-5000:]}")
    assert done.stdout, f"it ended with {done.returncode}: {done.stderr[-5000:]}"
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["errors"] == [], done.stderr[-5000:]


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

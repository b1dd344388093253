"""The program tries itself: a line for each step, and one sentence where one fails."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from cnnviz_gui.app import selftest

BROKEN = """
import os, sys
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models import own
from cnnviz_gui.app import bootstrap, selftest

def damaged(*_):
    raise ModelError("The weights are damaged.", "Install cnnviz-gui again.")

own._Lite.state = damaged
selftest.STEPS = selftest.STEPS[1:]
sys.exit(bootstrap.main(["--selftest"]))
"""


def process(*command):
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def test_the_program_works_without_a_display():
    done = process("-m", "cnnviz_gui", "--selftest")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    titles = [title for title, _ in selftest.STEPS]
    assert [line.partition(":")[0] for line in lines] == [*titles, "Everything works."]
    assert all(line.endswith(" s") for line in lines[:-1])


def test_a_broken_network_is_one_sentence_and_status_1():
    done = process("-c", BROKEN)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("The self-test failed at the network: ")
    assert "The weights are damaged." in line


def test_nothing_is_tried_after_a_step_that_failed(capsys):
    taken = []

    def broken():
        raise selftest.SelfTestError("it is broken\nin two lines.")

    steps = [("the first", lambda: "well"), ("the second", broken), ("the third", taken.append)]
    assert selftest.run(steps) == 1
    out, err = capsys.readouterr()
    assert out.startswith("the first: well, ") and out.count("\n") == 1
    assert err == "The self-test failed at the second: it is broken in two lines.\n"
    assert not taken


def test_a_program_without_a_console_says_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert selftest.run([("the first", lambda: "well")]) == 0


@pytest.mark.parametrize("heat", [np.zeros((4, 4)), np.full((4, 4), np.nan), np.zeros((0, 0))])
def test_a_map_without_content_is_no_map(heat):
    with pytest.raises(selftest.SelfTestError):
        selftest.check_map(heat)


def test_a_window_of_one_colour_was_not_painted():
    picture = QImage(400, 300, QImage.Format.Format_RGB32)
    picture.fill(QColor("#191B1E"))
    with pytest.raises(selftest.SelfTestError, match="400 x 300 pixels have 1 colour"):
        selftest.check_painting(picture)

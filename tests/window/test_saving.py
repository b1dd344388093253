"""What the page of attacks shows is saved from the real window, which goes on meanwhile."""

from __future__ import annotations

import dataclasses
import itertools
import time

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog

from cnnviz_gui.core import film_file
from cnnviz_gui.state import attack_steps_view
from cnnviz_gui.state.attack_steps_view import LANE

pytestmark = pytest.mark.window
STEPS = 20


@pytest.fixture
def walked(explorer, hand):
    """The steps of an attack in L2, all of them done."""
    state = explorer.state
    hand.wait(lambda: explorer.complete)
    state.choose_method("attack", "pgd")
    quick = dataclasses.replace(
        state.selection.attack_parameters, steps=STEPS, norm="l2", epsilon=1.0
    )
    state.select(stage="attack", attack_parameters=quick, attack_started=True)
    state.show(attack_view="steps")
    hand.wait(lambda: state.finding(LANE).status == "done")
    hand.wait(lambda: not explorer.engine.busy)
    return explorer


@pytest.fixture
def saved(walked, hand, tmp_path, monkeypatch):
    """Choose an entry of the menu and a name; return the path and what the notice says."""

    def save(action, name):
        path = tmp_path / name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        walked.state.share(notice=None)
        walked.commands.actions[action].trigger()
        hand.wait(lambda: walked.state.shared.notice is not None)
        return path, walked.state.shared.notice

    return save


def test_the_film_of_an_attack_is_made_while_the_window_goes_on(walked, saved):
    turns = []
    clock = QTimer(interval=5, timeout=lambda: turns.append(time.perf_counter()))
    clock.start()
    begun = time.perf_counter()
    path, notice = saved("save_film", "way.gif")
    took = time.perf_counter() - begun
    clock.stop()
    assert notice.text == "Saved way.gif."
    with Image.open(path) as film:
        assert film.n_frames == STEPS + 1
        assert film.size == (448, 224)
    longest = max(b - a for a, b in itertools.pairwise([begun, *turns]))
    assert longest < took / 2, f"the window stood still for {longest:.2f} of {took:.2f} s"


def test_a_film_that_is_cancelled_leaves_nothing(walked, hand, tmp_path, monkeypatch):
    drawn = []
    reduced = film_file._of_256_colours
    monkeypatch.setattr(
        film_file, "_of_256_colours", lambda shot: drawn.append(shot) or reduced(shot)
    )
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "way.gif"), ""))
    walked.state.share(notice=None)
    walked.commands.actions["save_film"].trigger()
    hand.wait(lambda: drawn)
    hand.press("Escape")
    hand.wait(lambda: walked.state.shared.notice is not None)
    assert walked.state.shared.notice.text == "Saving way.gif was stopped."
    hand.wait(lambda: not walked.engine.busy)
    assert not list(tmp_path.glob("*.gif")) and not list(tmp_path.glob(".cnnviz*"))
    assert len(drawn) < STEPS + 1


def test_a_step_and_its_numbers_are_saved_inside_the_ball(walked, saved):
    state = walked.state
    state.show(attack_step=3)
    shown = attack_steps_view.shown_trajectory(state)
    path, notice = saved("save_picture", "step.png")
    assert notice.text.startswith("Saved step.png, step 3 of the attack; read back in 8 bits it ")
    with Image.open(path) as picture:
        pixels = np.asarray(picture).astype(np.float64).transpose(2, 0, 1) / 255
    assert np.sqrt(((pixels - shown.result.clean_image) ** 2).sum()) <= 1.0 + 1e-6
    numbers = np.load(saved("save_array", "step.npy")[0])
    assert np.allclose(numbers, pixels, atol=1e-6)


def test_a_jpeg_is_in_the_menu_and_says_what_is_left_of_the_attack(walked, saved):
    walked.state.show(attack_step=None)
    path, notice = saved("save_jpeg", "attacked")
    assert path.with_name("attacked.jpg").exists() and notice.level == "warning"
    assert "as JPEG" in notice.text and "Read back it" in notice.text

"""Animations as files: every picture is there, and whoever stops leaves nothing."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, OutputError
from cnnviz_gui.core.film_file import save_gif
from cnnviz_gui.core.save_work import Film

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 24, 32, 3), np.uint8)


class Watched(NullContext):
    """Says how far the job is, and stops it when it has been asked so many times."""

    def __init__(self, patience: float = float("inf")) -> None:
        self.patience = patience
        self.asked = 0
        self.steps: list[tuple[int, int]] = []

    def check(self) -> None:
        self.asked += 1
        if self.asked > self.patience:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        self.steps.append((done, total))
        self.check()


def test_every_picture_is_in_the_file_and_the_last_one_rests(tmp_path):
    written = save_gif(tmp_path / "a", Film.of(PICTURES))
    assert written == tmp_path / "a.gif"
    with Image.open(written) as read:
        assert read.n_frames == 5 and read.size == (32, 24) and read.info["loop"] == 0
        times = []
        for place in range(5):
            read.seek(place)
            times.append(read.info["duration"])
            shown = np.asarray(read.convert("RGB")).astype(int)
            assert np.abs(shown - PICTURES[place]).mean() < 25, "in its own 256 colours"
    assert times == [80, 80, 80, 80, 1500]


def test_one_picture_is_a_film_too(tmp_path):
    with Image.open(save_gif(tmp_path / "a.gif", Film.of(PICTURES[:1]))) as read:
        assert read.n_frames == 1


def test_it_says_how_far_it_is_and_draws_each_picture_once(tmp_path):
    drawn, watched = [], Watched()
    shots = tuple(lambda place=place: drawn.append(place) or PICTURES[place] for place in range(5))
    save_gif(tmp_path / "a.gif", Film(shots), watched)
    assert drawn == [0, 1, 2, 3, 4]
    assert watched.steps == [(done, 5) for done in range(6)]
    assert watched.asked > 6 + 5 + 5, "the encoder asks as well"


def test_wherever_it_is_stopped_nothing_is_left_and_an_old_file_stays(tmp_path):
    count = Watched()
    save_gif(tmp_path / "whole.gif", Film.of(PICTURES[:2]), count)
    (tmp_path / "whole.gif").unlink()
    (tmp_path / "old.gif").write_bytes(b"old")
    for patience in range(count.asked):
        with pytest.raises(Cancelled):
            save_gif(tmp_path / "old.gif", Film.of(PICTURES[:2]), Watched(patience))
        assert [path.name for path in tmp_path.iterdir()] == ["old.gif"]
    assert (tmp_path / "old.gif").read_bytes() == b"old"


def test_what_is_no_film_is_refused(tmp_path):
    small, grey = PICTURES[0, :8], PICTURES[0, :, :, 0]
    for shots in ((), (PICTURES[0], small), (grey,), (PICTURES[0] / 255.0,), (PICTURES[0, :0],)):
        with pytest.raises(ValueError):
            save_gif(tmp_path / "a.gif", Film(tuple(lambda shot=shot: shot for shot in shots)))
    with pytest.raises(OutputError, match="does not exist"):
        save_gif(tmp_path / "gone" / "a.gif", Film.of(PICTURES))
    assert list(tmp_path.iterdir()) == []

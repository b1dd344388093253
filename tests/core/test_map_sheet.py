"""The maps of a layer as a sheet: which of them it shows, how large, and what it says of them."""

import numpy as np
import pytest

from cnnviz_gui.core import render, tile_page
from cnnviz_gui.core.map_sheet import sheet

TITLE, TOLD = "cat.png · Net · layer stem", ("order: Strength",)


def drawn(maps, order=None, **changes):
    known = {"colours": "viridis", "low": 0.0, "high": 1.0, "title": TITLE, "told": TOLD, **changes}
    order = np.arange(len(maps)) if order is None else np.asarray(order)
    return sheet(maps, order, [f"{n / 100:.2f}" for n in range(len(maps))], **known)


@pytest.fixture
def written(monkeypatch):
    """What is written on a sheet."""
    told = []
    pair, line = tile_page.Pen.pair, tile_page.Pen.line
    monkeypatch.setattr(
        tile_page.Pen, "pair", lambda *given: (told.append(given[3:]), pair(*given))
    )
    monkeypatch.setattr(
        tile_page.Pen,
        "line",
        lambda pen, at, text, *more, **rest: (
            told.append(text),
            line(pen, at, text, *more, **rest),
        ),
    )
    return told


def test_each_map_is_enlarged_cell_by_cell_with_its_channel_and_number_below(written):
    maps = np.zeros((3, 2, 2), np.float32)
    maps[2, 0, 0] = 1.0
    picture = drawn(maps, [2, 0, 1])
    assert written == [TITLE, "3 of 2 × 2 · order: Strength", ("2", "0.02"), ("0", "0.00"),
                       ("1", "0.01")]  # fmt: skip
    top = 16 + 2 * 20 + 8 + 40  # below title, line and key
    lit = (picture[top:] == render.colormap("viridis")[-1]).all(axis=2)
    assert lit[:64, 16:80].all() and lit.sum() == 64 * 64, "a cell of the first map"
    below = picture[top + 128 :, 16:144]
    assert below[:20].min() < 60, "its channel"


def test_a_scale_of_its_own_shows_a_weak_map_as_clearly():
    maps = np.zeros((2, 1, 2), np.float32)
    maps[:, 0, 1] = 0.1, 1.0
    ends = {"low": maps.min((1, 2)), "high": maps.max((1, 2))}
    high = render.colormap("viridis")[-1]
    full = [(drawn(maps, **one)[120:] == high).all(axis=2).sum() for one in ({}, ends)]
    assert full[1] == pytest.approx(2 * full[0], rel=0.1)


def test_of_too_many_maps_those_that_come_first_are_shown_and_it_says_so(written, monkeypatch):
    monkeypatch.setattr(tile_page, "MOST", 700)
    picture = drawn(np.zeros((100, 7, 7), np.float32), np.arange(100)[::-1])
    assert max(picture.shape) <= 700
    pairs = [one[0] for one in written if isinstance(one, tuple)]
    assert pairs == [str(99 - place) for place in range(len(pairs))] and 10 < len(pairs) < 100
    assert written[1].startswith(f"the first {len(pairs)} of 100 · 100 of 7 × 7 · order")

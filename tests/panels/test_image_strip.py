import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels.image_strip import ImageStrip
from cnnviz_gui.state.app_state import StripEntry

REFS = [ImageRef(path=f"{name}.png") for name in "abc"]


@pytest.fixture
def strip(qtbot, state):
    state.share(strip=tuple(StripEntry(ref, ref.path) for ref in REFS))
    made = ImageStrip(state)
    made.opens, made.asks = [], []
    made.opened.connect(made.opens.append)
    made.added.connect(lambda: made.asks.append(True))
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("key", "place"),
    [(Qt.Key.Key_Right, 0), (Qt.Key.Key_Left, 2), (Qt.Key.Key_Home, 0), (Qt.Key.Key_End, 2)],
)
def test_the_arrows_begin_at_the_ends_where_nothing_is_open(strip, state, qtbot, key, place):
    state.select(image=ImageRef(path="removed.png"))
    qtbot.keyClick(strip, key)
    assert strip.opens == [REFS[place]]


@pytest.mark.parametrize(("key", "place"), [(Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 0)])
def test_the_arrows_step_from_the_open_picture(strip, state, qtbot, key, place):
    state.select(image=REFS[1])
    qtbot.keyClick(strip, key)
    assert strip.opens == [REFS[place]]


def test_the_first_picture_has_none_before_it(strip, state, qtbot):
    state.select(image=REFS[0])
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert strip.opens == []


def test_insert_asks_for_more(strip, qtbot):
    qtbot.keyClick(strip, Qt.Key.Key_Insert)
    assert (strip.asks, strip.opens) == ([True], [])


def test_a_thumbnail_is_never_taken_for_another(strip, state):
    """Arrays that come and go lie at the same address, and a painting may come before the news."""

    def put(*entries):
        state.shared = dataclasses.replace(state.shared, strip=entries)

    for shade in range(0, 250, 10):
        put()
        thumbnail = np.full((48, 48, 3), shade, dtype=np.uint8)
        put(StripEntry(REFS[shade % 3], "a", thumbnail=thumbnail))
        del thumbnail
        assert strip.grab().toImage().pixelColor(strip._rect(0).center()).red() == shade

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtWidgets import QMenu, QToolTip

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import image_strip
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


def many(state, count=10):
    white = np.full((48, 48, 3), 255, dtype=np.uint8)
    refs = [ImageRef(path=f"{place}.png") for place in range(count)]
    state.share(strip=tuple(StripEntry(ref, ref.path, thumbnail=white) for ref in refs))
    return refs


def whole_before_plus(strip, place):
    rect, bar = strip._rect(place), strip.horizontalScrollBar()
    right = strip._plus().left() - 4 - (20 if bar.value() < bar.maximum() else 0)
    return rect.left() >= (20 if bar.value() else 0) and rect.right() < right


@pytest.mark.parametrize("width", [300, 420, 516, 530, 560])
def test_no_picture_is_drawn_over_the_plus(strip, state, width):
    many(state)
    strip.resize(width, strip.height())
    picture, plus = strip.grab().toImage(), strip._plus()
    inside = plus.topLeft() + QPoint(8, 8)
    assert picture.pixelColor(inside) == picture.pixelColor(plus.topRight() + QPoint(-8, 8))
    assert picture.pixelColor(inside).lightness() < 250
    assert strip.horizontalScrollBar().maximum() > 0


def test_the_open_picture_is_in_sight_when_the_pictures_change_or_the_room_does(strip, state):
    strip.resize(420, strip.height())
    state.select(image=ImageRef(path="8.png"))
    many(state)
    assert whole_before_plus(strip, 8)
    strip.resize(250, strip.height())
    strip.grab()
    assert whole_before_plus(strip, 8)


def test_a_new_thumbnail_does_not_scroll_away_from_where_one_looks(strip, state):
    refs = many(state)
    strip.resize(420, strip.height())
    state.select(image=refs[9])
    strip.horizontalScrollBar().setValue(0)
    state.share(strip=tuple(StripEntry(ref, ref.path) for ref in refs))
    assert strip.horizontalScrollBar().value() == 0


@pytest.mark.parametrize(("entry", "told"), [(0, "closed"), (1, "others")])
def test_the_menu_of_a_picture_closes_it_or_the_others(strip, monkeypatch, entry, told):
    heard, offered = [], []
    strip.closed.connect(lambda ref: heard.append(("closed", ref)))
    strip.others_closed.connect(lambda ref: heard.append(("others", ref)))

    class Menu(QMenu):
        def exec(self, *_):
            offered.append([one.text() for one in self.actions()])
            return self.actions()[entry]

    monkeypatch.setattr(image_strip, "QMenu", Menu)
    strip.resize(400, 52)
    at = strip._rect(1).center()
    reason = QContextMenuEvent.Reason.Mouse
    strip.contextMenuEvent(QContextMenuEvent(reason, at, strip.mapToGlobal(at)))
    assert offered == [[f"Close {REFS[1].path}", "Close other pictures"]]
    assert heard == [(told, REFS[1])]
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert strip.findChild(QMenu) is None, "it is made anew each time"


def marked(state, *places):
    entries = [
        dataclasses.replace(entry, problem=f"{entry.title} is damaged." if at in places else "")
        for at, entry in enumerate(state.shared.strip)
    ]
    state.share(strip=tuple(entries))


def test_what_cannot_be_read_looks_otherwise_than_what_waits(strip, state):
    def tile(place):
        return strip.grab(strip._rect(place)).toImage()

    waits = tile(1)
    marked(state, 1)
    broken = tile(1)
    assert broken != waits
    middle = broken.height() // 2
    assert broken.pixelColor(0, middle) != waits.pixelColor(0, middle), "it is outlined"


def test_the_reason_is_told_to_who_points_and_to_who_listens(strip, state, monkeypatch):
    marked(state, 1)
    assert strip.accessibleDescription() == "3 pictures, a.png is open. b.png is damaged."
    said = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, of: said.append(text))
    at = strip._rect(1).center()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, at, strip.mapToGlobal(at))
    strip.viewportEvent(event)
    assert said == ["b.png\nb.png is damaged."]


def test_a_click_on_what_cannot_be_read_tries_it_and_the_arrows_go_over_it(strip, state, qtbot):
    marked(state, 1)
    state.select(image=REFS[0])
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    button = Qt.MouseButton.LeftButton
    qtbot.mouseClick(strip.viewport(), button, pos=strip._rect(1).center())
    assert strip.opens == [REFS[2], REFS[1]]

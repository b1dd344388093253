"""The tile grid through the hand: the right colours, the right cell, only what is in sight."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnviz_gui.core import render
from cnnviz_gui.panels.layers.map_tiles import describe
from cnnviz_gui.panels.tile_grid import TileGrid
from cnnviz_gui.panels.tile_layout import TileLayout, best_side

RNG = np.random.default_rng(0)
MAPS = RNG.random((200, 4, 4), dtype=np.float32)
ORDER = RNG.permutation(200)
CAPTIONS = [f"{m.mean():.2f}" for m in MAPS]


@pytest.fixture
def grid(qtbot) -> TileGrid:
    grid = TileGrid(64)
    qtbot.addWidget(grid)
    grid.resize(620, 400)
    grid.show()
    grid.set_tiles(MAPS, ORDER, CAPTIONS, "viridis", (0.0, 1.0))
    return grid


def heard_by(signal) -> list[object]:
    heard: list[object] = []
    signal.connect(heard.append)
    return heard


def cell_centre(rect: QRect, row: int, column: int) -> QPoint:
    side = rect.width() / 4
    return QPoint(int(rect.left() + (column + 0.5) * side), int(rect.top() + (row + 0.5) * side))


def test_every_cell_has_the_colour_of_its_value(grid: TileGrid) -> None:
    image = grid.viewport().grab().toImage()
    for channel in map(int, ORDER[:12]):
        rect = grid.tile_rect(channel)
        expected = render.apply_colormap(MAPS[channel], "viridis", 0.0, 1.0)
        for row in range(4):
            for column in range(4):
                color = image.pixelColor(cell_centre(rect, row, column))
                assert (color.red(), color.green(), color.blue()) == tuple(expected[row, column])


def test_tiles_of_their_own_scale_reach_the_ends(qtbot) -> None:
    grid = TileGrid(64)
    qtbot.addWidget(grid)
    grid.resize(300, 100)
    maps = np.stack([MAPS[0], 100 * MAPS[0]])
    grid.set_tiles(maps, colormap="grey", ranges=np.stack([maps.min((1, 2)), maps.max((1, 2))], 1))
    image = grid.viewport().grab().toImage()
    first, second = (
        [
            image.pixelColor(cell_centre(grid.tile_rect(c), r, k)).red()
            for r in range(4)
            for k in range(4)
        ]
        for c in (0, 1)
    )
    assert first == second and min(first) == 0 and max(first) == 255


def test_coloured_tiles_are_shown_as_they_are(qtbot) -> None:
    grid = TileGrid(64)
    qtbot.addWidget(grid)
    grid.resize(300, 100)
    tiles = RNG.integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    grid.set_rgb_tiles(tiles)
    color = grid.viewport().grab().toImage().pixelColor(cell_centre(grid.tile_rect(2), 1, 2))
    assert (color.red(), color.green(), color.blue()) == tuple(tiles[2, 1, 2])


def test_hover_tells_channel_cell_and_value_and_none_outside(grid: TileGrid) -> None:
    heard = heard_by(grid.hovered)
    channel = int(ORDER[10])
    rect = grid.tile_rect(channel)
    QTest.mouseMove(grid.viewport(), cell_centre(rect, 3, 1))
    QTest.mouseMove(grid.viewport(), QPoint(rect.right() + 4, rect.top()))
    assert heard == [(channel, 3, 1, float(MAPS[channel, 3, 1])), None]


def test_click_selects_once_and_double_click_activates(grid: TileGrid) -> None:
    selected, activated = heard_by(grid.selected), heard_by(grid.activated)
    channel = int(ORDER[5])
    centre = grid.tile_rect(channel).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    QTest.mouseDClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert selected == [channel] and activated == [channel] and grid.current() == channel


def test_keys_walk_in_the_order_shown_and_keep_the_tile_in_sight(grid: TileGrid) -> None:
    selected = heard_by(grid.selected)
    columns = grid._layout.columns
    keys = [Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up]
    for key in [*keys, Qt.Key.Key_End, Qt.Key.Key_PageUp]:
        QTest.keyClick(grid, key)
        assert grid.viewport().rect().contains(grid.tile_rect(grid.current()))
    places = [int(np.flatnonzero(channel == ORDER)[0]) for channel in selected]
    assert places[:6] == [0, 1, columns + 1, columns, 0, 199]
    assert places[6] < 199 and (199 - places[6]) % columns == 0
    QTest.keyClick(grid, Qt.Key.Key_Up)
    assert "selected" in grid.accessibleDescription()


def test_set_current_is_silent_and_unknown_channels_select_nothing(grid: TileGrid) -> None:
    selected = heard_by(grid.selected)
    grid.set_current(int(ORDER[150]))
    assert grid.current() == ORDER[150] and grid.verticalScrollBar().value() > 0
    grid.set_current(999)
    assert grid.current() is None and selected == []


def test_ctrl_and_wheel_change_the_size_and_wheel_alone_scrolls(grid: TileGrid) -> None:
    def turn(notches: int, modifier: Qt.KeyboardModifier) -> None:
        at = QPointF(100, 100)
        event = QWheelEvent(
            at, at, QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, modifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(grid.viewport(), event)

    turn(3, Qt.KeyboardModifier.ControlModifier)
    assert grid.tile_size() > 64
    turn(-40, Qt.KeyboardModifier.ControlModifier)
    assert grid.tile_size() == 12
    grid.set_tile_size(64)
    turn(-1, Qt.KeyboardModifier.NoModifier)
    assert grid.verticalScrollBar().value() > 0


def test_only_pages_in_sight_are_painted(qtbot, monkeypatch) -> None:
    painted: list[int] = []
    original = render.tile_strip

    def counting(maps, name, low, high, order):
        painted.extend(order)
        return original(maps, name, low, high, order)

    monkeypatch.setattr(render, "tile_strip", counting)
    grid = TileGrid(64)
    qtbot.addWidget(grid)
    grid.resize(620, 400)
    grid.set_tiles(np.zeros((4096, 7, 7), np.float32))
    assert painted == []
    grid.viewport().grab()
    assert 0 < len(painted) <= 512
    grid.set_current(4095)
    grid.viewport().grab()
    assert 4095 in painted and len(painted) <= 1024


def test_selection_stays_with_the_channel_when_the_order_changes(grid: TileGrid) -> None:
    channel = int(ORDER[3])
    grid.set_current(channel)
    grid.set_tiles(MAPS, ORDER[::-1], CAPTIONS)
    assert grid.current() == channel
    grid.set_tiles(MAPS[:2])
    assert grid.current() is None or grid.current() < 2


def test_grid_survives_nothing_and_nonsense(qtbot) -> None:
    grid = TileGrid()
    qtbot.addWidget(grid)
    grid.resize(10, 10)
    for maps in (np.zeros((0, 3, 3)), np.full((3, 2, 5), np.nan), np.zeros((2, 1, 1))):
        grid.set_tiles(maps, captions=[""] * len(maps))
        grid.viewport().grab()
        QTest.keyClick(grid, Qt.Key.Key_Down)
    grid.clear()
    grid.viewport().grab()
    with pytest.raises(ValueError, match="C, h, w"):
        grid.set_tiles(np.zeros((3, 3)))


def test_every_place_belongs_to_the_tile_drawn_there() -> None:
    layout = TileLayout(count=23, width=611, wanted=50, aspect=0.5, gap=7, caption=19)
    rects = [layout.tile(position) for position in range(23)]
    assert max(r.right() for r in rects) + 1 - min(r.left() for r in rects) == 611
    for position, rect in enumerate(rects):
        assert layout.position_at(rect.topLeft()) == position
        assert layout.position_at(rect.bottomRight()) == position
        assert position in layout.visible(rect.center().y(), 1)
        assert not any(rect.intersects(other) for other in rects[:position])


def test_card_says_channel_place_and_value() -> None:
    lines = ("channel 24", "row 6, column 5")
    assert describe((24, 6, 5, -4.05), -11.7, 15.6) == (*lines, "−4.05, map −11.7 to 15.6")
    assert describe((24, 6, 5, None), 0.0, 6.0) == ("channel 24", "row 6, column 5")


def test_faint_tiles_let_the_ground_through(grid: TileGrid) -> None:
    channel, other = int(ORDER[0]), int(ORDER[1])

    def colour(of: int) -> QColor:
        image = grid.viewport().grab().toImage()
        return image.pixelColor(cell_centre(grid.tile_rect(of), 1, 1))

    before, beside = colour(channel), colour(other)
    grid.set_faint(frozenset({channel}))
    assert colour(channel) != before
    assert colour(other) == beside
    grid.set_faint(frozenset())
    assert colour(channel) == before


def test_a_marked_cell_is_framed_and_a_click_tells_its_cell(grid: TileGrid) -> None:
    channel = int(ORDER[2])
    plain = grid.viewport().grab().toImage()
    grid.set_mark((channel, 2, 3))
    assert grid.viewport().grab().toImage() != plain
    grid.set_mark(None)
    assert grid.viewport().grab().toImage() == plain
    heard = heard_by(grid.pressed)
    spot = cell_centre(grid.tile_rect(channel), 2, 3)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert heard == [(channel, 2, 3, pytest.approx(float(MAPS[channel, 2, 3])))]


@pytest.mark.parametrize(
    ("count", "place", "columns"),
    [
        (32, (600, 560), 7),  # six in a row would leave the last ones below
        (6, (600, 560), 3),
        (500, (400, 300), 5),  # three rows of five end with the place, those of four do not
    ],
)
def test_tiles_are_as_large_as_all_have_room_for_or_end_with_the_place(count, place, columns):
    side = best_side(count, place, 1.0, (72, 168), (8, 19))
    made = TileLayout(count=count, width=place[0], wanted=side, gap=8, caption=19)
    assert made.columns == columns

"""The loss as a surface in space: where it is seen from, how the hand turns it."""

import dataclasses
import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainterPath
from PySide6.QtTest import QTest

from cnnviz_gui.core.plane_picture import loss_range
from cnnviz_gui.panels import plane_surface
from cnnviz_gui.panels.convert import from_qimage
from cnnviz_gui.panels.plane_floor import Floor
from cnnviz_gui.panels.plane_paint import Marks
from cnnviz_gui.panels.plane_plots import Axes
from cnnviz_gui.panels.plane_surface import (
    PlaneSurface,
    View,
    _corners,
    _inside,
    _on_surface,
    _spots,
)
from tests.state.test_plane_view import plane_result


def marks(**given):
    return Marks(plane_result(**given), QPainterPath(), {}, "adversarial", None)


AXES = Axes(("along PGD, in ε", "across, a random direction, in ε"), (2.0, 8.0))


@pytest.fixture
def surface(qtbot):
    made = PlaneSurface()
    qtbot.addWidget(made)
    made.resize(320, 300)
    made.show_loss(marks(), "inferno", AXES, stale=False)
    made.show()
    return made


def pixels(widget):
    return from_qimage(widget.grab().toImage())


def test_from_above_a_point_lies_where_the_map_has_it():
    points = np.array([(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)])
    flat, away = View(0.0, 90.0).project(points)
    assert np.allclose(flat, [(1, 0), (0, -1), (0, 0)], atol=1e-12)
    flat, away = View(0.0, 0.0).project(points)
    assert np.allclose(flat, [(1, 0), (0, 0), (0, -1)], atol=1e-12)
    assert away.tolist() == [0, 1, 0]  # what lies further across is further away
    flat, _ = View(90.0, 0.0).project(points)
    assert np.allclose(flat[1], (-1, 0), atol=1e-12)


def test_it_is_never_seen_from_below_and_turns_all_round():
    view = View().turned(0, 400)
    assert view.pitch < 90 and View().turned(0, -400).pitch > 0
    assert View(170.0, 30.0).turned(20, 0).yaw == -170


def test_corners_have_the_height_of_the_loss_and_so_has_the_path():
    result = plane_result()
    corners = _corners(result)
    heights = corners[..., 2]
    assert heights.min() == 0 and np.allclose(heights.max(), 1.2, atol=1e-4)
    assert np.allclose(heights[:, 0], 0) and (np.diff(heights[0]) > 0).all()
    path = _on_surface(result, result.path)
    assert path[0, :2].tolist() == [0, 0] and path[1, :2].tolist() == [0.5, 0]
    assert path[1, 2] > path[0, 2] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ([[0, 0], [0.5, 0]], [[[0, 0], [0.5, 0]]]),
        ([[0, 0], [4, 0]], [[[0, 0], [2, 0]]]),
        ([[0, 0], [1, 1], [1, 3]], [[[0, 0], [1, 1], [1, 2]]]),
        ([[0, 0], [4, 0], [4, 3], [0, 1]], [[[0, 0], [2, 0]], [[2, 2], [0, 1]]]),
        ([[3, -3], [3, 3]], []),
        ([[0, 0], [2, 0], [2, 1]], [[[0, 0], [2, 0], [2, 1]]]),
    ],
)
def test_of_the_path_only_what_lies_on_the_plane_is_drawn(path, parts):
    found = _inside(plane_result(path=np.array(path, np.float32)))
    assert [part.tolist() for part in found] == parts


def test_an_end_or_a_point_beyond_the_plane_is_not_drawn_at_its_edge(surface):
    far = np.array([[0, 0], [8, 0]], np.float32)
    beyond = dataclasses.replace(marks(path=far), point=(0.0, -2.5))
    assert [token for _, token in _spots(beyond)] == ["clean"]
    near = dataclasses.replace(marks(), point=(0.0, -2.0))
    assert [token for _, token in _spots(near)] == ["clean", "adversarial", "accent"]
    surface.show_loss(beyond, "inferno", AXES, stale=False)
    seen = pixels(surface)
    surface.show_loss(
        dataclasses.replace(beyond, end="target", point=None), "inferno", AXES, stale=False
    )
    assert np.array_equal(seen, pixels(surface))


def test_it_is_painted_in_the_colours_of_the_loss(surface):
    seen = pixels(surface)
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) > 200
    surface.show_loss(marks(), "viridis", AXES, stale=False)
    assert not np.array_equal(seen, pixels(surface))
    surface.show_loss(marks(), "inferno", AXES, stale=True)
    assert not np.array_equal(seen, pixels(surface))


def test_the_point_chosen_is_marked_on_it(surface):
    seen = pixels(surface)
    chosen = dataclasses.replace(marks(), point=(-1.5, 1.5))
    surface.show_loss(chosen, "inferno", AXES, stale=False)
    assert not np.array_equal(seen, pixels(surface))


def test_a_loss_without_extent_is_a_plain():
    flat = plane_result(loss=np.full((17, 17), 2.0, np.float32))
    assert np.isfinite(_corners(flat)).all() and np.allclose(_corners(flat)[..., 2], 0, atol=1)


def test_a_drag_turns_it(surface):
    before = surface.view
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(surface, QPoint(150, 90))
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=QPoint(150, 90))
    assert surface.view.yaw == pytest.approx(before.yaw + 20)
    assert surface.view.pitch == pytest.approx(before.pitch - 4)
    QTest.mouseMove(surface, QPoint(10, 10))
    assert surface.view.yaw == pytest.approx(before.yaw + 20)  # not without the button


def test_to_turn_it_its_facets_are_not_made_anew(surface, monkeypatch):
    made = []
    corners = plane_surface._corners
    monkeypatch.setattr(plane_surface, "_corners", lambda got: made.append(1) or corners(got))
    given = marks()
    surface.show_loss(given, "inferno", AXES, stale=False)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
        QTest.keyClick(surface, key)
        pixels(surface)
    surface.show_loss(given, "inferno", AXES, stale=True)
    assert made == [1]
    surface.show_loss(given, "viridis", AXES, stale=False)
    surface.show_loss(marks(), "viridis", AXES, stale=False)
    assert made == [1, 1, 1]


def test_the_keys_turn_it_and_turn_it_back(surface):
    surface.setFocus()
    seen = pixels(surface)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(surface, key)
    assert surface.view != View() and not np.array_equal(seen, pixels(surface))
    QTest.keyClick(surface, Qt.Key.Key_0)
    assert surface.view == View()


@pytest.mark.parametrize("turn", [(0, 0), (60, 10), (35, 0), (125, 40), (-100, -20)])
def test_epsilons_stand_along_the_floor_and_nats_upwards(surface, monkeypatch, turn):
    told = {}

    def write(self, at, text, role, align=Qt.AlignmentFlag.AlignHCenter, angle=0.0):
        told.setdefault(role, []).append((text, at))

    monkeypatch.setattr(Floor, "_write", write)
    surface._turn(*turn)
    surface.grab()
    assert sorted(text for text, _ in told["caption"]) == [
        "across, in ε",
        "along PGD, in ε",
        "nats",
    ]
    _, high = loss_range(marks().result)
    numbers = [float(text.replace("−", "-")) for text, _ in told["tick"]]
    assert 0 in numbers and all(-8 <= number <= max(8, high) for number in numbers)
    assert min(numbers) < 0 < max(numbers) and len(numbers) >= 4
    inside = surface.rect().adjusted(-8, -8, 8, 8)
    assert all(inside.contains(at.toPoint()) for _, at in told["tick"])


TURNS = [(0, 0), (60, 10), (35, 0), (125, 40), (-100, -10), (-10, 30)]


@pytest.mark.parametrize("turn", TURNS)
def test_the_names_of_the_axes_stand_along_them_beyond_their_numbers(surface, monkeypatch, turn):
    names, numbers, places = {}, [], []

    def write(self, at, text, role, align=Qt.AlignmentFlag.AlignHCenter, angle=0.0):
        places.append(self.place)
        if text.endswith("in ε"):
            names[text] = at, angle
        elif align == Qt.AlignmentFlag.AlignHCenter:
            numbers.append(at)

    monkeypatch.setattr(Floor, "_write", write)
    surface._turn(*turn)
    surface.grab()
    place, (near, far) = places[0], surface._nearer()
    ends = {
        "along PGD, in ε": [(-1, near, 0), (1, near, 0)],
        "across, in ε": [(far, -1, 0), (far, 1, 0)],
    }
    (centre,) = place(np.zeros((1, 3)))
    for text, (at, angle) in names.items():
        first, last = place(np.array(ends[text], np.float64))
        run = (last - first) / math.hypot(last.x() - first.x(), last.y() - first.y())
        turned = math.radians(angle)
        assert -90 < angle <= 90
        assert abs(run.x() * math.sin(turned) - run.y() * math.cos(turned)) < 1e-6

        def off(point, first=first, run=run):
            """Return how far from the edge, on its outer side."""
            sides = [(p - first).x() * run.y() - (p - first).y() * run.x() for p in (point, centre)]
            return -sides[0] * math.copysign(1, sides[1])

        def beside(point, first=first, last=last, run=run):
            return (
                0 <= QPointF.dotProduct(point - first, run) <= QPointF.dotProduct(last - first, run)
            )

        assert beside(at) and 20 < off(at) < 60
        own = [off(number) for number in numbers if beside(number) and 0 < off(number) < 15]
        assert all(off(at) - one > 8 for one in own)


def test_it_fills_its_room_however_it_is_turned(surface):
    for size in ((244, 240), (325, 240), (700, 400), (300, 600)):
        surface.resize(*size)
        for turn in TURNS:
            surface.view = View().turned(*turn)
            seen = pixels(surface).astype(int)
            painted = np.abs(seen - seen[0, 0]).sum(2) > 0
            rows, columns = np.flatnonzero(painted.any(1)), np.flatnonzero(painted.any(0))
            filled = np.ptp(rows) / surface.height(), np.ptp(columns) / surface.width()
            assert max(filled) > 0.7
            assert rows[0] > 0 and columns[0] > 0 and columns[-1] < surface.width() - 1

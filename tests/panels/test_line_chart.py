"""A card with a few lines: what is drawn, named and read off."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from cnnviz_gui.panels import line_chart, theme
from cnnviz_gui.panels.line_chart import Line, LineChart


@pytest.fixture
def chart(qtbot):
    made = LineChart("Deletion", "What happens")
    qtbot.addWidget(made)
    made.resize(320, 240)
    made.show()
    return made


def lines():
    across = np.linspace(0, 1, 11)
    return Line("this map", across, 1 - across), Line(
        "random", across, across, "text2", dashed=True
    )


def drawn(chart, token):
    """Return whether a colour is among the pixels."""
    wanted = QColor(theme.color(token)).rgb()
    shot = chart.grab().toImage()
    return any(
        shot.pixel(x, y) == wanted for x in range(shot.width()) for y in range(shot.height())
    )


def test_lines_are_drawn_in_their_colours_and_told_to_a_reader(chart):
    assert not drawn(chart, "accent")
    chart.set_lines(lines(), "Share", "Probability")
    assert drawn(chart, "accent")
    assert chart.accessibleName() == "Deletion"
    assert chart.accessibleDescription() == "this map ends at 0; random ends at 1.00"


def test_several_lines_have_a_legend_that_takes_room(chart):
    alone = chart.sizeHint().height()
    chart.set_lines(lines()[:1], "Share", "Probability")
    assert chart.sizeHint().height() == alone
    chart.set_lines(lines(), "Share", "Probability")
    assert chart.sizeHint().height() > alone


def test_the_values_under_the_cursor_are_read_off_and_forgotten(chart, qtbot):
    chart.set_lines(lines(), "Share", "Probability")
    area = chart._area()
    qtbot.mouseMove(chart, QPoint(5, 5))
    at_rest = chart.grab().toImage()
    qtbot.mouseMove(chart, area.center().toPoint())
    assert chart._cursor == pytest.approx(0.5, abs=0.01)
    assert chart.grab().toImage() != at_rest
    qtbot.mouseMove(chart, QPoint(2, round(area.center().y())))
    assert chart._cursor is None
    assert chart.grab().toImage() == at_rest


@pytest.mark.parametrize("up", [[0.0, 0.0], [np.nan, 1.0], [-2.0, -1.0], [3e-9, 2e-9]])
def test_any_values_can_be_drawn(chart, up):
    chart.set_lines([Line("a", np.array([0.0, 1.0]), np.array(up))], "x", "y")
    chart.grab()
    low, high = chart._range()
    assert low < high and low <= 0 <= high


@pytest.mark.parametrize(
    ("up", "ends"),
    [
        ([0.0379, 31.9], (0, 40)),
        ([0.0, 30.0], (0, 30)),
        ([-3.2, 4.1], (-5, 5)),
        ([0.0, 0.87], (0, 1)),
        ([-7.0, -1.0], (-8, 0)),
    ],
)
def test_the_axis_upwards_ends_at_round_values_that_hold_all(chart, up, ends):
    chart.set_lines([Line("a", np.array([0.0, 1.0]), np.array(up))], "x", "y")
    assert chart._range() == pytest.approx(ends)
    marks = line_chart._marks(*chart._range(), line_chart._MARKS_UP)
    assert (marks[0], marks[-1]) == pytest.approx(ends)


SHAPES = {
    "rises ever faster": lambda t: 31.9 * t**3,
    "rises at once": lambda t: 31.9 * t**0.3,
    "falls": lambda t: 5 * (1 - t) ** 2,
    "leaps": lambda t: 20.0 * (t > 0.55),
    "is straight": lambda t: 8 * t,
}


@pytest.mark.parametrize("step", range(11))
@pytest.mark.parametrize("shape", SHAPES)
def test_the_value_of_a_line_alone_stands_beside_it(chart, monkeypatch, shape, step):
    across = np.arange(11)
    chart.set_lines([Line("loss", across, SHAPES[shape](across / 10))], "step", "Loss", whole=True)
    spots = []
    find = line_chart._spot
    monkeypatch.setattr(line_chart, "_spot", lambda *given: spots.append(find(*given)) or spots[-1])
    chart.set_place(float(step))
    chart.grab()
    spot, area = spots[-1], chart._area()
    x, y = chart._polyline(area, chart._lines[0])
    along = np.linspace(x[0], x[-1], 2000)
    down = np.interp(along, x, y)
    covered = [spot.contains(round(a), round(b)) for a, b in zip(along, down, strict=True)]
    assert not any(covered)
    assert spot.left() >= area.left() and spot.bottom() <= area.bottom(), "nor on an axis"
    assert chart.rect().contains(spot)


def test_shares_are_told_in_per_cent_on_both_axes_too(chart, qtbot, monkeypatch):
    from cnnviz_gui.panels.controls import painting

    said = []
    paint = painting.text
    monkeypatch.setattr(
        painting, "text", lambda *given, **more: (said.append(given[2]), paint(*given, **more))
    )
    chart.set_lines(lines(), "Share", "Probability", ends=(0.0, 0.4), shares=True)
    assert chart.accessibleDescription() == "this map ends at 0 %; random ends at 100 %"
    qtbot.mouseMove(chart, chart._area().center().toPoint())
    chart.grab()
    assert {"10 %", "40 %", "20 %", "80 %"} <= set(said), "upwards to 40 %, across to 100 %"
    assert any(word.startswith("Share ") and word.endswith(" %") for word in said)


def test_a_marked_place_is_told_until_the_cursor_points_elsewhere(chart, qtbot):
    across = np.arange(11)
    chart.set_lines([Line("loss", across, across * 2.0)], "step", "Loss", whole=True)
    bare = chart.grab().toImage()
    chart.set_place(4.0)
    assert chart._at == 4.0 and chart.grab().toImage() != bare
    area = chart._area()
    qtbot.mouseMove(chart, QPoint(5, 5))
    at = QPoint(round(area.left() + 0.72 * area.width()), round(area.center().y()))
    qtbot.mouseMove(chart, at)
    assert chart._at == 7.0, "there is nothing between two steps"
    qtbot.mouseMove(chart, QPoint(5, 5))
    assert chart._at == 4.0
    chart.set_place(None)
    assert chart.grab().toImage() == bare

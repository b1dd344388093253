"""A card with a few lines: what is drawn, named and read off."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from cnnviz_gui.panels import theme
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

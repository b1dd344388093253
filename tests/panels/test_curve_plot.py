"""The plot over epsilon: a slider by mouse, keys and assistive technology; honest curves."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnviz_gui.panels import curve_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.curve_labels import strong_caption
from cnnviz_gui.panels.curve_layout import Curves, PlotArea, resolution
from cnnviz_gui.panels.curve_plot import EpsilonPlot

EPSILONS = np.linspace(0, 1.6, 17)
CURVES = {
    "espresso": np.linspace(0.95, 0.0, 17),
    "ladybug": np.linspace(0.0, 0.9, 17),
    "all others": np.full(17, 0.08),
}


@pytest.fixture
def plot(qtbot) -> EpsilonPlot:
    plot = EpsilonPlot()
    qtbot.addWidget(plot)
    plot.resize(660, 410)
    plot.show()
    plot.set_points(EPSILONS, CURVES, total=33)
    plot.set_epsilon(1.0)
    return plot


def heard_by(signal) -> list[object]:
    heard: list[object] = []
    signal.connect(heard.append)
    return heard


def at(plot: EpsilonPlot, epsilon: float) -> QPoint:
    return QPointF(plot.area().x(epsilon), plot.area().rail).toPoint()


def test_drag_moves_the_handle_with_the_hand_and_releases_once(plot: EpsilonPlot) -> None:
    moved, released = heard_by(plot.moved), heard_by(plot.released)
    start = at(plot, 1.0) + QPoint(9, 3)
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
    assert moved == []
    for step in (20, 40, 60):
        QTest.mouseMove(plot, start + QPoint(step, -80))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=start + QPoint(60, -80))
    assert len(moved) == 3 and moved == sorted(moved)
    assert plot.area().x(moved[-1]) == pytest.approx(plot.area().x(1.0) + 60, abs=3)
    assert released == [moved[-1]] == [plot.epsilon()]


def test_what_was_computed_is_a_dot_and_what_lies_between_a_line(plot: EpsilonPlot) -> None:
    flat = {"espresso": np.full(3, 0.6), "ladybug": np.full(3, 0.2)}
    plot.set_points([0.0, 0.8, 1.6], flat, total=33)
    picture, area = plot.grab().toImage(), plot.area()
    wanted = theme.color("clean").rgb()

    def thickness(epsilon: float) -> int:
        x, y = round(area.x(epsilon)), round(area.y(0.6))
        return sum(picture.pixelColor(x, y + step).rgb() == wanted for step in range(-6, 7))

    assert thickness(0.8) > thickness(0.4) == thickness(0.6) > 0


def test_dots_that_would_run_together_are_left_out(plot: EpsilonPlot) -> None:
    many = np.linspace(0, 1.6, 400)
    plot.set_points(many, {"espresso": np.full(400, 0.6)}, total=400)
    picture, area = plot.grab().toImage(), plot.area()
    wanted, y = theme.color("clean").rgb(), round(area.y(0.6))
    across = {
        sum(picture.pixelColor(x, y + step).rgb() == wanted for step in range(-6, 7))
        for x in range(round(area.x(0.2)), round(area.x(0.9)))
    }
    assert len(across) == 1, "a line"


def test_click_on_the_axis_moves_there_and_on_the_curves_nowhere(plot: EpsilonPlot) -> None:
    moved, released = heard_by(plot.moved), heard_by(plot.released)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at(plot, 0.5))
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    QTest.mouseClick(plot, Qt.MouseButton.RightButton, pos=at(plot, 1.5))
    assert moved == released == [plot.epsilon()]
    assert plot.epsilon() == pytest.approx(0.5, abs=0.011)


def test_hand_stays_on_the_axis_and_sets_what_the_handle_says(plot: EpsilonPlot) -> None:
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=at(plot, 1.0))
    for x in (-500, 133, 291, 2000):
        QTest.mouseMove(plot, QPoint(x, 300))
        assert 0 <= plot.epsilon() <= 2
        assert plot.value_text() == f"{plot.epsilon():.10g} / 255"
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton)
    assert plot.epsilon() == 2


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Right, 1.02),
        (Qt.Key.Key_Up, 1.02),
        (Qt.Key.Key_Left, 0.98),
        (Qt.Key.Key_PageUp, 1.2),
        (Qt.Key.Key_PageDown, 0.8),
        (Qt.Key.Key_Home, 0.0),
        (Qt.Key.Key_End, 2.0),
    ],
)
def test_keys_move_and_release(plot: EpsilonPlot, key: Qt.Key, expected: float) -> None:
    moved, released = heard_by(plot.moved), heard_by(plot.released)
    QTest.keyClick(plot, key)
    assert moved == released == [pytest.approx(expected)]


def test_held_key_releases_only_at_the_end(plot: EpsilonPlot) -> None:
    moved, released = heard_by(plot.moved), heard_by(plot.released)
    for _ in range(5):
        QTest.keyPress(plot, Qt.Key.Key_Right)
    assert len(moved) == 5 and released == []
    QTest.keyRelease(plot, Qt.Key.Key_Right)
    assert released == [moved[-1]]


@pytest.mark.parametrize("focused", [True, False])
def test_wheel_moves_only_with_focus(qtbot, plot: EpsilonPlot, focused: bool, monkeypatch) -> None:
    monkeypatch.setattr(plot, "hasFocus", lambda: focused)
    place = QPointF(300, 200)
    event = QWheelEvent(
        place, place, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot, event)
    assert plot.epsilon() == pytest.approx(1.02 if focused else 1.0)


def test_setters_are_silent(plot: EpsilonPlot) -> None:
    moved, released = heard_by(plot.moved), heard_by(plot.released)
    plot.set_epsilon(1.7)
    plot.set_range(1.5, "/ 255")
    plot.set_flip(0.4)
    assert plot.epsilon() == 1.5 and moved == released == []


def test_nothing_but_numbers_is_taken(plot: EpsilonPlot) -> None:
    plot.set_epsilon(float("nan"))
    plot.set_flip(float("inf"))
    assert plot.epsilon() == 1.0
    plot.set_points([0, np.nan, 1, np.inf, 0.5], {"a": [0.2, 1, np.nan, 2, 7], "b": [np.nan] * 5})
    plot.grab()
    with pytest.raises(ValueError, match="cannot end"):
        plot.set_range(0.0)
    with pytest.raises(ValueError, match="points"):
        plot.set_points([0, 1], {"a": [1]})


def test_screen_reader_meets_a_slider_and_can_move_it(plot: EpsilonPlot) -> None:
    released = heard_by(plot.released)
    reader = QAccessible.queryAccessibleInterface(plot)
    assert reader.role() == QAccessible.Role.Slider
    assert reader.text(QAccessible.Text.Name) == "Epsilon"
    assert "1 / 255" in plot.accessibleDescription() and "espresso" in plot.accessibleDescription()
    reader.valueInterface().setCurrentValue(50)
    assert plot.epsilon() == pytest.approx(0.5) and released == [plot.epsilon()]


@pytest.mark.parametrize(("name", "token"), [("espresso", "clean"), ("ladybug", "adversarial")])
@pytest.mark.parametrize("epsilon", [0.1, 0.33, 1.0, 1.45])
def test_curves_are_drawn_at_their_values_in_their_colours(
    plot: EpsilonPlot, name: str, token: str, epsilon: float
) -> None:
    x = round(plot.area().x(epsilon))
    y = plot.area().y(np.interp(plot.area().epsilon(x + 0.5), EPSILONS, CURVES[name]))
    image = plot.grab().toImage()
    near = {image.pixelColor(x, round(y) + shift).name().upper() for shift in (-1, 0, 1)}
    assert getattr(theme.current(), token) in near


def test_what_is_known_exactly_is_drawn_where_it_is(plot: EpsilonPlot) -> None:
    def colour(probability: float) -> str:
        x, y = plot.area().x(plot.epsilon()), plot.area().y(probability)
        return plot.grab().toImage().pixelColor(round(x), round(y)).name().upper()

    plot.set_points([0.0, 2.0], {"espresso": [0.9, 0.1], "ladybug": [0.05, 0.5]})
    guess = plot.here()["espresso"]
    clean = theme.current().clean
    assert guess == pytest.approx(0.5) and colour(guess) == clean
    plot.set_exact({"espresso": 0.7, "ladybug": 0.2})
    assert colour(0.7) == clean and "espresso 70.0 %" in plot.accessibleDescription()
    assert plot._count_text() == "2 of 2 points", "it is none of the sweep"
    plot.set_epsilon(1.0)
    assert colour(0.7) == clean, "the handle did not move"
    plot.set_epsilon(1.2)
    assert plot.here()["espresso"] == pytest.approx(0.42) and colour(0.42) == clean
    assert colour(0.7) != clean


def test_unknown_part_is_hatched_and_counted(plot: EpsilonPlot) -> None:
    def shades(left: float, right: float) -> set[str]:
        image = plot.grab().toImage()
        area = plot.area()
        columns = range(int(area.x(left)) + 6, int(area.x(right)) - 2)
        return {image.pixelColor(x, int(area.y(0.6))).name() for x in columns}

    assert plot._count_text() == "17 of 33 points"
    assert len(shades(1.6, 2.0)) > 1
    plot.set_points(np.linspace(0, 2, 33), {"espresso": np.zeros(33)}, total=33)
    assert len(shades(1.6, 2.0)) == 1


def test_labels_lie_inside_and_apart_and_off_the_flip_mark(plot: EpsilonPlot) -> None:
    plot.set_flip(0.8)
    area, labels = plot.area(), plot.labels()
    assert set(labels) == set(CURVES)
    rects = list(labels.values())
    for index, rect in enumerate(rects):
        assert area.rect.contains(rect)
        assert not any(rect.intersects(other) for other in rects[:index])
        assert not rect.left() < area.x(0.8) < rect.right()


@pytest.mark.parametrize("height", [172, 200, 410])
@pytest.mark.parametrize("count", [1, 2, 17])
def test_no_label_lies_on_another(plot: EpsilonPlot, height: int, count: int) -> None:
    """With one point of a sweep known, two classes often lie close together."""
    plot.resize(660, height)
    near = {"espresso": 0.94, "strongest other": 0.03, "all others": 0.03}
    curves = {name: np.full(count, value) for name, value in near.items()}
    plot.set_points(EPSILONS[:count], curves, total=33)
    rects = list(plot.labels().values())
    assert height < 410 or len(rects) == 3
    for index, rect in enumerate(rects):
        assert not any(rect.intersects(other) for other in rects[:index])


AXIS = np.linspace(0, 2, 33)


def fall(at: float, width: float) -> np.ndarray:
    """Return a curve that falls from 1 to 0 at an epsilon, over a width."""
    return 1 / (1 + np.exp((AXIS - at) / width))


@pytest.mark.parametrize(("height", "width"), [(172, 388), (172, 660), (221, 660), (410, 660)])
@pytest.mark.parametrize("slope", [0.03, 0.3, 1.0])
@pytest.mark.parametrize("count", [2, 3, 5, 9, 33])
def test_no_line_passes_through_a_label(
    plot: EpsilonPlot, height: int, width: int, slope: float, count: int
) -> None:
    """While few points were known, a name had no place but on a line, or none at all."""
    falling = 0.38 * np.exp(-2 * AXIS / slope)
    rising = 0.7 - 0.325 * np.exp(-2 * AXIS / slope)
    curves = {"tiger cat": falling, "strongest other": rising, "all others": 1 - falling - rising}
    plot.resize(width, height)
    plot.set_points(AXIS[:count], {name: values[:count] for name, values in curves.items()})
    area = plot.area()
    assert set(plot.labels()) == set(curves)
    for values in curves.values():
        known = zip(AXIS[:count], values[:count], strict=True)
        points = [QPointF(area.x(epsilon), area.y(value)) for epsilon, value in known]
        for rect in plot.labels().values():
            assert not any(
                rect.contains(a + (b - a) * share)
                for a, b in itertools.pairwise(points)
                for share in np.linspace(0, 1, 50)
            )


def test_a_label_stays_where_it_is_while_points_come(plot: EpsilonPlot) -> None:
    falling = 0.9 * fall(1.0, 0.2)
    curves = {"tiger cat": falling, "Egyptian cat": 0.8 * (0.9 - falling)}
    places = []
    for count in range(6, 34):
        plot.set_points(AXIS[:count], {name: v[:count] for name, v in curves.items()}, 33)
        places.append({name: rect.getRect() for name, rect in plot.labels().items()})
    moves = sum(one != other for one, other in itertools.pairwise(places))
    assert moves <= 9 and len(places[-1]) == 2, "each of 27 times it went a little further"


def test_at_its_least_height_the_curves_are_still_seen(plot: EpsilonPlot) -> None:
    """They had 30 px, and the labels of five probabilities lay on each other."""
    plot.resize(plot.minimumSizeHint())
    area = plot.area()
    assert area.rect.height() >= 72 and area.percents() == (0, 25, 50, 75, 100)
    assert area.rail + 37 <= plot.height(), "the ticks are on the card"
    plot.resize(660, 410)
    assert plot.area().titled


def test_where_the_class_wins_again_is_shaded_and_said(plot: EpsilonPlot) -> None:
    def shade(epsilon: float) -> str:
        image = plot.grab().toImage()
        return image.pixelColor(int(plot.area().x(epsilon)), int(plot.area().y(0.6))).name()

    plot.set_points(np.linspace(0, 2, 33), {"espresso": np.zeros(33)})
    plot.set_flip(0.8, ((1.2, 1.6),))
    assert shade(1.4) != shade(1.8) == shade(0.6)
    said = plot.accessibleDescription()
    assert "first flip at 0.8" in said and "held again from 1.2 to 1.6" in said
    plot.set_flip(0.8)
    assert shade(1.4) == shade(1.8)
    assert "held again" not in plot.accessibleDescription()


def test_a_target_is_reached_and_missed_where_a_class_flips_and_holds(plot: EpsilonPlot) -> None:
    plot.set_flip(0.8, ((1.2, 1.6),), targeted=True)
    said = plot.accessibleDescription()
    assert "target first reached at 0.8" in said and "missed again from 1.2 to 1.6" in said
    assert "flip" not in said and "held" not in said


@pytest.mark.parametrize("width", [260, 330, 400, 660])
@pytest.mark.parametrize("flip", [0.0, 0.1, 2.0])
def test_the_flip_is_said_at_every_width(plot: EpsilonPlot, width: int, flip: float) -> None:
    """At 400 px both the flag and the count had no room, and the flag was left out."""
    plot.resize(width, 410)
    plot.set_flip(flip, ((1.2, 1.6),))
    head, said = plot.head(), f"{flip:g} / 255"
    assert said in head.flip
    metrics = QFontMetrics(strong_caption())
    assert head.chip.width() - 39 >= metrics.horizontalAdvance(head.flip)
    title = painting.width_of("Class probability", "title")
    count = painting.width_of(head.count, "caption") if head.count else 0
    assert 16 + head.title <= head.chip.left() and head.chip.right() <= width - 24 - count
    assert head.title == title or (head.flip == said and not head.count)
    whole = f"first flip  {said}, held again later"
    assert width < 660 or (head.flip, head.count) == (whole, "17 of 33 points")


@pytest.mark.parametrize(("height", "expected"), [(410, 5), (172, 5), (160, 3), (120, 2)])
def test_labels_of_probability_do_not_meet(plot: EpsilonPlot, height: int, expected: int) -> None:
    area = PlotArea(660, height, 2.0)
    percents = area.percents()
    assert len(percents) == expected and (percents[0], percents[-1]) == (0, 100)
    places = [area.y(percent / 100) for percent in percents]
    assert expected == 2 or min(-np.diff(places)) >= 18


def test_handle_stays_on_the_card_at_both_ends(plot: EpsilonPlot) -> None:
    for epsilon in (0.0, 2.0):
        plot.set_epsilon(epsilon)
        assert plot.handle_rect().left() >= 0 and plot.handle_rect().right() <= plot.width()


def test_curves_are_sorted_and_gaps_stay_gaps() -> None:
    curves = Curves.of([2, 0, 1, 3, 4], {"a": [0.2, 0.0, np.nan, 0.3, 9.0]})
    assert curves.epsilons.tolist() == [0, 1, 2, 3, 4]
    pieces = [(e.tolist(), v.tolist()) for e, v in curves.runs("a")]
    assert pieces == [([0], [0.0]), ([2, 3, 4], [0.2, 0.3, 1.0])]
    assert curves.at(2.5) == [("a", pytest.approx(0.25))]
    assert curves.at(0.5) == [] and curves.at(9) == []


@pytest.mark.parametrize("maximum", [0.003, 0.5, 1, 2, 8, 12.75, 64, 255])
def test_axis_has_at_most_five_round_ticks_and_fine_steps(maximum: float) -> None:
    ticks = PlotArea(600, 400, maximum).ticks()
    assert 2 <= len(ticks) <= 5 and ticks[0] == 0 and ticks[-1] <= maximum * (1 + 1e-9)
    assert 100 <= round(maximum / resolution(maximum), 6) <= 1000


def test_a_move_draws_the_curves_no_second_time(
    plot: EpsilonPlot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    own = curve_paint._paint_curve

    def counted(painter: object, look: object, index: int, name: str) -> None:
        drawn.append(name)
        own(painter, look, index, name)

    monkeypatch.setattr(curve_paint, "_paint_curve", counted)
    plot.set_points(EPSILONS, CURVES)
    before = plot.grab().toImage()
    first = len(drawn)
    plot.set_epsilon(1.1)
    moved = plot.grab().toImage()
    assert first and len(drawn) == first and moved != before
    plot.set_points([0, 1, 2], {"a": [1, 0.5, 0], "b": [0, 0.5, 1]})
    plot.grab()
    assert drawn[first:] == ["b", "a"]
    theme.apply(qapp, "light")
    plot.grab()
    assert len(drawn) == first + 4

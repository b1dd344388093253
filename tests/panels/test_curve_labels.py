"""The search for places of the curves' names: how much is tried, and how often."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz_gui.panels import curve_labels, curve_plot
from cnnviz_gui.panels.curve_layout import Curves, PlotArea
from cnnviz_gui.panels.curve_plot import EpsilonPlot

AXIS = np.linspace(0, 2, 33)
MOST = 12 * 15 + 12 * 20 + 1
"""Places beside at most 12 points, all over the plot, and the one before."""


def jagged(count: int) -> dict[str, np.ndarray]:
    """Return curves that leave hardly a place free."""
    chance = np.random.default_rng(3)
    return {f"class {i}": chance.uniform(0, 1, AXIS.size) for i in range(count)}


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return, for each measurement, how many places there were, and how many points."""
    sizes: list[tuple[int, int]] = []
    own = curve_labels._gaps

    def counted(places: np.ndarray, lines: list[np.ndarray]) -> np.ndarray:
        sizes.append((len(places), max(len(points) for points in lines)))
        return own(places, lines)

    monkeypatch.setattr(curve_labels, "_gaps", counted)
    return sizes


@pytest.mark.parametrize("size", [(388, 172), (660, 410), (1900, 420), (3800, 1600)])
@pytest.mark.parametrize("curves", [3, 7])
def test_what_is_tried_does_not_grow_with_the_plot(
    qapp: object,
    tried: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    curves: int,
) -> None:
    """A name was tried each 24 by 6 px, and measured to each 12th pixel of each curve."""
    judged: list[int] = []
    own = curve_labels._faults

    def counted(places: np.ndarray, *told: object) -> np.ndarray:
        judged.append(len(places))
        return own(places, *told)

    monkeypatch.setattr(curve_labels, "_faults", counted)
    area, known = PlotArea(*size, 2.0), Curves.of(AXIS, jagged(curves))
    before = curve_labels.place_labels(area, known, 0.8, {})
    tried.clear()
    judged.clear()
    curve_labels.place_labels(area, known, 0.8, before)
    assert tried and len(tried) <= curves
    # A gap in a curve would add a point: here there is none.
    assert max(places for places, _ in tried) <= MOST and sum(judged) <= curves * MOST
    assert max(points for _, points in tried) <= 33


def test_where_a_place_beside_the_curve_is_free_none_is_sought_elsewhere(
    qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(curve_labels, "_all_over")
    falling = 0.95 / (1 + np.exp((AXIS - 0.8) / 0.15))
    curves = {"tiger cat": falling, "strongest other": 0.8 - 0.8 * falling}
    area, known = PlotArea(1900, 420, 2.0), Curves.of(AXIS, curves)
    assert set(curve_labels.place_labels(area, known, 0.8, {})) == set(curves)


def test_places_are_sought_once_for_all_that_changed_and_only_when_drawn(
    qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each point of a sweep cost two searches: for the points, and for the flip."""
    calls: list[float | None] = []
    own = curve_plot.place_labels

    def counted(area: object, curves: object, flip: float | None, before: object) -> object:
        calls.append(flip)
        return own(area, curves, flip, before)

    monkeypatch.setattr(curve_plot, "place_labels", counted)
    plot = EpsilonPlot()
    qtbot.addWidget(plot)
    plot.resize(660, 410)
    plot.show()
    for count in (5, 9, 17):
        known = {name: values[:count] for name, values in jagged(2).items()}
        plot.set_points(AXIS[:count], known, total=33)
        plot.set_flip(0.8)
    assert calls == []
    plot.grab()
    plot.set_epsilon(1.0)
    plot.grab()
    assert calls == [0.8]
    plot.set_range(4.0)
    plot.grab()
    assert calls == [0.8, 0.8], "the curves lie elsewhere"

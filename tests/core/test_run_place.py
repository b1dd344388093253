"""The place that a heat map marks."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_gui.core import localisation, registry, run_place
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams
from cnnviz_gui.core.place_requests import Locate
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def values() -> np.ndarray:
    """Two hills: a high one of 6 x 4 pixels, a lower one of 3 x 3 with a hole."""
    made = np.zeros((32, 32), np.float32)
    made[10:14, 4:10] = 1.0
    made[20:23, 20:23] = 0.5
    made[21, 21] = 0.0
    made[30, 30] = -5.0
    return made


@pytest.fixture
def asked(
    network: ModelRef,
    picture: ImageRef,
    values: np.ndarray,
    monkeypatch: pytest.MonkeyPatch,
) -> Heatmap:
    chosen = registry.method("heatmap", "grad-cam")
    value = HeatmapValue(torch.from_numpy(values), signed=True)
    given = dataclasses.replace(chosen, run=lambda *arguments: value)
    monkeypatch.setitem(registry._METHODS, ("heatmap", "grad-cam"), given)
    return Heatmap(model=network, image=picture, method="grad-cam", parameters=GradCamParams())


def located(asked: Heatmap, session: Session, **given: Any) -> Any:
    return execute(Locate(heatmap=asked, **given), session, QUIET)


def test_box_and_mask_are_those_of_the_largest_part(asked: Heatmap, session: Session) -> None:
    found = located(asked, session)
    assert found.box == (4, 10, 10, 14) and found.threshold == pytest.approx(0.2)
    assert found.mask.sum() == 24 and found.part == pytest.approx(24 / 1024)
    assert found.area == pytest.approx(32 / 1024), "the other hill is high enough too"
    assert not found.mask.flags.writeable and found.size == (32, 32)
    assert located(asked, session, share=0.6).area == pytest.approx(24 / 1024)


def test_the_outline_goes_round_everything_that_is_high(asked: Heatmap, session: Session) -> None:
    lines = located(asked, session).outline.tolist()
    around = {(4, 10, 4, 14), (10, 10, 10, 14), (4, 10, 10, 10), (4, 14, 10, 14)}
    assert around <= {tuple(line) for line in lines}
    length = sum(abs(c - a) + abs(d - b) for a, b, c, d in lines)
    assert length == 20 + 12 + 4, "the high hill, the lower one, its hole"


@pytest.mark.parametrize("seed", range(5))
def test_outlines_separate_every_pixel_from_its_unlike_neighbours(seed: int) -> None:
    mask = np.random.default_rng(seed).random((7, 9)) < 0.5
    drawn = set()
    for left, top, right, bottom in run_place.outline(mask).tolist():
        if left == right:
            drawn |= {("upright", left, y) for y in range(top, bottom)}
        else:
            drawn |= {("level", top, x) for x in range(left, right)}
    in_it = np.pad(mask, 1)
    upright = np.argwhere(in_it[1:-1, 1:] != in_it[1:-1, :-1]).tolist()
    level = np.argwhere(in_it[1:, 1:-1] != in_it[:-1, 1:-1]).tolist()
    wanted = {("upright", x, y) for y, x in upright} | {("level", y, x) for y, x in level}
    assert drawn == wanted


def test_a_drawn_box_is_met_and_cut_to_the_picture(asked: Heatmap, session: Session) -> None:
    found = located(asked, session, truth=(4, 10, 10, 14)).agreement
    assert (found.iou, found.hit, found.near) == (1.0, True, True)
    assert found.energy == pytest.approx(24 / 28)
    far = located(asked, session, truth=(25, 25, 99, 99)).agreement
    assert (far.iou, far.hit) == (0.0, False)
    assert located(asked, session).agreement is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"share": 0.0}, "threshold"),
        ({"share": 1.5}, "threshold"),
        ({"truth": (40, 0, 50, 9)}, "no pixel"),
    ],
)
def test_what_has_no_place_is_refused(
    asked: Heatmap, session: Session, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        located(asked, session, **given)


def test_a_map_without_anything_positive_has_no_box(
    asked: Heatmap, session: Session, values: np.ndarray
) -> None:
    values[values > 0] = 0
    found = located(asked, session, truth=(0, 0, 5, 5))
    assert found.box is None and not found.mask.any() and not len(found.outline)
    assert found.agreement == localisation.Agreement(iou=0.0, hit=False, near=False, energy=0.0)

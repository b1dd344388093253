"""The figure of a plane: regions, axes, legend, bar and caption on paper."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui.core import plane_figure
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.map_figure import Caption
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.plane_figure import OTHER, OWN, SIDE, figure
from cnnviz_gui.core.plane_picture import colours
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, SavePlane
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.tasks import TASKS
from tests.state.test_plane_view import plane_result

QUIET = NullContext()
TITLES = ("along PGD, in ε", "across, a random direction, in ε")


def halves() -> np.ndarray:
    """Return the classes of a plane whose right half is of class 1."""
    classes = np.zeros((17, 17), np.int32)
    classes[:, 9:] = 1
    return classes


def test_the_regions_have_their_colours_and_the_border_between_them_is_dark() -> None:
    result = plane_result(classes=halves(), confidence=np.ones((17, 17), np.float32))
    picture = np.asarray(
        plane_figure.drawn(result, colours(result, OWN, OTHER, plane_figure.REST)), np.int64
    )
    assert picture.shape == (SIDE, SIDE, 3)
    for column, colour in ((20, OWN), (SIDE - 20, OTHER[0])):
        assert np.abs(picture[30, column] - colour).max() <= 2
    border = round(SIDE * (8.5 / 16))
    assert picture[30, border - 2 : border + 3].sum(1).min() < 120


def test_all_stands_on_one_white_page() -> None:
    caption = Caption("cat.png along PGD", ("EfficientNet · 17 × 17 points", "First border."))
    page = figure(plane_result(), TITLES, caption)
    assert page.dtype == np.uint8 and page.shape[1] > 2 * SIDE and page.shape[0] > SIDE
    for edge in (page[:10], page[-10:], page[:, :10], page[:, -4:]):
        assert (edge == 255).all()  # nothing is cut
    longer = figure(plane_result(), TITLES, dataclasses.replace(caption, lines=("word " * 300,)))
    assert longer.shape[1] == page.shape[1] and longer.shape[0] > page.shape[0]


def test_a_class_without_a_share_is_not_in_the_legend_and_many_share_a_row() -> None:
    classes = np.arange(17 * 17).reshape(17, 17).astype(np.int32) // 20
    names = tuple((index, f"class {index}") for index in range(15))
    many = plane_result(classes=classes, names=(*names, (99, "none here")))
    rows = plane_figure._legend(many)
    assert rows[-1][1] == "9 more classes" and len(rows) == 7
    assert not any("none" in name for _, name, _ in rows)
    figure(many, TITLES, Caption("title", ()))


@pytest.mark.parametrize("alone", [True, False])
def test_what_is_not_there_is_not_drawn(alone: bool) -> None:
    classes = np.zeros((17, 17), np.int32) if alone else halves()
    still = np.array([[0, 0]], np.float32)
    bare = plane_result(
        classes=classes, ball=np.zeros((0, 2), np.float32), path=still, epsilon=None
    )
    assert figure(bare, TITLES, Caption("title", ())).shape[2] == 3


def test_a_figure_is_written_of_a_plane(
    lively: Classifier,
    picture: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: lively)
    session = Session(device=torch.device("cpu"))
    attack = Attack(
        model=ModelRef(name="small"),
        image=picture,
        method="pgd",
        parameters=make_params("attack", "pgd"),
    )
    plane = Plane(attack=attack, parameters=PlaneParams(points="17"))
    path = tmp_path / "plane"
    saved = execute(SavePlane(plane=plane, path=str(path)), session, QUIET)
    assert Path(saved.path).name == "plane.png"
    with Image.open(saved.path) as opened:
        assert opened.size[0] > 2 * SIDE
    before = lively.forwards
    again = SavePlane(plane=plane, path=str(path), colours="viridis")
    execute(again, session, QUIET)
    assert lively.forwards == before  # the plane is remembered
    with pytest.raises(OutputError):
        execute(dataclasses.replace(again, path=str(tmp_path / "no" / "p.png")), session, QUIET)
    assert SavePlane.task not in TASKS

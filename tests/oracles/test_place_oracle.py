"""Do maps lie where the thing is: boxes drawn by hand, on photographs and the embedded network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.localisation import agree, reaching
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Trust, TrustParams

QUIET = NullContext()
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
CAT, HEAD = "chelsea.png", (0, 0, 218, 224)
COFFEE, CUP = "coffee.png", (31, 0, 181, 180)
"""As the network sees them: 224 × 224 pixels from the middle."""


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(device=torch.device("cpu"))


@pytest.fixture(scope="module")
def ask() -> Callable[..., Heatmap]:
    def ask(sample: str, name: str, target: int | None = None, **given: object) -> Heatmap:
        return Heatmap(
            model=ModelRef(name="efficientnet_lite0"),
            image=ImageRef(path=str(SAMPLES / sample)),
            method=name,
            parameters=params.build(method("heatmap", name).params, given),
            target=target,
        )

    return ask


@pytest.mark.parametrize("target", [281, 282])
def test_grad_cam_of_either_cat_points_at_the_cat(
    session: Session, ask: Callable[..., Heatmap], target: int
) -> None:
    found = agree(execute(ask(CAT, "grad-cam", target), session, QUIET).map, HEAD)
    assert found.hit and found.energy > 0.95 and found.iou > 0.9


@pytest.mark.parametrize("name", ["grad-cam", "layer-cam", "eigen-cam"])
def test_maps_of_the_coffee_point_at_the_cup(
    session: Session, ask: Callable[..., Heatmap], name: str
) -> None:
    found = agree(execute(ask(COFFEE, name), session, QUIET).map, CUP)
    share = (CUP[2] - CUP[0]) * (CUP[3] - CUP[1]) / 224**2
    assert found.hit and found.iou > 0.5
    assert found.energy > share + 0.2, "a map of chance has there what the box has of the picture"


def test_the_usual_threshold_meets_the_boxes_better_than_the_lower_one_of_others(
    session: Session, ask: Callable[..., Heatmap]
) -> None:
    for sample, box, at_least in ((CAT, HEAD, 0.95), (COFFEE, CUP, 0.65)):
        found = execute(ask(sample, "grad-cam"), session, QUIET).map
        usual, low = agree(found, box), agree(found, box, share=0.15)
        assert usual.iou >= max(low.iou, at_least)
        assert reaching(found).mean() < 0.95 * reaching(found, 0.15).mean()


def test_rise_deletes_and_inserts_better_than_chance(
    session: Session, ask: Callable[..., Heatmap]
) -> None:
    asked = ask(COFFEE, "rise", masks=300, seed=0)
    assert agree(execute(asked, session, QUIET).map, CUP).hit
    given = TrustParams(curve_points=14, random_draws=2)
    result = execute(Trust(heatmap=asked, parameters=given), session, QUIET)
    assert result.map.deletion_area < result.random.deletion_area
    assert result.map.insertion_area > result.random.insertion_area

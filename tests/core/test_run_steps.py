"""Grad-CAM step by step."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams
from cnnviz_gui.core.heatmaps.saliency import SaliencyParams
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.step_requests import GradCamSteps

QUIET = NullContext()


@pytest.fixture
def asked(network: ModelRef, picture: ImageRef) -> Heatmap:
    return Heatmap(
        model=network, image=picture, method="grad-cam", parameters=GradCamParams(), target=3,
        layer="conv",
    )  # fmt: skip


def steps(asked: Heatmap, session: Session, **given: Any) -> Any:
    return execute(GradCamSteps(heatmap=asked, **given), session, QUIET)


@pytest.mark.parametrize("against", [None, 5])
@pytest.mark.parametrize("score", ["logit", "probability"])
def test_each_step_follows_from_the_one_before(
    asked: Heatmap, session: Session, score: str, against: int | None
) -> None:
    asked = dataclasses.replace(asked, parameters=GradCamParams(score=score), against=against)
    found = steps(asked, session, channels=16)
    assert sorted(found.channels) == list(range(16))
    at = list(found.channels)
    np.testing.assert_allclose(found.weights[at], found.gradients.mean((1, 2)), rtol=1e-5)
    products = found.weights[at, None, None] * found.maps
    np.testing.assert_allclose(found.shares, products.mean((1, 2)), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(found.weighted, products.sum(0), rtol=1e-4, atol=1e-9)
    np.testing.assert_allclose(
        found.heatmap.coarse, np.maximum(found.weighted, 0), rtol=1e-4, atol=1e-9
    )
    assert list(np.abs(found.shares)) == sorted(np.abs(found.shares), reverse=True)
    assert found.weighted.mean() == pytest.approx(found.shares.sum(), rel=1e-4)


def test_the_end_is_the_map_that_grad_cam_gives(asked: Heatmap, session: Session) -> None:
    found = steps(asked, session, channels=4)
    assert found.maps.shape == found.gradients.shape == (4, 16, 16)
    assert np.array_equal(found.heatmap.map, execute(asked, session, QUIET).map)
    assert not any(one.flags.writeable for one in (found.maps, found.gradients, found.weighted))


def test_maps_and_gradients_are_those_of_the_network(asked: Heatmap, session: Session) -> None:
    found = steps(asked, session)
    classifier = session.classifier(asked.model, QUIET)
    x = session.input(asked.model, asked.image, QUIET)
    cut = classifier.cut(x, "conv", QUIET)
    gradient = cut.gradient(lambda logits: logits[:, 3], QUIET)[0]
    at = torch.tensor(found.channels)
    np.testing.assert_allclose(found.maps, cut.features[0][at].numpy(), rtol=1e-5)
    np.testing.assert_allclose(found.gradients, gradient[at].numpy(), rtol=1e-5)


def test_what_cannot_be_told_in_steps_is_refused(asked: Heatmap, session: Session) -> None:
    other = dataclasses.replace(asked, method="saliency", parameters=SaliencyParams())
    with pytest.raises(RequestError, match="Only Grad-CAM"):
        steps(other, session)
    with pytest.raises(RequestError, match="No channel"):
        steps(asked, session, channels=0)

"""Why this class rather than that one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.contrast import TARGET, Contrast, about
from cnnviz_gui.core.errors import TargetError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.heatmaps.saliency import SaliencyParams, saliency
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Heatmap, HeatmapLayers, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def two(small: Classifier) -> Contrast:
    return Contrast(small, 3, 5)


def test_it_has_two_classes_and_their_probability_is_that_of_one_of_the_two(
    two: Contrast, small: Classifier, batch: Tensor
) -> None:
    assert two.facts.labels == ("class 3", "class 5")
    whole, found = small.logits(batch), two.logits(batch)
    torch.testing.assert_close(found[:, TARGET], whole[:, 3] - whole[:, 5])
    among = whole.softmax(1)
    wanted = among[:, 3] / (among[:, 3] + among[:, 5])
    torch.testing.assert_close(found.softmax(1)[:, TARGET], wanted)


def test_the_gradient_is_the_difference_of_the_two(
    two: Contrast, small: Classifier, batch: Tensor
) -> None:
    def of(index: int) -> Callable[[Tensor], Tensor]:
        return lambda logits: logits[:, index]

    found, logits = two.gradient(batch, of(TARGET))
    apart = [small.gradient(batch, of(index))[0] for index in (3, 5)]
    torch.testing.assert_close(found, apart[0] - apart[1], atol=1e-6, rtol=1e-4)
    assert logits.shape == (len(batch), 2)


def test_signed_grad_cam_of_the_two_is_the_difference_of_their_maps(
    two: Contrast, small: Classifier, batch: Tensor
) -> None:
    given = GradCamParams(keep_negative=True)

    def coarse(network: Any, target: int) -> Tensor:
        return grad_cam(network, batch[:1], target, "conv", given, QUIET).coarse

    wanted = coarse(small, 3) - coarse(small, 5)
    torch.testing.assert_close(coarse(two, TARGET), wanted, atol=1e-6, rtol=1e-4)
    assert not torch.equal(coarse(two, TARGET), coarse(small, 3))


def test_saliency_follows_the_chosen_score(two: Contrast, batch: Tensor) -> None:
    maps = [
        saliency(two, batch[:1], TARGET, "", SaliencyParams(score=score), QUIET).map
        for score in ("logit", "probability")
    ]
    ratio = maps[1] / maps[0].clamp_min(1e-9)  # the probability's is p (1 - p) of the logit's
    inside = two.logits(batch[:1]).softmax(1)[0].prod()
    assert float((ratio[maps[0] > 1e-6] - inside).abs().max()) < 1e-4


@pytest.mark.parametrize(("against", "said"), [(10, "no class 10"), (3, "from itself")])
def test_a_class_it_cannot_be_set_against_is_refused(
    small: Classifier, against: int, said: str
) -> None:
    with pytest.raises(TargetError, match=said):
        about(small, 3, against)
    assert about(small, 3, None) == (small, 3)


def test_a_request_names_both_classes(
    session: Session, network: ModelRef, picture: ImageRef
) -> None:
    def asked(**given: Any) -> Heatmap:
        parameters = GradCamParams(keep_negative=True)
        return Heatmap(
            model=network,
            image=picture,
            method="grad-cam",
            parameters=parameters,
            target=3,
            **given,
        )

    found = execute(asked(against=5), session, QUIET)
    assert (found.target.index, found.against.index) == (3, 5)
    plain = execute(asked(), session, QUIET)
    assert plain.against is None and abs(plain.map - found.map).max() > 0
    layers = HeatmapLayers(heatmap=asked(against=5), layers=(found.layer,))
    (strip,) = execute(layers, session, QUIET).maps
    assert abs(strip.coarse - found.coarse).max() <= 1e-5 * abs(found.coarse).max()

"""Trust in heat maps: against RISE's published evaluation and pytorch-grad-cam's metrics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pytorch_grad_cam.metrics.cam_mult_image import DropInConfidence, IncreaseInConfidence
from pytorch_grad_cam.utils.model_targets import ClassifierOutputSoftmaxTarget
from scipy import ndimage
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import params, trust_words
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.faithfulness import Examination
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Sanity, SanityParams, TrustParams

QUIET = NullContext()
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"


def normalised(network: Classifier, x: Tensor) -> Tensor:
    mean, std = (
        torch.tensor(v).reshape(1, 3, 1, 1) for v in (network.facts.mean, network.facts.std)
    )
    return (x - mean) / std


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    """A map without ties, some of it negative."""
    smooth = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(33, 33)), 3)
    return (smooth / np.abs(smooth).max()).astype(np.float32)


def answered(examination: Examination, network: Classifier, target: int) -> None:
    for question in examination.questions():
        logits = network.logits(examination.pictures([question]))
        examination.answer([question], logits.double().softmax(1)[:, target].numpy())


@pytest.mark.parametrize("target", [0, 7])
def test_masking_is_pytorch_grad_cams(
    plain: Classifier, picture: Tensor, values: np.ndarray, target: int
) -> None:
    """It multiplies the normalised picture with a map that is scaled to [0, 1] before."""
    whole = float(plain.logits(picture).double().softmax(1)[0, target])
    examination = Examination(picture, values, whole, plain, TrustParams(curve_points=2))
    answered(examination, plain, target)
    mask = np.maximum(values, 0) / values.max()
    given = (
        normalised(plain, picture),
        mask[None],
        [ClassifierOutputSoftmaxTarget(target)],
        plain.stock.network,
    )
    drop = float(DropInConfidence()(*given)[0])
    assert examination.of_map.drop * whole == pytest.approx(drop, abs=1e-6)
    assert examination.of_map.increase == bool(IncreaseInConfidence()(*given)[0])


def rises_curve(
    network: Classifier, x: Tensor, values: np.ndarray, target: int, kind: str, step: int
) -> np.ndarray:
    """Deletion and insertion as published with RISE, on the normalised picture."""
    delta = np.zeros((11, 11))
    delta[5, 5] = 1
    # There the tails of the Gaussian are folded back at the edge of the window; here it is cut off.
    bell = np.exp(-0.5 * (np.arange(-5, 6) / 5) ** 2)
    kernel = torch.tensor(np.outer(bell, bell) / np.outer(bell, bell).sum(), dtype=torch.float32)
    assert np.abs(kernel.numpy() - ndimage.gaussian_filter(delta, 5)).max() < 0.01
    weight = torch.zeros(3, 3, 11, 11)
    weight[range(3), range(3)] = kernel
    x = normalised(network, x)
    blurred = functional.conv2d(functional.pad(x, (5,) * 4, mode="replicate"), weight)
    start, finish = (x, torch.zeros_like(x)) if kind == "deletion" else (blurred, x)
    area = values.size
    order = np.flip(np.argsort(values.reshape(-1, area), axis=1), axis=-1)
    now, end = start.clone().numpy().reshape(1, 3, area), finish.numpy().reshape(1, 3, area)
    scores = []
    for number in range((area + step - 1) // step + 1):
        with torch.no_grad():
            logits = network.stock.network(torch.tensor(now).reshape(x.shape))
        scores.append(float(logits.double().softmax(1)[0, target]))
        coords = order[:, step * number : step * (number + 1)]
        now[0, :, coords] = end[0, :, coords]
    return np.array(scores)


@pytest.mark.parametrize("points", [9, 33])
@pytest.mark.parametrize("kind", ["deletion", "insertion"])
def test_curves_are_those_of_rises_evaluation(
    plain: Classifier, picture: Tensor, values: np.ndarray, kind: str, points: int
) -> None:
    whole = float(plain.logits(picture).double().softmax(1)[0, 7])
    examination = Examination(picture, values, whole, plain, TrustParams(curve_points=points))
    answered(examination, plain, 7)
    expected = rises_curve(plain, picture, values, 7, kind, step=1089 // points)
    found = getattr(examination.of_map, kind)[1]
    # Normalised or not, the same pixels are rounded in float32.
    np.testing.assert_allclose(found, expected, atol=1e-5)
    area = (expected.sum() - expected[0] / 2 - expected[-1] / 2) / (len(expected) - 1)
    assert getattr(examination.of_map, f"{kind}_area") == pytest.approx(area, abs=1e-5)


@pytest.mark.parametrize("name", ["grad-cam", "saliency", "guided-backprop"])
def test_random_weights_change_the_map_but_of_guided_backpropagation(name: str) -> None:
    """As Adebayo et al. 2018 found: it hardly heeds the upper half of the network."""
    model, session = ModelRef(name="efficientnet_lite0"), Session(device=torch.device("cpu"))
    found = []
    for sample in ("chelsea.png", "coffee.png", "rocket.jpg"):
        asked = Heatmap(
            model=model,
            image=ImageRef(path=str(SAMPLES / sample)),
            method=name,
            parameters=params.build(method("heatmap", name).params, {}),
        )
        given = SanityParams(stages=3)
        found.append(execute(Sanity(heatmap=asked, parameters=given), session, QUIET))
    half = np.mean([abs(one.stages[1].absolute) for one in found])
    whole = np.mean([abs(one.stages[2].absolute) for one in found])
    assert whole < 0.3
    if name == "guided-backprop":
        assert half > 0.7
        assert all("hardly changes" in trust_words.sanity_verdict(one) for one in found)
    else:
        assert half < 0.4
        assert not any("hardly changes" in trust_words.sanity_verdict(one) for one in found)

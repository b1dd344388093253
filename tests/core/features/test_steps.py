"""Steps of an ascent, computed once more by hand: numpy, Pillow's resizing and scipy's blur."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from scipy import ndimage
from torch import nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.features import objectives, penalties
from cnnviz_gui.core.features.ascent import Ascent, Goal
from cnnviz_gui.core.features.forward import LOGITS
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card

QUIET = NullContext()
Array = npt.NDArray[np.float64]
MEAN = np.array([0.485, 0.456, 0.406])[:, None, None]
STD = np.array([0.229, 0.224, 0.225])[:, None, None]
KERNEL = np.random.default_rng(7).normal(size=(2, 3, 5, 5))
"""Of two channels."""
PHOTOGRAPH = np.random.default_rng(8).uniform(0.3, 0.7, (1, 3, 32, 32))


@pytest.fixture(scope="module")
def classifier(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    """One convolution whose kernels are known; what follows is of no matter."""
    network = nn.Sequential()
    network.add_module("conv", nn.Conv2d(3, 2, 5, padding=2, bias=False))
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(2, 10))
    with torch.no_grad():
        network.conv.weight.copy_(torch.tensor(KERNEL))
    return make_classifier(network)


def given(**changed: object) -> FeatureParams:
    """Return parameters of pixels that nothing moves but the gradient."""
    still: dict[str, object] = {"jitter": 0.0, "turn": 0.0, "stretch": 0.0, "redirect": 0}
    chosen = {"parameterisation": "pixel", "start": "grey", "size": 16, "optimiser": "gradient"}
    return FeatureParams(**(still | chosen | changed))


def climbed(classifier: Classifier, aim: Goal, parameters: FeatureParams) -> Ascent:
    photograph = torch.tensor(PHOTOGRAPH, dtype=torch.float32)
    ascent = Ascent(classifier, aim, parameters, photograph)
    for _ in range(parameters.steps):
        ascent.step(classifier, QUIET)
    return ascent


def centre(pictures: int = 1, **weights: float) -> Goal:
    unit = Unit(layer="conv", channel=0, cell="centre", **weights)
    return Goal(("conv",), objectives.excite([unit]), pictures, None, "channel 0 of conv")


def at_centre(size: int) -> Array:
    """Return the gradient (3, size, size) of the centre cell to normalised pixels."""
    found = np.zeros((3, size, size))
    middle = size // 2
    found[:, middle - 2 : middle + 3, middle - 2 : middle + 3] = KERNEL[0]
    return found


def resized(planes: Array, size: int) -> Array:
    """Return planes (3, n, n) by Pillow's linear filter, which widens when it shrinks."""
    linear = Image.Resampling.BILINEAR
    return np.stack(
        [
            np.asarray(Image.fromarray(plane.astype(np.float32)).resize((size, size), linear))
            for plane in planes
        ]
    )


def normalised(gradient: Array) -> Array:
    return gradient / np.abs(gradient).mean()


def slopes(picture: Array) -> Array:
    """Return the gradient of the mean absolute difference of neighbours, across and down."""
    found = np.zeros_like(picture)
    for plane, slope in zip(picture, found, strict=True):
        high, wide = plane.shape
        for row in range(high):
            for column in range(wide):
                for down, across in ((0, 1), (1, 0)):
                    if row + down < high and column + across < wide:
                        sign = np.sign(plane[row + down, column + across] - plane[row, column])
                        pairs = 3 * (high - down) * (wide - across)
                        slope[row + down, column + across] += sign / pairs
                        slope[row, column] -= sign / pairs
    return found


@pytest.mark.parametrize(
    "weights", [{"l1": 40.0}, {"l2": 0.5}, {"variation": 30.0}, {"l1": 9.0, "variation": 9.0}]
)
def test_a_step_goes_up_the_objective_and_down_the_penalties(
    classifier: Classifier, weights: dict[str, float]
) -> None:
    parameters = given(steps=1, rate=0.01, size=32, start="photograph", **weights)
    ascent = climbed(classifier, centre(weight=2.0), parameters)
    picture = PHOTOGRAPH[0]
    down = weights.get("l1", 0) * np.sign(picture - 0.5) / picture.size
    down += weights.get("l2", 0) * 2 * (picture - 0.5)
    down += weights.get("variation", 0) * slopes(picture)
    expected = (picture - MEAN) / STD + 0.01 * (2 * at_centre(32) - STD * down)
    assert np.abs(ascent.picture()[0].numpy() - (MEAN + STD * expected)).max() < 1e-6
    alone = climbed(classifier, centre(weight=2.0), given(size=32, start="photograph", steps=1))
    assert ascent.curve == pytest.approx(alone.curve), "the curve is without penalties"


def test_each_picture_takes_a_step_of_its_own_length(classifier: Classifier) -> None:
    """Beside a picture that answers a hundred times as much the other climbs as fast."""

    def objective(outputs: dict[str, torch.Tensor]) -> torch.Tensor:
        return outputs["conv"][:, 0, 8, 8] * torch.tensor([100.0, 1.0])

    aim = Goal(("conv",), objective, 2, None, "channel 0 of conv")
    parameters = given(steps=1, rate=0.01, optimiser="normalised")
    pictures = climbed(classifier, aim, parameters).picture().numpy()
    assert np.allclose(pictures[0], pictures[1], atol=1e-6)
    assert np.abs(pictures - 0.5).max() > 0.01


@pytest.mark.parametrize("parameterisation", ["pixel", "fourier"])
@pytest.mark.parametrize("std", [0.25, 1.0])
def test_grey_is_half_way_from_black_to_white_for_every_network(
    small: Classifier, parameterisation: str, std: float
) -> None:
    told = {field.name: getattr(small.facts, field.name) for field in dataclasses.fields(Card)}
    card = Card(**told | {"mean": (0.0, 0.1, 0.2), "std": (std, std, std)})
    classifier = Classifier(nn.Sequential(nn.Conv2d(3, 2, 1)), card, torch.device("cpu"))
    ascent = Ascent(classifier, centre(), given(parameterisation=parameterisation))
    assert np.allclose(ascent.picture().numpy(), 0.5, atol=1e-6)
    assert not penalties.l1(ascent.picture()).any() and not penalties.l2(ascent.picture()).any()


@pytest.mark.parametrize("std", [0.25, 1.0])
def test_a_normalised_step_is_as_long_in_pixels_for_every_network(
    small: Classifier, std: float
) -> None:
    told = {field.name: getattr(small.facts, field.name) for field in dataclasses.fields(Card)}
    card = Card(**told | {"mean": (0.5, 0.5, 0.5), "std": (std, std, std)})
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 10))
    classifier = Classifier(network, dataclasses.replace(card, input_size=16), torch.device("cpu"))
    aim = Goal((LOGITS,), objectives.excite([Unit(channel=2)]), 1, None, "class 2")
    found = climbed(classifier, aim, given(steps=1, rate=0.01, optimiser="normalised"))
    weights = network[1].weight[2].detach().double().numpy().reshape(3, 16, 16)
    assert np.allclose(found.picture()[0].numpy() - 0.5, 0.01 * normalised(weights), atol=1e-6)


def test_a_dream_carries_its_detail_and_not_the_picture_to_the_next_size(
    classifier: Classifier,
) -> None:
    """Mordvintsev, Olah and Tyka 2015, two steps at each of three sizes."""
    parameters = given(
        start="photograph", size=32, steps=6, octaves=3, growth=1.4, optimiser="normalised",
        rate=0.0005,
    )  # fmt: skip
    found = climbed(classifier, centre(), parameters).picture()[0].numpy()
    detail = np.zeros((3, 16, 16))
    for size in (16, 23, 32):
        base = (resized(PHOTOGRAPH[0], size) - MEAN) / STD
        seen = base + resized(detail, size)
        for _ in range(2):
            seen = seen + 0.0005 / STD * normalised(at_centre(size))
        detail = seen - base
    assert np.abs(found - (MEAN + STD * seen)).max() < 1e-5


def test_a_picture_that_begins_without_a_photograph_grows_as_it_is(classifier: Classifier) -> None:
    parameters = given(size=32, steps=2, octaves=2, growth=2.0, rate=0.01, start="noise", seed=4)
    found = climbed(classifier, centre(), parameters)._canvas.parameter[0].detach().numpy()
    noise = torch.randn((1, 3, 16, 16), generator=torch.Generator().manual_seed(4))[0].numpy()
    inside = np.clip(noise + 0.01 * at_centre(16), -MEAN / STD, (1 - MEAN) / STD)
    expected = resized(noise, 32) + resized(inside - noise, 32) + 0.01 * at_centre(32)
    expected = np.clip(expected, -MEAN / STD, (1 - MEAN) / STD)
    assert np.abs(found - expected).max() < 1e-5


def test_a_picture_is_blurred_between_every_second_step(classifier: Classifier) -> None:
    """Never in the end: what is shown has been climbed for since."""
    parameters = given(steps=5, rate=0.02, blur=0.8, blur_every=2)
    found = climbed(classifier, centre(), parameters).picture()[0].numpy()
    seen = (0.5 - MEAN) / STD * np.ones((3, 16, 16))
    for step in range(5):
        if step in (2, 4):
            seen = ndimage.gaussian_filter(seen, (0, 0.8, 0.8), mode="mirror", radius=(0, 2, 2))
        seen = seen + 0.02 * at_centre(16)
    assert np.abs(found - (MEAN + STD * seen)).max() < 1e-5


def squared(outputs: dict[str, torch.Tensor]) -> torch.Tensor:
    return outputs["conv"][:, 0, 8, 8] ** 2


def test_the_gradient_is_that_of_the_picture_the_step_is_added_to(classifier: Classifier) -> None:
    """Of a value whose gradient is another one for another picture: the blurred one's."""
    aim = Goal(("conv",), squared, 1, None, "channel 0 of conv")
    ascent = climbed(classifier, aim, given(steps=4, rate=0.003, blur=1.2, blur_every=1))
    seen, values = (0.5 - MEAN) / STD * np.ones((3, 16, 16)), []
    for step in range(4):
        if step:
            seen = ndimage.gaussian_filter(seen, (0, 1.2, 1.2), mode="mirror", radius=(0, 4, 4))
        values.append((seen * at_centre(16)).sum() ** 2)
        seen = seen + 0.003 * 2 * (seen * at_centre(16)).sum() * at_centre(16)
    assert np.abs(ascent.picture()[0].numpy() - (MEAN + STD * seen)).max() < 1e-5
    assert ascent.curve == pytest.approx(values, rel=1e-4)


def test_a_step_that_is_cancelled_leaves_no_blur_behind(
    classifier: Classifier, recorder: type
) -> None:
    aim = Goal(("conv",), squared, 1, None, "channel 0 of conv")
    parameters = given(steps=4, rate=0.003, blur=1.2, blur_every=3)
    whole = climbed(classifier, aim, parameters).picture()
    ascent = climbed(classifier, aim, dataclasses.replace(parameters, steps=3))
    reached = ascent.picture()
    for _ in range(2):
        with pytest.raises(Cancelled):
            ascent.step(classifier, recorder(cancel_at=1))
        assert torch.equal(ascent.picture(), reached)
    ascent.step(classifier, QUIET)
    assert torch.equal(ascent.picture(), whole)


def test_views_are_averaged(classifier: Classifier) -> None:
    once = climbed(classifier, centre(), given(steps=1, rate=0.05)).picture()
    thrice = climbed(classifier, centre(), given(steps=1, rate=0.05, views=3)).picture()
    assert torch.allclose(once, thrice, atol=1e-5)


def test_what_hardly_was_asked_for_fades(small: Classifier) -> None:
    """Fel et al. 2023: sums of absolute gradients to the picture, whole from the 80th per cent."""
    unit = Unit(layer="last", channel=3)
    aim = Goal(("last",), objectives.excite([unit]), 1, None, "channel 3 of last")
    parameters = given(
        parameterisation="maco", size=32, steps=2, optimiser="nadam", rate=0.5, transparent=True
    )
    ascent = Ascent(small, aim, parameters)
    asked = np.zeros((32, 32))
    for _ in range(2):
        seen = ascent.picture().requires_grad_()
        normal = (seen - torch.tensor(MEAN).float()) / torch.tensor(STD).float()
        value = small.stock.network[:5](normal)[:, 3].mean()
        asked += torch.autograd.grad(value, seen)[0][0].abs().sum(0).numpy()
        ascent.step(small, QUIET)
    smooth = ndimage.gaussian_filter(asked, 1.0, mode="mirror", radius=3)
    expected = np.clip(smooth / np.quantile(smooth, 0.8), 0, 1)
    found = ascent.opacity()
    assert found is not None
    assert np.abs(found[0].numpy() - expected).max() < 1e-3

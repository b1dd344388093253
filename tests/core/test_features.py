"""Gradient ascent: its canvases, views and penalties, and what it finds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.features import canvas as canvases
from cnnviz_gui.core.features import forward, objectives, penalties, spectrum
from cnnviz_gui.core.features.ascent import Ascent, Goal
from cnnviz_gui.core.features.canvas import FourierCanvas, MacoCanvas, PixelCanvas
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.features.presets import PRESETS, preset_of
from cnnviz_gui.core.features.redirect import redirected
from cnnviz_gui.core.features.views import Views
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.params import specs

QUIET = NullContext()
STILL = {"jitter": 0.0, "turn": 0.0, "stretch": 0.0, "redirect": 0}
Make = Callable[..., Classifier]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def exact(function: Callable[[Tensor], Tensor], at: Tensor) -> bool:
    return torch.autograd.gradcheck(function, at.clone().requires_grad_())


def painted(canvas: canvases.Canvas) -> Callable[[Tensor], Tensor]:
    def paint(parameter: Tensor) -> Tensor:
        canvas.parameter = parameter
        return canvas.picture()

    return paint


def goal(unit: Unit, pictures: int = 1, side: int | None = None, **more: bool) -> Goal:
    value = objectives.excite([unit])
    return Goal((unit.layer,), value, pictures, side, "channel 0 of conv", **more)


def climbed(classifier: Classifier, aim: Goal, given: FeatureParams) -> Ascent:
    ascent = Ascent(classifier, aim, given)
    for _ in range(given.steps):
        ascent.step(classifier, QUIET)
    return ascent


def test_the_gradient_of_each_canvas_is_exact() -> None:
    mean, std = torch.full((1, 3, 1, 1), 0.4).double(), torch.full((1, 3, 1, 1), 0.2).double()
    pixels = PixelCanvas(drawn(1, 3, 6, 6), mean, std)
    assert exact(painted(pixels), pixels.parameter.detach())
    waves = FourierCanvas(drawn(1, 3, 6, 4, 2), 6, 1.0)
    assert exact(painted(waves), waves.parameter.detach())
    phases = MacoCanvas(drawn(1, 3, 6, 4), spectrum.natural_magnitude(6, 3).double())
    assert exact(painted(phases), phases.parameter.detach())


@pytest.mark.parametrize(
    "views",
    [
        Views(jitter=2.0),
        Views(turn=30.0),
        Views(stretch=0.3),
        Views(nearest=0.4, farthest=0.8),
        Views(noise=0.2),
        Views(count=3, jitter=2.0, turn=10.0, stretch=0.1, nearest=0.5, noise=0.1),
    ],
)
def test_the_gradient_through_each_view_is_exact(views: Views) -> None:
    def seen(picture: Tensor) -> Tensor:
        return views.draw(picture, 7, torch.Generator().manual_seed(3))

    assert exact(seen, drawn(2, 3, 8, 8))


@pytest.mark.parametrize("penalty", [penalties.l1, penalties.l2, penalties.variation])
def test_the_gradient_of_each_penalty_is_exact(penalty: Callable[[Tensor], Tensor]) -> None:
    assert exact(penalty, drawn(2, 3, 5, 5))


def test_the_gradient_through_the_blur_and_the_colours_is_exact() -> None:
    assert exact(lambda images: canvases.blurred(images, 1.0), drawn(1, 3, 7, 7))
    assert exact(canvases.correlated, drawn(1, 3, 4, 4))


def test_penalties_are_what_their_names_say() -> None:
    picture = drawn(2, 3, 5, 5)
    away = (picture - 0.5).numpy()
    assert penalties.l1(picture).numpy() == pytest.approx(np.abs(away).mean((1, 2, 3)))
    assert penalties.l2(picture).numpy() == pytest.approx((away**2).sum((1, 2, 3)))
    steps = [np.abs(np.diff(away, axis=axis)).mean((1, 2, 3)) for axis in (2, 3)]
    assert penalties.variation(picture).numpy() == pytest.approx(sum(steps))
    assert not penalties.variation(torch.full((1, 3, 4, 4), 0.2)).any()


def test_a_view_that_moves_nothing_is_the_picture_itself() -> None:
    picture = drawn(2, 3, 8, 8)
    generator = torch.Generator().manual_seed(0)
    assert Views().draw(picture, 8, generator) is picture
    twice = Views(count=2).draw(picture, 8, generator)
    assert torch.allclose(twice, picture.repeat_interleave(2, 0), atol=1e-12)


def test_a_view_is_moved_in_pixels_and_grey_lies_around() -> None:
    """All views of a bright picture moved by at most 3 px are bright but for 3 px at the border."""
    seen = Views(count=32, jitter=3.0).draw(
        torch.ones(1, 3, 16, 16), 16, torch.Generator().manual_seed(0)
    )
    assert torch.allclose(seen[:, :, 4:-4, 4:-4], torch.ones(()))
    assert seen.amin() == pytest.approx(0.5)


@pytest.mark.parametrize("views", [Views(), Views(count=3, turn=20.0, nearest=0.7, jitter=2.0)])
def test_a_view_smaller_than_the_picture_sees_all_of_its_pixels(views: Views) -> None:
    """A board of single pixels is grey from afar, whichever of them a view would fall upon."""
    board = (torch.arange(96)[:, None] + torch.arange(96)) % 2
    picture = board.float().expand(2, 3, 96, 96).clone().requires_grad_()
    seen = views.draw(picture, 32, torch.Generator().manual_seed(0))
    assert seen.shape == (2 * views.count, 3, 32, 32)
    assert (seen.detach()[..., 4:-4, 4:-4] - 0.5).abs().max() < 0.1
    (found,) = torch.autograd.grad(seen.sum(), picture)
    inner = found[..., 36:-36, 36:-36]
    assert inner.min() > 0.3 * inner.mean(), "each pixel is asked something"


def test_a_small_picture_is_not_moved_out_of_sight() -> None:
    far = Views(count=32, jitter=64.0)
    seen = far.draw(torch.ones(1, 3, 16, 16), 16, torch.Generator().manual_seed(0))
    assert (seen > 0.9).float().mean((1, 2, 3)).amin() > 0.5


def test_a_close_view_stays_inside_the_picture() -> None:
    """A ramp from left to right: views of half the side see half of its values, never grey."""
    ramp = torch.linspace(2, 3, 64).expand(1, 3, 64, 64)
    seen = Views(count=32, nearest=0.5, farthest=0.5).draw(
        ramp, 64, torch.Generator().manual_seed(0)
    )
    assert seen.amin() >= 1.99
    wide = seen[:, 0, 32, -1] - seen[:, 0, 32, 0]
    assert wide.numpy() == pytest.approx(np.full(32, 0.5), abs=0.02)


def test_pictures_that_are_alike_see_what_each_would_see_alone() -> None:
    views = Views(count=2, jitter=3.0, turn=20.0, noise=0.1)
    pictures = torch.rand(3, 3, 16, 16)
    together = views.draw(pictures, 16, torch.Generator().manual_seed(5), alike=True)
    for number in range(3):
        generator = torch.Generator().manual_seed(5)
        alone = views.draw(pictures[number : number + 1], 16, generator)
        assert torch.allclose(together[2 * number : 2 * number + 2], alone, atol=1e-6)


def test_a_canvas_of_a_photograph_shows_the_photograph() -> None:
    photograph = torch.rand(2, 3, 16, 16) * 0.9 + 0.05
    fourier = FourierCanvas.of(photograph, 1.0).picture().detach()
    assert torch.allclose(fourier, photograph, atol=1e-4)
    grey = FourierCanvas.of(photograph[:, :1], 1.0).picture().detach()
    assert torch.allclose(grey, photograph[:, :1].expand(-1, 3, -1, -1), atol=1e-4)


def test_maco_keeps_the_phases_of_a_photograph() -> None:
    """Its magnitudes are others, so the picture is; wave by wave it lies where it was."""
    ramp = torch.linspace(0.2, 0.8, 32)
    photograph = torch.stack(
        [ramp[None] * ramp[:, None], ramp.expand(32, 32), ramp.flip(0)[:, None].expand(32, 32)]
    )[None]
    magnitude = spectrum.natural_magnitude(32, 3)
    shown = MacoCanvas.of(photograph, magnitude).picture().detach()
    inner = (slice(None), slice(None), slice(1, 16), slice(1, 16))  # the edges are halves of waves
    before, after = (torch.fft.rfft2(canvases.flattened(one))[inner] for one in (photograph, shown))
    turned = torch.angle(after / before)[before.abs() > 1e-2]
    assert len(turned) and turned.abs().max() < 0.02


def test_maco_begins_with_a_plain_picture_and_moves() -> None:
    canvas = MacoCanvas.of(torch.full((1, 3, 16, 16), 0.5), spectrum.natural_magnitude(16, 3))
    picture = canvas.picture()
    (picture * torch.rand_like(picture)).sum().backward()
    assert picture.isfinite().all() and canvas.parameter.grad is not None
    assert canvas.parameter.grad.isfinite().all() and canvas.parameter.grad.any()


def hand_made(make_classifier: Make) -> tuple[Classifier, Tensor]:
    """One convolution of 5 x 5 with a known kernel, what follows is of no matter."""
    kernel = torch.randn(1, 3, 5, 5, generator=torch.Generator().manual_seed(7))
    network = nn.Sequential()
    network.add_module("conv", nn.Conv2d(3, 1, 5, padding=2, bias=False))
    network.add_module("pool", nn.AdaptiveAvgPool2d(1))
    network.add_module("flat", nn.Flatten())
    network.add_module("head", nn.Linear(1, 10))
    with torch.no_grad():
        network.conv.weight.copy_(kernel)
    return make_classifier(network), kernel[0]


@pytest.mark.parametrize("optimiser", ["adam", "gradient", "normalised", "nadam"])
def test_the_best_bounded_picture_of_a_convolution_is_the_sign_of_its_kernel(
    make_classifier: Make, optimiser: str
) -> None:
    classifier, kernel = hand_made(make_classifier)
    given = FeatureParams(
        parameterisation="pixel", start="grey", size=16, steps=60, optimiser=optimiser, rate=0.5,
        bound=1.0, **STILL,
    )  # fmt: skip
    unit = Unit(layer="conv", channel=0, cell="centre")
    ascent = climbed(classifier, goal(unit), given)
    best = kernel.abs() > 0.05  # the plain gradient takes longest where there is little
    found = ascent._canvas.parameter.detach()[0]
    assert torch.equal(found[:, 6:11, 6:11][best], kernel.sign()[best])
    shown = ascent.picture()[0]
    shown[:, 6:11, 6:11] = 0.5
    assert torch.allclose(shown, torch.tensor(0.5)), "what no cell sees stays grey"
    assert ascent.curve[-1] == pytest.approx(float(kernel.abs().sum()), rel=0.02)


@pytest.mark.parametrize("name", ["deepdream", "class-l2", "course"])
def test_pixels_climb_between_black_and_white_unless_a_bound_is_given(
    small: Classifier, name: str
) -> None:
    """What is shown is what climbed; the course's loop knows no other bound than its own."""
    chosen = next(one for one in PRESETS if one.name == name).parameters
    given = dataclasses.replace(chosen, size=48, steps=12, octaves=1, rate=1.0, start="noise")
    ascent = climbed(small, goal(Unit(layer="conv", channel=2)), given)
    found = ascent._canvas.picture().detach()
    if name == "course":
        assert float(ascent._canvas.parameter.detach().abs().max()) == 1.5
    else:
        assert torch.allclose(found, ascent.picture(), atol=1e-6)
        assert (ascent.picture() == 0).any() or (ascent.picture() > 1 - 1e-6).any()


def test_without_a_bound_the_picture_has_the_direction_of_the_kernel(
    make_classifier: Make,
) -> None:
    classifier, kernel = hand_made(make_classifier)
    for weight in (1.0, -1.0):
        given = FeatureParams(
            parameterisation="pixel", start="grey", size=16, steps=3, optimiser="gradient",
            rate=0.1, **STILL,
        )  # fmt: skip
        unit = Unit(layer="conv", channel=0, cell="centre", weight=weight)
        found = climbed(classifier, goal(unit), given).picture()[0, :, 6:11, 6:11] - 0.5
        found /= classifier.stock.get_buffer("std")[0]
        cosine = torch.cosine_similarity(found.flatten(), kernel.flatten(), dim=0)
        assert float(cosine) == pytest.approx(weight, abs=1e-5)


@pytest.mark.parametrize(
    ("parameterisation", "rate"), [("fourier", 0.05), ("pixel", 0.05), ("maco", 0.5)]
)
def test_the_objective_rises(small: Classifier, parameterisation: str, rate: float) -> None:
    given = FeatureParams(
        parameterisation=parameterisation, size=32, steps=30, rate=rate, jitter=2.0
    )
    ascent = climbed(small, goal(Unit(layer="last", channel=3)), given)
    first, last = np.mean(ascent.curve[:3]), np.mean(ascent.curve[-3:])
    assert last > first + 0.1 * abs(first)
    picture = ascent.picture()
    assert picture.shape == (1, 3, 32, 32) and picture.min() >= 0 and picture.max() <= 1


def test_a_seed_gives_the_same_picture_and_another_a_different_one(small: Classifier) -> None:
    aim = goal(Unit(layer="conv", channel=2))
    pictures = [
        climbed(small, aim, FeatureParams(size=32, steps=5, seed=seed)).picture()
        for seed in (3, 3, 4)
    ]
    assert torch.equal(pictures[0], pictures[1])
    assert not torch.allclose(pictures[0], pictures[2], atol=0.01)


def test_pictures_that_are_alike_become_what_each_becomes_alone(small: Classifier) -> None:
    units = [Unit(layer="conv", channel=channel) for channel in (1, 4, 9)]
    given = FeatureParams(size=32, steps=6, views=2, noise=0.05)
    several = objectives.each(units, given.views)
    together = climbed(small, Goal(("conv",), several, 3, None, "channels", alike=True), given)
    for number, unit in enumerate(units):
        alone = climbed(small, goal(unit), given).picture()[0]
        assert torch.allclose(together.picture()[number], alone, atol=2e-4)


def test_nothing_is_left_in_the_network(small: Classifier) -> None:
    climbed(small, goal(Unit(layer="conv", channel=2)), FeatureParams(size=32, steps=2))
    for network in (small.stock, small.fast):
        assert count_hooks(network) == 0
        assert all(weight.grad is None for weight in network.parameters())
        assert not any(weight.requires_grad for weight in network.parameters())


def dead(make_classifier: Make, raw_network: Callable[[int], nn.Sequential]) -> Classifier:
    """Channel 3 of ``last`` is far below zero for every ordinary picture."""
    network = raw_network(0)
    with torch.no_grad():
        network.conv.bias[3] = -3.0
    return make_classifier(network)


def test_a_dead_start_wakes_with_redirected_gradients_only(
    make_classifier: Make, raw_network: Callable[[int], nn.Sequential]
) -> None:
    classifier = dead(make_classifier, raw_network)
    given = FeatureParams(parameterisation="pixel", size=32, steps=48, rate=0.3, redirect=48)
    aim = goal(Unit(layer="last", channel=3))
    ascent = climbed(classifier, aim, given)
    assert ascent.curve[0] == 0 and ascent.curve[-1] > 0
    with pytest.raises(MethodError, match="does not react") as failed:
        climbed(classifier, aim, FeatureParams(size=32, steps=1, redirect=0))
    assert failed.value.advice == (
        "Choose another channel, begin with the photograph or redirect the first steps."
    )


@pytest.mark.parametrize("kind", [nn.ReLU, nn.ReLU6])
def test_redirecting_leaves_a_live_gradient_exactly_as_it_is(kind: type[nn.Module]) -> None:
    rectifier = nn.Sequential(kind())
    values = (drawn(3, 4, 5, 5) * 4).requires_grad_()
    weights = drawn(3, 4, 5, 5, seed=1)
    (plain,) = torch.autograd.grad((rectifier(values) * weights).sum(), values)
    with redirected(rectifier):
        (live,) = torch.autograd.grad((rectifier(values) * weights).sum(), values)
    assert torch.equal(live, plain)
    assert count_hooks(rectifier) == 0


def test_redirecting_keeps_the_channels_last_of_a_single_picture() -> None:
    """Else a padding behind it lays them anew, which takes longer than the convolution."""
    rectifier = nn.Sequential(nn.ReLU6())
    values = torch.rand(1, 4, 5, 5).to(memory_format=torch.channels_last).requires_grad_()
    with redirected(rectifier):
        assert rectifier(values).stride() == values.stride()


def test_redirecting_wakes_each_picture_by_itself() -> None:
    """The first picture is shut everywhere, the second is not."""
    rectifier = nn.Sequential(nn.ReLU6())
    values = torch.stack([torch.full((2, 3, 3), -1.0), torch.full((2, 3, 3), 1.0)])
    values[1, 0, 0, 0] = -1.0
    values.requires_grad_()
    weights = torch.ones(2, 2, 3, 3)
    weights[0, 1] = -1.0
    with redirected(rectifier):
        (found,) = torch.autograd.grad((rectifier(values) * weights).sum(), values)
    assert torch.equal(found[0, 0], torch.ones(3, 3)), "what raises a shut value goes on"
    assert not found[0, 1].any(), "what would shut it further does not"
    assert found[1, 0, 0, 0] == 0, "a picture with a live value is left alone"


def test_a_channel_at_the_ceiling_of_its_relu6_goes_on(
    make_classifier: Make, raw_network: Callable[[int], nn.Sequential]
) -> None:
    network = raw_network(0)
    network.last = nn.Sequential(nn.Identity(), nn.ReLU6())
    with torch.no_grad():
        network.conv.bias.fill_(40.0)
    classifier = make_classifier(network)
    given = FeatureParams(parameterisation="pixel", size=32, steps=8, rate=0.1, redirect=4)
    unit = Unit(layer="last", channel=3)
    ascent = climbed(classifier, goal(unit), given)
    assert ascent.curve[-1] > ascent.curve[0] > 6
    shown = classifier.feature_maps(ascent.picture(), ["last"], QUIET)["last"]
    assert float(shown.max()) == 6, "its ceiling is back"
    with pytest.raises(MethodError, match="does not react"):
        climbed(classifier, goal(unit, bounded=True), dataclasses.replace(given, redirect=0))


def test_only_layers_up_to_the_target_run(small: Classifier) -> None:
    ran: list[str] = []
    handles = [
        module.register_forward_hook(lambda *_, name=name: ran.append(name))
        for network in (small.fast.network, small.stock.network)
        for name, module in network.named_children()
    ]
    picture = torch.rand(1, 3, 32, 32, requires_grad=True)
    unit = objectives.excite([Unit(layer="conv", channel=0)])
    forward.gradient(small, picture, ["conv"], unit, [picture], QUIET)
    for handle in handles:
        handle.remove()
    assert ran and not {"last", "pool", "flat", "head"} & set(ran)


def test_presets_are_told_apart_and_within_their_ranges() -> None:
    assert len({one.name for one in PRESETS}) == len(PRESETS)
    for one in PRESETS:
        assert preset_of(one.parameters) is one
        for spec in specs(FeatureParams):
            spec.checked(one.parameters.values()[spec.name])

"""Sweeps whose images come of one computation: what they cost, and what each point is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_gui.core import attack_line, run_sweep
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import Method, methods
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Sweep
from cnnviz_gui.core.session import Session

QUIET = NullContext()
IN_LINE = [method for method in methods("attack") if method.at_epsilons is not None]
in_line = pytest.mark.parametrize("method", IN_LINE, ids=lambda method: method.name)


@pytest.fixture
def fgsm(network: ModelRef, picture: ImageRef, make_params: Callable) -> Attack:
    parameters = make_params("attack", "fgsm", epsilon=0.0)
    return Attack(model=network, image=picture, method="fgsm", parameters=parameters)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """As a larger network would have it: not all points pass together."""
    monkeypatch.setattr(attack_line, "at_once", lambda network: 4)
    return 4


@in_line
@pytest.mark.parametrize("target", [None, 3])
def test_the_images_of_a_line_are_those_of_the_attack(
    small: Classifier, batch: torch.Tensor, method: Method, target: int | None
) -> None:
    image, epsilons = batch[:1], [0.0, 0.1, 1.0, 3.7, 16.0, 64.0]
    label = small.logits(image).argmax(1)
    aim = None if target is None else torch.tensor([target])
    images = method.at_epsilons(small, image, label, aim, method.params(), QUIET)(epsilons)
    assert images.shape == (len(epsilons), *image.shape[1:])
    for epsilon, found in zip(epsilons, images, strict=True):
        parameters = dataclasses.replace(method.params(), epsilon=epsilon)
        alone = method.run(small, image, label, aim, parameters, QUIET)
        assert torch.equal(found, alone[0])


def test_a_sweep_of_fgsm_costs_one_gradient_and_a_forward_pass_a_point(
    session: Session, fgsm: Attack, small: Classifier
) -> None:
    session.classifier(fgsm.model)
    forwards, backwards = small.forwards, small.backwards
    result = execute(Sweep(attack=fgsm, maximum=8.0, points=32), session, QUIET)
    assert small.backwards - backwards == 1
    assert small.forwards - forwards == 1 + 1 + 32, "the picture's logits, the gradient's, those"
    costs = [(point.result.forwards, point.result.backwards) for point in result.points]
    assert costs == [(0, 0)] + [(1, 1)] * 31, "each tells what it would have cost alone"


@pytest.mark.parametrize("target", [None, 3])
def test_a_point_knows_winner_target_and_the_strongest_of_all_others(
    session: Session, fgsm: Attack, target: int | None
) -> None:
    attack = dataclasses.replace(fgsm, target=target)
    for point in execute(Sweep(attack=attack, maximum=32.0, points=3), session, QUIET).points:
        rest = {score.index: score.probability for score in point.result.adversarial}
        assert point.label_probability == rest.pop(point.result.clean[0].index)
        second = max(rest.values()) if target is None else rest[target]
        assert point.target_probability == second
        rest.pop(next(index for index in rest if rest[index] == second))
        assert point.other_probability == max(rest.values())


def test_points_that_passed_together_are_remembered_as_attacks(
    session: Session, fgsm: Attack, small: Classifier
) -> None:
    sweep = Sweep(attack=fgsm, maximum=8.0, points=5)
    known = execute(run_sweep.at(sweep, 3), session, QUIET)
    result = execute(sweep, session, QUIET)
    assert result.points[3].result is known
    before = small.forwards, small.backwards
    assert execute(run_sweep.at(sweep, 2), session, QUIET) is result.points[2].result
    assert execute(sweep, session, QUIET).points[4].result is result.points[4].result
    assert (small.forwards, small.backwards) == before


def test_a_point_that_passed_with_others_says_what_it_says_alone(
    new_session: Callable[[], Session], fgsm: Attack, few: int
) -> None:
    sweep = Sweep(attack=fgsm, maximum=16.0, points=9)
    for point in execute(sweep, new_session(), QUIET).points:
        parameters = dataclasses.replace(fgsm.parameters, epsilon=point.epsilon)
        alone = dataclasses.replace(fgsm, parameters=parameters)
        expected = execute(alone, new_session(), QUIET)
        assert np.array_equal(point.result.adversarial_image, expected.adversarial_image)
        assert (point.result.norms, point.result.epsilon) == (expected.norms, expected.epsilon)
        assert point.success == expected.success
        said = [(score.index, score.label) for score in point.result.adversarial]
        assert said == [(score.index, score.label) for score in expected.adversarial]
        probabilities = [score.probability for score in point.result.adversarial]
        assert probabilities == pytest.approx([s.probability for s in expected.adversarial])


def test_a_scaled_sweep_passes_many_together(
    session: Session,
    fgsm: Attack,
    make_params: Callable,
    small: Classifier,
    few: int,
    recorder: Any,
) -> None:
    parameters = make_params("attack", "pgd", steps=3)
    attack = dataclasses.replace(fgsm, method="pgd", parameters=parameters, scale=0.0)
    before, watching = small.backwards, recorder()
    result = execute(Sweep(attack=attack, maximum=2.0, points=9), session, watching)
    assert small.backwards - before == 3
    assert [len(shown.points) for shown in watching.partials] == [4, 8, 9]
    for point in result.points:
        alone = execute(dataclasses.replace(attack, scale=point.epsilon), session, QUIET)
        assert alone is point.result
        assert (alone.forwards, alone.backwards) == (4, 3)


def test_a_sweep_that_is_stopped_between_passes_keeps_what_it_has(
    session: Session, fgsm: Attack, small: Classifier, few: int, recorder: Any
) -> None:
    sweep = Sweep(attack=fgsm, maximum=8.0, points=9)

    class Stopping(NullContext):
        def partial(self, value: object) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        execute(sweep, session, Stopping())
    before = small.forwards
    result = execute(sweep, session, QUIET)
    assert len(result.points) == 9
    assert small.forwards - before == 1 + 9 - few, "a gradient, and the points that were left"


def orders(points: int, flips_from: int, count: int) -> list[list[int]]:
    flips: dict[int, bool] = {}
    found = []
    for indices in run_sweep._order(points, flips, count):
        flips |= {index: index >= flips_from for index in indices}
        found.append(indices)
    return found


@pytest.mark.parametrize("points", [2, 3, 8, 33])
@pytest.mark.parametrize("flips_from", [0, 1, 5, 99])
@pytest.mark.parametrize("count", [2, 5, 8, 64])
def test_each_point_is_taken_once_in_full_passes(points: int, flips_from: int, count: int) -> None:
    found = orders(points, flips_from, count)
    assert sorted(index for some in found for index in some) == list(range(points))
    assert found[0][:2] == [0, points - 1]
    assert all(len(some) == count for some in found[:-1])


def test_passes_bracket_the_first_flip_before_they_fill_in() -> None:
    assert orders(33, 21, 4)[:4] == [
        [0, 32, 16, 8],
        [24, 20, 28, 18],
        [22, 21, 23, 4],
        [12, 2, 6, 10],
    ]
    assert orders(33, 99, 8)[0] == [0, 32, 16, 8, 24, 4, 12, 20]

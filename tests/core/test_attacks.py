"""Attacks with a budget: in the ball, as strong as they claim, the same in any batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim, Best, Loss
from cnnviz_gui.core.attacks.apgd import ApgdParams, apgd
from cnnviz_gui.core.attacks.bim import BimParams, bim
from cnnviz_gui.core.attacks.fgsm import FgsmParams, fgsm
from cnnviz_gui.core.attacks.mi_fgsm import MiFgsmParams, mi_fgsm
from cnnviz_gui.core.attacks.pgd import PgdParams, pgd
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.params import Params, build, specs

CASES = [
    (fgsm, FgsmParams, {}),
    (bim, BimParams, {}),
    (mi_fgsm, MiFgsmParams, {}),
    *((apgd, ApgdParams, {"norm": n, "loss": loss, "epsilon": e, "steps": 20})
      for n, e, loss in
      (("linf", 4.0, "cross-entropy"), ("linf", 4.0, "dlr"), ("l2", 0.5, "margin"))),
    *((pgd, PgdParams, {"norm": n, "step_rule": r, "epsilon": e})
      for n, e in (("linf", 4.0), ("l2", 0.5), ("l1", 5.0))
      for r in ("steepest", "sign", "gradient", "plain")),
]  # fmt: skip
IDS = ["-".join([run.__name__, *map(str, given.values())]) for run, _, given in CASES]
Attack = Callable[..., Tensor]


def attacked(
    run: Attack, classifier: Classifier, x: Tensor, params: Params, target: Tensor | None = None
) -> Tensor:
    label = classifier.logits(x).argmax(1)
    return run(classifier, x, label, target, params, NullContext())


def without_start(kind: type[Params], given: dict, **more: object) -> Params:
    """Build parameters with those of ``more`` there are, to begin with the picture itself."""
    known = {spec.name for spec in specs(kind)}
    wanted = {"random_start": False} | more
    return build(kind, given | {k: v for k, v in wanted.items() if k in known})


def loss(classifier: Classifier, x: Tensor, label: Tensor) -> Tensor:
    return functional.cross_entropy(classifier.logits(x), label, reduction="none")


@pytest.mark.parametrize(("run", "kind", "given"), CASES, ids=IDS)
@pytest.mark.parametrize("targeted", [False, True])
def test_the_result_lies_in_the_ball_and_in_range(
    small: Classifier, batch: Tensor, run: Attack, kind: type[Params], given: dict, targeted: bool
) -> None:
    params = build(kind, given)
    target = torch.tensor([1, 2, 3]) if targeted else None
    found = attacked(run, small, batch, params, target)
    values = params.values()
    norm = str(values.get("norm", "linf"))
    radius = balls.radius(norm, float(values["epsilon"]))
    sizes = balls.size(norm, found - batch)
    assert found.shape == batch.shape and found.dtype == torch.float32
    assert float(found.min()) >= 0 and float(found.max()) <= 1
    assert bool((sizes <= radius * (1 + 1e-6) + 1e-7).all())
    assert float(sizes.min()) > 0.1 * radius


@pytest.mark.parametrize(("run", "kind", "given"), CASES, ids=IDS)
def test_without_a_budget_the_picture_comes_back_bit_for_bit(
    small: Classifier, batch: Tensor, run: Attack, kind: type[Params], given: dict
) -> None:
    found = attacked(run, small, batch, build(kind, given | {"epsilon": 0.0}))
    assert torch.equal(found, batch)
    assert found.data_ptr() != batch.data_ptr()


@pytest.mark.parametrize(("run", "kind", "given"), CASES, ids=IDS)
def test_a_zero_gradient_gives_no_nan(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
    run: Attack,
    kind: type[Params],
    given: dict,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight.zero_()
    params = without_start(kind, given)
    found = attacked(run, make_classifier(network), batch, params)
    assert bool(torch.isfinite(found).all())
    assert torch.equal(found, batch) or run is apgd  # which has always a random start


@pytest.mark.parametrize(("run", "kind", "given"), CASES, ids=IDS)
def test_a_sample_does_not_depend_on_its_batch(
    small: Classifier, batch: Tensor, run: Attack, kind: type[Params], given: dict
) -> None:
    params = build(kind, given)
    together = attacked(run, small, batch, params)
    for i in range(len(batch)):
        alone = attacked(run, small, batch[i : i + 1], params)
        # Other kernels round otherwise, and a sign may flip where the gradient is all but zero.
        equal = (alone - together[i : i + 1]).abs() <= 1e-4
        assert float(equal.float().mean()) >= 0.995


@pytest.mark.parametrize(("run", "kind", "given"), CASES, ids=IDS)
def test_the_label_loses_and_a_target_gains(
    small: Classifier, batch: Tensor, run: Attack, kind: type[Params], given: dict
) -> None:
    params = build(kind, given)
    label = small.logits(batch).argmax(1)
    target = (label + 1) % 10
    kept = cast(Loss, given.get("loss", "cross-entropy"))
    left = attacked(run, small, batch, params)
    reached = attacked(run, small, batch, params, target)
    for aim, found in ((Aim(label, None, kept), left), (Aim(label, target, kept), reached)):
        assert bool((aim.gain(small.logits(found)) > aim.gain(small.logits(batch))).all())


def test_fgsm_is_pgd_of_one_full_step(small: Classifier, batch: Tensor) -> None:
    one = PgdParams(steps=1, step_size=4.0, epsilon=4.0, random_start=False, keep="last")
    a, b = attacked(fgsm, small, batch, FgsmParams()), attacked(pgd, small, batch, one)
    assert float((a - b).abs().max()) <= 6e-8  # the projection rounds once more


@pytest.mark.parametrize(("run", "kind", "given"), CASES, ids=IDS)
def test_towards_a_class_is_the_opposite_of_away_from_it(
    small: Classifier, batch: Tensor, run: Attack, kind: type[Params], given: dict
) -> None:
    inner = batch * 0.5 + 0.25  # no value reaches an end
    label = small.logits(inner).argmax(1)
    if run is apgd:
        pytest.skip("its random start is not the picture")
    params = without_start(kind, given, steps=1, keep="last")
    away = run(small, inner, label, None, params, NullContext()) - inner
    towards = run(small, inner, label, label, params, NullContext()) - inner
    assert float((away + towards).abs().max()) <= 1e-6


def test_adding_a_constant_to_all_logits_changes_nothing(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias += 1.0
    raised, plain = make_classifier(network), make_classifier(raw_network(0))
    label = plain.logits(batch).argmax(1)
    assert torch.equal(raised.logits(batch).argmax(1), label)
    a, b = attacked(fgsm, raised, batch, FgsmParams()), attacked(fgsm, plain, batch, FgsmParams())
    assert float((a == b).float().mean()) >= 0.999


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_more_steps_never_make_the_best_worse(small: Classifier, batch: Tensor, norm: str) -> None:
    label = small.logits(batch).argmax(1)
    epsilon, length = (2.0, 0.75) if norm == "linf" else (0.2, 0.1)
    before: list[tuple[bool, float]] = [(False, -1.0)] * 3
    for steps in (1, 2, 3, 5, 8, 12):
        params = PgdParams(norm=norm, epsilon=epsilon, step_size=length, steps=steps)
        found = attacked(pgd, small, batch, params)
        won = small.logits(found).argmax(1) != label
        now = list(zip(won.tolist(), loss(small, found, label).tolist(), strict=True))
        for new, old in zip(now, before, strict=True):
            assert new[0] > old[0] or (new[0] == old[0] and new[1] >= old[1] - 1e-5)
        before = now


@pytest.mark.parametrize("keep", ["best", "last"])
def test_more_restarts_never_make_it_worse(small: Classifier, batch: Tensor, keep: str) -> None:
    label = small.logits(batch).argmax(1)
    before = torch.full((3,), -1.0)
    for restarts in (1, 2, 4):
        params = PgdParams(epsilon=1.0, steps=3, restarts=restarts, keep=keep)
        found = attacked(pgd, small, batch, params)
        now = torch.where(small.logits(found).argmax(1) != label, 100.0, 0.0)
        now = now + loss(small, found, label)
        assert bool((now >= before - 1e-5).all())
        before = now


def test_a_success_once_found_is_kept() -> None:
    label = torch.tensor([0, 0])
    best = Best(Aim(label, None))
    fooled = torch.tensor([[1.0, 1.1, 0.0, 0.0], [1.0, 1.1, 0.0, 0.0]])
    lossier = torch.tensor([[1.0, 0.99, 0.99, 0.99], [0.0, 5.0, 0.0, 0.0]])
    assert float(functional.cross_entropy(lossier[:1], label[:1])) > float(
        functional.cross_entropy(fooled[:1], label[:1])
    )
    first, second = torch.zeros(2, 3, 1, 1), torch.ones(2, 3, 1, 1)
    best.offer(first, fooled)
    best.offer(second, lossier)
    assert best.found.image[:, 0, 0, 0].tolist() == [0.0, 1.0]
    best.offer(second * 2, torch.full((2, 4), torch.nan))
    assert best.found.image[:, 0, 0, 0].tolist() == [0.0, 1.0]


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_seed_alone_decides(small: Classifier, batch: Tensor, norm: str) -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    params = PgdParams(norm=norm, epsilon=0.5, steps=2)
    first = attacked(pgd, small, batch, params)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(2)
    assert torch.equal(first, attacked(pgd, small, batch, params))
    other = dataclasses.replace(params, seed=1)
    assert not torch.equal(first, attacked(pgd, small, batch, other))


def test_a_plain_step_is_the_gradient_times_the_step_size(small: Classifier, batch: Tensor) -> None:
    params = PgdParams(
        norm="l2", epsilon=32.0, step_size=0.5, steps=1, step_rule="plain", random_start=False,
        keep="last",
    )  # fmt: skip
    label = small.logits(batch).argmax(1)
    leaf = batch.clone().requires_grad_()
    cost = functional.cross_entropy(small.fast(leaf), label, reduction="sum")
    (gradient,) = torch.autograd.grad(cost, leaf)
    expected = (batch + 0.5 * gradient).clamp(0, 1)
    assert torch.allclose(attacked(pgd, small, batch, params), expected, atol=1e-6)


@pytest.mark.parametrize(("norm", "rule"), [("linf", "sign"), ("l2", "gradient")])
def test_the_steepest_rule_is_the_one_it_names(
    small: Classifier, batch: Tensor, norm: str, rule: str
) -> None:
    steepest = PgdParams(norm=norm, epsilon=0.5, steps=3)
    named = dataclasses.replace(steepest, step_rule=rule)
    assert torch.equal(attacked(pgd, small, batch, steepest), attacked(pgd, small, batch, named))


@given(
    norm=st.sampled_from(["linf", "l2", "l1"]),
    radius=st.floats(1e-6, 40),
    scale=st.floats(0, 100),
    seed=st.integers(0, 1000),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_projection_and_start_stay_in_the_ball(
    norm: str, radius: float, scale: float, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    image = torch.rand(2, 3, 7, 5, generator=generator)
    moved = image + scale * torch.randn(image.shape, generator=generator)
    ball = balls.ball(norm, radius)
    for point in (ball.project(image, moved), ball.random_start(image, generator)):
        assert bool((balls.size(norm, point - image) <= radius * (1 + 1e-6) + 1e-7).all())
        assert float(point.min()) >= 0 and float(point.max()) <= 1
    if bool((balls.size(norm, moved - image) <= radius * (1 - 1e-6)).all()):
        assert torch.allclose(ball.project(image, moved), moved.clamp(0, 1), atol=1e-6)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("rule", ["steepest", "sign", "gradient"])
def test_a_step_has_its_length_in_the_norm(norm: str, rule: str) -> None:
    gradient = torch.randn(3, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    gradient *= torch.tensor([1e-30, 1.0, 1e10]).reshape(-1, 1, 1, 1)
    step = balls.ball(norm, 1.0).step(gradient, rule, 0.25)
    assert torch.allclose(balls.size(norm, step), torch.full((3,), 0.25).double(), rtol=1e-5)


def test_an_end_of_the_ball_is_started_from_as_often_as_the_middle() -> None:
    generator = torch.Generator().manual_seed(0)
    grey = torch.full((1, 3, 64, 64), 0.5)
    uniform = balls.ball("linf", 0.1).random_start(grey, generator) - grey
    assert abs(float(uniform.abs().mean()) - 0.05) < 0.002
    near = balls.ball("l2", 2.0).random_start(grey, generator) - grey
    assert 1.99 < float(balls.size("l2", near)) <= 2.0 * (1 + 1e-6)

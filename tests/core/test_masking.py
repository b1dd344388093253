"""Masked gradients: networks that mask theirs are found out, and a plain one is not accused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core import masking
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.defence_words import blamed
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.masking_requests import Masking, MaskingParams
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()


class _Scaled(nn.Module):
    """A network whose logits are so large that its softmax is saturated."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x) * 1e4


class _Gap(nn.Module):
    """A linear network whose first class leads by so many logits at a grey picture."""

    def __init__(self, gap: float) -> None:
        super().__init__()
        weights = torch.randn(4, 3 * 32 * 32, generator=torch.Generator().manual_seed(0))
        self.register_buffer("weights", weights * 0.001)
        self.register_buffer("lead", torch.tensor([gap, 0.0, 0.0, 0.0]))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1) @ self.weights.T + self.lead


class _Rounded(nn.Module):
    """A network that sees few levels of each colour, so that no gradient comes through."""

    def __init__(self, network: nn.Module, levels: float = 8.0) -> None:
        super().__init__()
        self.network = network
        self.levels = levels

    def forward(self, x: Tensor) -> Tensor:
        return self.network((x * self.levels).round() / self.levels)


class _Shattering(torch.autograd.Function):
    """Rounds, and gives back a gradient that has nothing to do with it."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return (x * 16).round() / 16

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        noise = torch.Generator().manual_seed(int(gradient.abs().sum() * 1e6) % 2**31)
        return torch.randn(gradient.shape, generator=noise) * gradient.std()


class _Shattered(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(_Shattering.apply(x))


class _Wavy(nn.Module):
    """A network on whose input lies a fine ripple: the gradient is that of the ripple."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x + 0.02 * torch.sin(2000 * x))


@pytest.fixture
def before(
    make_classifier: Callable[[nn.Module], Classifier],
    lively: Classifier,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Session]:
    """Make a session whose network is the lively one behind something."""

    def make(wrap: Callable[[nn.Module], nn.Module] = lambda network: network) -> Session:
        classifier = make_classifier(wrap(lively._network).eval())
        monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
        return Session(device=torch.device("cpu"))

    return make


@pytest.fixture
def ask(network: ModelRef, picture: ImageRef, make_params: Callable) -> Callable[..., Masking]:
    def make(name: str = "pgd", checks: Any = "all", target: int | None = None, **given: Any):
        parameters = make_params("attack", name, **given)
        attack = Attack(
            model=network, image=picture, method=name, parameters=parameters, target=target
        )
        return Masking(attack=attack, checks=checks, parameters=MaskingParams(queries=60))

    return make


def look(session: Session, request: Masking) -> dict[str, Check]:
    result = execute(request, session, QUIET)
    assert isinstance(result, MaskingResult)
    assert len(result.checks) == result.expected
    return {check.name: check for check in result.checks}


@pytest.mark.parametrize("epsilon", [0.25, 4.0, 32.0])
@pytest.mark.parametrize("loss", ["cross-entropy", "margin"])
def test_a_plain_network_passes_all(
    before: Callable[..., Session], ask: Callable[..., Masking], epsilon: float, loss: str
) -> None:
    found = look(before(), ask(epsilon=epsilon, loss=loss))
    assert len(found) == 7
    assert {name: check.state for name, check in found.items() if check.state != "passed"} == {}
    assert not any(check.advice for check in found.values())


@pytest.mark.parametrize(("norm", "epsilon"), [("l2", 0.3), ("l1", 5.0)])
def test_a_plain_network_passes_in_other_norms(
    before: Callable[..., Session], ask: Callable[..., Masking], norm: str, epsilon: float
) -> None:
    found = look(before(), ask(norm=norm, epsilon=epsilon, steps=10))
    assert [name for name, check in found.items() if check.state == "failed"] == []


def test_a_saturated_softmax_is_named(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    session = before(_Scaled)
    found = look(session, ask(epsilon=16.0))
    assert found["softmax"].state == "failed" and "margin" in found["softmax"].advice
    assert dict(found["softmax"].figures)["missing"] < 2**-24
    assert found["gradient"].state == "failed" and "all" in found["gradient"].found
    assert found["unbounded"].state == "failed"
    freed = look(session, ask(epsilon=16.0, loss="margin"))
    assert freed["softmax"].state == "passed" and freed["gradient"].state == "passed"
    assert freed["unbounded"].state == "passed"
    towards = look(session, ask(epsilon=16.0, target=5, checks="quick"))
    assert towards["softmax"].state == "passed"


@pytest.mark.parametrize(("gap", "blind"), [(30.0, False), (200.0, True)])
def test_a_saturated_softmax_may_leave_a_gradient(
    before: Callable[..., Session], ask: Callable[..., Masking], gap: float, blind: bool
) -> None:
    """Where margin PGD fails as well, the network withstands it; nobody is to blame its softmax."""
    session = before(lambda network: _Gap(gap))
    found = look(session, ask(epsilon=8.0, checks="quick"))
    assert found["softmax"].state == "failed" and "whatever" not in found["softmax"].found
    margin = ask(epsilon=8.0, loss="margin").attack
    assert not execute(margin, session, QUIET).success
    said = blamed([check for check in found.values() if check.state == "failed"])
    assert bool(said) == blind and "because" not in said


def test_what_rounds_its_input_has_no_gradient(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    session = before(_Rounded)
    found = look(session, ask(epsilon=32.0, loss="margin", random_start=False))
    assert found["gradient"].state == "failed"
    assert dict(found["gradient"].figures)["zeros"] == 1
    assert found["noise"].state == "failed" and found["unbounded"].state == "failed"
    assert found["softmax"].state == "passed"
    assert found["black-box"].state == "failed"  # noise of 32 / 255 does what no gradient can


def test_a_gradient_that_leads_nowhere_is_named(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    found = look(before(_Shattered), ask(epsilon=8.0))
    assert found["noise"].state == "failed" and "noise" in found["noise"].found
    assert found["gradient"].state == "passed" and found["softmax"].state == "passed"


def test_a_ripple_on_the_input_is_named(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    assert look(before(_Wavy), ask(epsilon=8.0))["noise"].state == "failed"


def test_the_quick_checks_cost_one_gradient(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    session = before()
    request = ask(epsilon=4.0, checks="quick")
    execute(request.attack, session, QUIET)
    result = execute(request, session, QUIET)
    assert [check.name for check in result.checks] == ["gradient", "softmax"]
    assert (result.forwards, result.backwards) == (1, 1)


def test_a_black_box_attack_has_no_gradient_to_doubt(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    found = look(before(), ask("square", epsilon=4.0, queries=20))
    assert {check.state for check in found.values()} == {"not run"}


def test_without_an_epsilon_there_is_none_to_compare(
    before: Callable[..., Session], ask: Callable[..., Masking]
) -> None:
    found = look(before(), ask("deepfool"))
    idle = {name for name, check in found.items() if check.state == "not run"}
    assert idle == {"steps", "budget", "black-box"}


def test_a_larger_epsilon_that_fails_is_named(
    before: Callable[..., Session], ask: Callable[..., Masking], monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = {0.25: False, 0.5: True, 1.0: True, 2.0: False}
    walked = masking.Case.walked
    monkeypatch.setattr(
        masking.Case,
        "walked",
        lambda case, share, steps, ctx: (
            (ends[share], 0.0) if steps > 1 else walked(case, share, steps, ctx)
        ),
    )
    found = look(before(), ask(epsilon=4.0))["budget"]
    assert found.state == "failed" and "2 / 255" in found.found and "8 / 255" in found.found


def test_checks_come_one_by_one_and_are_remembered(
    before: Callable[..., Session], ask: Callable[..., Masking], recorder: Any
) -> None:
    session, request = before(), ask(epsilon=4.0)
    noted = recorder()
    whole = execute(request, session, noted)
    seen = [len(value.checks) for value in noted.partials if isinstance(value, MaskingResult)]
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    done = [step[0] for step in noted.steps if step[1] == 100_000]
    assert done and done == sorted(done)
    assert execute(request, session, QUIET) is whole
    other = dataclasses.replace(request, parameters=MaskingParams(queries=61))
    assert execute(other, session, QUIET) is not whole


def test_it_stops_where_it_is_told(
    before: Callable[..., Session], ask: Callable[..., Masking], recorder: Any
) -> None:
    session, request = before(), ask(epsilon=4.0)
    total = recorder()
    execute(request, before(), total)
    with pytest.raises(Cancelled):
        execute(request, session, recorder(cancel_at=total.checks // 2))
    assert len(execute(request, session, QUIET).checks) == 7


def test_what_was_stopped_goes_on_where_it_was(
    before: Callable[..., Session],
    ask: Callable[..., Masking],
    recorder: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session, request = before(), ask(epsilon=4.0)

    class Stopping(recorder):
        def partial(self, value: object) -> None:
            super().partial(value)
            if isinstance(value, MaskingResult) and len(value.checks) == 4:
                self.cancel_at = self.checks + 1

    noted = Stopping()
    with pytest.raises(Cancelled):
        execute(request, session, noted)
    walked: list[float] = []
    walk = masking.Case.walked

    def counted(case: Any, share: float, steps: int, ctx: Any) -> Any:
        walked.append(steps)
        return walk(case, share, steps, ctx)

    monkeypatch.setattr(masking.Case, "walked", counted)
    whole = execute(request, session, QUIET)
    assert [a is b for a, b in zip(noted.partials[-1].checks, whole.checks, strict=False)] == (
        [True] * 4
    )
    assert len(whole.checks) == 7 and 1 not in walked, "one step was compared before"

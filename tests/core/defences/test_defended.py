"""A network behind a defence: what it answers, and what an attack that knows it is given."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from cnnviz_gui.core import params, registry
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.attacks.pgd import PgdParams, pgd
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.defences.defended import Answer, Defended, answer, answers, view
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import Method, method, methods

QUIET = NullContext()
ATTACKERS = 1 << 20
every = pytest.mark.parametrize("name", [one.name for one in methods("defence")])


def chosen(name: str, **given: Any) -> tuple[Method, params.Params]:
    defence = method("defence", name)
    return defence, params.build(defence.params, given)


def raised(label: Tensor) -> Any:
    return Aim(label, None).gain


@pytest.fixture
def label(small: Classifier, batch: Tensor) -> Tensor:
    return small.logits(batch).argmax(1)


@pytest.mark.parametrize("name", ["bit-depth", "jpeg", "median"])
def test_the_gradient_behind_is_passed_straight_on(
    small: Classifier, batch: Tensor, label: Tensor, name: str
) -> None:
    defence, given = chosen(name)
    found, logits = Defended(small, defence, given).gradient(batch, raised(label))
    exact, said = small.gradient(view(defence, given, batch, 0), raised(label))
    assert torch.equal(found, exact) and torch.equal(logits, said)
    assert float(found.abs().max()) > 0


def test_a_gradient_is_pulled_through_a_blur(
    small: Classifier, batch: Tensor, label: Tensor
) -> None:
    defence, given = chosen("blur", sigma=1.5)
    found, _ = Defended(small, defence, given).gradient(batch, raised(label))
    leaf = batch.clone().requires_grad_()
    loss = raised(label)(small.stock(view(defence, given, leaf, 0))).sum()
    (exact,) = torch.autograd.grad(loss, leaf)
    assert torch.allclose(found, exact, atol=1e-5 * float(exact.abs().max()))


@pytest.mark.parametrize("name", ["resize-pad", "smoothing"])
@pytest.mark.parametrize("draws", [1, 3, 40])
def test_over_draws_it_is_the_mean_by_hand(
    small: Classifier, batch: Tensor, label: Tensor, name: str, draws: int
) -> None:
    """Draw by draw, with autograd through all; the second time the draws are new ones."""
    defence, given = chosen(name)
    defended = Defended(small, defence, given, draws)
    for turn in range(2):
        found, logits = defended.gradient(batch, raised(label))
        mean, chances = torch.zeros_like(batch), torch.zeros_like(logits)
        for draw in range(draws):
            leaf = batch.clone().requires_grad_()
            said = small.stock(view(defence, given, leaf, ATTACKERS + turn * draws + draw))
            (gradient,) = torch.autograd.grad(raised(label)(said).sum(), leaf)
            mean += gradient / draws
            chances += said.detach().softmax(1) / draws
        assert torch.allclose(found, mean, atol=1e-5 * float(mean.abs().max()))
        assert torch.allclose(logits.softmax(1), chances, atol=1e-5)


def test_few_draws_that_are_fooled_by_luck_are_drawn_again(
    small: Classifier, batch: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two draws say class 1 of the second sample, the eight after them class 0."""
    asked: list[int] = []

    def logits(seen: Tensor, ctx: Any) -> Tensor:
        said = torch.zeros(len(seen), 10)
        said[:, 0] = 2.0
        if not asked:
            said[1 :: len(batch), 1] = 3.0
        asked.append(len(seen))
        return said

    monkeypatch.setattr(small, "logits", logits)
    reached = Aim(torch.zeros(len(batch), dtype=torch.long), None).reached
    defended = Defended(small, *chosen("smoothing"), draws=2, reached=reached)
    assert defended.logits(batch).argmax(1).tolist() == [0] * len(batch)
    assert asked[0] == 2 * len(batch) and sum(asked[1:]) == 8, "only the one that is in doubt"


def test_what_is_fooled_in_truth_stays_so(small: Classifier, batch: Tensor, label: Tensor) -> None:
    """All draws count, and those of a gradient as well."""
    defence, given = chosen("smoothing", sigma=0.05)
    wrong = Aim((label + 1) % 10, None)
    defended = Defended(small, defence, given, 2, reached=wrong.reached)
    plain = torch.zeros(len(batch), 10)
    for draw in range(10):
        seen = view(defence, given, batch, ATTACKERS + draw)
        plain += small.logits(seen).softmax(1) / 10
    assert torch.allclose(defended.logits(batch).softmax(1), plain, atol=1e-5)
    again = Defended(small, defence, given, 2, reached=wrong.reached)
    _, logits = again.gradient(batch, raised(label))
    assert torch.allclose(logits.softmax(1), plain, atol=1e-5)


def test_views_that_are_not_random_are_all_averaged(
    small: Classifier, batch: Tensor, label: Tensor
) -> None:
    defence, given = chosen("augmentation")
    found, logits = Defended(small, defence, given, draws=1).gradient(batch, raised(label))
    parts = []
    for which in range(12):
        leaf = batch.clone().requires_grad_()
        said = small.stock(view(defence, given, leaf, which))
        parts.append(torch.autograd.grad(raised(label)(said).sum(), leaf)[0])
    exact = torch.stack(parts).mean(0)
    assert torch.allclose(found, exact, atol=1e-5 * float(exact.abs().max()))
    again = Defended(small, defence, given).logits(batch)
    assert torch.allclose(logits, again, atol=1e-4)


@every
def test_every_pass_is_counted(small: Classifier, batch: Tensor, label: Tensor, name: str) -> None:
    defence, given = chosen(name)
    asked = Asked(small, batch, "key", CutMemory(max_bytes=0))
    defended = Defended(asked, defence, given, draws=5)
    kind = defence.views
    assert kind is not None
    views = 5 if kind.random else kind.count(given)
    defended.logits(batch)
    assert (asked.forwards, asked.backwards) == (3 * views, 0)
    defended.gradient(batch, raised(label))
    assert (asked.forwards, asked.backwards) == (6 * views, 3 * views)


@every
def test_any_attack_runs_against_it_as_it_is(
    small: Classifier, batch: Tensor, label: Tensor, name: str
) -> None:
    defended = Defended(small, *chosen(name), draws=2)
    given = PgdParams(epsilon=8.0, steps=3)
    found = pgd(defended, batch, label, None, given, QUIET)
    assert float((found - batch).abs().max()) <= 8 / 255 + 1e-6
    again = pgd(Defended(small, *chosen(name), draws=2), batch, label, None, given, QUIET)
    assert torch.equal(found, again)


def test_what_is_more_urgent_may_pass_between_draws(small: Classifier, batch: Tensor) -> None:
    beats: list[int] = []
    defence, given = chosen("smoothing", copies=100)
    Defended(small, defence, given, 100, lambda: beats.append(1)).logits(batch)
    assert len(beats) >= 2


def test_an_answer_is_the_mean_of_the_probabilities(small: Classifier, batch: Tensor) -> None:
    defence, given = chosen("augmentation")
    image = batch[:1]
    found = answer(small, defence, given, image, QUIET)
    views = torch.cat([view(defence, given, image, which) for which in range(12)])
    exact = small.logits(views).double().softmax(1)
    assert torch.allclose(found.probabilities, exact.mean(0), atol=1e-6)
    assert found.winner == int(exact.mean(0).argmax())
    assert found.winners == tuple(exact.argmax(1).tolist())


def test_a_vote_decides_by_the_number_of_views(
    small: Classifier, batch: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two views that are a little sure of class 1 outvote one that is very sure of class 2."""
    defence, given = chosen("smoothing", copies=9)
    said = torch.zeros(9, 10)
    said[:, 1] = 0.1
    said[::3, 2] = 50.0

    rows = iter(said)
    monkeypatch.setattr(small, "logits", lambda x, ctx: torch.stack([next(rows) for _ in x]))
    found = answer(small, defence, given, batch[:1], QUIET)
    assert (found.winner, found.votes) == (1, 6)
    assert int(found.probabilities.argmax()) == 2


def test_answers_come_view_by_view(small: Classifier, batch: Tensor, recorder: Any) -> None:
    defence, given = chosen("smoothing", copies=200)
    noted = recorder()
    found: list[Answer] = list(answers(small, defence, given, batch[:1], noted, 50, 300))
    counts = [len(one.winners) for one in found]
    assert len(found) > 2 and counts == sorted(set(counts)) and counts[-1] == 200
    assert noted.steps[0] == (50, 300) and all(total == 300 for _, total in noted.steps)
    whole = answer(small, defence, given, batch[:1], QUIET)
    assert torch.equal(found[-1].probabilities, whole.probabilities)


def test_a_defence_is_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_METHODS", dict(registry._METHODS))
    like = method("defence", "blur")
    decorate = registry.defence(
        "half", title="Half", summary="", formula="", paper="", params=like.params,
        views=registry.Views(lambda params: 1),
    )  # fmt: skip
    decorate(lambda image, params, which: image / 2)
    assert "half" in [one.name for one in methods("defence")]

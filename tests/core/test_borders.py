"""How near the borders are: brackets that hold the exact distance, told honestly, gone on with."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz_gui.core import border_search, run_attack
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.border_requests import RUNS, AttackBorders, BorderParams, Borders
from cnnviz_gui.core.border_results import BordersResult
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError, RequestError, TargetError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Sweep
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32


@pytest.fixture
def flat(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    """A network of which but two classes matter, with a plane between them."""
    linear = nn.Linear(3 * SIDE * SIDE, 10)
    with torch.no_grad():
        linear.weight.normal_(0, 0.02, generator=torch.Generator().manual_seed(0))
        linear.bias.fill_(-200)
        linear.bias[:2] = torch.tensor([2.0, 0.0])
    return make_classifier(nn.Sequential(nn.Flatten(), linear))


@pytest.fixture
def new_session(monkeypatch: pytest.MonkeyPatch) -> Callable[[Classifier], Session]:
    def make(network: Classifier) -> Session:
        monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: network)
        return Session(device=torch.device("cpu"))

    return make


@pytest.fixture
def inner(tmp_path) -> ImageRef:
    """A picture of which no value comes near black or white."""
    path = tmp_path / "inner.png"
    pixels = np.random.default_rng(0).integers(100, 150, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return ImageRef(path=str(path))


@pytest.fixture
def attack(inner: ImageRef, make_params: Callable) -> Callable[..., Attack]:
    def make(method: str = "fgsm", target: int | None = None, **given) -> Attack:
        parameters = make_params("attack", method, **given)
        model = ModelRef(name="small")
        return Attack(model=model, image=inner, method=method, parameters=parameters, target=target)

    return make


def by_attack(*attacks: Attack, target: int | None = None, norm: str = "linf") -> AttackBorders:
    uses = tuple(MethodUse(method=one.method, parameters=one.parameters) for one in attacks)
    first = attacks[0]
    return AttackBorders(
        model=first.model, image=first.image, methods=uses, target=target, norm=norm
    )


def exact_distance(flat: Classifier, session: Session, image: ImageRef, norm: str) -> float:
    """The lead over the dual norm of the difference of the weights, in the unit of epsilon."""
    x = session.input(ModelRef(name="small"), image)
    first, second = (flat.gradient(x, lambda z, k=k: z[:, k])[0].flatten() for k in (0, 1))
    logits = flat.logits(x)[0].double()
    lead, between = float(abs(logits[0] - logits[1])), (first - second).double()
    if norm == "l2":
        return lead / float(between.norm())
    return lead / float(between.abs().sum()) * 255


@pytest.mark.parametrize("target", [False, True])
@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("fgsm", {}),
        ("pgd", {"random_start": False, "steps": 3}),
        ("pgd", {"random_start": False, "steps": 3, "norm": "l2"}),
    ],
)
def test_the_bracket_holds_the_exact_distance_to_a_plane(
    flat: Classifier,
    new_session: Callable,
    attack: Callable,
    method: str,
    given: dict,
    target: bool,
) -> None:
    session = new_session(flat)
    asked = attack(method, **given)
    norm = str(given.get("norm", "linf"))
    exact = exact_distance(flat, session, asked.image, norm)
    if target:
        request = Borders(attack=asked, parameters=BorderParams(classes=1))
    else:
        request = by_attack(asked, norm=norm)
    found = execute(request, session, QUIET)
    (row,) = found.rows
    assert row.finished and not row.problem and row.runs <= RUNS
    assert row.failed <= exact * (1 + 1e-4) and exact * (1 - 1e-4) <= row.reached
    assert row.reached - row.failed <= 0.01 * row.reached
    assert row.winner.probability == pytest.approx(0.5, abs=0.02)
    assert row.winner.index != found.label.index and row.beyond == ()


def test_both_ends_of_a_bracket_are_what_the_attack_alone_says(
    lively: Classifier, new_session: Callable, attack: Callable
) -> None:
    session = new_session(lively)
    asked = attack("pgd", steps=3, restarts=2)
    found = execute(Borders(attack=asked, parameters=BorderParams(classes=4)), session, QUIET)
    assert len(found.rows) == 4
    fresh = new_session(lively)
    for row in found.rows:
        towards = dataclasses.replace(asked, target=row.target.index)
        assert row.reached is not None and 0 < row.failed < row.reached
        there = execute(border_search.at(towards, row.reached), fresh, QUIET)
        before = execute(border_search.at(towards, row.failed), fresh, QUIET)
        assert there.success and not before.success
        assert there.norms.linf <= row.reached / 255 + 1e-7  # as exact as float32
        assert there.adversarial[0] == row.winner and row.winner.index == row.target.index


def test_the_classes_are_the_likeliest_others(
    lively: Classifier, new_session: Callable, attack: Callable
) -> None:
    session = new_session(lively)
    found = execute(
        Borders(attack=attack("fgsm", target=3), parameters=BorderParams(classes=50)),
        session,
        QUIET,
    )
    clean = lively.logits(session.input(ModelRef(name="small"), attack().image))[0]
    order = clean.argsort(descending=True).tolist()
    assert found.label.index == order[0]
    assert [row.target.index for row in found.rows] == order[1:]


def test_a_class_out_of_reach_is_said_to_be(
    flat: Classifier, new_session: Callable, attack: Callable
) -> None:
    found = execute(
        Borders(attack=attack(), parameters=BorderParams(classes=3)), new_session(flat), QUIET
    )
    near, *far = found.rows
    assert near.reached is not None
    for row in far:  # 200 logits away
        assert row.finished and row.reached is None and row.winner is None
        assert row.failed == row.maximum == 64 and row.runs == RUNS


def test_rows_are_rough_first_and_then_narrow(
    lively: Classifier, new_session: Callable, attack: Callable, recorder: type
) -> None:
    watching = recorder()
    request = Borders(attack=attack("fgsm"), parameters=BorderParams(classes=3))
    result = execute(request, new_session(lively), watching)
    shown = [value for value in watching.partials if isinstance(value, BordersResult)]
    runs = [[row.runs for row in value.rows] for value in shown]
    assert [sum(one) for one in runs] == list(range(1, len(shown) + 1))
    assert runs[2] == [1, 1, 1]
    for one in range(3):
        ends = [value.rows[one] for value in shown]
        lows = [row.failed for row in ends if row.reached is not None]
        highs = [row.reached for row in ends if row.reached is not None]
        assert lows == sorted(lows) and highs == sorted(highs, reverse=True)
    assert result.finished == 3
    assert all(done <= total for done, total in watching.steps)


def test_what_was_stopped_is_gone_on_with_and_ends_the_same(
    lively: Classifier, new_session: Callable, attack: Callable, recorder: type
) -> None:
    request = Borders(attack=attack("pgd", steps=4, norm="l2"), parameters=BorderParams(classes=3))
    whole = recorder()
    expected = execute(request, new_session(lively), whole)
    session = new_session(lively)
    with pytest.raises(Cancelled):
        execute(request, session, recorder(cancel_at=whole.checks // 2))
    before, again = lively.backwards, recorder()
    found = execute(request, session, again)
    assert found.rows == expected.rows
    first = next(value for value in again.partials if isinstance(value, BordersResult))
    assert sum(row.runs for row in first.rows) > RUNS  # what was found is shown at once
    assert lively.backwards - before < sum(row.backwards for row in expected.rows) * 0.7


def test_a_search_is_shared_by_whatever_asks_for_it(
    lively: Classifier, new_session: Callable, attack: Callable
) -> None:
    session = new_session(lively)
    few, more = (
        Borders(attack=attack("pgd", steps=2), parameters=BorderParams(classes=n)) for n in (2, 3)
    )
    found = execute(few, session, QUIET)
    before = lively.backwards
    wider = execute(more, session, QUIET)
    assert wider.rows[:2] == found.rows
    assert lively.backwards - before == wider.rows[2].backwards
    target = found.rows[0].target.index
    before = lively.backwards
    single = execute(by_attack(attack("pgd", steps=2), target=target), session, QUIET)
    assert single.rows == found.rows[:1] and lively.backwards == before
    moved = dataclasses.replace(few, attack=attack("pgd", steps=2, epsilon=9.0, target=5))
    assert execute(moved, session, QUIET).rows == found.rows and lively.backwards == before


def test_success_that_does_not_last_is_told(
    lively: Classifier, new_session: Callable, attack: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_run = run_attack.run

    def only_in_between(request, session, ctx):
        found = true_run(request, session, ctx)
        return dataclasses.replace(found, success=2.0 <= request.place < 9.0)

    monkeypatch.setattr(run_attack, "run", only_in_between)
    (row,) = execute(by_attack(attack()), new_session(lively), QUIET).rows
    assert row.failed < 2.0 <= row.reached <= 2.0 / 0.99
    assert row.beyond and all(place >= 9.0 for place in row.beyond)


def test_success_between_the_first_epsilons_is_found(
    lively: Classifier, new_session: Callable, attack: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_run = run_attack.run

    def only_there(request, session, ctx):
        found = true_run(request, session, ctx)
        return dataclasses.replace(found, success=5.0 <= request.place < 9.0)

    monkeypatch.setattr(run_attack, "run", only_there)
    (row,) = execute(by_attack(attack()), new_session(lively), QUIET).rows
    assert row.failed < 5.0 <= row.reached < 9.0 and row.runs <= RUNS
    assert row.beyond[0] >= 9.0, "it fails again, which is told"


def test_an_attack_that_always_succeeds_has_no_lower_end(
    lively: Classifier, new_session: Callable, attack: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_run = run_attack.run
    monkeypatch.setattr(
        run_attack,
        "run",
        lambda *given: dataclasses.replace(true_run(*given), success=True),
    )
    (row,) = execute(by_attack(attack()), new_session(lively), QUIET).rows
    assert (
        row.runs == RUNS
        and row.failed == 0
        and not row.narrow
        and row.reached < 1e-5
        and row.finished
    )


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("share", [0.0002, 0.003, 0.05, 0.4, 0.45, 0.9])
def test_a_border_anywhere_on_the_axis_is_known_to_a_hundredth(
    lively: Classifier,
    new_session: Callable,
    attack: Callable,
    monkeypatch: pytest.MonkeyPatch,
    norm: str,
    share: float,
) -> None:
    true_run, asked = run_attack.run, attack("pgd", steps=1, norm=norm)
    place = border_search.epsilon_of(asked).maximum * share

    def from_there_on(request, session, ctx):
        found = true_run(request, session, ctx)
        return dataclasses.replace(found, success=request.place >= place)

    monkeypatch.setattr(run_attack, "run", from_there_on)
    (row,) = execute(by_attack(asked, norm=norm), new_session(lively), QUIET).rows
    assert row.narrow and row.failed < place <= row.reached <= row.most


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_attacks_without_a_budget_tell_their_own_distance(
    flat: Classifier, new_session: Callable, attack: Callable, norm: str
) -> None:
    session = new_session(flat)
    one = attack("deepfool")
    (row,) = execute(by_attack(one, norm=norm), session, QUIET).rows
    alone = execute(one, session, QUIET)
    assert row.own and row.finished and row.runs == 1 and row.failed == 0
    own = alone.norms.linf * 255 if norm == "linf" else alone.norms.l2
    assert row.reached == pytest.approx(own) and row.norms == alone.norms
    assert alone.norms.l2 == pytest.approx(
        1.02 * exact_distance(flat, session, one.image, "l2"), rel=5e-3
    )
    classes = execute(Borders(attack=one, parameters=BorderParams(classes=1)), session, QUIET)
    assert classes.rows[0].norm == "l2"
    assert classes.rows[0].reached == pytest.approx(alone.norms.l2, rel=1e-3)


def test_attacks_are_compared_in_one_norm(
    lively: Classifier, new_session: Callable, attack: Callable
) -> None:
    session = new_session(lively)
    asked = by_attack(
        attack("fgsm"), attack("pgd", steps=2, step_size=1.0), attack("cw", steps=3), norm="l2"
    )
    fgsm, pgd, cw = execute(asked, session, QUIET).rows
    assert "FGSM does not know L2." in fgsm.problem and fgsm.finished and fgsm.runs == 0
    assert pgd.norm == "l2" and pgd.maximum == 32 and not pgd.problem
    assert cw.own and cw.norm == "l2"


def test_an_attack_without_a_target_class_says_so_in_its_row(
    lively: Classifier, new_session: Callable, attack: Callable
) -> None:
    session = new_session(lively)
    fgsm, boundary = execute(
        by_attack(attack("fgsm"), attack("boundary", queries=100), target=2), session, QUIET
    ).rows
    assert fgsm.reached is not None and fgsm.target.index == 2
    assert "towards a class" in boundary.problem and boundary.advice
    with pytest.raises(MethodError):
        execute(Borders(attack=attack("boundary")), session, QUIET)


def test_what_makes_no_sense_is_refused(
    lively: Classifier, new_session: Callable, attack: Callable
) -> None:
    session = new_session(lively)
    with pytest.raises(RequestError):
        execute(dataclasses.replace(by_attack(attack()), methods=()), session, QUIET)
    with pytest.raises(RequestError):
        execute(by_attack(attack(), norm="l7"), session, QUIET)
    with pytest.raises(TargetError):
        execute(by_attack(attack(), target=10), session, QUIET)


def test_requests_survive_a_file(attack: Callable) -> None:
    for request in (
        Borders(attack=attack("pgd", norm="l2"), parameters=BorderParams(classes=7)),
        by_attack(attack("pgd", steps=3), attack("deepfool"), target=3, norm="l1"),
    ):
        assert from_json(request.to_json()) == request


def test_a_network_of_one_class_is_not_attacked(
    flat: Classifier, new_session: Callable, attack: Callable
) -> None:
    one = copy.copy(flat)
    one.facts = dataclasses.replace(flat.facts, labels=("all there is",))
    asked = attack(epsilon=1.0)
    for request in (
        asked,
        dataclasses.replace(asked, target=0),
        AttackSteps(attack=asked),
        Sweep(attack=asked, maximum=8.0, points=3),
        Borders(attack=asked, parameters=BorderParams()),
    ):
        with pytest.raises(MethodError, match="one class only"):
            execute(request, new_session(one), QUIET)

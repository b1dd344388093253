"""Attacks under one budget: none exceeds it, each row is the attack alone, what failed says why."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch

from cnnviz_gui.core import params, race_budget
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.race_requests import AttackRace, RaceParams
from cnnviz_gui.core.race_results import RaceResult, Runner, order
from cnnviz_gui.core.registry import method, methods
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()
ALL = tuple(one.name for one in methods("attack"))
WHITE = tuple(name for name in ALL if name not in ("square", "boundary"))


@pytest.fixture
def session(lively: Classifier, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: lively)
    return Session(device=torch.device("cpu"))


@pytest.fixture
def race(picture: ImageRef) -> Callable[..., AttackRace]:
    def make(*names: str, target: int | None = None, uses=(), **given) -> AttackRace:
        named = tuple(
            MethodUse(method=name, parameters=method("attack", name).params()) for name in names
        )
        return AttackRace(
            model=ModelRef(name="small"),
            image=picture,
            methods=(*named, *uses),
            target=target,
            parameters=params.build(RaceParams, given),
        )

    return make


def single(race: AttackRace, runner: Runner) -> Attack:
    return Attack(
        model=race.model,
        image=race.image,
        method=runner.method,
        parameters=runner.parameters,
        target=race.target,
    )


@pytest.mark.parametrize("target", [None, 3])
@pytest.mark.parametrize("gradients", [1, 7, 45])
@pytest.mark.parametrize("name", WHITE)
def test_no_attack_asks_for_more_gradients_than_it_may(
    session: Session, race: Callable, name: str, gradients: int, target: int | None
) -> None:
    asked = race(name, target=target, gradients=gradients)
    (runner,) = execute(asked, session, QUIET).runners
    if runner.problem:  # it says so rather than exceed it
        assert f"more than {gradients} gradients" in runner.problem and gradients == 1
        return
    assert 0 < runner.backwards <= gradients
    assert runner.forwards - runner.backwards <= gradients + 1, "a look at each end, or each step"
    if name not in ("fgsm", "deepfool", "apgd", "cw"):
        assert runner.backwards == gradients, "the whole budget is used"


@pytest.mark.parametrize("queries", [100, 137])
@pytest.mark.parametrize("name", ["square", "boundary"])
def test_no_black_box_asks_more_often_than_it_may(
    session: Session, race: Callable, name: str, queries: int
) -> None:
    (runner,) = execute(race(name, queries=queries, epsilon=0.25), session, QUIET).runners
    assert runner.backwards == 0 and 0 < runner.forwards <= queries
    assert runner.note == f"up to {queries} queries"


@pytest.mark.parametrize("name", ALL)
def test_a_row_is_the_attack_alone_bit_for_bit(
    session: Session, lively: Classifier, race: Callable, name: str
) -> None:
    asked = race(name, gradients=12, queries=100)
    (runner,) = execute(asked, session, QUIET).runners
    fresh = Session(device=torch.device("cpu"))
    alone = execute(single(asked, runner), fresh, QUIET)
    assert (runner.norms, runner.success) == (alone.norms, alone.success)
    assert runner.winner == alone.adversarial[0] and runner.closeness == alone.closeness
    assert (runner.forwards, runner.backwards) == (alone.forwards, alone.backwards)
    levels = (alone.adversarial_image * 255).round().astype(np.uint8).transpose(1, 2, 0)
    assert np.array_equal(runner.picture, levels)  # 32 pixels a side are small enough as they are
    assert runner.aim.index == alone.clean[0].index
    assert np.abs(runner.change).max() == 1 and runner.change.shape == (32, 32)


def test_all_run_in_the_norm_and_ball_of_the_race(session: Session, race: Callable) -> None:
    asked = race("pgd", "apgd", "deepfool", "fgsm", norm="l2", epsilon=0.25, gradients=9)
    pgd, apgd, deepfool, fgsm = execute(asked, session, QUIET).runners
    for runner in (pgd, apgd):
        assert runner.parameters.norm == "l2" and runner.parameters.epsilon == 0.25
        assert runner.inside and runner.size == runner.norms.l2 <= 0.25 * (1 + 1e-6)
    assert deepfool.size == deepfool.norms.l2
    assert "FGSM does not know L2." in fgsm.problem and fgsm.done and fgsm.advice


@pytest.mark.parametrize("epsilon", [2.0, 0.7, 8.0])
def test_rounding_does_not_put_an_attack_outside_its_ball(
    session: Session, race: Callable, epsilon: float
) -> None:
    asked = race("fgsm", "pgd", "bim", "square", gradients=5, queries=20, epsilon=epsilon)
    assert all(runner.inside for runner in execute(asked, session, QUIET).runners)


def test_success_outside_the_ball_is_told_from_success_in_it(
    session: Session, race: Callable
) -> None:
    near, far = (
        execute(race("deepfool", gradients=99, epsilon=epsilon), session, QUIET).runners[0]
        for epsilon in (0.01, 64.0)
    )
    assert near.success and far.success
    assert not near.inside and far.inside and near.size == far.size


def test_what_multiplies_the_steps_is_lessened_and_said(race: Callable) -> None:
    cw, pgd = method("attack", "cw"), method("attack", "pgd")
    fitted, said = race_budget.fitted(cw, cw.params(), RaceParams(gradients=50), False)
    assert (fitted.search, fitted.steps) == (2, 25) and said == "search 2, 25 steps"
    given = pgd.params(restarts=5, steps=3, step_size=0.5)
    fitted, said = race_budget.fitted(pgd, given, RaceParams(gradients=50), False)
    assert (fitted.restarts, fitted.steps, fitted.step_size) == (5, 10, 0.5)
    assert said == "10 steps"
    fitted, said = race_budget.fitted(pgd, given, RaceParams(gradients=3), False)
    assert (fitted.restarts, fitted.steps) == (3, 1) and said == "restarts 3, 1 step"
    boundary = method("attack", "boundary")
    with pytest.raises(MethodError, match="at least 100 queries"):
        race_budget.fitted(boundary, boundary.params(), RaceParams(queries=50), False)


def test_what_was_set_is_told_of_the_settings_of_now(session: Session, race: Callable) -> None:
    def told(restarts: int) -> Runner:
        use = MethodUse(method="pgd", parameters=method("attack", "pgd").params(restarts=restarts))
        (runner,) = execute(race(uses=(use,), gradients=3), session, QUIET).runners
        return runner

    more, enough = told(5), told(3)
    assert more.parameters == enough.parameters, "the same attack, which is remembered"
    assert (more.note, enough.note) == ("restarts 3, 1 step", "1 step")


def test_rows_come_one_after_the_other_and_failures_stay_in_theirs(
    session: Session, race: Callable, recorder: type
) -> None:
    watching = recorder()
    asked = race("fgsm", "boundary", "pgd", target=2, gradients=4, queries=100)
    result = execute(asked, session, watching)
    shown = [value for value in watching.partials if isinstance(value, RaceResult)]
    assert [value.finished for value in shown] == [0, 1, 2]
    assert [one.method for one in shown[0].runners] == ["fgsm", "boundary", "pgd"]
    assert "towards a class" in result.runners[1].problem
    assert result.finished == 3 and not result.runners[2].problem
    assert result.runners[0].aim.index == 2


def test_what_was_stopped_is_gone_on_with(
    session: Session, lively: Classifier, race: Callable, recorder: type
) -> None:
    asked = race("fgsm", "pgd", "bim", gradients=6)
    whole = recorder()
    execute(race("fgsm"), Session(device=torch.device("cpu")), QUIET)  # its first use checks more
    expected = execute(asked, Session(device=torch.device("cpu")), whole)
    with pytest.raises(Cancelled):
        execute(asked, session, recorder(cancel_at=whole.checks - 3))
    before, rest = lively.backwards, recorder()
    found = execute(asked, session, rest)
    assert {step for step in rest.steps if step[1] == 3} == {(2, 3)}, "of all attacks, as before"
    assert lively.backwards - before == expected.runners[2].backwards == 6
    for a, b in zip(found.runners, expected.runners, strict=True):
        assert np.array_equal(a.picture, b.picture) and a.norms == b.norms
    before = lively.forwards
    assert execute(asked, session, QUIET) is found
    assert lively.forwards == before
    wider = race("fgsm", "pgd", "bim", gradients=6, epsilon=2.0, queries=7)
    execute(wider, session, QUIET)
    assert lively.forwards == before, "what did not change is not computed anew"


def test_at_another_epsilon_attacks_without_one_keep_their_rows(
    session: Session, lively: Classifier, race: Callable, recorder: type
) -> None:
    names = ("fgsm", "deepfool", "cw", "pgd")
    before = execute(race(*names, gradients=12, epsilon=1.0), session, QUIET)
    watching = recorder()
    asked = race(*names, gradients=12, epsilon=8.0)
    counted = lively.backwards
    after = execute(asked, session, watching)
    shown = [value for value in watching.partials if isinstance(value, RaceResult)]
    assert [[one.done for one in value.runners] for value in shown] == [
        [False, True, True, False],
        [True, True, True, False],
    ]
    for place in (1, 2):
        assert after.runners[place].picture is before.runners[place].picture
    spent = sum(after.runners[place].backwards for place in (0, 3))
    assert lively.backwards - counted == spent, "only those with an epsilon ran"
    fresh = execute(asked, Session(device=torch.device("cpu")), QUIET)
    for a, b in zip(after.runners, fresh.runners, strict=True):
        assert (a.norms, a.inside, a.success, a.note) == (b.norms, b.inside, b.success, b.note)


def test_the_best_come_first() -> None:
    def runner(name: str, size: float, aim: float, **given) -> Runner:
        usual = {"done": True, "success": True, "inside": True}
        score = Score(0, "cat", aim, 0.0)
        parameters = method("attack", "fgsm").params()
        return Runner(method=name, parameters=parameters, size=size, aim=score, **(usual | given))

    rows = (
        runner("waits", 0, 0.5, done=False),
        runner("failed", 4.0, 0.8, success=False),
        runner("refused", 0, 0, success=False, problem="No."),
        runner("far", 9.0, 0.1, inside=False),
        runner("weak", 4.0, 0.3),
        runner("strong", 3.9999, 0.1),
        runner("near", 1.0, 0.4),
    )
    names = [rows[place].method for place in order(rows, targeted=False)]
    assert names == ["near", "strong", "weak", "far", "failed", "refused", "waits"]
    names = [rows[place].method for place in order(rows, targeted=True)]
    assert names[:3] == ["near", "weak", "strong"]
    larger, smaller = runner("larger", 1.049, 0.1), runner("smaller", 1.0, 0.4)
    assert order((larger, smaller), targeted=False) == (1, 0), "a twentieth is not equal"


def test_without_attacks_there_is_no_race(session: Session, race: Callable) -> None:
    with pytest.raises(RequestError):
        execute(race(), session, QUIET)


def test_requests_survive_a_file(race: Callable) -> None:
    given = MethodUse(method="pgd", parameters=method("attack", "pgd").params(steps=3))
    request = race("fgsm", uses=(given,), target=4, norm="l1", epsilon=9.0, gradients=77)
    assert from_json(request.to_json()) == request
    assert dataclasses.replace(request, target=None) != request

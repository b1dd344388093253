"""What defences do against an attack, on a small network and on the embedded one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from cnnviz_gui import resources
from cnnviz_gui.core import run_defences
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.defence_requests import MOST_DRAWS, AdaptiveAttacks, Defences
from cnnviz_gui.core.defence_results import AdaptiveResult, DefencesResult
from cnnviz_gui.core.defences.defended import answer
from cnnviz_gui.core.errors import Cancelled, CnnvizError, MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method, methods
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SEVEN = tuple(one.name for one in methods("defence"))


@pytest.fixture
def attack(network: ModelRef, picture: ImageRef, make_params: Callable) -> Attack:
    parameters = make_params("attack", "pgd", epsilon=8.0, steps=4)
    return Attack(model=network, image=picture, method="pgd", parameters=parameters)


@pytest.fixture
def uses(make_params: Callable) -> Callable[..., tuple[MethodUse, ...]]:
    def make(*names: str, **given: Any) -> tuple[MethodUse, ...]:
        known = {"smoothing": {"copies": 16}} | given
        return tuple(
            MethodUse(method=name, parameters=make_params("defence", name, **known.get(name, {})))
            for name in names
        )

    return make


def test_a_row_says_what_the_defended_network_says(
    session: Session, small: Classifier, attack: Attack, uses: Callable
) -> None:
    result = execute(Defences(attack=attack, methods=uses(*SEVEN)), session, QUIET)
    attacked = execute(attack, session, QUIET)
    assert tuple(row.use.method for row in result.rows) == SEVEN
    assert result.success == attacked.success
    clean, adversarial = (
        torch.tensor(image)[None] for image in (attacked.clean_image, attacked.adversarial_image)
    )
    before = small.logits(clean)[0].double().softmax(0)
    winner = int(before.argmax())
    assert result.clean.index == winner
    for row in result.rows:
        defence = method("defence", row.use.method)
        for image, found in ((clean, row.clean), (adversarial, row.adversarial)):
            exact = answer(small, defence, row.use.parameters, image, QUIET)
            without = small.logits(image)[0].double().softmax(0)
            assert found.score.index == exact.winner
            assert found.score.probability == pytest.approx(
                float(exact.probabilities[exact.winner]), abs=1e-6
            )
            distance = float((exact.probabilities - without).abs().sum())
            assert found.distance == pytest.approx(distance, abs=1e-5)
            assert 0 <= found.distance <= 2
            assert found.label_probability == pytest.approx(
                float(exact.probabilities[winner]), abs=1e-6
            )
            assert (found.certificate is not None) == (row.use.method == "smoothing")
        assert row.kept == (row.clean.score.index == winner)
        assert row.change == pytest.approx(
            row.clean.label_probability - float(before[winner]), abs=1e-6
        )
        assert row.recovered == (
            row.adversarial.score.index == winner and result.adversarial.index != winner
        )
        assert row.seen.shape == (32, 32, 3) and not row.seen.flags.writeable
        assert defence.views is not None
        assert row.forwards == 2 * defence.views.count(row.use.parameters)
    assert result.joint == (
        max(row.clean.distance for row in result.rows),
        max(row.adversarial.distance for row in result.rows),
    )


def test_rows_come_one_by_one_and_each_is_remembered(
    session: Session, small: Classifier, attack: Attack, uses: Callable, recorder: Any
) -> None:
    noted = recorder()
    whole = execute(Defences(attack=attack, methods=uses(*SEVEN)), session, noted)
    seen = [len(value.rows) for value in noted.partials if isinstance(value, DefencesResult)]
    assert seen == list(range(1, 8))
    done = [step for step in noted.steps if step[1] == whole.forwards]
    assert [step[0] for step in done] == sorted(step[0] for step in done)
    before = small.forwards
    chosen = uses("jpeg", "median", jpeg={"quality": 30})
    fewer = execute(Defences(attack=attack, methods=chosen), session, QUIET)
    assert small.forwards - before == 2  # the median is known, JPEG is another one
    assert fewer.rows[1] is whole.rows[SEVEN.index("median")]


def test_a_vote_that_agrees_certifies_a_radius(
    session: Session, attack: Attack, uses: Callable
) -> None:
    chosen = uses("smoothing", smoothing={"copies": 64, "sigma": 0.005})
    row = execute(Defences(attack=attack, methods=chosen), session, QUIET).rows[0]
    assert row.clean.votes == row.clean.views == 64
    assert row.clean.certificate is not None
    assert row.clean.certificate.radius == pytest.approx(0.005 * 1.196, rel=0.01)


def test_an_attack_that_knows_stays_in_its_ball_and_counts(
    session: Session, small: Classifier, attack: Attack, uses: Callable
) -> None:
    request = AdaptiveAttacks(attack=attack, methods=uses(*SEVEN), draws=3)
    result = execute(request, session, QUIET)
    assert isinstance(result, AdaptiveResult)
    assert (result.epsilon, result.norm, result.expected) == (8.0, "linf", 7)
    winner = execute(attack, session, QUIET).clean[0].index
    for row in result.rows:
        assert 0 < row.norms.linf <= 8 / 255 + 1e-6
        kind = method("defence", row.use.method).views
        assert kind is not None
        views = 3 if kind.random else kind.count(row.use.parameters)
        assert (row.forwards, row.backwards) == (5 * views, 4 * views)
        assert row.success == (row.adversarial.score.index != winner)
        assert row.seconds > 0


def test_what_it_leaves_of_the_label_is_less_than_an_attack_that_does_not_know(
    session: Session, attack: Attack, uses: Callable
) -> None:
    chosen = uses("bit-depth", "jpeg", "blur", "median", "augmentation")
    plain = execute(Defences(attack=attack, methods=chosen), session, QUIET)
    known = execute(AdaptiveAttacks(attack=attack, methods=chosen), session, QUIET)
    left = [row.adversarial.label_probability for row in plain.rows]
    less = [row.adversarial.label_probability for row in known.rows]
    assert np.mean(less) < np.mean(left)


@pytest.mark.parametrize("known_before", [True, False])
def test_a_defence_that_changes_the_clean_picture_is_not_broken_by_nothing(
    session: Session,
    lively: Classifier,
    attack: Attack,
    uses: Callable,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    known_before: bool,
) -> None:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: lively)
    none = dataclasses.replace(attack, parameters=make_params("attack", "pgd", epsilon=0.0))
    chosen = uses("blur", "bit-depth", blur={"sigma": 8.0}, **{"bit-depth": {"bits": 8}})
    if known_before:
        plain = execute(Defences(attack=none, methods=chosen), session, QUIET)
        assert [row.kept for row in plain.rows] == [False, True]
    blur, bits = execute(AdaptiveAttacks(attack=none, methods=chosen), session, QUIET).rows
    winner = execute(attack, session, QUIET).clean[0].index
    assert blur.moot and not blur.success and blur.clean.score.index != winner
    assert (blur.norms.linf, blur.forwards, blur.backwards) == (0, 0, 0)
    assert not bits.moot and not bits.success and bits.clean.score.index == winner
    aimed = dataclasses.replace(attack, target=blur.clean.score.index)
    [row] = execute(AdaptiveAttacks(attack=aimed, methods=chosen[:1]), session, QUIET).rows
    assert row.moot
    other = next(k for k in range(10) if k not in (winner, blur.clean.score.index))
    aimed = dataclasses.replace(attack, target=other)
    [row] = execute(AdaptiveAttacks(attack=aimed, methods=chosen[:1]), session, QUIET).rows
    assert not row.moot and row.norms.linf > 0


def test_a_target_and_a_scale_are_those_of_the_attack(
    session: Session, attack: Attack, uses: Callable
) -> None:
    aimed = dataclasses.replace(attack, target=4)
    [row] = execute(AdaptiveAttacks(attack=aimed, methods=uses("blur")), session, QUIET).rows
    assert row.success == (row.adversarial.score.index == 4)
    half = dataclasses.replace(attack, scale=0.5)
    result = execute(AdaptiveAttacks(attack=half, methods=uses("blur")), session, QUIET)
    assert result.epsilon == 4.0 and result.rows[0].norms.linf <= 4 / 255 + 1e-6


def test_another_one_to_attack_leaves_the_first_known(
    session: Session, small: Classifier, attack: Attack, uses: Callable
) -> None:
    first = execute(AdaptiveAttacks(attack=attack, methods=uses("jpeg")), session, QUIET)
    both = execute(AdaptiveAttacks(attack=attack, methods=uses("jpeg", "blur")), session, QUIET)
    assert both.rows[0] is first.rows[0]


def test_one_that_cannot_be_attacked_does_not_end_the_others(
    session: Session,
    attack: Attack,
    uses: Callable,
    monkeypatch: pytest.MonkeyPatch,
    recorder: Any,
) -> None:
    begin = run_defences._attacked

    def attacked(defence: Any, *rest: Any) -> Any:
        if defence.name == "blur":
            raise MethodError("There is no start.", "Choose Square.")
        return begin(defence, *rest)

    monkeypatch.setattr(run_defences, "_attacked", attacked)
    noted, chosen = recorder(), uses("blur", "bit-depth")
    result = execute(AdaptiveAttacks(attack=attack, methods=chosen), session, noted)
    assert result.unattacked[0].use == chosen[0] and "no start" in result.unattacked[0].problem
    assert [row.use for row in result.rows] == [chosen[1]] and result.expected == 2
    assert [len(one.rows) + len(one.unattacked) for one in noted.partials[-2:]] == [1, 2]


@pytest.mark.parametrize("cls", [Defences, AdaptiveAttacks])
def test_what_cannot_be_asked_is_refused(
    session: Session, attack: Attack, uses: Callable, cls: type
) -> None:
    wrong = MethodUse(method="blur", parameters=uses("jpeg")[0].parameters)
    unknown = MethodUse(method="wish", parameters=uses("jpeg")[0].parameters)
    for chosen in ((), (wrong,), (unknown,)):
        with pytest.raises(CnnvizError):
            execute(cls(attack=attack, methods=chosen), session, QUIET)
    for draws in (0, MOST_DRAWS + 1):
        with pytest.raises(CnnvizError):
            execute(
                AdaptiveAttacks(attack=attack, methods=uses("jpeg"), draws=draws), session, QUIET
            )


def test_requests_come_back_from_json(attack: Attack, uses: Callable) -> None:
    for request in (
        Defences(attack=attack, methods=uses("blur", "jpeg")),
        AdaptiveAttacks(attack=attack, methods=uses("smoothing"), draws=3),
    ):
        assert from_json(request.to_json()) == request
    with pytest.raises(MethodError):
        from_json(request.to_json().replace(b'"smoothing"', b'"grad-cam"'))


def test_how_many_draws_is_nothing_to_what_draws_none(
    session: Session, attack: Attack, uses: Callable
) -> None:
    def rows(draws: int) -> tuple:
        asked = AdaptiveAttacks(attack=attack, methods=uses("jpeg", "smoothing"), draws=draws)
        return execute(asked, session, QUIET).rows

    few, more = rows(2), rows(4)
    assert more[0] is few[0] and more[1] is not few[1]
    assert more[1].forwards > few[1].forwards


def test_a_stopped_one_leaves_its_rows_known(
    session: Session, attack: Attack, uses: Callable, recorder: Any
) -> None:
    chosen = uses("blur", "jpeg", "smoothing", smoothing={"copies": 640})

    class Stopping(recorder):
        def partial(self, value: object) -> None:
            super().partial(value)
            if isinstance(value, DefencesResult) and len(value.rows) == 2:
                self.cancel_at = self.checks + 2

    noted = Stopping()
    with pytest.raises(Cancelled):
        execute(Defences(attack=attack, methods=chosen), session, noted)
    result = execute(Defences(attack=attack, methods=chosen), session, QUIET)
    assert result.rows[1] is noted.partials[-1].rows[1]


def test_on_a_photograph_defences_help_until_the_attack_knows_them(make_params: Callable) -> None:
    """PGD of 1 / 255 on the cup: bit depth gives the espresso back, and loses it again."""
    [cup] = [path for path in resources.samples() if path.stem == "coffee"]
    parameters = make_params("attack", "pgd", epsilon=1.0)
    attack = Attack(
        model=ModelRef(name="efficientnet_lite0"),
        image=ImageRef(path=str(cup)),
        method="pgd",
        parameters=parameters,
    )
    chosen = tuple(
        MethodUse(method=name, parameters=make_params("defence", name))
        for name in ("bit-depth", "jpeg")
    )
    session = Session(device=torch.device("cpu"))
    plain = execute(Defences(attack=attack, methods=chosen), session, QUIET)
    assert plain.success and plain.clean.label == "espresso"
    assert plain.rows[0].recovered and all(row.kept for row in plain.rows)
    assert all(row.adversarial.distance > row.clean.distance for row in plain.rows)
    known = execute(AdaptiveAttacks(attack=attack, methods=chosen), session, QUIET)
    assert [row.success for row in known.rows] == [True, True]
    assert all(row.norms.linf <= 1 / 255 + 1e-6 for row in known.rows)

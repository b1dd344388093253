"""Whether the adversarial image of one network fools another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Predict
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.result import Transfer
from cnnviz_gui.core.run_transfer import resized
from cnnviz_gui.core.session import Session

QUIET = NullContext()
OTHER, LARGE, TEN = (ModelRef(name=name) for name in ("other", "large", "ten"))


@pytest.fixture
def session(
    make_classifier: Callable[..., Classifier],
    raw_network: Callable[[int], nn.Sequential],
    monkeypatch: pytest.MonkeyPatch,
) -> Session:
    """Knows a small network, another of its size, one of a larger size, one of other classes."""

    def build(ref: ModelRef, ctx: object, device: object) -> Classifier:
        side = 40 if ref == LARGE else 32
        made = make_classifier(raw_network(1 if ref.name in ("small", "ten") else 2), side)
        if ref == TEN:
            made.facts = dataclasses.replace(made.facts, labels=tuple("0123456789"))
        return made

    monkeypatch.setattr(zoo, "build", build)
    return Session(device=torch.device("cpu"))


@pytest.fixture
def attack(network: ModelRef, picture: ImageRef, make_params: Callable) -> Attack:
    parameters = make_params("attack", "pgd", epsilon=32.0, steps=10)
    return Attack(model=network, image=picture, method="pgd", parameters=parameters)


def asked(attack: Attack, model: ModelRef, **changes: object) -> Predict:
    return Predict(model=model, image=attack.image, attack=attack, **changes)


def test_the_attacks_own_network_says_what_the_attack_says(
    session: Session, attack: Attack
) -> None:
    own = execute(attack, session, QUIET)
    found = execute(asked(attack, attack.model), session, QUIET)
    assert isinstance(found, Transfer)
    for mine, theirs in ((found.scores, own.adversarial), (found.clean, own.clean)):
        assert {s.index: s.logit for s in mine} == {s.index: s.logit for s in theirs}
    assert found.success == own.success is True
    assert found.resized == ""


def test_another_network_is_shown_the_very_images_of_the_attack(
    session: Session, attack: Attack
) -> None:
    own = execute(attack, session, QUIET)
    found = execute(asked(attack, OTHER, top=10), session, QUIET)
    network = session.classifier(OTHER)
    for array, scores in (
        (own.adversarial_image, found.scores),
        (own.clean_image, found.clean),
    ):
        logits = network.logits(torch.tensor(array)[None])[0].double()
        assert [s.index for s in scores] == logits.argsort(descending=True).tolist()
        assert [s.logit for s in scores] == sorted(logits.tolist(), reverse=True)
    assert found.success == (found.scores[0].index != found.clean[0].index)
    assert np.abs(found.seen / 255 - own.adversarial_image.transpose(1, 2, 0)).max() <= 0.5001 / 255


def test_a_network_of_another_size_is_shown_them_resized_and_says_so(
    session: Session, attack: Attack
) -> None:
    own = execute(attack, session, QUIET)
    found = execute(asked(attack, LARGE), session, QUIET)
    assert found.resized == "resized from 32 × 32 to 40 × 40"
    assert found.seen.shape == (40, 40, 3)
    larger = functional.interpolate(
        torch.tensor(own.adversarial_image)[None], (40, 40), mode="bilinear"
    )
    logits = session.classifier(LARGE).logits(larger)[0]
    assert found.scores[0].index == int(logits.argmax())
    assert found.scores[0].logit == pytest.approx(float(logits.max()), rel=1e-5)


@pytest.mark.parametrize("size", [17, 32, 50])
def test_resizing_keeps_constants_and_stays_in_range(size: int) -> None:
    for level in (0.0, 0.3, 1.0):
        flat = resized(np.full((3, 32, 32), level, np.float32), size)
        assert flat.shape == (1, 3, size, size)
        assert float((flat - level).abs().max()) < 1e-6
    noise = np.random.default_rng(0).random((3, 32, 32), dtype=np.float32).round()
    assert 0.0 <= float(resized(noise, size).min()) <= float(resized(noise, size).max()) <= 1.0


def test_towards_a_class_only_that_class_counts(session: Session, attack: Attack) -> None:
    winner = execute(asked(attack, OTHER), session, QUIET).clean[0].index
    targets = {winner: True, (winner + 1) % 10: False}
    for target, reached in targets.items():
        aimed = dataclasses.replace(
            attack, target=target, parameters=dataclasses.replace(attack.parameters, epsilon=0.0)
        )
        found = execute(asked(aimed, OTHER, top=1), session, QUIET)
        assert found.success is reached
        assert found.target.index == target
        assert target in {score.index for score in found.scores}


def test_a_target_means_nothing_to_a_network_with_other_classes(
    session: Session, attack: Attack
) -> None:
    own = execute(attack, session, QUIET)
    aimed = dataclasses.replace(attack, target=own.adversarial[0].index)
    found = execute(asked(aimed, TEN), session, QUIET)
    assert found.target is None
    assert found.success == (found.scores[0].index != found.clean[0].index)


def test_without_a_perturbation_nothing_changes(session: Session, attack: Attack) -> None:
    still = dataclasses.replace(
        attack, parameters=dataclasses.replace(attack.parameters, epsilon=0.0)
    )
    for model in (OTHER, LARGE):
        found = execute(asked(still, model), session, QUIET)
        assert not found.success
        assert found.scores == found.clean


def test_the_attack_is_not_computed_again_nor_the_clean_image_classified_again(
    session: Session, attack: Attack
) -> None:
    execute(attack, session, QUIET)
    execute(asked(attack, OTHER), session, QUIET)
    first, second = session.classifier(attack.model), session.classifier(OTHER)
    before = first.forwards, second.forwards
    execute(asked(attack, OTHER), session, QUIET)
    assert (first.forwards, second.forwards) == before
    stronger = dataclasses.replace(attack.parameters, epsilon=33.0)
    execute(asked(dataclasses.replace(attack, parameters=stronger), OTHER), session, QUIET)
    assert second.forwards == before[1] + 1


def test_the_attack_of_another_picture_is_refused(session: Session, attack: Attack) -> None:
    elsewhere = Predict(model=OTHER, image=ImageRef(path="b.png"), attack=attack)
    with pytest.raises(RequestError, match="different pictures"):
        execute(elsewhere, session, QUIET)


def test_the_request_survives_json(session: Session, attack: Attack) -> None:
    wanted = asked(attack, LARGE)
    replayed = from_json(wanted.to_json())
    assert replayed == wanted
    first, second = (execute(one, session, QUIET) for one in (wanted, replayed))
    assert first.scores == second.scores

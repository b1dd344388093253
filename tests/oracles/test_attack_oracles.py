"""Attacks against torchattacks and foolbox, bit for bit where they round as we do."""

from __future__ import annotations

from collections.abc import Iterator

import foolbox
import pytest
import torch
import torchattacks
from torch import Tensor

from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim, Best
from cnnviz_gui.core.attacks.apgd import climb
from cnnviz_gui.core.attacks.bim import BimParams, bim
from cnnviz_gui.core.attacks.cw import CwParams, cw
from cnnviz_gui.core.attacks.deepfool import DeepFoolParams, deepfool
from cnnviz_gui.core.attacks.fgsm import FgsmParams, fgsm
from cnnviz_gui.core.attacks.mi_fgsm import MiFgsmParams, mi_fgsm
from cnnviz_gui.core.attacks.pgd import PgdParams, pgd
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()
EPSILONS = [0.5, 1.0, 4.0, 8.0]


@pytest.fixture(params=["plain", "embedded"])
def pair(request: pytest.FixtureRequest) -> tuple[Classifier, Tensor, Tensor]:
    """A classifier, a picture and its predicted class."""
    classifier: Classifier = request.getfixturevalue(request.param)
    x = request.getfixturevalue("picture" if request.param == "plain" else "photograph")
    return classifier, x, classifier.logits(x).argmax(1)


@pytest.fixture
def seeded() -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(11)
        yield


def aimed(attack: torchattacks.attack.Attack, target: int | None) -> torchattacks.attack.Attack:
    if target is not None:
        attack.set_mode_targeted_by_label(quiet=True)
    return attack


def criterion(label: Tensor, target: Tensor | None) -> foolbox.criteria.Criterion:
    if target is None:
        return foolbox.criteria.Misclassification(label)
    return foolbox.criteria.TargetedMisclassification(target)


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("target", [None, 3])
def test_fgsm_is_torchattacks_bit_for_bit(pair: tuple, epsilon: float, target: int | None) -> None:
    classifier, x, label = pair
    wanted = None if target is None else torch.tensor([target])
    ours = fgsm(classifier, x, label, wanted, FgsmParams(epsilon=epsilon), QUIET)
    oracle = aimed(torchattacks.FGSM(classifier.fast, eps=epsilon / 255), target)
    assert torch.equal(ours, oracle(x, label if wanted is None else wanted))


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("target", [None, 3])
def test_fgsm_is_foolbox_but_for_the_last_bit(
    pair: tuple, epsilon: float, target: int | None
) -> None:
    """foolbox projects after the step, which rounds once more."""
    classifier, x, label = pair
    wanted = None if target is None else torch.tensor([target])
    ours = fgsm(classifier, x, label, wanted, FgsmParams(epsilon=epsilon), QUIET)
    model = foolbox.PyTorchModel(classifier.fast, bounds=(0, 1), device="cpu")
    oracle = foolbox.attacks.LinfFastGradientAttack(random_start=False)
    if target is not None:  # of which its own FGSM knows nothing
        oracle = foolbox.attacks.LinfPGD(rel_stepsize=1.0, steps=1, random_start=False)
    theirs, _, _ = oracle(model, x, criterion(label, wanted), epsilons=epsilon / 255)
    assert float((ours - theirs).abs().max()) <= 6e-8
    assert float((ours == theirs).float().mean()) >= 0.9
    one = PgdParams(epsilon=epsilon, step_size=epsilon, steps=1, random_start=False, keep="last")
    assert torch.equal(pgd(classifier, x, label, wanted, one, QUIET), theirs)


@pytest.mark.parametrize("start", [False, True])
@pytest.mark.parametrize("target", [None, 3])
def test_pgd_is_torchattacks_bit_for_bit(
    pair: tuple, start: bool, target: int | None, seeded: None
) -> None:
    classifier, x, label = pair
    wanted = None if target is None else torch.tensor([target])
    params = PgdParams(
        epsilon=4.0, step_size=1.0, steps=5, random_start=start, keep="last", seed=11
    )
    ours = pgd(classifier, x, label, wanted, params, QUIET)
    oracle = torchattacks.PGD(
        classifier.fast, eps=4 / 255, alpha=1 / 255, steps=5, random_start=start
    )
    assert torch.equal(ours, aimed(oracle, target)(x, label if wanted is None else wanted))


@pytest.mark.parametrize("target", [None, 3])
def test_pgd_is_foolbox_bit_for_bit(pair: tuple, target: int | None) -> None:
    classifier, x, label = pair
    wanted = None if target is None else torch.tensor([target])
    params = PgdParams(epsilon=4.0, step_size=1.0, steps=5, random_start=False, keep="last")
    ours = pgd(classifier, x, label, wanted, params, QUIET)
    model = foolbox.PyTorchModel(classifier.fast, bounds=(0, 1), device="cpu")
    oracle = foolbox.attacks.LinfPGD(abs_stepsize=1 / 255, steps=5, random_start=False)
    theirs, _, _ = oracle(model, x, criterion(label, wanted), epsilons=4 / 255)
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("epsilon", [0.25, 2.0])
def test_pgd_l2_is_torchattacks_up_to_rounding(
    plain: Classifier, picture: Tensor, epsilon: float
) -> None:
    label = plain.logits(picture).argmax(1)
    params = PgdParams(
        norm="l2",
        epsilon=epsilon,
        step_size=epsilon / 4,
        steps=5,
        random_start=False,
        keep="last",
    )
    ours = pgd(plain, picture, label, None, params, QUIET)
    oracle = torchattacks.PGDL2(  # it cannot read gradients that are channels-last
        plain.stock, eps=epsilon, alpha=epsilon / 4, steps=5, random_start=False
    )
    assert float((ours - oracle(picture, label)).abs().max()) <= 1e-5


def test_the_best_image_is_never_weaker_than_the_last(plain: Classifier, picture: Tensor) -> None:
    label = plain.logits(picture).argmax(1)
    for epsilon in (0.25, 0.5, 1.0, 2.0):
        last = PgdParams(epsilon=epsilon, steps=5, keep="last")
        best = PgdParams(epsilon=epsilon, steps=5, keep="best")
        won = [
            bool(plain.logits(pgd(plain, picture, label, None, p, QUIET)).argmax(1) != label)
            for p in (last, best)
        ]
        assert won[1] >= won[0]


@pytest.mark.parametrize("target", [None, 3])
def test_bim_is_torchattacks_but_for_the_last_bit(pair: tuple, target: int | None) -> None:
    """It compares with the bounds where we clip the difference, which rounds otherwise."""
    classifier, x, label = pair
    wanted = None if target is None else torch.tensor([target])
    params = BimParams(epsilon=4.0, step_size=1.0, steps=5, keep="last")
    ours = bim(classifier, x, label, wanted, params, QUIET)
    oracle = aimed(torchattacks.BIM(classifier.fast, eps=4 / 255, alpha=1 / 255, steps=5), target)
    theirs = oracle(x, label if wanted is None else wanted)
    assert float(((ours - theirs).abs() <= 2e-7).float().mean()) >= 0.999


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("target", [None, 3])
def test_mi_fgsm_is_torchattacks_bit_for_bit(pair: tuple, decay: float, target: int | None) -> None:
    classifier, x, label = pair
    wanted = None if target is None else torch.tensor([target])
    params = MiFgsmParams(epsilon=4.0, step_size=1.0, steps=5, decay=decay, keep="last")
    ours = mi_fgsm(classifier, x, label, wanted, params, QUIET)
    oracle = torchattacks.MIFGSM(classifier.fast, eps=4 / 255, alpha=1 / 255, steps=5, decay=decay)
    assert torch.equal(ours, aimed(oracle, target)(x, label if wanted is None else wanted))


def test_deepfool_is_foolbox(pair: tuple) -> None:
    classifier, x, label = pair
    ours = deepfool(classifier, x, label, None, DeepFoolParams(steps=20), QUIET)
    model = foolbox.PyTorchModel(classifier.fast, bounds=(0, 1), device="cpu")
    oracle = foolbox.attacks.L2DeepFoolAttack(steps=20, candidates=10, overshoot=0.02)
    theirs = oracle.run(model, x, criterion(label, None))
    change = float((theirs - x).norm())
    assert change > 0 and float((ours - theirs).norm()) <= 1e-3 * change


@pytest.mark.parametrize("target", [None, 3])
def test_carlini_and_wagner_find_what_foolbox_finds(plain: Classifier, target: int | None) -> None:
    x = torch.rand(1, 3, 33, 33, generator=torch.Generator().manual_seed(5)) * 0.6 + 0.2
    label = plain.logits(x).argmax(1)
    wanted = None if target is None else torch.tensor([target])
    ours = cw(plain, x, label, wanted, CwParams(steps=60, search=5, c=1.0), QUIET)
    model = foolbox.PyTorchModel(plain.fast, bounds=(0, 1), device="cpu")
    oracle = foolbox.attacks.L2CarliniWagnerAttack(
        binary_search_steps=5, steps=60, stepsize=0.01, initial_const=1.0, abort_early=False
    )
    theirs = oracle.run(model, x, criterion(label, wanted))
    sizes = [float((found - x).norm()) for found in (ours, theirs)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)


@pytest.mark.parametrize("loss", ["cross-entropy", "dlr"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_apgd_goes_the_way_of_torchattacks(
    pair: tuple, monkeypatch: pytest.MonkeyPatch, norm: str, loss: str
) -> None:
    """From one start both go through the same images, step sizes and returns included."""
    classifier, x, label = pair
    radius, steps = (2 / 255, 20) if norm == "linf" else (0.3, 20)
    ball = balls.ball(norm, radius)
    noise = torch.rand(x.shape, generator=torch.Generator().manual_seed(9))
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: noise.clone())
    monkeypatch.setattr(torch, "randn", lambda *shape, **_: noise.clone())
    oracle = torchattacks.APGD(
        classifier.fast,
        norm={"linf": "Linf", "l2": "L2"}[norm],
        eps=radius,
        steps=steps,
        loss={"cross-entropy": "ce", "dlr": "dlr"}[loss],
    )
    _, _, theirs, _ = oracle.attack_single_run(x, label)
    drawn = 2 * noise - 1 if norm == "linf" else noise
    extent = drawn.abs().max() if norm == "linf" else drawn.norm()
    start = (x + radius * drawn / extent).clamp(0, 1)
    aim = Aim(label, None, loss)
    seen: list[float] = []

    class Watching(Best):
        def offer(self, image: Tensor, logits: Tensor) -> None:
            seen.append(float(aim.gain(logits)))
            super().offer(image, logits)

    climb(classifier, ball, x, start, Watching(aim), steps, (0, steps + 1), QUIET)
    assert len(seen) == steps + 1
    # Through many ReLUs a last bit grows on the way; the small network has few.
    rel = 1e-3 if classifier.facts.name == "plain" else 0.02
    assert max(seen) == pytest.approx(float(theirs), rel=rel, abs=1e-3)

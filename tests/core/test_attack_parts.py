"""What attacks are made of: the L1 ball, the losses, squares, borders, and where they must stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor, nn

from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.attacks.aim import Aim
from cnnviz_gui.core.attacks.boundary import BoundaryParams, boundary
from cnnviz_gui.core.attacks.cw import CwParams, cw
from cnnviz_gui.core.attacks.deepfool import DeepFoolParams, deepfool
from cnnviz_gui.core.attacks.naive import NaiveParams, naive
from cnnviz_gui.core.attacks.square import SquareParams, square
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("radius", [0.05, 0.4, 1.5, 20.0])
def test_the_l1_projection_is_the_nearest_point_a_solver_finds(seed: int, radius: float) -> None:
    generator = np.random.default_rng(seed)
    image = generator.random((1, 3, 2, 2), dtype=np.float32)
    moved = image + generator.normal(0, 0.6, image.shape).astype(np.float32)
    found = balls.ball("l1", radius).project(torch.tensor(image), torch.tensor(moved))
    x, y = image.ravel().astype(float), moved.ravel().astype(float)
    # As up and down parts, both positive, the sum of sizes is linear.
    up, down = 1 - x, x
    solved = minimize(
        lambda p: float(((x + p[:12] - p[12:] - y) ** 2).sum()),
        np.zeros(24),
        jac=lambda p: np.concatenate(
            [2 * (x + p[:12] - p[12:] - y), -2 * (x + p[:12] - p[12:] - y)]
        ),
        bounds=[(0, b) for b in (*up, *down)],
        constraints={
            "type": "ineq",
            "fun": lambda p: radius - p.sum(),
            "jac": lambda p: -np.ones(24),
        },
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-14},
    )
    nearest = x + solved.x[:12] - solved.x[12:]
    assert np.abs(found.numpy().ravel() - nearest).max() < 2e-4


def test_the_l1_projection_uses_the_budget_up() -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(2, 3, 32, 32, generator=generator)
    moved = image + torch.randn(image.shape, generator=generator)
    sizes = balls.size("l1", balls.ball("l1", 25.0).project(image, moved) - image)
    assert bool((sizes <= 25).all()) and float(sizes.min()) > 24.999


def test_a_step_in_l1_changes_the_hundredth_with_the_largest_gradient() -> None:
    gradient = torch.randn(1, 3, 20, 20, generator=torch.Generator().manual_seed(0))
    step = balls.ball("l1", 1.0).step(gradient, "steepest", 6.0)
    changed = step != 0
    assert int(changed.sum()) == 12
    assert torch.allclose(step[changed], gradient[changed].sign() * 0.5)
    assert float(gradient[changed].abs().min()) > float(gradient[~changed].abs().max())


def test_losses_are_what_their_papers_say() -> None:
    logits = torch.tensor([[2.0, 5.0, -1.0, 3.5, 0.0], [-3.0, -2.0, -8.0, -5.0, -4.0]])
    label, target = torch.tensor([1, 1]), torch.tensor([0, 4])
    away, towards = Aim(label, None), Aim(label, target)
    assert away.margin(logits).tolist() == pytest.approx([1.5, 1.0])
    assert towards.margin(logits).tolist() == pytest.approx([3.0, 2.0])
    # -(z_y - max other) / (z_1 - z_3)
    assert away.dlr(logits).tolist() == pytest.approx([-1.5 / 3.0, -1.0 / 2.0])
    # -(z_y - z_t) / (z_1 - (z_3 + z_4) / 2)
    assert towards.dlr(logits).tolist() == pytest.approx([-3.0 / 4.0, -2.0 / 2.5])
    assert torch.allclose(away.dlr(logits), away.dlr(logits * 100), rtol=1e-5)


@pytest.mark.parametrize(("classes", "targeted"), [(2, False), (2, True), (3, True)])
def test_dlr_of_few_classes_is_the_margin(classes: int, targeted: bool) -> None:
    logits = torch.randn(4, classes, generator=torch.Generator().manual_seed(0))
    label = logits.argmax(1)
    aim = Aim(label, (label + 1) % classes if targeted else None)
    assert torch.equal(aim.dlr(logits), -aim.margin(logits))


def test_a_margin_is_negative_where_the_aim_is_reached() -> None:
    logits = torch.randn(200, 6, generator=torch.Generator().manual_seed(1))
    label = torch.randint(0, 6, (200,), generator=torch.Generator().manual_seed(2))
    for aim in (Aim(label, None), Aim(label, (label + 2) % 6)):
        assert torch.equal(aim.margin(logits) < 0, aim.reached(logits))


@pytest.fixture
def flat(make_classifier: Callable[[nn.Module], Classifier]) -> Classifier:
    """A network whose borders are planes in the pixels."""
    linear = nn.Linear(3 * 32 * 32, 10)
    with torch.no_grad():
        linear.weight.normal_(0, 0.005, generator=torch.Generator().manual_seed(0))
        linear.bias.copy_(torch.arange(10.0) / 2)
    return make_classifier(nn.Sequential(nn.Flatten(), linear))


@pytest.fixture
def inner(batch: Tensor) -> Tensor:
    """Pictures of which no value comes near black or white."""
    return batch * 0.2 + 0.4


def distances(flat: Classifier, x: Tensor) -> Tensor:
    """The distance (N, K) in L2 from each picture to its border with each class, 0 to its own."""
    logits = flat.logits(x)
    rows = [flat.gradient(x[:1], lambda z, k=k: z[:, k])[0].flatten() for k in range(10)]
    weight, label = torch.stack(rows), logits.argmax(1)
    lead = logits.gather(1, label[:, None]) - logits
    return lead / (weight[label][:, None] - weight).norm(dim=2).clamp_min(1e-9)


@pytest.mark.parametrize("targeted", [False, True])
def test_deepfool_goes_the_exact_way_to_a_flat_border(
    flat: Classifier, inner: Tensor, targeted: bool
) -> None:
    label = flat.logits(inner).argmax(1)
    away = distances(flat, inner).scatter(1, label[:, None], torch.inf)
    target = away.argmin(1) if targeted else None  # nothing lies before it
    wanted = away.amin(1)
    found = deepfool(flat, inner, label, target, DeepFoolParams(overshoot=0.02), QUIET)
    sizes = balls.size("l2", found - inner).float()
    assert torch.allclose(sizes, wanted * 1.02, rtol=2e-3, atol=2e-4)
    assert bool(Aim(label, target).reached(flat.logits(found)).all())


@pytest.mark.parametrize("targeted", [False, True])
def test_carlini_and_wagner_come_close_to_a_flat_border(
    flat: Classifier, inner: Tensor, targeted: bool
) -> None:
    label = flat.logits(inner).argmax(1)
    away = distances(flat, inner).scatter(1, label[:, None], torch.inf)
    target = away.argmin(1) if targeted else None
    wanted = away.amin(1)
    found = cw(flat, inner, label, target, CwParams(steps=200, search=6, rate=0.002), QUIET)
    sizes = balls.size("l2", found - inner).float()
    assert bool(Aim(label, target).reached(flat.logits(found)).all())
    assert bool((sizes >= wanted * (1 - 1e-3)).all())
    assert bool((sizes <= wanted * 1.1).all())


def test_deepfool_reaches_a_class_behind_others(flat: Classifier, inner: Tensor) -> None:
    label = flat.logits(inner).argmax(1)
    target = flat.logits(inner).argmin(1)
    found = deepfool(flat, inner, label, target, DeepFoolParams(), QUIET)
    assert bool(Aim(label, target).reached(flat.logits(found)).all())
    border = distances(flat, inner).gather(1, target[:, None])[:, 0]
    sizes = balls.size("l2", found - inner).float()
    assert bool((sizes >= border * (1 - 1e-3)).all()) and bool((sizes <= border * 2).all())


def test_confidence_asks_for_a_lead(flat: Classifier, inner: Tensor) -> None:
    label = flat.logits(inner).argmax(1)
    found = cw(flat, inner, label, None, CwParams(steps=100, confidence=1.0), QUIET)
    assert bool((Aim(label, None).margin(flat.logits(found)) <= -1.0).all())


def test_what_cannot_succeed_returns_the_picture(flat: Classifier, inner: Tensor) -> None:
    label = flat.logits(inner).argmax(1)
    hopeless = CwParams(steps=3, search=1, c=0.0001, rate=0.0001)
    assert torch.equal(cw(flat, inner, label, None, hopeless, QUIET), inner)


def test_a_picture_of_another_class_is_not_changed(flat: Classifier, inner: Tensor) -> None:
    label = (flat.logits(inner).argmax(1) + 1) % 10  # so the aim is reached already
    for run, given in ((deepfool, DeepFoolParams()), (cw, CwParams(steps=5, search=2))):
        assert torch.equal(run(flat, inner, label, None, given, QUIET), inner)


def test_the_naive_attack_drifts_further_with_every_step(lively: Classifier, batch: Tensor) -> None:
    label = lively.logits(batch).argmax(1)
    sizes = [
        float(
            balls.size(
                "l2", naive(lively, batch, label, None, NaiveParams(steps=n), QUIET) - batch
            ).min()
        )
        for n in (1, 5, 20)
    ]
    assert 0.4 < sizes[0] < sizes[1] < sizes[2]


def test_the_naive_attack_stops_when_told_to(lively: Classifier, batch: Tensor) -> None:
    label = lively.logits(batch).argmax(1)
    target = lively.logits(batch).argsort(1, descending=True)[:, 1]
    aim = Aim(label, target)
    stopped = naive(lively, batch, label, target, NaiveParams(steps=200, stop=True), QUIET)
    assert bool(aim.reached(lively.logits(stopped)).all())
    driven = naive(lively, batch, label, target, NaiveParams(steps=200), QUIET)
    assert bool((balls.size("l2", driven - batch) > balls.size("l2", stopped - batch)).all())


def _changed(a: Tensor, b: Tensor) -> float:
    """The share of the pixels in which two pictures differ."""
    return float(((a - b).abs().amax(1) > 1e-6).float().mean())


class Asking:
    """A network that counts, and refuses whatever a black box does not give."""

    def __init__(self, classifier: Classifier) -> None:
        self.facts, self.device = classifier.facts, classifier.device
        self.asked: list[Tensor] = []
        self._classifier = classifier

    def logits(self, x: Tensor, ctx: object = QUIET) -> Tensor:
        self.asked.append(x)
        return self._classifier.logits(x)


@pytest.mark.parametrize("targeted", [False, True])
def test_square_asks_as_often_as_allowed_and_never_gets_worse(
    lively: Classifier, batch: Tensor, recorder: type, targeted: bool
) -> None:
    network, x = Asking(lively), batch[:1]
    label = lively.logits(x).argmax(1)
    target = (label + 5) % 10 if targeted else None
    aim = Aim(label, target, "cross-entropy" if targeted else "margin")
    shown = recorder()
    given = SquareParams(epsilon=1.0, queries=200)
    found = square(network, x, label, target, given, shown)
    gains = [float(aim.gain(iterate.logits)) for iterate in shown.partials]
    assert gains == sorted(gains) and len(gains) > 3
    assert len(network.asked) == 200
    best = max(float(aim.gain(lively.logits(tried))) for tried in network.asked)
    assert float(aim.gain(lively.logits(found))) == pytest.approx(best, abs=1e-6)
    for tried in network.asked:
        assert float((tried - x).abs().max()) <= 1 / 255 + 1e-7
        assert float(tried.min()) >= 0 and float(tried.max()) <= 1


def test_square_begins_with_stripes_and_its_squares_shrink(
    lively: Classifier, batch: Tensor
) -> None:
    network, x = Asking(lively), batch[:1] * 0.5 + 0.25
    label = lively.logits(x).argmax(1)
    square(network, x, label, (label + 1) % 10, SquareParams(epsilon=1.0, queries=600), QUIET)
    first = (network.asked[0] - x) * 255
    assert torch.allclose(first.abs(), torch.ones_like(first), atol=1e-4)
    assert float(first.diff(dim=2).abs().max()) < 1e-4  # alike from top to bottom
    shares = [_changed(a, b) for a, b in zip(network.asked, network.asked[1:], strict=False)]
    assert max(shares[100:]) < 0.8 / 2  # two squares of 0.8 / 8 at most: the old and the new
    assert max(shares[550:]) < 0.8 / 8


def test_square_stops_at_the_first_success(lively: Classifier, batch: Tensor) -> None:
    network = Asking(lively)
    label = lively.logits(batch).argmax(1)
    found = square(network, batch, label, None, SquareParams(epsilon=32.0, queries=500), QUIET)
    assert bool((lively.logits(found).argmax(1) != label).all())
    assert len(network.asked) < 500


def test_a_walk_along_the_border_comes_nearer_and_knows_only_classes(
    lively: Classifier, batch: Tensor
) -> None:
    x = batch[:1]
    label = lively.logits(x).argmax(1)
    sizes = []
    for queries in (100, 400, 1600):
        network = Asking(lively)
        found = boundary(network, x, label, None, BoundaryParams(queries=queries), QUIET)
        assert int(lively.logits(found).argmax(1)) != int(label)
        assert len(network.asked) <= queries
        sizes.append(float(balls.size("l2", found - x)))
    assert sizes[0] > sizes[1] > sizes[2]


def test_a_walk_is_the_same_whatever_the_scores_are(
    raw_network: Callable[[int], nn.Sequential], lively: Classifier, batch: Tensor
) -> None:
    class Coarse(Asking):
        def logits(self, x: Tensor, ctx: object = QUIET) -> Tensor:
            exact = super().logits(x)
            return torch.nn.functional.one_hot(exact.argmax(1), 10).float()

    x, given = batch[:1], BoundaryParams(queries=200)
    label = lively.logits(x).argmax(1)
    found = boundary(lively, x, label, None, given, QUIET)
    assert torch.equal(found, boundary(Coarse(lively), x, label, None, given, QUIET))


def test_a_walk_without_a_start_is_refused(small: Classifier, batch: Tensor) -> None:
    label = small.logits(batch).argmax(1)  # to this network all noise is one class
    with pytest.raises(MethodError, match="no start"):
        boundary(small, batch, label, None, BoundaryParams(queries=100), QUIET)

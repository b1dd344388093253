"""The plane through a picture: what is at each point, coarse to fine, its ball and its path."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui.core import plane_found, plane_words, run_plane
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.plane_requests import Plane, PlaneParams, PlanePicture
from cnnviz_gui.core.plane_results import UNKNOWN, PlaneResult
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session

QUIET = NullContext()


@pytest.fixture
def session(lively: Classifier, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: lively)
    return Session(device=torch.device("cpu"))


@pytest.fixture
def second(tmp_path) -> ImageRef:
    path = tmp_path / "second.png"
    pixels = np.random.default_rng(7).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return ImageRef(path=str(path))


@pytest.fixture
def plane(picture: ImageRef, make_params: Callable) -> Callable[..., Plane]:
    def make(method: str = "pgd", given: dict | None = None, **params) -> Plane:
        attack = Attack(
            model=ModelRef(name="small"),
            image=picture,
            method=method,
            parameters=make_params("attack", method, **(given or {})),
        )
        return Plane(attack=attack, parameters=PlaneParams(**({"points": "17"} | params)))

    return make


def logits_at(session: Session, plane: Plane, a: float, b: float) -> torch.Tensor:
    axes = run_plane._axes(plane, session, QUIET)
    x = (axes.clean.image + a * axes.along + b * axes.across).clamp(0, 1)
    return axes.clean.network.logits(x)[0].double()


@pytest.mark.parametrize("across", ["random", "class", "image"])
def test_each_point_is_what_the_network_says_there(
    session: Session, plane: Callable, second: ImageRef, across: str
) -> None:
    asked = dataclasses.replace(plane(across=across), other_image=second)
    found = execute(asked, session, QUIET)
    assert isinstance(found, PlaneResult) and found.done == found.expected == 17 * 17
    for row, column in ((0, 0), (8, 8), (8, 12), (3, 14), (16, 1)):
        a, b = -2 + column / 4, -2 + row / 4
        logits = logits_at(session, asked, a, b)
        probability = logits.softmax(0)
        assert found.classes[row, column] == int(probability.argmax())
        assert found.confidence[row, column] == pytest.approx(float(probability.max()), abs=1e-5)
        own = -float(probability.log()[found.label.index])
        assert found.loss[row, column] == pytest.approx(own, abs=1e-4)
    attacked = execute(asked.attack, session, QUIET)
    assert found.classes[8, 8] == attacked.clean[0].index == found.label.index
    assert found.classes[8, 12] == attacked.adversarial[0].index  # a = 1, b = 0
    assert {index for index, _ in found.names} == set(found.classes.ravel().tolist())


@pytest.mark.parametrize("across", ["random", "class", "image"])
def test_the_directions_are_orthogonal_and_as_long_as_told(
    session: Session, plane: Callable, second: ImageRef, across: str
) -> None:
    asked = dataclasses.replace(plane(across=across), other_image=second)
    axes = run_plane._axes(asked, session, QUIET)
    lengths = float(axes.along.norm()), float(axes.across.norm())
    assert abs(float((axes.along * axes.across).sum())) <= 1e-4 * lengths[0] * lengths[1]
    assert execute(asked, session, QUIET).lengths == pytest.approx(lengths)
    if across == "image":  # at b = 1 lies the other picture, but for what goes along the attack
        other = session.input(asked.attack.model, second, QUIET)
        change = other - axes.clean.image
        share = (change * axes.along).sum() / (axes.along**2).sum()
        exact = axes.clean.image + share * axes.along + axes.across
        assert torch.allclose(exact, other, atol=1e-5)
    else:
        assert lengths[0] == pytest.approx(lengths[1], rel=1e-4)


def test_a_seed_is_another_plane(session: Session, plane: Callable) -> None:
    first, second = (execute(plane(seed=seed), session, QUIET) for seed in (0, 1))
    again = execute(plane(seed=0), Session(device=torch.device("cpu")), QUIET)
    assert np.array_equal(first.confidence, again.confidence)
    assert not np.array_equal(first.confidence, second.confidence)


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 2.0), ("l2", 0.5), ("l1", 8.0)])
def test_the_edge_of_the_ball_is_where_the_norm_says(
    session: Session, plane: Callable, norm: str, epsilon: float
) -> None:
    asked = plane(given={"norm": norm, "epsilon": epsilon, "steps": 4})
    found = execute(asked, session, QUIET)
    axes = run_plane._axes(asked, session, QUIET)
    order = {"linf": math.inf, "l2": 2, "l1": 1}[norm]
    radius = epsilon / 255 if norm == "linf" else epsilon
    for a, b in found.ball[::15].tolist():
        change = (a * axes.along + b * axes.across).flatten().double()
        assert float(torch.linalg.vector_norm(change, order)) == pytest.approx(radius, rel=1e-4)


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 2.0), ("l2", 0.5), ("l1", 8.0)])
def test_the_axes_are_told_in_epsilons(
    session: Session, plane: Callable, norm: str, epsilon: float
) -> None:
    asked = plane(given={"norm": norm, "epsilon": epsilon, "steps": 4})
    found = execute(asked, session, QUIET)
    assert (found.epsilon, found.norm) == (epsilon, norm)
    far = found.ball * np.array(found.units)  # on each axis the ball ends at one epsilon
    assert far[0] == pytest.approx([1, 0], abs=1e-4)
    assert far[len(far) // 4] == pytest.approx([0, 1], abs=1e-4)


def test_what_the_plane_cuts_off_is_told(session: Session, plane: Callable) -> None:
    asked = plane(reach=64.0)
    found = execute(asked, session, QUIET)
    corner = PlanePicture(plane=asked, along=64.0, across=64.0)
    cut = execute(corner, session, QUIET).clipped
    assert 0 < cut <= found.clipped <= 1
    axes = run_plane._axes(asked, session, QUIET)
    x = axes.pictures([(a, b) for a in (-64.0, 64.0) for b in (-64.0, 64.0)])
    assert found.clipped == pytest.approx(float((x != x.clamp(0, 1)).float().mean((1, 2, 3)).max()))


def test_the_picture_of_a_point_is_seen_as_the_plane_says(
    session: Session, plane: Callable
) -> None:
    asked = plane()
    found = execute(asked, session, QUIET)
    for row, column in ((0, 0), (3, 14), (8, 12), (16, 1), (16, 16)):
        point = PlanePicture(plane=asked, along=-2 + column / 4, across=-2 + row / 4)
        seen = execute(point, session, QUIET).scores[0]
        assert seen.index == found.classes[row, column]
        assert seen.probability == pytest.approx(found.confidence[row, column], abs=1e-5)


def test_without_a_budget_there_is_no_ball(session: Session, plane: Callable) -> None:
    found = execute(plane("deepfool"), session, QUIET)
    assert found.ball.shape == (0, 2) and found.epsilon is None
    assert found.units == pytest.approx((1, 1), rel=1e-3)


@pytest.mark.parametrize("method", ["fgsm", "pgd", "deepfool", "square"])
def test_the_path_leads_from_the_picture_to_where_the_attack_ended(
    session: Session, plane: Callable, method: str
) -> None:
    path = execute(plane(method), session, QUIET).path
    assert path[0].tolist() == [0, 0]
    assert path[-1] == pytest.approx([1, 0], abs=1e-4)


def test_it_goes_from_coarse_to_fine_and_asks_each_point_once(
    session: Session, plane: Callable, recorder: type
) -> None:
    for side in (17, 33, 65, 129):
        order = list(plane_found.order(side))
        assert len(set(order)) == len(order) == side * side
        step = (side - 1) // 4
        assert set(order[:25]) == {(r * step, c * step) for r in range(5) for c in range(5)}
        assert set(order[:81]) == {
            (r * step // 2, c * step // 2) for r in range(9) for c in range(9)
        }


def test_what_is_not_known_yet_is_said_to_be(
    session: Session, plane: Callable, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_plane.Pace, "due", lambda self: True)
    watching = recorder()
    execute(plane(), session, watching)
    shown = [value for value in watching.partials if isinstance(value, PlaneResult)]
    assert [value.done for value in shown] == sorted({value.done for value in shown})
    first = shown[0]
    assert 0 < first.done < first.expected
    assert np.array_equal(first.classes == UNKNOWN, np.isnan(first.confidence))
    for value in shown:
        stride = 16 // (value.grid - 1)
        whole = value.classes[::stride, ::stride]
        assert value.grid in (5, 9, 17) and (whole != UNKNOWN).all()
        assert value.grid**2 <= value.done < (2 * value.grid - 1) ** 2 or value.grid == 17
        assert sum(value.shares.values()) == pytest.approx(1)
        for index, share in value.shares.items():
            assert share == (whole == index).mean()
        assert np.isfinite(value.drawing.confidence).all()


def test_it_is_remembered_and_can_be_cancelled(
    session: Session, plane: Callable, lively: Classifier, recorder: type
) -> None:
    asked = plane()
    with pytest.raises(Cancelled):
        execute(asked, session, recorder(cancel_at=9))
    first = execute(asked, session, QUIET)
    before = lively.forwards
    assert execute(asked, session, QUIET) is first and lively.forwards == before


def test_a_plane_that_was_stopped_is_gone_on_with(
    session: Session, plane: Callable, lively: Classifier, recorder: type
) -> None:
    asked = plane(points="33")
    whole = recorder()
    expected = execute(asked, Session(device=torch.device("cpu")), whole)
    with pytest.raises(Cancelled):
        execute(asked, session, recorder(cancel_at=whole.checks * 9 // 10))
    begun = session.recall(("plane begun", ("plane", run_plane._exact(asked, session, QUIET))))
    assert expected.expected // 2 < begun.done < expected.expected
    before, spent = lively.forwards, begun.seconds
    found = execute(asked, session, QUIET)
    assert lively.forwards - before <= expected.expected // 2
    assert 0 < spent < found.seconds, "of both jobs, as its points are"
    assert np.array_equal(found.classes, expected.classes)
    assert np.allclose(found.loss, expected.loss, atol=1e-5)


def test_points_are_known_only_once_they_are_written_down(
    session: Session, plane: Callable, lively: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = execute(plane(), Session(device=torch.device("cpu")), QUIET)
    note, passes = plane_found.Found.note, []

    def failing(found: plane_found.Found, points: list, logits: torch.Tensor) -> None:
        passes.append(len(points))
        # Of one class there are no two likeliest.
        note(found, points, logits if len(passes) != 2 else logits[:, :1])

    monkeypatch.setattr(plane_found.Found, "note", failing)
    with pytest.raises(RuntimeError):
        execute(plane(), session, QUIET)
    begun = session.recall(("plane begun", ("plane", run_plane._exact(plane(), session, QUIET))))
    assert begun.done == passes[0] < expected.expected
    found = execute(plane(), session, QUIET)
    assert found.done == found.expected and not (found.classes == UNKNOWN).any()
    assert np.array_equal(found.classes, expected.classes)


class _Narrow(torch.Tensor):
    """On a device without 64-bit floats."""

    def double(self) -> torch.Tensor:
        raise TypeError("no float64 here")

    def cpu(self) -> torch.Tensor:
        return self.as_subclass(torch.Tensor)


def test_the_device_need_have_no_wide_floats(
    session: Session, plane: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = execute(plane(), Session(device=torch.device("cpu")), QUIET)
    note = plane_found.Found.note
    monkeypatch.setattr(
        plane_found.Found,
        "note",
        lambda found, points, logits: note(found, points, logits.as_subclass(_Narrow)),
    )
    found = execute(plane(), session, QUIET)
    assert np.array_equal(found.loss, expected.loss)


def test_the_attack_is_not_run_again_for_another_reach(
    session: Session, plane: Callable, lively: Classifier
) -> None:
    execute(plane(), session, QUIET)
    before = lively.backwards
    execute(plane(reach=3.0), session, QUIET)
    execute(plane(points="33"), session, QUIET)
    assert lively.backwards == before


def test_a_point_shows_its_picture(session: Session, plane: Callable) -> None:
    asked = plane()
    attacked = execute(asked.attack, session, QUIET)
    end = execute(PlanePicture(plane=asked, along=1.0, across=0.0), session, QUIET)
    levels = (attacked.adversarial_image * 255).round().transpose(1, 2, 0)
    assert np.abs(end.picture.astype(float) - levels).max() <= 1
    assert end.scores[0].index == attacked.adversarial[0].index and end.clipped == 0
    far = execute(PlanePicture(plane=asked, along=200.0, across=0.0), session, QUIET)
    assert 0.5 < far.clipped <= 1
    with pytest.raises(RequestError, match="finite"):
        execute(PlanePicture(plane=asked, along=math.nan, across=0.0), session, QUIET)


def test_what_gives_no_plane_is_refused(session: Session, plane: Callable) -> None:
    with pytest.raises(MethodError, match="no perturbation"):
        execute(plane(given={"epsilon": 0.0}), session, QUIET)
    with pytest.raises(RequestError, match="no other picture"):
        execute(plane(across="image"), session, QUIET)
    same = plane(across="class")
    target = 4
    attack = dataclasses.replace(same.attack, target=target)
    with pytest.raises(MethodError, match="same way"):
        execute(dataclasses.replace(same, attack=attack, other=target), session, QUIET)


def test_a_plane_survives_json(plane: Callable, second: ImageRef) -> None:
    asked = dataclasses.replace(plane(across="image", reach=3.5), other_image=second, other=4)
    assert from_json(asked.to_json()) == asked
    point = PlanePicture(plane=asked, along=0.5, across=-1.25)
    assert from_json(point.to_json()) == point


def test_without_a_classifier_the_classes_are_but_outputs(
    session: Session, plane: Callable, lively: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = dataclasses.replace(lively.facts, trained=True, headless=True)
    monkeypatch.setattr(lively, "facts", facts)
    found = execute(plane(across="class"), session, QUIET)
    assert {name for _, name in found.names} == {f"output {index}" for index, _ in found.names}
    assert found.label.label == f"output {found.label.index}" and "output" in found.across
    point = PlanePicture(plane=plane(across="class"), along=1.0, across=0.0)
    assert execute(point, session, QUIET).scores[0].label.startswith("output ")


def test_the_network_changes_its_mind_at_the_first_border(
    session: Session, plane: Callable
) -> None:
    asked = plane(points="65")
    found = execute(asked, session, QUIET)
    border = plane_words.first_borders(found).along
    assert border is not None
    cell = 2 * found.reach / 64
    before, after = (border / found.units[0] + step * cell for step in (-1, 1))
    assert logits_at(session, asked, before, 0.0).argmax() == found.label.index
    assert logits_at(session, asked, after, 0.0).argmax() != found.label.index

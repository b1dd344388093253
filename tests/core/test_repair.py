"""An attack that 8 bits undo, repaired on the grid; JPEG and what it does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz_gui.core import repair
from cnnviz_gui.core.adversarial_file import save_adversarial
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, OutputError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.files import quantised
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, SaveAdversarial
from cnnviz_gui.core.result import AttackResult, SavedPicture
from cnnviz_gui.core.session import Session
from tests.core.test_level_ball import inside

QUIET = NullContext()
_LEAD = 3.0
EPSILONS = {"linf": 1.4, "l2": 0.05, "l1": 0.6}


def linear(margin: float) -> nn.Module:
    """Ten classes of a 32 x 32 picture: class 0 leads class 1 by ``margin``, on mid grey."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 10))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        weight = torch.zeros(10, 3 * 32 * 32)
        slope = 0.05 * torch.randn(3 * 32 * 32, generator=generator)
        weight[0], weight[1] = slope, -slope
        network[1].weight.copy_(weight)
        network[1].bias.zero_()
        network[1].bias[2:] = -1000.0
    return network


@pytest.fixture
def grey(tmp_path: Path) -> ImageRef:
    path = tmp_path / "grey.png"
    Image.fromarray(np.full((32, 32, 3), 128, np.uint8)).save(path)
    return ImageRef(path=str(path))


@pytest.fixture
def plain(make_classifier: Callable) -> Callable[[float], Classifier]:
    def make(margin: float) -> Classifier:
        network = linear(margin)
        classifier = make_classifier(network)
        seen = classifier.logits(torch.full((1, 3, 32, 32), 128 / 255))[0]
        with torch.no_grad():  # class 0 leads by the margin
            network[1].bias[0] += margin - float(seen[0] - seen[1])
        return classifier

    return make


def attacked(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch, asked: Attack
) -> tuple[AttackResult, Session]:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    session = Session(device=torch.device("cpu"))
    result = execute(asked, session, QUIET)
    assert isinstance(result, AttackResult)
    return result, session


def just_beyond(
    norm: str, epsilon: float, picture: ImageRef, make_params: Callable, target: int | None = None
) -> Attack:
    params = make_params(
        "attack", "pgd", norm=norm, epsilon=epsilon, steps=20, random_start=False, keep="last"
    )
    return Attack(
        model=ModelRef(name="small"), image=picture, method="pgd", parameters=params, target=target
    )


def undone(
    norm: str,
    plain: Callable[[float], Classifier],
    picture: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[AttackResult, Session, Classifier, Attack]:
    """Return an attack that succeeds before rounding and fails after it.

    The margin is set between what the rounded image gains and what the exact one does or, where
    that is less, the best one of the grid.
    """
    asked = just_beyond(norm, EPSILONS[norm], picture, make_params)
    probe = plain(_LEAD)
    result, _ = attacked(probe, monkeypatch, asked)
    rounded = torch.tensor(quantised(result)).permute(2, 0, 1)[None] / 255

    def lead(image: torch.Tensor) -> float:
        logits = probe.logits(image)[0].double()
        return float(logits[0] - logits[1])

    exact = lead(torch.tensor(result.adversarial_image)[None])
    slope, _ = probe.gradient(torch.full((1, 3, 32, 32), 128 / 255), lambda z: z[:, 1] - z[:, 0])
    best = repair.ball_of(result).farthest(slope[0].double().numpy())
    there = lead(((128 + torch.tensor(best))[None] / 255).float())
    reached = exact if norm == "linf" else max(exact, there)
    assert lead(rounded) > reached + 0.005, "rounding costs the attack something"
    classifier = plain(_LEAD - (lead(rounded) + reached) / 2)
    result, session = attacked(classifier, monkeypatch, asked)
    assert result.success
    return result, session, classifier, asked


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_what_rounding_undoes_is_repaired_inside_the_ball(
    norm: str,
    plain: Callable,
    grey: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    result, session, _, asked = undone(norm, plain, grey, make_params, monkeypatch)
    path = tmp_path / "a.png"
    plainly = execute(SaveAdversarial(attack=asked, path=str(path)), session, QUIET)
    assert isinstance(plainly, SavedPicture)
    assert plainly.exact_success and not plainly.success and plainly.repairable
    again = execute(SaveAdversarial(attack=asked, path=str(path), repair=True), session, QUIET)
    assert not again.repairable
    with Image.open(path) as file:
        pixels = np.asarray(file).astype(int)
    change = pixels.transpose(2, 0, 1) - 128
    assert inside(result.clean_image, change, norm, EPSILONS[norm])
    assert again.norms.linf == pytest.approx(np.abs(change).max() / 255)
    assert again.norms.l1 == pytest.approx(np.abs(change).sum() / 255)
    if norm == "linf":
        # a radius of 1.4 is one whole level, all of which the rounded picture takes already
        assert not again.success and again.moved == 0, "there is none"
        return
    assert again.success and again.moved > 0
    moved = int((pixels != quantised(result)).sum())
    assert moved == again.moved


def test_a_larger_radius_is_repaired_too(
    plain: Callable, grey: ImageRef, make_params: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack's last step leaves values between two levels; the ball has room for more."""
    asked = just_beyond("linf", 3.0, grey, make_params)
    asked = dataclasses.replace(
        asked, parameters=dataclasses.replace(asked.parameters, step_size=0.4, steps=1)
    )
    probe = plain(_LEAD)
    result, _ = attacked(probe, monkeypatch, asked)
    assert (quantised(result) == 128).all(), "0.4 of a level is rounded away"
    exact = probe.logits(torch.tensor(result.adversarial_image)[None])[0]
    classifier = plain(_LEAD - float(exact[0] - exact[1]) - 0.05)
    result, _ = attacked(classifier, monkeypatch, asked)
    assert result.success
    found = repair.repaired(result, classifier, QUIET)
    change = found.astype(int) - 128
    assert np.abs(change).max() <= 3
    image = torch.tensor(found).permute(2, 0, 1)[None] / 255
    logits = classifier.logits(image)[0]
    assert float(logits[1] - logits[0]) >= 0.01
    # the fewest moves: those of the largest gradient, each to the edge
    assert (change != 0).mean() < 0.5
    assert not found.flags.writeable


@pytest.mark.parametrize("target", [None, 4])
@pytest.mark.parametrize(
    ("norm", "epsilon"),
    [("linf", 1.0), ("linf", 4.0), ("l2", 0.06), ("l2", 1.0), ("l1", 1.0), ("l1", 40.0)],
)
def test_a_real_network_is_repaired_in_the_ball(
    lively: Classifier,
    picture: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    norm: str,
    epsilon: float,
    target: int | None,
) -> None:
    result, _ = attacked(
        lively, monkeypatch, just_beyond(norm, epsilon, picture, make_params, target)
    )
    found = repair.repaired(result, lively, QUIET)
    clean = np.rint(result.clean_image.astype(np.float64) * 255).astype(int)
    assert (found is not None) >= result.success, "the ball has one: its own, or one near it"
    if found is not None:
        change = found.transpose(2, 0, 1).astype(int) - clean
        assert inside(result.clean_image, change, norm, epsilon)
        logits = lively.logits(torch.tensor(found).permute(2, 0, 1)[None] / 255)[0]
        winner = int(logits.argmax())
        assert winner == target if target is not None else winner != result.clean[0].index
    else:
        rounded = quantised(result).transpose(2, 0, 1)
        assert not np.array_equal(rounded, clean), "it fails, yet it is not the clean picture"


def test_a_ball_without_another_picture_offers_no_repair(
    plain: Callable,
    grey: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    asked = just_beyond("linf", 0.6, grey, make_params)
    classifier = plain(0.1)
    result, session = attacked(classifier, monkeypatch, asked)
    assert result.success and not repair.possible(result)
    saved = execute(SaveAdversarial(attack=asked, path=str(tmp_path / "a.png")), session, QUIET)
    assert not saved.success and not saved.repairable
    assert saved.norms.linf == 0


def test_a_repair_can_be_cancelled(
    plain: Callable,
    grey: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    recorder: type,
) -> None:
    result, _, classifier, _ = undone("l2", plain, grey, make_params, monkeypatch)
    with pytest.raises(Cancelled):
        repair.repaired(result, classifier, recorder(cancel_at=1))


def test_a_repair_that_is_cancelled_leaves_the_file_as_it_was(
    plain: Callable,
    grey: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    result, _, classifier, _ = undone("l2", plain, grey, make_params, monkeypatch)
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def cancelled(*_: object) -> None:
        raise Cancelled

    monkeypatch.setattr(repair, "repaired", cancelled)
    with pytest.raises(Cancelled):
        save_adversarial(result, path, classifier, QUIET, repair=True)
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("ending", [".jpg", ".JPEG"])
def test_a_jpeg_is_what_compression_made_of_it(
    lively: Classifier,
    picture: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    ending: str,
) -> None:
    asked = just_beyond("linf", 4.0, picture, make_params)
    result, session = attacked(lively, monkeypatch, asked)
    path = tmp_path / f"a{ending}"
    saved = execute(SaveAdversarial(attack=asked, path=str(path)), session, QUIET)
    assert saved.path == str(path) and saved.compressed and not saved.repairable
    with Image.open(path) as file:
        assert file.format == "JPEG"
        assert [component[1:3] for component in file.layer] == [(1, 1)] * 3, "colours as fine"
        pixels = np.asarray(file)
    logits = lively.logits(torch.tensor(pixels).permute(2, 0, 1)[None] / 255)[0]
    assert saved.top[0].index == int(logits.argmax())
    assert saved.success == (saved.top[0].index != result.clean[0].index)
    clean = np.rint(result.clean_image * 255).transpose(1, 2, 0)
    assert saved.norms.linf == pytest.approx(np.abs(pixels - clean).max() / 255)
    assert saved.norms.linf > 4 / 255, "noise does not survive it: the ball is left"


def test_a_jpeg_is_not_repaired_and_other_kinds_are_refused(
    lively: Classifier,
    picture: ImageRef,
    make_params: Callable,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    result, _ = attacked(lively, monkeypatch, just_beyond("linf", 4.0, picture, make_params))
    with pytest.raises(RequestError, match="cannot be repaired"):
        save_adversarial(result, tmp_path / "a.jpg", lively, QUIET, repair=True)
    with pytest.raises(OutputError, match="PNG"):
        save_adversarial(result, tmp_path / "a.webp", lively, QUIET)
    assert [path.name for path in tmp_path.iterdir()] == [Path(picture.path).name]

"""The way of an attack: what is recorded of it, and that recording alters nothing."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui.core import attack_step_table, registry, run_attack, run_attack_steps
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.files import in_levels
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.result_files import save_result
from cnnviz_gui.core.save_work import Deferred, SaveStep, Step
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SHORT = {
    "apgd": {"steps": 8, "restarts": 2},
    "boundary": {"queries": 120},
    "cw": {"steps": 12, "search": 3},
    "naive": {"steps": 6, "step_size": 0.2},
    "square": {"queries": 60},
}
NAMES = [one.name for one in registry.methods("attack")]


@pytest.fixture
def make_session(lively: Classifier, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Session]:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: lively)
    return lambda: Session(device=torch.device("cpu"))


@pytest.fixture
def attack(picture: ImageRef, make_params: Callable) -> Callable[..., Attack]:
    def make(method: str = "pgd", target: int | None = None, **given) -> Attack:
        return Attack(
            model=ModelRef(name="small"),
            image=picture,
            method=method,
            parameters=make_params("attack", method, **(SHORT.get(method, {}) | given)),
            target=target,
        )

    return make


def steps(attack: Attack, session: Session, ctx=QUIET) -> AttackTrajectory:
    found = execute(AttackSteps(attack=attack), session, ctx)
    assert isinstance(found, AttackTrajectory)
    return found


def picture_at(found: AttackTrajectory, place: int) -> np.ndarray:
    return dict(found.pictures)[place]


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_the_way_ends_at_what_the_attack_alone_gives(
    attack: Callable, make_session: Callable, name: str, targeted: bool
) -> None:
    if targeted and not registry.method("attack", name).targets:
        return
    asked = attack(name, target=4 if targeted else None)
    found, alone = steps(asked, make_session()), execute(asked, make_session(), QUIET)
    result = found.result
    assert np.array_equal(result.adversarial_image, alone.adversarial_image)
    assert (result.adversarial, result.norms, result.success) == (
        alone.adversarial, alone.norms, alone.success,
    )  # fmt: skip
    assert (result.forwards, result.backwards) == (alone.forwards, alone.backwards)
    best = found.best
    change = result.adversarial_image - found.clean_image
    assert np.array_equal(picture_at(found, best), change.astype(np.float16))
    assert (found.linf[best], found.l2[best], found.l1[best]) == dataclasses.astuple(alone.norms)
    assert found.success[best] == alone.success
    first = alone.adversarial[0]
    assert (found.winners[best], found.winner_probability[best]) == (first.index, first.probability)
    assert dict(found.names)[first.index] == first.label
    after = {score.index: score.probability for score in alone.adversarial}
    assert found.label_probability[best] == after[found.label.index]
    assert found.other_probability[best] == after[found.others[best]]
    assert (np.diff(found.numbers) > 0).all() and found.numbers[-1] <= found.expected


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("fgsm", "boundary", "square")])
def test_every_step_of_an_attack_with_steps_is_there(
    attack: Callable, make_session: Callable, name: str, lively: Classifier
) -> None:
    asked = attack(name)
    found = steps(asked, make_session())
    values = asked.parameters.values()
    if name == "deepfool":
        assert 1 < len(found.numbers) <= values["steps"] + 1
    else:
        walks = values.get("restarts", 1) * values.get("search", 1)
        # the image that is judged after the last step is one more
        assert len(found.numbers) >= walks * values["steps"]
        assert found.numbers[0] == 0 and len(found.numbers) == found.numbers[-1] + 1
    assert found.unit == "step"
    shown = [place for place, _ in found.pictures]
    assert shown == list(range(len(found.numbers))), "few enough to keep all"
    for place, picture in found.pictures:
        image = found.clean_image + picture.astype(np.float32)
        logits = lively.logits(torch.tensor(image)[None]).double()[0]
        probability = float(logits.softmax(0)[found.label.index])
        assert found.label_probability[place] == pytest.approx(probability, abs=2e-3)
        assert found.linf[place] == pytest.approx(np.abs(picture).max(), abs=1e-3)


def test_the_steps_are_those_of_the_textbook(
    attack: Callable, make_session: Callable, lively: Classifier
) -> None:
    """BIM written out again, with the loss and the probability of each image."""
    asked = attack("bim", epsilon=3.0, steps=5, keep="last")
    found = steps(asked, make_session())
    clean = torch.tensor(found.clean_image)[None]
    bound, length = 3 / 255, 2.5 * (3 / 255) / 5
    label = torch.tensor([found.label.index])
    moving = clean.clone()
    for place in range(6):
        gradient, logits = lively.gradient(
            moving, lambda z: torch.nn.functional.cross_entropy(z, label, reduction="none")
        )
        loss = torch.nn.functional.cross_entropy(logits.double(), label)
        assert found.loss[place] == pytest.approx(float(loss), rel=1e-5)
        assert found.rises and found.loss_name == "cross-entropy"
        probability = logits.double().softmax(1)[0]
        assert found.label_probability[place] == pytest.approx(float(probability[label]), rel=1e-5)
        others = probability.clone()
        others[label] = 0
        assert found.others[place] == int(others.argmax())
        assert found.success[place] == (int(logits.argmax()) != int(label))
        np.testing.assert_allclose(
            picture_at(found, place), (moving - clean)[0].numpy(), atol=1e-5, rtol=1e-3
        )
        moving = (clean + (moving + length * gradient.sign() - clean).clamp(-bound, bound)).clamp(
            0, 1
        )


def test_one_step_has_a_start_and_an_end(attack: Callable, make_session: Callable) -> None:
    found = steps(attack("fgsm", epsilon=8.0), make_session())
    assert found.numbers.tolist() == [0, 1]
    assert found.linf.tolist() == [0.0, found.result.norms.linf]
    assert found.best == 1
    assert found.label_probability[0] == found.label.probability


@pytest.mark.parametrize("name", ["fgsm", "pgd", "square"])
def test_without_a_budget_nothing_moves(
    attack: Callable, make_session: Callable, name: str
) -> None:
    found = steps(attack(name, epsilon=0.0), make_session())
    assert not found.linf.any() and not found.success.any() and found.first_success is None
    assert np.array_equal(found.result.adversarial_image, found.clean_image)


def test_queries_are_counted_and_the_margin_never_rises(
    attack: Callable, make_session: Callable
) -> None:
    found = steps(attack("square", epsilon=2.0, queries=200), make_session())
    assert found.unit == "query" and not found.rises and found.loss_name == "margin"
    assert (np.diff(found.loss)[:-1] < 0).all(), "only what is better is kept"
    asked = found.result.forwards
    assert found.numbers[-1] == asked - 1, "the first picture was asked about before any step"
    assert np.diff(found.loss)[-1] <= 0
    assert ((found.loss < 0) == found.success).all()


def test_the_walk_of_the_boundary_attack_comes_nearer(
    attack: Callable, make_session: Callable
) -> None:
    found = steps(attack("boundary", queries=200), make_session())
    assert found.success.all() and (np.diff(found.l2) <= 0).all()
    assert found.best == len(found.numbers) - 1


def test_a_loss_that_is_chosen_is_the_one_told(attack: Callable, make_session: Callable) -> None:
    margin = steps(attack("pgd", loss="margin", epsilon=8.0), make_session())
    assert margin.loss_name == "margin" and not margin.rises
    assert ((margin.loss < 0) == margin.success).all()
    dlr = steps(attack("pgd", loss="dlr", epsilon=8.0), make_session())
    assert dlr.loss_name == "dlr" and dlr.rises
    assert ((dlr.loss > 0) == dlr.success).all()
    scored = steps(attack("square", target=4, epsilon=2.0), make_session())
    assert scored.loss_name == "cross-entropy" and not scored.rises
    assert (np.diff(scored.loss) <= 0).all()
    towards = steps(attack("pgd", target=4, epsilon=8.0), make_session())
    assert not towards.rises
    np.testing.assert_allclose(towards.loss, -np.log(towards.other_probability), rtol=1e-9)


def test_what_is_returned_is_found_among_restarts(attack: Callable, make_session: Callable) -> None:
    for keep in ("best", "last"):
        found = steps(attack("pgd", restarts=3, steps=4, epsilon=1.0, keep=keep), make_session())
        assert len(found.numbers) >= 12
        picture = (found.result.adversarial_image - found.clean_image).astype(np.float16)
        same = [at for at, kept in found.pictures if np.array_equal(kept, picture)]
        assert found.best in same
        # success goes before failure, then the larger loss
        if keep == "best":
            better = found.success[:, None] & ~found.success[None]
            assert not better[:, found.best].any()
            rivals = found.loss[found.success == found.success[found.best]]
            assert found.loss[found.best] == pytest.approx(rivals.max(), rel=1e-6)


def test_each_picture_that_is_kept_has_the_probabilities_of_all_classes(attack, make_session):
    session = make_session()
    request = attack("pgd", steps=6)
    found = execute(AttackSteps(attack=request), session, QUIET)
    assert found.probabilities.shape == (len(found.pictures), len(found.clean_probabilities))
    np.testing.assert_allclose(found.probabilities.sum(1), 1, atol=1e-6)
    for (place, _), each in zip(found.pictures, found.probabilities, strict=True):
        assert each.argmax() == found.winners[place]
        assert each[found.label.index] == pytest.approx(found.label_probability[place], abs=1e-6)
    after = {score.index: score.probability for score in found.result.adversarial}
    kept = [place for place, _ in found.pictures].index(found.best)
    for index, probability in after.items():
        assert found.probabilities[kept][index] == pytest.approx(probability, abs=1e-6)
    assert found.clean_probabilities.argmax() == found.label.index
    assert not found.probabilities.flags.writeable


def test_pictures_are_kept_evenly_and_no_more_than_there_is_room_for(
    attack: Callable, make_session: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_attack_steps, "_MOST_PICTURES", 10)
    found = steps(attack("pgd", steps=70, epsilon=1.0), make_session())
    places = [place for place, _ in found.pictures]
    assert len(found.numbers) == 71, "numbers are kept of all"
    assert len(places) <= 13
    pinned = {found.best, found.first_success, 70}
    even = [place for place in places if place % 8 == 0]
    assert even == list(range(0, 71, 8))
    assert set(places) - set(even) <= pinned and pinned - {None} <= set(places)
    assert all(not picture.flags.writeable for _, picture in found.pictures)


@pytest.mark.parametrize("epsilon", [0.001, 64.0])
def test_the_first_success_is_that_of_the_rows_though_the_result_is_judged_otherwise(
    attack: Callable, make_session: Callable, monkeypatch: pytest.MonkeyPatch, epsilon: float
) -> None:
    """A network may answer otherwise where it is asked of one image, and after settling."""
    anew, records = run_attack.anew, list[run_attack_steps._Record]()
    ended = run_attack_steps._Record.end

    def otherwise(*given: Any) -> AttackResult:
        found = anew(*given)
        return dataclasses.replace(found, success=not found.success)

    def kept(record: run_attack_steps._Record, *given: Any) -> None:
        records.append(record)
        ended(record, *given)

    monkeypatch.setattr(run_attack, "anew", otherwise)
    monkeypatch.setattr(run_attack_steps._Record, "end", kept)
    found = steps(attack("fgsm", epsilon=epsilon), make_session())
    assert found.success[found.best] == found.result.success == (epsilon < 1)
    assert records[0]._first == found.first_success == (found.best if epsilon < 1 else None)


def test_it_streams_what_there_is_and_remembers_the_attack(
    attack: Callable,
    make_session: Callable,
    recorder: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_attack_steps.Pace, "due", lambda self: True)
    session, ctx, asked = make_session(), recorder(), attack("pgd", steps=6)
    found = steps(asked, session, ctx)
    assert [len(part.numbers) for part in ctx.partials] == list(range(1, 8))
    for part in ctx.partials:
        count = len(part.numbers)
        assert part.result is None and part.expected == found.expected
        # What is returned is settled into its ball, in the end.
        assert np.allclose(part.l2, found.l2[:count], rtol=1e-6, atol=0)
        assert 0 <= part.best < count and part.best in dict(part.pictures)
    assert steps(asked, session) is found
    quiet = recorder()
    again = execute(asked, session, quiet)
    assert again is found.result and not quiet.steps
    scaled = dataclasses.replace(asked, scale=0.5)
    assert steps(scaled, session) is found, "its scale has no meaning here"


def test_cancelled_it_leaves_nothing_and_starts_anew(
    attack: Callable, make_session: Callable, recorder: type
) -> None:
    session, asked = make_session(), attack("pgd", steps=6)
    with pytest.raises(Cancelled):
        steps(asked, session, recorder(cancel_at=30))
    whole = steps(asked, session)
    assert np.array_equal(
        whole.result.adversarial_image, steps(asked, make_session()).result.adversarial_image
    )
    assert len(whole.numbers) == 7


def test_what_the_attack_cannot_do_is_refused(attack: Callable, make_session: Callable) -> None:
    with pytest.raises(MethodError, match="cannot be driven"):
        steps(attack("boundary", target=3), make_session())


def test_the_request_comes_back_from_json(attack: Callable) -> None:
    asked = AttackSteps(attack=attack("pgd", target=2, epsilon=3.0))
    assert from_json(asked.to_json()) == asked


def test_all_of_it_is_written_by_a_replay(
    attack: Callable, make_session: Callable, tmp_path: Path
) -> None:
    asked = AttackSteps(attack=attack("pgd", steps=3))
    found = execute(asked, make_session(), QUIET)
    names = {path.name for path in save_result(found, asked, tmp_path / "out")}
    assert {"adversarial.png", "loss.npy", "numbers.npy", "pictures-00-01.npy"} <= names
    assert np.array_equal(np.load(tmp_path / "out" / "loss.npy"), found.loss)


def test_the_table_has_a_line_for_each_step(attack: Callable, make_session: Callable) -> None:
    found = steps(attack("pgd", steps=3, target=4), make_session())
    rows = list(csv.DictReader(io.StringIO(attack_step_table.text(found))))
    assert [int(row["step"]) for row in rows] == found.numbers.tolist()
    for at, row in enumerate(rows):
        assert float(row["loss (cross-entropy)"]) == pytest.approx(found.loss[at], rel=1e-5)
        assert row["target"] == "class 4" and row["label"] == found.label.label
        assert float(row["target probability"]) == pytest.approx(
            found.other_probability[at], rel=1e-5
        )
        assert int(row["success"]) == int(found.success[at])
        assert float(row["L2"]) == pytest.approx(found.l2[at], rel=1e-5)
    assert [row["returned"] for row in rows].index("1") == found.best


def test_a_step_is_saved_in_8_bits_and_judged_by_what_is_in_the_file(
    make_session, attack, lively, tmp_path
):
    session, asked = make_session(), AttackSteps(attack=attack("bim", steps=4, epsilon=60.0))
    found = steps(asked.attack, session)
    assert not found.success[0] and found.success[-1], "one that does not fool, one that does"
    for at in (0, len(found.numbers) - 1):
        image = np.clip(found.clean_image + picture_at(found, at), 0, 1)
        levels = in_levels(image, found.clean_image, "linf", 60.0)
        step = Step(asked, found, at, Deferred(lambda levels=levels: levels))
        saved = execute(SaveStep(path=str(tmp_path / f"{at}.png"), step=step), session, QUIET)
        read = np.asarray(Image.open(saved.path))
        assert np.array_equal(read, levels)
        with torch.no_grad():
            logits = lively.logits(torch.tensor(read).permute(2, 0, 1)[None] / 255, QUIET)[0]
        assert saved.top[0].index == int(logits.argmax())
        assert saved.success == (int(logits.argmax()) != found.label.index)
        assert saved.exact_success == found.success[at] and not saved.repairable
        change = read / 255 - found.clean_image.transpose(1, 2, 0)
        assert saved.norms.linf == pytest.approx(np.abs(change).max(), abs=1e-6)

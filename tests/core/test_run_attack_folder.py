"""The attacks on a folder: each as the attack alone gives it, streamed, kept, unharmed."""

from __future__ import annotations

import csv
import dataclasses
import io
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui.core import request_json, run_attack_folder, together
from cnnviz_gui.core.attack_folder_requests import AttackFolder, ladder
from cnnviz_gui.core.attack_folder_table import columns
from cnnviz_gui.core.attacks import boundary
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import (
    Cancelled,
    ImageError,
    MethodError,
    ParameterError,
    RequestError,
    TargetError,
)
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.files import quantised
from cnnviz_gui.core.folder import kept, table
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.level_ball import LevelBall
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import methods
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SHORT = {"queries": 120, "steps": 4, "search": 2, "restarts": 1}
EPSILONS = (0.0, 2.0, 8.0, 32.0)


@pytest.fixture(autouse=True)
def kept_here(tmp_path: Path):
    kept.use(tmp_path / "kept")
    yield
    kept.use(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Seven pictures, from smooth to noisy."""
    made = tmp_path / "pictures"
    made.mkdir()
    generator = np.random.default_rng(5)
    for number in range(7):
        coarse = generator.integers(0, 256, (2 + number, 2 + number, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 40)).save(made / f"{number}.png")
    return made


@pytest.fixture
def session(lively: Classifier, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: lively)
    return Session(device=torch.device("cpu"))


@pytest.fixture
def ask(network: ModelRef, folder: Path, make_params: Callable) -> Callable[..., AttackFolder]:
    def make(name: str = "fgsm", **more: Any) -> AttackFolder:
        from cnnviz_gui.core.registry import method

        known = {spec.name for spec in method("attack", name).specs}
        given = {key: value for key, value in SHORT.items() if key in known}
        parameters = make_params("attack", name, **given | more.pop("given", {}))
        ref = FolderRef(path=str(folder), nested=more.pop("nested", False))
        more = {"epsilons": EPSILONS} | more
        return AttackFolder(model=network, folder=ref, method=name, parameters=parameters, **more)

    return make


def of_size(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Let so many pictures be attacked together."""
    monkeypatch.setattr(run_attack_folder, "at_once", lambda network: count)


def same(one: Any, other: Any) -> None:
    """Equal but for the rounding of a batch."""
    assert (one.path, one.flip, one.lasting, one.note, one.problem) == (
        *(other.path, other.flip, other.lasting, other.note),
        other.problem,
    )
    assert (one.after is None) == (other.after is None)
    if one.after is not None:
        assert one.after.index == other.after.index
        assert one.after.probability == pytest.approx(other.after.probability, abs=1e-3)
        assert dataclasses.astuple(one.norms) == pytest.approx(
            dataclasses.astuple(other.norms), rel=1e-3
        )


@pytest.mark.parametrize("target", [None, 7])
@pytest.mark.parametrize("name", ["fgsm", "pgd", "apgd", "square"])
def test_each_row_is_what_the_attack_alone_says(
    session: Session, ask: Callable, name: str, target: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(monkeypatch, 1)
    asked = ask(name, target=target)
    rows = execute(asked, session, QUIET).rows
    assert [Path(row.path).name for row in rows] == [f"{number}.png" for number in range(7)]
    flips = [row.flip for row in rows if row.counts]
    assert len(set(flips)) > 1, "a folder of which nothing can be told apart tests nothing"
    for row in rows:
        if not row.counts:
            assert row.predicted.index == target and row.note and row.thumbnail
            continue
        for epsilon in EPSILONS:
            if row.flip is not None and epsilon > row.flip:
                continue
            found = execute(asked.alone(row.path, epsilon), session, QUIET)
            assert found.success == (epsilon == row.flip)
            if found.success:
                assert dataclasses.asdict(row.norms) == dataclasses.asdict(found.norms)
                assert row.after == found.adversarial[0]
            assert row.predicted == found.clean[0]


@pytest.mark.parametrize("name", ["deepfool", "cw", "boundary"])
def test_an_attack_without_epsilon_is_measured_by_what_it_needed(
    session: Session, ask: Callable, name: str
) -> None:
    epsilons = (0.5, 1.0, 2.0, 4.0)
    asked = ask(name, epsilons=epsilons, given={"queries": 400} if name == "boundary" else {})
    assert asked.norm == "l2" and not asked.budgeted
    for row in execute(asked, session, QUIET).rows:
        found = execute(asked.alone(row.path, 0.0), session, QUIET)
        least = [one for one in epsilons if found.success and found.norms.l2 <= one]
        assert row.flip == (least[0] if least else None)
        assert (row.after is not None) == found.success


@pytest.mark.parametrize("chosen", methods("attack"), ids=lambda one: one.name)
def test_a_row_does_not_depend_on_what_is_attacked_beside_it(
    session: Session, ask: Callable, chosen: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(monkeypatch, 1)
    asked = ask(chosen.name)
    alone = {row.path: row for row in execute(asked, session, QUIET).rows}
    of_size(monkeypatch, 4)
    kept.clear()
    session.forget_results()
    together_found = execute(asked, session, QUIET).rows
    assert len(together_found) == len(alone)
    for row in together_found:
        same(row, alone[row.path])
    order = random.Random(1).sample(range(7), 7)
    mixed = folder.parent / "mixed"
    mixed.mkdir()
    for place, number in enumerate(order):
        shutil.copy(folder / f"{number}.png", mixed / f"{place}.png")
    shuffled = dataclasses.replace(asked, folder=FolderRef(path=str(mixed)))
    for row in execute(shuffled, session, QUIET).rows:
        twin = str(folder / f"{order[int(Path(row.path).stem)]}.png")
        same(dataclasses.replace(row, path=twin), alone[twin])


def test_what_gave_way_is_not_attacked_again(
    session: Session, lively: Classifier, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(monkeypatch, 7)
    before = lively.backwards
    rows = execute(ask(), session, QUIET).rows
    attacked = sum(
        sum(e > 0 and (row.flip is None or e <= row.flip) for e in EPSILONS) for row in rows
    )
    assert lively.backwards - before == attacked < 7 * 3


def test_the_folders_name_the_classes(session: Session, ask: Callable, folder: Path) -> None:
    for name in ("class 3", "class_4", "5", "holidays", "77"):
        (folder / name).mkdir()
        shutil.copy(folder / "1.png", folder / name / "same.png")
    (folder / "class 3" / "evening").mkdir()
    shutil.copy(folder / "1.png", folder / "class 3" / "evening" / "deep.png")
    rows = execute(ask(nested=True), session, QUIET).rows
    named = {
        str(Path(row.path).relative_to(folder).parent).replace("\\", "/"): row.truth for row in rows
    }
    found = {name: truth and truth.index for name, truth in named.items()}
    assert found == {
        **{"class 3": 3, "class 3/evening": 3, "class_4": 4, "5": 5},
        **{"holidays": None, "77": None, ".": None},
    }
    assert all(0 < row.truth.probability < 1 for row in rows if row.truth)


@pytest.mark.parametrize(
    ("norm", "epsilons"), [("linf", EPSILONS), ("l2", (0.0, 0.15, 0.6)), ("l1", (0.0, 6.0, 40.0))]
)
def test_the_pictures_that_gave_way_are_handed_over_and_lasting_is_theirs(
    session: Session, lively: Classifier, ask: Callable, norm: str, epsilons: tuple[float, ...]
) -> None:
    handed: dict[str, Any] = {}
    asked = ask("pgd", given={"norm": norm}, epsilons=epsilons)
    rows = run_attack_folder.run(asked, session, QUIET, handed.__setitem__).rows
    assert handed.keys() == {row.path for row in rows if row.flip is not None} != set()
    for row in rows:
        if row.flip is None:
            assert not row.clean and row.thumbnail and row.norms is None
            continue
        pixels = handed[row.path]
        x = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
        assert row.lasting == (int(lively.logits(x).argmax()) != row.predicted.index)
        with Image.open(io.BytesIO(row.thumbnail)) as picture:
            assert picture.size == (32, 32)
        alone = execute(asked.alone(row.path, row.flip), session, QUIET)
        assert np.abs(pixels - quantised(alone).astype(float)).max() <= 1
        change = pixels.transpose(2, 0, 1) - np.rint(255 * alone.clean_image).astype(int)
        assert LevelBall.around(alone.clean_image, norm, row.flip).holds(change)
        assert row.clean != row.thumbnail


def test_rows_of_another_version_are_not_taken_for_an_answer(
    session: Session, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = run_attack_folder._Maker(ask(), session, QUIET, None).facts
    name = run_attack_folder.name_of(ask(), facts)
    assert name == run_attack_folder.name_of(ask(), facts)
    monkeypatch.setattr(run_attack_folder, "_VERSION", 1)
    assert run_attack_folder.name_of(ask(), facts) != name


def test_a_picture_that_cannot_be_attacked_spares_the_others(
    session: Session, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(monkeypatch, 7)
    start, begun = boundary._Walk._start, []

    def failing(walk: Any) -> Any:
        begun.append(walk)
        if len(begun) in (3, 6):  # the third picture, together and then by itself
            raise MethodError("There is no start.")
        return start(walk)

    monkeypatch.setattr(boundary._Walk, "_start", failing)
    rows = execute(ask("boundary"), session, QUIET).rows
    assert [row.problem for row in rows] == ["", "", "There is no start.", "", "", "", ""]
    assert all(row.after is not None for row in rows if not row.problem)
    assert not rows[2].counts and rows[2].predicted is not None


def test_rows_stream_a_cancel_keeps_them_and_nothing_is_asked_twice(
    session: Session,
    lively: Classifier,
    ask: Callable,
    recorder: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_size(monkeypatch, 2)
    monkeypatch.setattr(run_attack_folder.walk, "_SHOW_EVERY", 0.0)
    counting = recorder()
    asked = ask("pgd")
    whole = execute(asked, session, counting)
    counts = [len(partial.rows) for partial in counting.partials]
    assert counts == sorted(set(counts)) and counts[-1] == 7 and len(counts) >= 3
    assert [done for done, _ in counting.steps] == sorted(done for done, _ in counting.steps)
    before = lively.forwards
    assert execute(asked, session, QUIET).rows == whole.rows
    session.forget_results()
    assert execute(dataclasses.replace(asked, parameters=asked.at(1.0)), session, QUIET).rows == (
        whole.rows
    ), "the epsilon of the form has no meaning"
    assert lively.forwards == before
    kept.clear()
    session.forget_results()
    late = recorder(cancel_at=counting.checks * 2 // 3)
    with pytest.raises(Cancelled):
        execute(asked, session, late)
    kept_rows = late.partials[-1].rows
    assert 0 < len(kept_rows) < 7
    session.forget_results()
    context = recorder()
    result = execute(asked, session, context)
    assert result.rows == whole.rows
    assert context.partials[0].rows == kept_rows, "what was kept is there at once"


def test_a_step_comes_often_enough_to_let_others_pass(
    session: Session, ask: Callable, recorder: type
) -> None:
    context = recorder()
    execute(ask("pgd"), session, context)
    assert len(context.steps) >= 7 * 4


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"epsilons": ()}, RequestError),
        ({"epsilons": (1.0, 1.0)}, RequestError),
        ({"epsilons": (2.0, 1.0)}, RequestError),
        ({"epsilons": (-1.0, 1.0)}, RequestError),
        ({"epsilons": (1.0, float("nan"))}, RequestError),
        ({"epsilons": (1.0, float("inf"))}, RequestError),
        ({"epsilons": tuple(map(float, range(200)))}, RequestError),
        ({"epsilons": (1.0, 65.0)}, ParameterError),
        ({"target": 99}, TargetError),
        ({"name": "boundary", "target": 2}, MethodError),
    ],
)
def test_what_cannot_be_asked_is_refused_once(
    session: Session, ask: Callable, bad: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        execute(ask(**bad), session, QUIET)


def test_files_that_are_no_pictures_are_rows_with_a_reason(
    session: Session, ask: Callable, folder: Path, tmp_path: Path
) -> None:
    (folder / "cut.png").write_bytes((folder / "6.png").read_bytes()[:300])
    rows = execute(ask(), session, QUIET).rows
    assert [Path(row.path).name for row in rows if row.problem] == ["cut.png"]
    asked = dataclasses.replace(ask(), folder=FolderRef(path=str(tmp_path / "gone")))
    with pytest.raises(ImageError, match="gone cannot be found"):
        execute(asked, session, QUIET)


def test_memory_is_bounded_and_less_of_it_halves_the_batch(
    session: Session, lively: Classifier, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_size(monkeypatch, 4)
    whole = execute(ask(), session, QUIET).rows
    kept.clear()
    session.forget_results()
    gradient, sizes = lively.gradient, []

    def little(x: torch.Tensor, *more: Any) -> Any:
        sizes.append(len(x))
        if len(x) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return gradient(x, *more)

    monkeypatch.setattr(lively, "gradient", little)
    for row, other in zip(execute(ask(), session, QUIET).rows, whole, strict=True):
        same(row, other)
    assert sizes[0] == 4 and max(sizes[1:]) <= 2
    monkeypatch.setattr(run_attack_folder, "_ROOM", 1)
    maker = run_attack_folder._Maker(ask(), session, QUIET, None)
    assert maker.together().count == 1


def test_a_large_network_on_the_cpu_takes_one_picture_at_a_time(
    session: Session, lively: Classifier, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_attack_folder._Maker(ask(), session, QUIET, None).together().count == 32
    monkeypatch.setattr(lively, "facts", dataclasses.replace(lively.facts, macs=400_000_000))
    assert run_attack_folder._Maker(ask(), session, QUIET, None).together().count == 1


def test_the_ladder_halves_the_epsilon_of_the_form(make_params: Callable) -> None:
    halves = (0.0, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
    assert ladder(make_params("attack", "pgd")) == halves
    assert ladder(make_params("attack", "fgsm", epsilon=64.0))[-1] == 64.0
    assert ladder(make_params("attack", "fgsm", epsilon=0.0))[-1] == 8.0
    assert ladder(make_params("attack", "pgd", norm="l2"))[-2:] == (1.0, 2.0)
    assert ladder(make_params("attack", "deepfool"))[-2:] == (1.0, 2.0)


def test_the_table_has_a_line_for_each_picture(session: Session, ask: Callable) -> None:
    asked = ask("pgd")
    result = execute(asked, session, QUIET)
    read = list(csv.DictReader(io.StringIO(table.text(asked.folder, result.rows, columns(asked)))))
    assert len(read) == 7
    for line, row in zip(read, result.rows, strict=True):
        told = line["smallest epsilon that changes it (Linf, 255ths)"]
        assert told == ("" if row.flip is None else f"{row.flip:g}")
        for epsilon in EPSILONS:
            held = line[f"holds at {epsilon:g} (Linf, 255ths)"]
            assert held == ("yes" if row.holds(epsilon) else "no")
        assert line["class after"] == (row.after.label if row.after else "")


def test_with_a_target_the_table_tells_where_it_is_reached(session: Session, ask: Callable) -> None:
    asked = ask("pgd", target=7)
    result = execute(asked, session, QUIET)
    assert result.target == 7
    titles = [column.title for column in columns(asked)]
    assert "smallest epsilon that reaches the target (Linf, 255ths)" in titles
    assert "misses the target at 8 (Linf, 255ths)" in titles
    assert "still the target in 8 bits" in titles
    assert not [title for title in titles if "holds" in title or "changes" in title]


def test_the_request_is_read_back_as_it_was_written(ask: Callable) -> None:
    asked = ask("pgd", nested=True, target=2, given={"steps": 5, "norm": "l2", "epsilon": 1.0})
    assert request_json.from_json(asked.to_json()) == asked


def test_together_may_be_steady() -> None:
    steady = together.Together(torch.device("cpu"), 50, steady=True)
    assert steady.count == 50
    list(steady.passes(range(50), list))
    assert steady.count == 50

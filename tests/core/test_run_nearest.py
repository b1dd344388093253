"""The pictures of a folder most like one: right, remembered, streaming, unharmed by bad files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_gui.core import embedding, listing, run_nearest, together
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, ImageError, ModelError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.request import Embed, ImageRef, ModelRef, Nearest
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SIDE = 32


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve pictures, from smooth to noisy."""
    made = tmp_path / "pictures"
    made.mkdir()
    generator = np.random.default_rng(5)
    for number in range(12):
        coarse = generator.integers(0, 256, (2 + number, 2 + number, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 40)).save(made / f"{number:02}.png")
    return made


@pytest.fixture
def asked(network: ModelRef, folder: Path) -> Nearest:
    image = ImageRef(path=str(folder / "03.png"))
    return Nearest(model=network, image=image, folder=str(folder), count=5)


def vector(session: Session, network: ModelRef, path: Path | str) -> np.ndarray:
    return execute(Embed(model=network, image=ImageRef(path=str(path))), session, QUIET).vector


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    one, other = one.astype(float), other.astype(float)
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_the_nearest_are_those_of_the_greatest_cosine(
    new_session: Callable, asked: Nearest, folder: Path
) -> None:
    result = execute(asked, new_session(), QUIET)
    alone = new_session()
    own = vector(alone, asked.model, asked.image.path)
    paths = [str(path) for path in sorted(folder.iterdir())]
    expected = {path: cosine(own, vector(alone, asked.model, path)) for path in paths}
    best = sorted(paths, key=lambda path: -expected[path])[:5]
    assert [one.path for one in result.neighbours] == best
    assert all(abs(one.similarity - expected[one.path]) < 1e-5 for one in result.neighbours)
    assert (result.looked_at, result.total, result.layer) == (12, 12, "head")
    assert not result.skipped and not result.truncated
    shapes = {one.thumbnail.shape for one in result.neighbours}
    assert shapes == {(run_nearest.SIDE, run_nearest.SIDE, 3)}


def test_a_picture_is_like_itself_and_likeness_is_mutual(
    session: Session, asked: Nearest, folder: Path
) -> None:
    asked = dataclasses.replace(asked, count=12)
    likeness = {}
    for path in sorted(map(str, folder.iterdir())):
        request = dataclasses.replace(asked, image=ImageRef(path=path))
        result = execute(request, session, QUIET)
        assert result.neighbours[0].path == path
        assert result.neighbours[0].similarity == pytest.approx(1.0, abs=1e-6)
        likeness |= {(path, one.path): one.similarity for one in result.neighbours}
    assert len(likeness) == 12 * 12
    for (one, other), similarity in likeness.items():
        assert similarity == pytest.approx(likeness[other, one], abs=1e-6)


def test_a_second_question_costs_no_pass(
    session: Session, small: Classifier, asked: Nearest, folder: Path
) -> None:
    execute(asked, session, QUIET)
    before = small.forwards
    other = dataclasses.replace(asked, image=ImageRef(path=str(folder / "07.png")))
    result = execute(other, session, QUIET)
    assert result.looked_at == 12 and small.forwards == before


def test_a_changed_or_new_file_is_looked_at_again(
    session: Session, small: Classifier, asked: Nearest, folder: Path
) -> None:
    execute(asked, session, QUIET)
    before = small.forwards
    (folder / "03.png").replace(folder / "20.png")
    (folder / "20.png").replace(folder / "03.png")
    execute(asked, session, QUIET)
    assert small.forwards == before, "moved about, but the same"
    Image.new("RGB", (40, 40), "teal").save(folder / "08.png")
    os.utime(folder / "08.png", ns=(1, 1))
    (folder / "13.png").write_bytes((folder / "01.png").read_bytes())
    result = execute(asked, session, QUIET)
    assert small.forwards == before + 2 and result.total == 13


def test_bad_files_are_passed_over_with_their_reason(
    session: Session,
    small: Classifier,
    asked: Nearest,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = (folder / "01.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "nothing.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "notes.txt").write_text("no picture at all")
    result = execute(asked, session, QUIET)
    assert (result.looked_at, result.total) == (14, 14)
    reasons = {Path(path).name: reason for path, reason in result.skipped}
    assert set(reasons) == {"cut.png", "nothing.jpg"} and all(reasons.values())
    loads = []
    load = run_nearest.images.load
    monkeypatch.setattr(
        run_nearest.images, "load", lambda ref, ctx: (loads.append(ref), load(ref, ctx))[1]
    )
    assert len(execute(asked, session, QUIET).skipped) == 2
    assert not loads, "why they cannot be read is remembered too"


def test_the_best_so_far_are_shown_as_they_come(
    session: Session, asked: Nearest, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "_MOST", 2)
    context = recorder()
    result = execute(asked, session, context)
    counts = [partial.looked_at for partial in context.partials]
    assert counts == sorted(set(counts)) and counts[-1] == 12 and len(counts) > 5
    for partial in context.partials:
        similarities = [one.similarity for one in partial.neighbours]
        assert similarities == sorted(similarities, reverse=True)
        assert len(partial.neighbours) <= 5
    assert {total for _, total in context.steps} == {0, 12}
    done = [done for done, _ in context.steps]
    assert done == sorted(done)
    ends = ([one.path for one in r.neighbours] for r in (context.partials[-1], result))
    assert len({tuple(paths) for paths in ends}) == 1


def test_what_was_seen_before_a_cancel_is_not_looked_at_again(
    session: Session,
    small: Classifier,
    asked: Nearest,
    recorder: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "_MOST", 2)
    execute(asked, session, QUIET)
    session.forget_results()
    counting = recorder()
    execute(asked, session, counting)
    for at in (2, counting.checks // 2, counting.checks - 1):
        session.forget_results()
        before = small.forwards
        with pytest.raises(Cancelled):
            execute(asked, session, recorder(cancel_at=at))
        assert count_hooks(small.fast) == 0
        half = small.forwards - before
        assert execute(asked, session, QUIET).looked_at == 12
        assert small.forwards - before <= 12 + 2, "at most one batch is lost"
    assert half >= 8, "the last cancel came late"


def test_a_more_urgent_job_may_run_inside(
    session: Session, asked: Nearest, recorder: type, new_session: Callable
) -> None:
    expected = execute(asked, new_session(), QUIET)
    inside = Embed(model=asked.model, image=ImageRef(path=asked.image.path))
    context = recorder(inside=lambda: execute(inside, session, QUIET))
    result = execute(asked, session, context)
    assert [one.path for one in result.neighbours] == [one.path for one in expected.neighbours]


@pytest.mark.parametrize("count", [0, 1001])
def test_how_many_is_bounded(session: Session, asked: Nearest, count: int) -> None:
    with pytest.raises(RequestError, match=str(count)):
        execute(dataclasses.replace(asked, count=count), session, QUIET)


def test_no_folder_and_no_pictures_are_said_in_a_sentence(
    session: Session, asked: Nearest, tmp_path: Path
) -> None:
    with pytest.raises(ImageError, match="gone cannot be found"):
        execute(dataclasses.replace(asked, folder=str(tmp_path / "gone")), session, QUIET)
    (tmp_path / "bare").mkdir()
    with pytest.raises(ImageError, match="no picture in bare"):
        execute(dataclasses.replace(asked, folder=str(tmp_path / "bare")), session, QUIET)


def test_of_a_very_full_folder_the_first_are_looked_at(
    session: Session, asked: Nearest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_IMAGES", 7)
    result = execute(asked, session, QUIET)
    assert result.truncated and result.total == result.looked_at == 7


def test_zeros_are_like_nothing(
    session: Session, asked: Nearest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "embed", lambda c, h, x, ctx: torch.zeros(len(x), 16))
    result = execute(asked, session, QUIET)
    assert {one.similarity for one in result.neighbours} == {0.0}
    names = [Path(one.path).name for one in result.neighbours]
    assert names == sorted(names), "those alike are in the order of their names"


def test_answers_that_are_not_numbers_are_told(
    session: Session, asked: Nearest, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {"on": False}
    embed = embedding.embed

    def broken(*given: object) -> torch.Tensor:
        found = embed(*given)
        return found * float("nan") if bad["on"] else found

    monkeypatch.setattr(embedding, "embed", broken)
    vector(session, asked.model, asked.image.path)
    bad["on"] = True
    result = execute(asked, session, QUIET)
    assert [Path(one.path).name for one in result.neighbours] == ["03.png"]
    assert len(result.skipped) == 11 and "not numbers" in result.skipped[0][1]
    with pytest.raises(ModelError, match="not numbers"):
        vector(session, asked.model, Path(asked.folder) / "05.png")

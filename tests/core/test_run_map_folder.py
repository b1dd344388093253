"""The maps of a folder: each as the request for it alone gives it, streamed, kept, unharmed."""

from __future__ import annotations

import dataclasses
import io
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core import listing, localisation, request_json, run_map_folder, together
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, CnnvizError, ImageError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.folder import kept
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ChannelEdit, Heatmap, ImageRef, ModelRef, Predict
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Trust, TrustParams

QUIET = NullContext()


@pytest.fixture(autouse=True)
def kept_here(tmp_path: Path):
    kept.use(tmp_path / "kept")
    yield
    kept.use(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures, from smooth to noisy."""
    made = tmp_path / "pictures"
    made.mkdir()
    generator = np.random.default_rng(5)
    for number in range(6):
        coarse = generator.integers(0, 256, (2 + number, 2 + number, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize((48, 40)).save(made / f"{number}.png")
    return made


@pytest.fixture
def ask(network: ModelRef, folder: Path, make_params: Callable) -> Callable[..., HeatmapFolder]:
    def make(name: str = "grad-cam", **more: Any) -> HeatmapFolder:
        given = more.pop("given", {})
        more = {"layer": "last"} | more
        ref = FolderRef(path=str(folder), nested=more.pop("nested", False))
        parameters = make_params("heatmap", name, **given)
        return HeatmapFolder(model=network, folder=ref, method=name, parameters=parameters, **more)

    return make


def alone(asked: HeatmapFolder, path: str) -> Heatmap:
    return Heatmap(
        model=asked.model,
        image=ImageRef(path=path),
        method=asked.method,
        parameters=asked.parameters,
        target=asked.target,
        against=asked.against,
        layer=asked.layer,
        edits=asked.edits,
    )


def names(rows: Any) -> list[str]:
    return [Path(row.path).name for row in rows]


@pytest.mark.parametrize("name", ["grad-cam", "saliency", "eigen-cam", "rise", "lrp"])
@pytest.mark.parametrize("target", [None, 7])
def test_each_row_is_what_the_map_alone_says(
    session: Session, ask: Callable, name: str, target: int | None
) -> None:
    given = {"masks": 8} if name == "rise" else {}
    asked = ask(name, given=given, target=target)
    result = execute(asked, session, QUIET)
    assert names(result.rows) == [f"{number}.png" for number in range(6)]
    assert result.total == 6 and not result.truncated
    for row in result.rows:
        found = execute(alone(asked, row.path), session, QUIET)
        said = execute(Predict(model=asked.model, image=ImageRef(path=row.path)), session, QUIET)
        assert row.predicted.index == said.scores[0].index
        assert row.predicted.probability == pytest.approx(said.scores[0].probability, abs=1e-5)
        assert row.target.index == found.target.index
        assert row.target.probability == pytest.approx(found.target.probability, abs=1e-5)
        assert (row.width, row.height, row.problem) == (48, 40, "")
        assert row.note == found.reason
        largest = float(found.map.max())
        if row.peak is None:
            assert largest <= 0
            continue
        assert row.peak == pytest.approx(largest, rel=1e-5)
        assert 0 < row.marked <= 1 and 0 < row.spread <= 1 and 0 < row.inside <= 1 + 1e-9
        assert row.marked == pytest.approx(localisation.reaching(found.map).mean(), abs=0.005)
        with Image.open(io.BytesIO(row.thumbnail)) as picture:
            assert (picture.format, picture.size) == ("JPEG", (32, 32))


def test_one_class_against_another_and_edited_channels(session: Session, ask: Callable) -> None:
    edits = (ChannelEdit(layer="stem", channel=2),)
    asked = ask(target=3, against=4, edits=edits, given={"keep_negative": True})
    for row in execute(asked, session, QUIET).rows:
        found = execute(alone(asked, row.path), session, QUIET)
        assert row.peak == pytest.approx(float(found.map.max()), rel=1e-5)
        assert row.target.logit == pytest.approx(found.target.logit, rel=1e-5)


def test_the_predicted_class_against_itself_stands_alone(session: Session, ask: Callable) -> None:
    plain = execute(ask(), session, QUIET).rows
    winner = plain[0].predicted.index
    against = execute(ask(against=winner), session, QUIET).rows
    assert against[0].peak == pytest.approx(plain[0].peak, rel=1e-5)


def test_the_curves_are_those_of_the_trust_in_a_map(session: Session, ask: Callable) -> None:
    asked = ask(curves=True)
    assert execute(ask(), session, QUIET).rows[1].deletion is None
    row = execute(asked, session, QUIET).rows[1]
    settings = TrustParams(random_draws=1)
    trust = Trust(heatmap=alone(asked, row.path), parameters=settings)
    found = execute(trust, session, QUIET).map
    assert row.deletion == pytest.approx(found.deletion_area, abs=1e-5)
    assert row.insertion == pytest.approx(found.insertion_area, abs=1e-5)


def test_pictures_of_every_kind_are_rows(session: Session, ask: Callable, folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    generator = np.random.default_rng(2)
    pixels = generator.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    deep = generator.integers(0, 65536, (40, 48), dtype=np.uint16)
    Image.fromarray(deep).save(folder / "sixteen bits.png")
    Image.fromarray(pixels).convert("CMYK").save(folder / "print.jpg")
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(pixels).save(folder / "turned.jpg", exif=turned)
    Image.fromarray(pixels).save(folder / "東京 Straße.png")
    (folder / "below").mkdir()
    Image.fromarray(pixels[::-1]).save(folder / "below" / "turned.jpg")
    (folder / "cut.png").write_bytes((folder / "sixteen bits.png").read_bytes()[:300])
    (folder / "notes.txt").write_text("no picture")
    rows = execute(ask(nested=True), session, QUIET).rows
    assert names(rows) == [
        *("cut.png", "print.jpg", "sixteen bits.png", "turned.jpg", "東京 Straße.png"),
        "turned.jpg",
    ]
    assert rows[0].problem.count(".") >= 1 and rows[0].target is None and not rows[0].thumbnail
    assert all(row.target is not None and row.thumbnail for row in rows[1:])
    assert (rows[3].width, rows[3].height) == (40, 48), "upright"
    assert len(execute(ask(), session, QUIET).rows) == 5


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_file_that_is_gone_is_a_row_and_a_circle_of_links_ends(
    session: Session, ask: Callable, folder: Path
) -> None:
    (folder / "gone.png").symlink_to(folder / "nowhere.png")
    (folder / "again").symlink_to(folder, target_is_directory=True)
    rows = execute(ask(nested=True), session, QUIET).rows
    assert len(rows) == 7 and rows[-1].problem and names(rows)[-1] == "gone.png"


def test_no_folder_and_no_pictures_are_said(
    session: Session, ask: Callable, tmp_path: Path
) -> None:
    def of(path: Path) -> HeatmapFolder:
        return dataclasses.replace(ask(), folder=FolderRef(path=str(path)))

    with pytest.raises(ImageError, match="gone cannot be found"):
        execute(of(tmp_path / "gone"), session, QUIET)
    (tmp_path / "bare").mkdir()
    with pytest.raises(ImageError, match="no picture in bare"):
        execute(of(tmp_path / "bare"), session, QUIET)


@pytest.mark.parametrize(
    "bad", [{"target": 99}, {"against": 99}, {"layer": "nowhere"}, {"layer": "head"}, {"share": 0}]
)
def test_what_cannot_be_asked_is_refused_once(
    session: Session, ask: Callable, bad: dict[str, Any]
) -> None:
    with pytest.raises(CnnvizError):
        execute(ask(**bad), session, QUIET)
    with pytest.raises(RequestError):
        execute(ask(share=1.5), session, QUIET)


def test_rows_come_one_after_the_other(
    session: Session, ask: Callable, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "_MOST", 2)
    monkeypatch.setattr(run_map_folder.walk, "_SHOW_EVERY", 0.0)
    context = recorder()
    result = execute(ask(), session, context)
    counts = [len(partial.rows) for partial in context.partials]
    assert counts == sorted(set(counts)) and counts[-1] == 6 and len(counts) >= 3
    assert {partial.total for partial in context.partials} == {6}
    assert [done for done, _ in context.steps] == sorted(done for done, _ in context.steps)
    assert {total for _, total in context.steps} <= {0, 6}
    assert result.rows == context.partials[-1].rows


def test_a_second_time_costs_no_pass_in_this_session_or_the_next(
    new_session: Callable, small: Classifier, ask: Callable, folder: Path
) -> None:
    session = new_session()
    first = execute(ask(), session, QUIET)
    before = small.forwards
    assert execute(ask(), session, QUIET).rows == first.rows
    session.forget_results()
    assert execute(ask(), session, QUIET).rows == first.rows
    assert execute(ask(), new_session(), QUIET).rows == first.rows
    assert small.forwards == before
    execute(ask(target=4), session, QUIET)
    assert small.forwards == before + 6, "another class is another question"
    session.forget_results()
    kept.clear()
    execute(ask(), session, QUIET)
    assert small.forwards == before + 12


def test_what_is_forgotten_while_a_folder_is_looked_through_stays_forgotten(
    session: Session, small: Classifier, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetting(NullContext):
        def step(self, done: int, total: int) -> None:
            if done == 4:
                session.forget_results()
                kept.clear()
                raise Cancelled

    monkeypatch.setattr(together, "_MOST", 1)
    before = small.forwards
    with pytest.raises(Cancelled):
        execute(ask(), session, Forgetting())
    assert small.forwards == before + 4
    execute(ask(), session, QUIET)
    assert small.forwards == before + 4 + 6


def test_of_a_module_from_python_rows_are_kept_for_the_session_only(
    new_session: Callable, small: Classifier, ask: Callable, tmp_path: Path
) -> None:
    asked = dataclasses.replace(ask(), model=ModelRef(name="given:1"))
    session = new_session()
    execute(asked, session, QUIET)
    before = small.forwards
    execute(asked, session, QUIET)
    assert small.forwards == before and not (tmp_path / "kept").exists()


def test_only_files_that_changed_or_are_new_are_looked_at(
    new_session: Callable, small: Classifier, ask: Callable, folder: Path
) -> None:
    session = new_session()
    first = execute(ask(), session, QUIET)
    before = small.forwards
    Image.new("RGB", (40, 40), "teal").save(folder / "2.png")
    (folder / "10.png").write_bytes((folder / "1.png").read_bytes())
    (folder / "3.png").unlink()
    rows = execute(ask(), session, QUIET).rows
    assert small.forwards == before + 2
    assert names(rows) == ["0.png", "1.png", "2.png", "4.png", "5.png", "10.png"]
    assert rows[2].width == 40 and rows[0] == first.rows[0]
    state = (folder / "4.png").stat()
    os.utime(folder / "4.png", ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    execute(ask(), session, QUIET)
    assert small.forwards == before + 3


def test_what_was_found_before_a_cancel_is_kept(
    new_session: Callable,
    small: Classifier,
    ask: Callable,
    recorder: type,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "_MOST", 1)
    counting = recorder()
    whole = execute(ask(), new_session(), counting)
    for at in (2, counting.checks // 2, counting.checks - 1):
        kept.clear()
        before = small.forwards
        with pytest.raises(Cancelled):
            execute(ask(), new_session(), recorder(cancel_at=at))
        half = small.forwards - before
        result = execute(ask(), new_session(), QUIET)
        assert result.rows == whole.rows
        assert small.forwards - before <= 6 + 1, "at most one picture is lost"
    assert half >= 4, "the last cancel came late"


def test_a_more_urgent_job_may_run_inside(
    new_session: Callable, ask: Callable, recorder: type, folder: Path
) -> None:
    asked = ask()
    expected = execute(asked, new_session(), QUIET)
    kept.clear()
    session = new_session()
    urgent = alone(asked, str(folder / "5.png"))
    context = recorder(inside=lambda: execute(urgent, session, QUIET))
    rows = execute(asked, session, context).rows
    assert names(rows) == names(expected.rows)
    assert [row.peak for row in rows] == pytest.approx([row.peak for row in expected.rows])


def test_a_thousand_files_are_never_in_memory_together(
    session: Session, ask: Callable, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(folder / f"more {number}.png")
    read: list[weakref.ref[Any]] = []
    load = run_map_folder.walk.images.load

    def loading(ref: ImageRef, ctx: Any) -> Any:
        assert sum(one() is not None for one in read) <= 1, "full pictures are let go"
        picture = load(ref, ctx)
        read.append(weakref.ref(picture.pixels))
        return picture

    monkeypatch.setattr(run_map_folder.walk.images, "load", loading)
    result = execute(ask(), session, QUIET)
    assert len(result.rows) == len(read) == 36
    assert session.nbytes - session._networks.nbytes < 36 * 16_384, "rows alone are kept"
    assert not any(isinstance(one, np.ndarray) for row in result.rows for one in vars_of(row))


def vars_of(row: Any) -> list[Any]:
    return [getattr(row, field.name) for field in dataclasses.fields(row)]


def test_answers_that_are_not_numbers_are_a_row_each(
    session: Session, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_list = run_map_folder.scores.as_list
    calls: list[int] = []

    def broken(logits: Any) -> Any:
        calls.append(1)
        return as_list(logits * float("nan") if len(calls) == 2 else logits)

    monkeypatch.setattr(together, "_MOST", 1)
    monkeypatch.setattr(run_map_folder.scores, "as_list", broken)
    rows = execute(ask("rise", given={"masks": 4}), session, QUIET).rows
    bad = [row for row in rows if row.problem]
    assert len(rows) == 6 and len(bad) == 1 and "not numbers" in bad[0].problem


def test_of_a_very_full_folder_the_first_are_looked_at(
    session: Session, ask: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MAX_IMAGES", 4)
    result = execute(ask(), session, QUIET)
    assert result.truncated and result.total == len(result.rows) == 4


def test_the_request_is_read_back_as_it_was_written(ask: Callable) -> None:
    asked = ask("smoothgrad", nested=True, curves=True, target=2, given={"samples": 5})
    assert request_json.from_json(asked.to_json()) == asked

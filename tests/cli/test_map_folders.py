"""``cnnviz heatmap-folder``: the table, the pictures, going on, stopping, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cnnviz_gui import resources
from cnnviz_gui.core import run_map_folder
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.folder import kept, walk
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
MODEL = ("--model", "lenet5")


@pytest.fixture(autouse=True)
def kept_here(tmp_path: Path) -> Iterator[None]:
    kept.use(tmp_path / "kept")
    yield
    kept.use(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "digits"
    (made / "below").mkdir(parents=True)
    for path in resources.digits()[:4]:
        (made / path.name).write_bytes(path.read_bytes())
    (made / "below" / "0.png").write_bytes(resources.digits()[5].read_bytes())
    (made / "=cut.png").write_bytes(resources.digits()[6].read_bytes()[:40])
    return made


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_table_sheet_pictures_and_request_are_written(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path
) -> None:
    out = {name: tmp_path / name for name in ("t.csv", "s.png", "maps", "r.json")}
    flags = ("--csv", out["t.csv"], "--sheet", out["s.png"], "--save", out["maps"])
    ran = cnnviz(
        "heatmap-folder", "grad-cam", folder, *MODEL, *flags, "--nested", "--request", out["r.json"]
    )
    assert (ran.status, ran.err) == (0, "") and ran.out.count("wrote ") == 3
    rows = table(out["t.csv"])
    assert len(rows) == 6 and rows[0]["file"] == "'=cut.png" and rows[0]["problem"]
    alone = cnnviz("heatmap", "grad-cam", folder / "below" / "0.png", *MODEL, "--json").json
    assert rows[-1]["file"] == "below/0.png"
    assert rows[-1]["target"] == alone["target"]["label"]
    assert float(rows[-1]["largest value (units of the map)"]) > 0
    with Image.open(out["maps"] / "below" / "0.png.png") as picture:
        assert picture.size == (32, 32)
    assert len(list(out["maps"].rglob("*.png"))) == 5
    with Image.open(out["s.png"]) as page:
        assert page.width > 4 * 160
    asked = from_json(out["r.json"].read_bytes())
    assert isinstance(asked, HeatmapFolder) and asked.folder.nested
    again = cnnviz("run", out["r.json"], "--out", tmp_path / "again")
    assert again.status == 0 and (tmp_path / "again" / "sheet.png").is_file()
    assert (tmp_path / "again" / "result.json").stat().st_size < 6 * 2000, "without pictures in it"


def test_json_tells_every_picture(cnnviz: Cnnviz, folder: Path) -> None:
    ran = cnnviz("heatmap-folder", "saliency", folder, *MODEL, "--target", "3", "--json")
    assert (ran.status, ran.out.count("\n")) == (0, 1)
    told = ran.json
    assert (told["total"], len(told["pictures"])) == (5, 5)
    assert {one["target"]["index"] for one in told["pictures"] if one["target"]} == {3}
    assert "thumbnail" not in told["pictures"][0] and told["pictures"][0]["problem"]


def test_only_with_resume_is_taken_over_what_was_found(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    load = walk.images.load

    def counted(ref: Any, ctx: Any) -> Any:
        read.append(ref.path)
        return load(ref, ctx)

    monkeypatch.setattr(walk.images, "load", counted)
    ask = ("heatmap-folder", "grad-cam", folder, *MODEL)
    cnnviz(*ask)
    assert len(read) == 5
    cnnviz(*ask, "--resume")
    assert len(read) == 6, "but the one that cannot be read"
    cnnviz(*ask)
    assert len(read) == 11
    place = tmp_path / "maps"
    assert cnnviz(*ask, "--resume", "--save", place).status == 0
    assert len(list(place.iterdir())) == 4, "pictures of rows that were known are made too"


def test_a_rival_that_is_predicted_is_no_hindrance_to_going_on(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path
) -> None:
    alone = cnnviz("heatmap", "grad-cam", folder / "below" / "0.png", *MODEL, "--json").json
    rival = str(alone["target"]["index"])
    ask = ("heatmap-folder", "grad-cam", folder, *MODEL, "--nested", "--against", rival)
    first, again = tmp_path / "first", tmp_path / "again"
    assert cnnviz(*ask, "--save", first).status == 0
    ran = cnnviz(*ask, "--resume", "--save", again)
    assert (ran.status, ran.err) == (0, "")
    made = sorted(path.relative_to(first) for path in first.rglob("*.png"))
    assert len(made) == 5
    for path in made:
        assert (again / path).read_bytes() == (first / path).read_bytes()


def test_pictures_of_another_method_are_written_over(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path
) -> None:
    maps, right = tmp_path / "maps", tmp_path / "right"
    cnnviz("heatmap-folder", "saliency", folder, *MODEL, "--save", right)
    cnnviz("heatmap-folder", "grad-cam", folder, *MODEL, "--save", maps)
    assert cnnviz("heatmap-folder", "saliency", folder, *MODEL, "--resume", "--save", maps).out
    made = sorted(right.iterdir())
    assert len(made) == 4
    for path in made:
        assert (maps / path.name).read_bytes() == path.read_bytes()


def test_a_picture_that_cannot_be_written_costs_no_table(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path
) -> None:
    ask = ("heatmap-folder", "grad-cam", folder, *MODEL)
    cnnviz(*ask)
    maps, path, page = tmp_path / "maps", tmp_path / "t.csv", tmp_path / "s.png"
    (maps / f"{resources.digits()[3].name}.png").mkdir(parents=True)
    ran = cnnviz(*ask, "--resume", "--save", maps, "--csv", path, "--sheet", page)
    assert ran.status == 1 and "Traceback" not in ran.err
    assert len(table(path)) == 5 and page.is_file()


def test_what_was_found_before_ctrl_c_is_written(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    run = run_map_folder.run

    def stopped(request: Any, session: Any, ctx: Any, keep: Any) -> Any:
        step = ctx.step

        def stepping(done: int, total: int) -> None:
            made.append("step")
            if done == 3:
                raise Cancelled
            step(done, total)

        monkeypatch.setattr(ctx, "step", stepping)
        return run(request, session, ctx, keep)

    monkeypatch.setattr(run_map_folder, "run", stopped)
    path = tmp_path / "t.csv"
    ran = cnnviz("heatmap-folder", "grad-cam", folder, *MODEL, "--csv", path)
    assert ran.status == 130 and "Stopped" in ran.err
    assert len(table(path)) >= 2 and len(table(path)) < 5


def test_ctrl_c_before_the_first_picture_leaves_what_was_written_before(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, page = tmp_path / "t.csv", tmp_path / "s.png"
    ask = ("heatmap-folder", "grad-cam", folder, *MODEL, "--csv", path, "--sheet", page)
    assert cnnviz(*ask).status == 0
    before = path.read_bytes(), page.read_bytes()

    def stopped(*given: Any) -> Any:
        raise Cancelled

    monkeypatch.setattr(run_map_folder, "run", stopped)
    assert cnnviz(*ask).status == 130
    assert (path.read_bytes(), page.read_bytes()) == before


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (("divination", "."), 2, "no heat map 'divination'"),
        (("grad-cam", "nowhere"), 1, "nowhere cannot be found"),
        (("grad-cam", ".", "--target", "twelve"), 1, "no class 'twelve'"),
        (("grad-cam", ".", "--layer", "nowhere"), 1, "nowhere"),
        (("grad-cam", ".", "--csv", "/nowhere/at/all.csv"), 1, "not a folder"),
        (("grad-cam", ".", "--sheet", "page.jpg"), 1, "saved as PNG"),
        (("grad-cam", ".", "--share", "0"), 1, "marks nothing"),
        (("rise", ".", "--masks", "0"), 2, "Masks"),
    ],
)
def test_what_cannot_be_is_refused(
    cnnviz: Cnnviz, folder: Path, given: tuple[str, ...], status: int, said: str
) -> None:
    words = [str(folder) if word == "." else word for word in given]
    ran = cnnviz("heatmap-folder", *words, *MODEL)
    assert ran.status == status and said in ran.err and "Traceback" not in ran.err

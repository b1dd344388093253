"""``cnnviz attack-folder``: the curve, the table, the pictures, going on, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui import resources
from cnnviz_gui.core import run_attack_folder
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.folder import kept, walk
from cnnviz_gui.core.request_json import from_json

Cnnviz = Callable[..., Any]
MODEL = ("--model", "lenet5")
EPSILONS = ("--epsilons", "0,8,16,32,64")


@pytest.fixture(autouse=True)
def kept_here(tmp_path: Path) -> Iterator[None]:
    kept.use(tmp_path / "kept")
    yield
    kept.use(None)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five digits in folders named after them, a sixth in one of another, and a broken file."""
    made = tmp_path / "digits"
    for number, path in enumerate(resources.digits()[:5]):
        place = made / str(number)
        place.mkdir(parents=True)
        (place / path.name).write_bytes(path.read_bytes())
    (made / "9").mkdir()
    (made / "9" / "wrong.png").write_bytes(resources.digits()[5].read_bytes())
    (made / "=cut.png").write_bytes(resources.digits()[6].read_bytes()[:40])
    return made


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(folder: Path, *more: object, method: str = "fgsm") -> tuple[Any, ...]:
    return ("attack-folder", method, folder, *MODEL, *EPSILONS, "--nested", *more)


def test_curve_table_sheet_pictures_and_request_are_written(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path
) -> None:
    out = {name: tmp_path / name for name in ("t.csv", "s.png", "made", "r.json")}
    flags = ("--csv", out["t.csv"], "--sheet", out["s.png"], "--save-pictures", out["made"])
    ran = cnnviz(*ask(folder, *flags, "--request", out["r.json"]))
    assert (ran.status, ran.err) == (0, "") and ran.out.count("wrote ") == 3
    assert "95 % interval" in ran.out and "correct" in ran.out and "1 not attacked" in ran.out
    rows = table(out["t.csv"])
    assert len(rows) == 7 and rows[-1]["file"] == "9/wrong.png"
    assert rows[-1]["folder class"] == "9" and rows[-1]["class"] == "5"
    changed = [row for row in rows if row["smallest epsilon that changes it (Linf, 255ths)"]]
    assert changed
    with Image.open(out["s.png"]) as page:
        assert page.width > 4 * 160
    made = sorted(path.relative_to(out["made"]).as_posix() for path in out["made"].rglob("*.png"))
    assert made == sorted(f"{row['file']}.png" for row in changed)
    row = changed[0]
    epsilon = float(row["smallest epsilon that changes it (Linf, 255ths)"])
    alone = tmp_path / "alone.png"
    attack = ("attack", "fgsm", folder / row["file"], *MODEL, "--epsilon", epsilon, "--save", alone)
    told = cnnviz(*attack, "--json").json
    assert told["adversarial"][0]["label"] == row["class after"]
    assert told["saved"]["success"] == (row["still changed in 8 bits"] == "yes")
    with Image.open(alone) as one, Image.open(out["made"] / f"{row['file']}.png") as other:
        assert np.abs(np.asarray(one, int) - np.asarray(other, int)).max() <= 1
    asked = from_json(out["r.json"].read_bytes())
    assert isinstance(asked, AttackFolder) and asked.epsilons == (0.0, 8.0, 16.0, 32.0, 64.0)
    again = cnnviz("run", out["r.json"], "--out", tmp_path / "again")
    assert again.status == 0 and (tmp_path / "again" / "sheet.png").is_file()


def test_json_tells_the_curve_and_every_picture(cnnviz: Cnnviz, folder: Path) -> None:
    told = cnnviz(*ask(folder, "--json")).json
    keeping, correct = told["robust"]["keeping"], told["robust"]["correct"]
    assert [one["epsilon"] for one in keeping] == [0.0, 8.0, 16.0, 32.0, 64.0]
    assert (keeping[0]["held"], keeping[0]["of"]) == (6, 6)
    assert (correct[0]["held"], correct[0]["of"]) == (5, 6), "one lies in a wrong folder"
    shares = [one["share"] for one in keeping]
    assert shares == sorted(shares, reverse=True) and shares[-1] < 1
    assert all(one["low"] <= one["share"] <= one["high"] for one in keeping)
    assert len(told["pictures"]) == told["total"] == 7
    assert "thumbnail" not in told["pictures"][0] and told["pictures"][-1]["truth"]["index"] == 9


def test_without_names_of_classes_there_is_one_curve(cnnviz: Cnnviz, folder: Path) -> None:
    ran = cnnviz("attack-folder", "fgsm", folder / "3", *MODEL, "--epsilon", "8")
    assert ran.status == 0 and "correct" not in ran.out and "16 / 255" in ran.out


def test_with_a_target_the_curve_tells_how_many_miss_it(cnnviz: Cnnviz, folder: Path) -> None:
    ran = cnnviz(*ask(folder, "--target", "3"))
    assert ran.status == 0 and "correct" not in ran.out
    assert "miss the target" in ran.out and "target reached at" in ran.out
    assert cnnviz(*ask(folder, "--target", "3", "--json")).json["robust"]["correct"] == []


def test_with_resume_nothing_is_attacked_again(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    load = walk.images.load

    def counted(ref: Any, ctx: Any) -> Any:
        read.append(ref.path)
        return load(ref, ctx)

    monkeypatch.setattr(walk.images, "load", counted)
    first = cnnviz(*ask(folder, "--save", tmp_path / "one"))
    assert len(read) == 7
    again = cnnviz(*ask(folder, "--resume"))
    assert len(read) == 8, "but the one that cannot be read"
    assert again.out.splitlines()[:8] == first.out.splitlines()[:8]
    cnnviz(*ask(folder, "--resume", "--save", tmp_path / "two"))
    made = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.png"))
    assert made
    for path in made:
        one, two = (np.asarray(Image.open(tmp_path / n / path), int) for n in ("one", "two"))
        assert np.abs(one - two).max() <= 1


def test_what_was_found_before_ctrl_c_is_written_and_gone_on_from(
    cnnviz: Cnnviz, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_attack_folder.run
    with monkeypatch.context() as patched:
        patched.setattr(run_attack_folder, "at_once", lambda network: 2)

        def stopped(request: Any, session: Any, ctx: Any, keep: Any) -> Any:
            step = ctx.step

            def stepping(done: int, total: int) -> None:
                if done >= 4:
                    raise Cancelled
                step(done, total)

            patched.setattr(ctx, "step", stepping)
            return run(request, session, ctx, keep)

        patched.setattr(run_attack_folder, "run", stopped)
        path = tmp_path / "t.csv"
        ran = cnnviz(*ask(folder, "--csv", path))
        assert ran.status == 130 and "Stopped" in ran.err
    before = table(path)
    assert 2 <= len(before) < 7
    assert cnnviz(*ask(folder, "--csv", path, "--resume")).status == 0
    after = {row["file"]: row for row in table(path)}
    assert len(after) == 7 and all(after[row["file"]] == row for row in before)


def test_an_attack_without_epsilon_is_told_in_l2(cnnviz: Cnnviz, folder: Path) -> None:
    ran = cnnviz("attack-folder", "deepfool", folder, *MODEL, "--epsilons", "1,2,4", "--nested")
    assert ran.status == 0 and "4 (L2)" in ran.out


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (("divination", "."), 2, "no attack 'divination'"),
        (("fgsm", "nowhere"), 1, "nowhere cannot be found"),
        (("fgsm", ".", "--target", "twelve"), 1, "no class 'twelve'"),
        (("boundary", ".", "--target", "2"), 1, "cannot be driven"),
        (("fgsm", ".", "--epsilons", "2,1"), 2, "does not rise"),
        (("fgsm", ".", "--epsilons", "one"), 2, "not numbers"),
        (("fgsm", ".", "--epsilons", "nan"), 2, "does not rise"),
        (("fgsm", ".", "--epsilons", "1,inf"), 1, "do not rise"),
        (("fgsm", ".", "--epsilons", "1,100"), 1, "outside its range"),
        (("fgsm", ".", "--csv", "/nowhere/at/all.csv"), 1, "not a folder"),
        (("fgsm", ".", "--epsilon", "100"), 2, "Epsilon"),
    ],
)
def test_what_cannot_be_is_refused(
    cnnviz: Cnnviz, folder: Path, given: tuple[str, ...], status: int, said: str
) -> None:
    words = [str(folder) if word == "." else word for word in given]
    ran = cnnviz("attack-folder", *words, *MODEL)
    assert ran.status == status and said in ran.err and "Traceback" not in ran.err

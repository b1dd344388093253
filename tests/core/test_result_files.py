from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.files import quantised
from cnnviz_gui.core.heatmap_results import HeatmapResult
from cnnviz_gui.core.request import ModelRef, OpenModel
from cnnviz_gui.core.result import AttackResult, Norms
from cnnviz_gui.core.result_files import check_destination, overlay, save_result

SCORE = Score(index=3, label="kite", probability=0.5, logit=1.0)
SEEN = np.full((6, 6, 3), 128, np.uint8)
REQUEST = OpenModel(model=ModelRef(name="any"))


def heat(values: np.ndarray, *, signed: bool = False) -> HeatmapResult:
    return HeatmapResult(method="m", layer="", target=SCORE, map=values, coarse=None, signed=signed)


def attacked(norm: str, epsilon: float | None, change: float) -> AttackResult:
    clean = np.full((3, 6, 6), 100 / 255, np.float32)
    return AttackResult(
        method="m",
        epsilon=epsilon,
        norm=norm,
        target=None,
        clean=(SCORE,),
        adversarial=(SCORE,),
        clean_image=clean,
        adversarial_image=clean + np.float32(change / 255),
        success=False,
        norms=Norms(0.0, 0.0, 0.0),
        forwards=1,
        backwards=1,
    )


@pytest.mark.parametrize("fill", [0.0, np.nan, np.inf, -1.0])
@pytest.mark.parametrize("signed", [False, True])
def test_a_flat_or_broken_map_is_still_a_picture(fill: float, signed: bool) -> None:
    drawn = overlay(heat(np.full((6, 6), fill, np.float32), signed=signed), SEEN)
    assert (drawn.dtype, drawn.shape) == (np.uint8, (6, 6, 3))


def test_rounding_respects_epsilon_only_where_it_bounds_single_pixels() -> None:
    assert quantised(attacked("linf", 2.6, 2.6)).max() == 102
    assert quantised(attacked("l2", 2.6, 2.6)).max() == 103
    assert quantised(attacked("linf", None, 2.6)).max() == 103


def test_rounding_stays_in_the_ball_of_every_norm() -> None:
    """0.6 of a level, rounded to 1 everywhere, would be 1.7 times as large."""
    l2 = 0.6 / 255 * 108**0.5
    moved = quantised(attacked("l2", l2 * (1 + 1e-6), 0.6)).astype(int) - 100
    assert int((moved**2).sum()) == 38 == int((255 * l2) ** 2)
    moved = quantised(attacked("l1", 0.6 * 108 / 255, 0.6)).astype(int) - 100
    assert int(np.abs(moved).sum()) == 64 == int(0.6 * 108)


def test_arrays_keep_every_bit_and_numbers_that_are_none_become_null(tmp_path: Path) -> None:
    values = np.array([[np.nan, -0.0], [np.inf, 1e-42]], np.float32)
    result = attacked("linf", 4, 1)
    save_result(heat(values), REQUEST, tmp_path / "map", seen=SEEN)
    assert np.load(tmp_path / "map" / "map.npy").tobytes() == values.tobytes()
    save_result(result, REQUEST, tmp_path / "attack")
    assert {path.name for path in (tmp_path / "attack").iterdir()} == {
        *("adversarial_image.npy", "clean_image.npy", "request.json", "result.json"),
        *("adversarial.png", "clean.png", "perturbation.png"),
    }
    told = msgspec.json.decode((tmp_path / "attack" / "result.json").read_bytes())["result"]
    assert told["target"] is None
    assert told["clean"][0] == {"index": 3, "label": "kite", "probability": 0.5, "logit": 1.0}


def test_a_folder_that_is_a_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be made"):
        save_result(attacked("linf", 4, 1), REQUEST, tmp_path / "file")


@pytest.mark.parametrize("name", ["adv.jpg", "adv.TIFF", "missing/adv.png", "."])
def test_a_hopeless_destination_is_refused_beforehand(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        check_destination(tmp_path / name, ".png")


@pytest.mark.parametrize("name", ["adv", "adv.png", "adv.PNG", "adv.v2"])
def test_a_possible_destination_is_accepted_and_not_touched(name: str, tmp_path: Path) -> None:
    check_destination(tmp_path / name, ".png")
    assert not list(tmp_path.iterdir())

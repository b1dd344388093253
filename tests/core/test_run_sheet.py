"""Sheets of features, and the pictures that are kept on disk of them."""

from __future__ import annotations

import dataclasses
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from cnnviz_gui.core import feature_cache, run_sheet
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, CnnvizError, LayerError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.feature_requests import Feature, FeatureSheet, Unit
from cnnviz_gui.core.feature_results import SheetOfFeatures
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()
PARAMETERS = FeatureParams(size=32, steps=4, noise=0.02)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path) -> Iterator[Path]:
    feature_cache.use(tmp_path / "features")
    yield tmp_path / "features"
    feature_cache.use(None)


@pytest.fixture
def asked(network: ModelRef) -> FeatureSheet:
    return FeatureSheet(
        model=network, layer="conv", channels=(9, 2, 5, 0, 7, 1), parameters=PARAMETERS
    )


def same(one: SheetOfFeatures, other: SheetOfFeatures) -> bool:
    return (
        one.channels == other.channels
        and np.array_equal(one.pictures, other.pictures)
        and np.array_equal(one.activations, other.activations)
    )


def pictures(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.png"))


def test_each_is_the_picture_of_the_channel_alone(
    session: Session, asked: FeatureSheet, small: Classifier
) -> None:
    sheet = execute(asked, session, QUIET)
    assert sheet.channels == asked.channels and sheet.total == 6 and sheet.layer == "conv"
    assert sheet.pictures.shape == (6, 32, 32, 3)
    for row, channel in enumerate(asked.channels):
        unit = Unit(layer="conv", channel=channel)
        alone = execute(
            Feature(model=asked.model, units=(unit,), parameters=PARAMETERS), session, QUIET
        ).pictures
        assert np.abs(sheet.pictures[row] / 255 - alone[0]).max() < 0.01
        shown = torch.tensor(alone).permute(0, 3, 1, 2).contiguous()
        mean = small.feature_maps(shown, ["conv"], QUIET)["conv"][0, channel].mean()
        assert sheet.activations[row] == pytest.approx(float(mean), abs=1e-3)


@pytest.mark.parametrize("rectifier", [nn.ReLU6, nn.ReLU])
def test_channels_at_the_ceiling_of_a_relu6_are_told_apart(
    make_classifier: Callable[..., Classifier],
    raw_network: Callable[[int], nn.Sequential],
    new_session: Callable[[], Session],
    asked: FeatureSheet,
    monkeypatch: pytest.MonkeyPatch,
    rectifier: type[nn.Module],
) -> None:
    capped = raw_network(0)
    capped.last = nn.Sequential(nn.Identity(), rectifier())
    with torch.no_grad():
        capped.conv.bias.copy_(torch.arange(16) + 20)
    classifier = make_classifier(capped)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    wanted = dataclasses.replace(asked, layer="last")
    for _ in ("computed", "kept"):
        sheet = execute(wanted, new_session(), QUIET)
        assert sheet.unbounded == (rectifier is nn.ReLU6)
        assert sheet.activations.min() > 15 and len(set(sheet.activations.tolist())) == 6
    unit = Unit(layer="last", channel=2)
    alone = execute(
        Feature(model=asked.model, units=(unit,), parameters=PARAMETERS), new_session(), QUIET
    )
    assert alone.activation == (6.0 if sheet.unbounded else pytest.approx(sheet.activations[1]))
    assert not execute(asked, new_session(), QUIET).unbounded


def test_a_second_visit_computes_nothing(
    new_session: Callable[[], Session], asked: FeatureSheet, small: Classifier, kept: Path
) -> None:
    first = execute(asked, new_session(), QUIET)
    assert len(pictures(kept)) == 6
    before = small.forwards
    second = execute(asked, new_session(), QUIET)
    assert same(second, first)
    assert first.pace > 0 == second.pace, "what is read tells nothing of what a step takes"
    turned = dataclasses.replace(asked, channels=(0, 9))
    assert np.array_equal(execute(turned, new_session(), QUIET).pictures, first.pictures[[3, 0]])
    assert small.forwards == before
    other = dataclasses.replace(asked, parameters=dataclasses.replace(PARAMETERS, seed=1))
    assert not same(execute(other, new_session(), QUIET), first)


def test_what_is_kept_is_read_and_nothing_is_made(
    new_session: Callable[[], Session], asked: FeatureSheet, small: Classifier, kept: Path
) -> None:
    only = dataclasses.replace(asked, kept_only=True)
    before = small.forwards
    nothing = execute(only, new_session(), QUIET)
    assert (nothing.channels, nothing.total) == ((), 6) and not kept.exists()
    some = execute(dataclasses.replace(asked, channels=(5, 2)), new_session(), QUIET)
    before = small.forwards
    found = execute(only, new_session(), QUIET)
    assert small.forwards == before
    assert (found.channels, found.total) == ((2, 5), 6), "in the order in which they were asked for"
    assert np.array_equal(found.pictures, some.pictures[::-1])
    assert np.array_equal(found.activations, some.activations[::-1])
    assert asked.lasting and not only.lasting, "there may be more of them the next time"


def test_cancelled_it_goes_on_with_the_channels_that_are_left(
    new_session: Callable[[], Session], asked: FeatureSheet, small: Classifier, recorder: type
) -> None:
    whole, counting = execute(asked, new_session(), QUIET), recorder()
    feature_cache.clear()
    before = small.forwards
    execute(asked, new_session(), counting)
    passes = small.forwards - before
    for share in (0.3, 0.8):
        feature_cache.clear()
        before = small.forwards
        with pytest.raises(Cancelled):
            execute(asked, new_session(), recorder(cancel_at=int(counting.checks * share)))
        assert same(execute(asked, new_session(), QUIET), whole)
        assert small.forwards - before < 2 * passes - (4 * PARAMETERS.steps if share > 0.7 else 0)


def test_it_fills_in_as_channels_are_done(
    session: Session, asked: FeatureSheet, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_sheet, "_SHOW_EVERY_S", 0.0)
    monkeypatch.setattr(run_sheet, "_AT_ONCE", 2)
    watching = recorder()
    result = execute(asked, session, watching)
    assert [len(shown.channels) for shown in watching.partials] == [2, 4]
    first = watching.partials[0]
    assert first.channels == (9, 2) and not first.pictures.flags.writeable
    assert np.array_equal(first.pictures, result.pictures[:2]), "what was shown stays"
    steps = 6 * PARAMETERS.steps
    assert {total for _, total in watching.steps} == {steps}
    done = [done for done, _ in watching.steps]
    assert done == sorted(done) and done[-1] < steps, "looking on the disk is no progress"


def test_a_channel_that_does_not_react_is_plain(
    make_classifier: Callable[..., Classifier],
    raw_network: Callable[[int], nn.Sequential],
    session: Session,
    asked: FeatureSheet,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = raw_network(0)
    with torch.no_grad():
        silent.conv.weight[2] = 0
        silent.conv.bias[2] = 0.5
    classifier = make_classifier(silent)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    sheet = execute(asked, session, QUIET)
    plain = [len(np.unique(picture)) == 1 for picture in sheet.pictures]
    assert plain == [channel == 2 for channel in asked.channels]
    assert sheet.activations[1] == 0 and sheet.activations[[0, 2]].all()
    assert sheet.silent == (2,)
    only = dataclasses.replace(asked, channels=(2,))
    again = execute(only, session, QUIET)
    assert same(again, execute(only, session, QUIET)) and again.silent == (2,), "kept too"
    assert not execute(dataclasses.replace(asked, channels=(5,)), session, QUIET).silent


HEADER = b"\x89PNG\r\n\x1a\n"


def bomb() -> bytes:
    """Return the head of a PNG that says it is 60 000 pixels wide and high."""
    told = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return HEADER + struct.pack(">I", 13) + told + struct.pack(">I", zlib.crc32(told))


@pytest.mark.parametrize("damage", [b"", HEADER, b"no picture", b"x" * (2 << 20), bomb()])
def test_a_damaged_file_is_made_anew(
    session: Session, asked: FeatureSheet, kept: Path, damage: bytes
) -> None:
    whole = execute(asked, session, QUIET)
    first, second, third = pictures(kept)[:3]
    first.write_bytes(damage)
    second.write_bytes(second.read_bytes()[:-40])
    Image.new("RGB", (32, 32)).save(third)  # without an activation
    assert same(execute(asked, session, QUIET), whole)
    for path in (first, second, third):
        with Image.open(path) as image:
            assert image.size == (32, 32) and float(image.info["activation"])


def test_the_folders_used_least_lately_go_first(
    session: Session, asked: FeatureSheet, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(asked, session, QUIET)
    one = feature_cache.size()
    assert one == sum(path.stat().st_size for path in pictures(kept))
    monkeypatch.setattr(feature_cache, "MAX_TOTAL", int(2.5 * one))
    seeds = [dataclasses.replace(PARAMETERS, seed=seed) for seed in (1, 2)]
    others = [dataclasses.replace(asked, parameters=given) for given in seeds]
    places = []
    for sheet in (asked, others[0], asked, others[1]):
        execute(sheet, session, QUIET)
        places.append({path.parent for path in pictures(kept)})
    assert len(places[1]) == 2 and len(places[3]) == 2
    assert places[0] < places[3], "the sheet that was looked at again is still there"
    assert not (places[1] - places[0]) & places[3]
    (kept / "of someone else").mkdir()
    feature_cache.clear()
    assert feature_cache.size() == 0 and (kept / "of someone else").is_dir()


def test_a_folder_that_cannot_be_written_is_no_failure(
    session: Session, asked: FeatureSheet, tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("")
    feature_cache.use(tmp_path / "a file" / "below")
    assert len(execute(asked, session, QUIET).channels) == 6
    assert feature_cache.size() == 0
    feature_cache.clear()


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"channels": ()}, RequestError, "no channel"),
        ({"channels": (1, 16)}, LayerError, "no channel 16"),
        ({"layer": "nowhere"}, LayerError, "nowhere"),
        ({"parameters": FeatureParams(start="photograph")}, RequestError, "photograph"),
    ],
)
def test_what_cannot_be_is_said(
    session: Session, asked: FeatureSheet, change: dict, error: type[CnnvizError], said: str
) -> None:
    with pytest.raises(error, match=said):
        execute(dataclasses.replace(asked, **change), session, QUIET)


def test_transparent_pictures_and_classes_have_sheets_too(
    session: Session, network: ModelRef
) -> None:
    given = FeatureParams(
        parameterisation="maco", size=48, steps=3, transparent=True, nearest=0.5, views=2
    )
    for layer in ("conv", "", "head"):
        sheet = FeatureSheet(model=network, layer=layer, channels=(3, 1, 3), parameters=given)
        result = execute(sheet, session, QUIET)
        assert result.channels == (3, 1) and result.pictures.shape == (2, 48, 48, 3)


def test_many_channels_hold_no_more_than_their_small_pictures(
    session: Session, asked: FeatureSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are, a few climb at a time."""
    seen: list[int] = []
    ascent = run_sheet.Ascent

    def counted(classifier: Classifier, goal: object, given: FeatureParams) -> object:
        seen.append(goal.pictures)
        return ascent(classifier, goal, given)

    monkeypatch.setattr(run_sheet, "Ascent", counted)
    quick = dataclasses.replace(PARAMETERS, steps=1)
    every = dataclasses.replace(asked, channels=tuple(range(16)), parameters=quick)
    execute(every, session, QUIET)
    assert seen == [4] * 4

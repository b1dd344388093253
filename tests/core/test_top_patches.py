"""The patches that excite a channel: the right ones, cut where the cell sees, kept on disk."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_gui.core import listing, patch_cache, together
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, ImageError, LayerError, RequestError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.layer_requests import TopPatches
from cnnviz_gui.core.request import ImageRef, InspectLayer

QUIET = NullContext()
SIDE = 32


@pytest.fixture(autouse=True)
def cache(tmp_path):
    folder = tmp_path / "cache"
    patch_cache.use(folder)
    yield folder
    patch_cache.use(None)


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "pictures"
    made.mkdir()
    for number in range(7):
        write(made / f"{number}.png", number)
    return made


def write(path: Path, seed: int) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def asked(network, folder) -> TopPatches:
    return TopPatches(model=network, layer="act", channel=2, folder=str(folder), count=4)


@pytest.fixture
def maps(session, network):
    def maps(path, layer="act"):
        request = InspectLayer(model=network, image=ImageRef(path=path), layer=layer)
        return execute(request, session, QUIET).maps

    return maps


@pytest.fixture
def passes(small, monkeypatch):
    """Count the pictures that the network looks at."""
    seen: list[int] = []
    original = small.feature_maps

    def counted(x, layers, ctx=QUIET):
        found = original(x, layers, ctx)
        seen.append(len(x))
        return found

    monkeypatch.setattr(small, "feature_maps", counted)
    return seen


def told(result) -> list[tuple[str, float, tuple[int, int, int, int]]]:
    return [(Path(one.path).name, one.value, one.box) for one in result.patches]


def test_they_are_the_largest_cells_of_the_best_pictures(session, asked, folder, maps):
    result = execute(asked, session, QUIET)
    peaks = {str(path): float(maps(str(path))[2].max()) for path in folder.iterdir()}
    best = sorted(peaks, key=lambda path: -peaks[path])[:4]
    assert [patch.path for patch in result.patches] == best
    for patch in result.patches:
        assert patch.value == pytest.approx(peaks[patch.path], rel=1e-5)
        assert maps(patch.path)[2][patch.row, patch.column] == pytest.approx(patch.value, rel=1e-5)
    assert (result.looked_at, result.total, result.skipped) == (7, 7, ())


def test_a_patch_is_what_the_cell_sees(session, asked):
    """The stem sees 3 x 3 pixels, every second one, one beyond the edge."""
    for patch in execute(asked, session, QUIET).patches:
        left, top = 2 * patch.column - 1, 2 * patch.row - 1
        assert patch.box == (left, top, left + 3, top + 3)
        with Image.open(patch.path) as image:
            pixels = np.asarray(image)
        inside = pixels[max(0, top) : top + 3, max(0, left) : left + 3]
        np.testing.assert_array_equal(patch.pixels, inside)
        assert not patch.pixels.flags.writeable


def test_a_cell_that_sees_everything_has_the_whole_picture(session, asked):
    result = execute(dataclasses.replace(asked, layer="pool"), session, QUIET)
    assert {patch.box for patch in result.patches} == {(0, 0, SIDE, SIDE)}
    assert result.patches[0].pixels.shape == (SIDE, SIDE, 3)


def test_a_second_scan_costs_no_pass_for_any_channel(session, new_session, asked, passes):
    first = execute(asked, session, QUIET)
    passes.clear()
    other = new_session()
    assert told(execute(asked, other, QUIET)) == told(first)
    execute(dataclasses.replace(asked, channel=5), other, QUIET)
    assert passes == []


def test_only_what_changed_is_looked_at_again(session, asked, folder, passes):
    execute(asked, session, QUIET)
    passes.clear()
    write(folder / "3.png", 99)
    os.utime(folder / "3.png", ns=(1, 1))
    write(folder / "new.png", 50)
    result = execute(asked, session, QUIET)
    assert sum(passes) == 2
    assert result.total == 8


def test_a_scan_that_was_stopped_goes_on_where_it_was(session, asked, passes, monkeypatch):
    monkeypatch.setattr(together, "_MOST", 2)

    class Stopping:
        def check(self):
            if sum(passes) >= 3:
                raise Cancelled

        def step(self, done, total):
            self.check()

        def partial(self, value):
            pass

    with pytest.raises(Cancelled):
        execute(asked, session, Stopping())
    before = sum(passes)
    assert 3 <= before < 7
    result = execute(asked, session, QUIET)
    assert result.looked_at == 7
    assert sum(passes) == 7


def test_it_tells_how_far_it_is(session, asked, recorder):
    ctx = recorder()
    execute(asked, session, ctx)
    counted = [step for step in ctx.steps if step[1] == 7]
    assert counted == sorted(counted) and counted[-1] == (6, 7)


def test_a_damaged_file_of_the_cache_is_thrown_away(session, asked, cache, passes):
    execute(asked, session, QUIET)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    expected = told(execute(asked, session, QUIET))
    for damaged in (b"", b"no archive", whole[: len(whole) // 2], whole[:-30]):
        kept.write_bytes(damaged)
        assert told(execute(asked, session, QUIET)) == expected
        assert kept.stat().st_size == len(whole)


@pytest.mark.parametrize(
    ("field", "value"), [("values", np.nan), ("values", np.inf), ("cells", -1), ("cells", 16 * 16)]
)
def test_numbers_that_cannot_be_are_not_trusted(session, asked, cache, passes, field, value):
    expected = told(execute(asked, session, QUIET))
    (kept,) = cache.iterdir()
    with np.load(kept) as stored:
        content = {name: stored[name].copy() for name in stored.files}
    content[field][3, 1] = value  # of another channel
    np.savez(kept, **content)
    passes.clear()
    assert told(execute(asked, session, QUIET)) == expected
    assert sum(passes) == 7


def test_another_channel_neither_reads_nor_writes_the_file(session, asked, cache, monkeypatch):
    execute(asked, session, QUIET)
    (kept,) = cache.iterdir()
    whole = kept.read_bytes()
    monkeypatch.setattr(np, "load", None)
    monkeypatch.setattr(np, "savez", None)
    other = execute(dataclasses.replace(asked, channel=5), session, QUIET)
    assert (other.looked_at, len(other.patches)) == (7, 4)
    assert kept.read_bytes() == whole


def test_a_file_holds_as_many_pictures_as_a_folder_may_have():
    each = 4096 * 8 + 256
    assert patch_cache.MAX_FILE // each >= listing.MAX_IMAGES


def test_a_pickle_in_the_cache_is_not_opened(session, asked, cache):
    execute(asked, session, QUIET)
    (kept,) = cache.iterdir()
    np.savez(kept, paths=np.array([{"harm": 1}], dtype=object), states=1, values=1, cells=1)
    assert len(execute(asked, session, QUIET).patches) == 4


def test_the_cache_is_bounded(session, asked, cache, monkeypatch):
    execute(asked, session, QUIET)
    (first,) = cache.iterdir()
    monkeypatch.setattr(patch_cache, "MAX_TOTAL", first.stat().st_size + 10)
    execute(dataclasses.replace(asked, layer="conv"), session, QUIET)
    (left,) = cache.iterdir()
    assert left != first


def test_no_row_beyond_the_bound_of_a_file_is_kept(new_session, asked, monkeypatch, passes):
    monkeypatch.setattr(patch_cache, "MAX_FILE", 3 * (8 * 8 + 256))
    execute(asked, new_session(), QUIET)
    passes.clear()
    execute(asked, new_session(), QUIET)
    assert sum(passes) == 4


def test_a_cache_that_cannot_be_written_is_no_failure(session, asked, tmp_path):
    (tmp_path / "a file").write_text("in the way")
    patch_cache.use(tmp_path / "a file" / "below")
    assert len(execute(asked, session, QUIET).patches) == 4


def test_other_networks_and_layers_have_files_of_their_own(session, asked, cache):
    execute(asked, session, QUIET)
    execute(dataclasses.replace(asked, layer="conv"), session, QUIET)
    other = dataclasses.replace(asked.model, untrained=True)
    execute(dataclasses.replace(asked, model=other), session, QUIET)
    assert len(list(cache.iterdir())) == 3


def test_pictures_that_cannot_be_read_are_told(session, asked, folder):
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no more")
    result = execute(asked, session, QUIET)
    assert [Path(path).name for path, _ in result.skipped] == ["broken.png"]
    assert (result.looked_at, result.total) == (8, 8)


def test_a_silent_channel_has_no_patches(session, asked, raw_network, make_classifier, monkeypatch):
    import torch

    from cnnviz_gui.core.models import zoo

    network = raw_network(0)
    with torch.no_grad():
        network.norm.bias[2] = -1000
    silent = make_classifier(network)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: silent)
    assert execute(asked, session, QUIET).patches == ()


def test_what_cannot_be_asked_is_refused(session, asked, tmp_path):
    with pytest.raises(LayerError, match="has no channel 8"):
        execute(dataclasses.replace(asked, channel=8), session, QUIET)
    with pytest.raises(LayerError, match="no layer"):
        execute(dataclasses.replace(asked, layer="nowhere"), session, QUIET)
    with pytest.raises(RequestError, match="0 patches"):
        execute(dataclasses.replace(asked, count=0), session, QUIET)
    with pytest.raises(ImageError, match="cannot be found"):
        execute(dataclasses.replace(asked, folder=str(tmp_path / "nowhere")), session, QUIET)

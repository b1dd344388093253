"""Files are written whole or not at all, and quantised images stay in their ball."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.files import display_name, in_levels, save_npy, save_png, write_atomically


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_bytes_arrive_and_nothing_else_is_left(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.json", b"{}")
    assert (tmp_path / "a.json").read_bytes() == b"{}"
    assert names(tmp_path) == ["a.json"]


def test_an_old_file_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    target.chmod(0o640)
    write_atomically(target, b"new")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"new", 0o640)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "there is no permission"),
        (errno.EIO, "Input/output error"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_failure_keeps_the_old_file_and_leaves_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str, call: str
) -> None:
    target = tmp_path / "adv.png"
    target.write_bytes(b"old")

    def fail(*args: Any, **kwargs: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputError) as caught:
        write_atomically(target, b"new")
    monkeypatch.undo()
    assert caught.value.message.startswith(f"adv.png cannot be written: {words}")
    assert caught.value.advice
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["adv.png"]


def test_an_interrupt_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"new")
    assert names(tmp_path) == []


def test_a_missing_folder_a_folder_a_pipe_and_a_loop_are_refused_with_a_sentence(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for path, words in [
        (tmp_path / "no" / "a.png", "no does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "is a device or a pipe"),
        (tmp_path / "loop", "cannot be written"),
        (tmp_path / ("x" * 300), "the name is too long"),
        (tmp_path / "nul\0", "cannot be written"),
    ]:
        with pytest.raises(OutputError, match=words):
            write_atomically(path, b"new")
    assert names(tmp_path) == ["loop", "pipe"]


def test_a_name_as_long_as_the_system_allows_is_written(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("x" * 255), b"new")
    assert names(tmp_path) == ["x" * 255]


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 3), (3, 5, 4), (3, 5, 1)])
def test_a_png_gives_back_every_value(tmp_path: Path, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    path = save_png(tmp_path / "a", pixels)
    assert path.name == "a.png"
    np.testing.assert_array_equal(np.asarray(Image.open(path)), pixels.squeeze())


def test_suffixes_are_added_only_where_they_are_missing(tmp_path: Path) -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    assert save_png(tmp_path / "a.PNG", pixels).name == "a.PNG"
    assert save_png(tmp_path / "run.v2", pixels).name == "run.v2.png"
    assert save_npy(tmp_path / "b", pixels).name == "b.npy"
    with pytest.raises(OutputError, match=r"saved as PNG.* Choose a name that ends in \.png"):
        save_png(tmp_path / "a.jpg", pixels)


def test_only_pictures_of_bytes_become_png(tmp_path: Path) -> None:
    for wrong in (np.zeros((2, 2, 3)), np.zeros((2, 2, 2), np.uint8), np.zeros(4, np.uint8)):
        with pytest.raises(ValueError, match="uint8"):
            save_png(tmp_path / "a.png", wrong)  # type: ignore[arg-type]  # that is the point


def test_an_array_comes_back_bit_for_bit(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    back = np.load(save_npy(tmp_path / "a.npy", array))
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, array)
    with pytest.raises(ValueError, match="bject"):
        save_npy(tmp_path / "o.npy", np.array([object()]))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_a_quantised_image_stays_in_the_ball(epsilon: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    clean8 = rng.integers(0, 256, (3, 6, 5))
    clean = (clean8 / 255).astype(np.float32)
    noise = rng.choice([-epsilon, epsilon, 0.3 * epsilon], clean.shape)
    adversarial = np.clip(clean + noise, 0, 1).astype(np.float32)
    saved = in_levels(adversarial, clean, "linf", 255 * epsilon).transpose(2, 0, 1).astype(int)
    assert np.abs(saved - clean8).max() <= 255 * epsilon + 1e-6
    assert np.abs(saved / 255 - adversarial).max() <= 1 / 255 + 1e-6


def test_a_whole_number_of_255ths_is_reached_exactly() -> None:
    clean = np.full((3, 2, 2), np.float32(100 / 255))
    for k in range(60):
        saved = in_levels(clean + np.float32(k / 255), clean, "linf", k)
        assert (saved == 100 + k).all()


def test_without_a_bound_values_are_rounded() -> None:
    adversarial = np.full((3, 1, 1), 0.7, np.float32)
    assert (in_levels(adversarial, np.zeros_like(adversarial), "linf", None) == 178).all()


def test_what_cannot_be_quantised_is_refused() -> None:
    clean = np.zeros((3, 2, 2), np.float32)
    with pytest.raises(OutputError, match="not numbers"):
        in_levels(np.full_like(clean, np.nan), clean, "linf", 0.1)


def test_names_in_messages_are_harmless_and_short() -> None:
    assert display_name("/a/b/cat.jpg") == "cat.jpg"
    assert display_name("a\nb\u202egpj.exe") == "a\\nb\\u202egpj.exe"
    assert display_name("\udcff.png") == "\\udcff.png"
    assert display_name("👩\u200d🔬.png") == "👩\u200d🔬.png"
    long = display_name("x" * 300 + ".tiff")
    assert len(long) == 48
    assert long.endswith("x.tiff")
    assert "…" in long

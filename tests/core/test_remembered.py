"""What was answered for a file of weights is found again by its checksum, and never trusted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz_gui.core.models import remembered
from cnnviz_gui.core.request import CheckpointRef, ModelRef

SHA256 = "ab" * 32


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    remembered.use(tmp_path / "answers")
    yield tmp_path / "answers"
    remembered.use(None)


def answered(sha256: str = SHA256, **told: object) -> ModelRef:
    return ModelRef(
        name="resnet18", checkpoint=CheckpointRef(path="/tmp/a.pth", sha256=sha256, **told)
    )


def test_answers_are_found_again(folder: Path) -> None:
    assert remembered.recall(SHA256) is None
    told = {"labels": ("cat", "dög"), "mean": (0.1, 0.2, 0.3), "input_size": 96, "damaged": True}
    assert remembered.keep(answered(**told)) == ""
    found = remembered.recall(SHA256)
    assert found is not None and found.architecture == "resnet18"
    assert found.checkpoint == CheckpointRef(
        path="", labels=("cat", "dög"), mean=(0.1, 0.2, 0.3), input_size=96
    )
    assert "/tmp/a.pth" not in (folder / f"{SHA256}.json").read_text("utf-8")


def test_newer_answers_replace_older_ones(folder: Path) -> None:
    remembered.keep(answered(input_size=96))
    remembered.keep(answered(input_size=64))
    found = remembered.recall(SHA256)
    assert found is not None and found.checkpoint.input_size == 64
    assert len(list(folder.iterdir())) == 1


def test_only_so_many_are_kept_the_newest_ones(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembered, "MAX_FILES", 5)
    for number in range(8):
        remembered.keep(answered(f"{number:064x}"))
        os.utime(folder / f"{number:064x}.json", (number, number))
    assert sorted(path.stem for path in folder.iterdir()) == [f"{n:064x}" for n in range(3, 8)]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"architecture": 3, "checkpoint": {"path": ""}}', b"\xff" * 9,
     b'{"architecture": "x"}', b'{"architecture":"x","checkpoint":{"path":"","mean":[1,2]}}',
     b'{"a":' * 5000, b" " * 5_000_000],
)  # fmt: skip
def test_a_damaged_file_is_set_aside(content: bytes, folder: Path) -> None:
    folder.mkdir()
    path = folder / f"{SHA256}.json"
    path.write_bytes(content)
    assert remembered.recall(SHA256) is None
    assert not path.exists() and path.with_suffix(".BAK").exists()
    assert remembered.keep(answered()) == "" and remembered.recall(SHA256) is not None


@pytest.mark.parametrize("sha256", ["", "../../etc/passwd", "AB" * 32, "ab" * 31, "ab" * 32 + "/x"])
def test_no_other_file_is_touched(sha256: str, folder: Path) -> None:
    assert remembered.recall(sha256) is None
    assert remembered.keep(answered(sha256)) == ""
    assert not folder.exists()
    assert remembered.keep(ModelRef(name="resnet18")) == ""


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    remembered.use(tmp_path / "file")
    try:
        assert "cannot be remembered" in remembered.keep(answered())
    finally:
        remembered.use(None)


def test_the_usual_folder_belongs_to_the_program() -> None:
    assert remembered.folder().parts[-2:] == ("cnnviz-gui", "checkpoints")


def test_what_is_given_goes_before_what_was_answered(folder: Path) -> None:
    remembered.keep(answered(labels=("a", "b"), input_size=96))
    given = ModelRef(name="", checkpoint=CheckpointRef(path="b.pth", input_size=64))
    filled = remembered.with_answers(given, SHA256)
    assert filled.name == "resnet18" and filled.checkpoint is not None
    assert filled.checkpoint.labels == ("a", "b") and filled.checkpoint.input_size == 64
    assert filled.checkpoint.path == "b.pth" and filled.checkpoint.sha256 == SHA256
    assert remembered.with_answers(given, "cd" * 32) == given
    assert remembered.with_answers(ModelRef(name="x"), SHA256) == ModelRef(name="x")

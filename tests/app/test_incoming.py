"""Pictures that come without a file."""

import os
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from cnnviz_gui.app import incoming
from cnnviz_gui.app.incoming import MOST_KEPT, Spool

PATIENCE_MS = 20_000


@pytest.fixture
def listen():
    """Return a spool with what it said."""

    def made(folder):
        spool, kept, failed = Spool(folder), [], []
        spool.kept.connect(kept.append)
        spool.failed.connect(failed.append)
        return spool, kept, failed

    return made


def test_pictures_pasted_in_quick_succession_are_all_kept(qtbot, tmp_path, listen):
    spool, kept, failed = listen(tmp_path / "spool")
    image = QImage(5, 4, QImage.Format.Format_RGB888)
    image.fill(7)
    spool.keep(b"one", None)
    spool.keep(b"two", None)
    spool.keep(b"", image)
    assert spool.close(PATIENCE_MS)
    qtbot.waitUntil(lambda: len(kept) == 3)
    assert [Path(path).read_bytes() for path in kept[:2]] == [b"one", b"two"]
    assert QImage(kept[2]).size() == image.size()
    assert failed == []


@pytest.mark.parametrize("error", [RuntimeError("no words"), MemoryError(), OSError(28, "full")])
def test_whatever_goes_wrong_is_said(error, qtbot, tmp_path, listen, monkeypatch):
    def fail(folder, data):
        raise error

    monkeypatch.setattr(incoming, "_write", fail)
    spool, kept, failed = listen(tmp_path)
    spool.keep(b"one", None)
    qtbot.waitUntil(lambda: bool(failed))
    assert failed[0].startswith("The picture cannot be kept: ")
    assert failed[0].endswith("Save it and open the file.")
    assert kept == []
    assert spool.close(PATIENCE_MS)


def test_at_the_start_the_oldest_files_are_deleted(qtbot, tmp_path, listen):
    for number in range(MOST_KEPT + 7):
        path = tmp_path / f"pasted-{number}"
        path.write_bytes(b"")
        os.utime(path, (number, number))
    spool, _, _ = listen(tmp_path)
    assert spool.close(PATIENCE_MS)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {f"pasted-{number}" for number in range(7, MOST_KEPT + 7)}


def test_a_spool_without_a_folder_starts(qtbot, tmp_path, listen):
    spool, _, failed = listen(tmp_path / "nowhere")
    assert spool.close(PATIENCE_MS)
    assert failed == []


def test_an_empty_clipboard_offers_nothing():
    assert not incoming.read(None).anything

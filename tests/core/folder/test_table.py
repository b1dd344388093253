"""The table and the page of a folder: one line a picture, harmless to a spreadsheet, bounded."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import numpy as np
import pytest

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.folder import sheet, walk
from cnnviz_gui.core.folder.records import FileRow, FolderRef
from cnnviz_gui.core.folder.table import Column, save, text

FOLDER = FolderRef(path=str(Path("/pictures").absolute()))
COLUMNS = (
    Column("size (bytes)", lambda row: len(row.thumbnail)),
    Column("ratio", lambda row: row.width / 3 if row.width else None),
    Column("said", lambda row: row.problem.upper()),
)


def row(name, **more):
    return FileRow(path=str(Path(FOLDER.path, name)), **more)


def read(rows):
    return list(csv.reader(io.StringIO(text(FOLDER, rows, COLUMNS))))


def test_each_picture_has_a_line_with_points_in_its_numbers():
    table = read([row("a.png", width=10, height=7, thumbnail=b"xy"), row("below/a.png")])
    assert table == [
        ["file", "width (px)", "height (px)", "size (bytes)", "ratio", "said", "problem"],
        ["a.png", "10", "7", "2", "3.33333", "", ""],
        ["below/a.png", "", "", "0", "", "", ""],
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(begin):
    evil = f'{begin}HYPERLINK("x")'
    line = read([row(f"{evil}.png", problem=evil)])[1]
    assert line[0] == f"'{evil}.png" and line[-1] == f"'{evil}" and line[-2][0] == "'"


def test_a_picture_is_one_line_whatever_its_name():
    rows = [row("line\nbreak\r.png", problem="one\ntwo"), row("東京, Straße.png")]
    written = text(FOLDER, rows, COLUMNS)
    assert written.count("\n") == 3 and "\r" not in written
    assert read(rows)[2][0] == "東京, Straße.png"


def test_the_file_is_utf8_also_for_names_that_are_no_text(tmp_path):
    rows = [row(os.fsdecode(b"\xff.png")), row("ü.png")]
    path = save(tmp_path / "table", FOLDER, rows, COLUMNS)
    assert path.name == "table.csv" and "ü.png" in path.read_text("utf-8")
    with pytest.raises(OutputError):
        save(tmp_path / "gone" / "table.csv", FOLDER, rows, COLUMNS)


def test_the_page_has_a_place_for_each_and_is_bounded(monkeypatch):
    green = np.zeros((224, 224, 3), np.uint8)
    green[..., 1] = 255
    small = walk.thumbnail(green)
    rows = [row(f"{number}.png", thumbnail=small if number else b"") for number in range(5)]
    page = sheet.contact_sheet(rows, lambda one: (one.path, "word"), "footer")
    full = ((page[..., 1] > 200) & (page[..., 0] < 60)).sum()
    assert full == pytest.approx(4 * 160**2, rel=0.01)
    monkeypatch.setattr(sheet, "MOST", 3)
    less = sheet.contact_sheet(rows, lambda one: (one.path, "word"), "footer")
    assert ((less[..., 1] > 200) & (less[..., 0] < 60)).sum() < 0.6 * full
    assert sheet.contact_sheet([], lambda one: ("", "")).ndim == 3

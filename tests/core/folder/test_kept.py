"""Rows on disk: found again while files are as they were, unharmed by damage, bounded."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from cnnviz_gui.core.folder import kept
from cnnviz_gui.core.folder.kept import KeptRows
from cnnviz_gui.core.folder.records import FileRow

STATE = (10, 20, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(FileRow):
    number: float = 0.0


@pytest.fixture(autouse=True)
def place(tmp_path):
    kept.use(tmp_path / "rows")
    yield tmp_path / "rows"
    kept.use(None)


NAME = kept.name_of({"what": "is asked"})


def row(path="/a/b.png", number=1.5):
    return Row(path=path, width=3, height=4, number=number, thumbnail=b"\xff\xd8")


def test_a_row_is_found_again_while_its_file_is_as_it_was():
    KeptRows(NAME, Row).add([(STATE, row())])
    again = KeptRows(NAME, Row)
    assert again.get("/a/b.png", STATE) == row()
    assert again.get("/a/b.png", (10, 21, 30)) is None
    assert KeptRows(kept.name_of({"what": "else"}), Row).get("/a/b.png", STATE) is None


@pytest.mark.parametrize("name", ["Straße 東京.png", "line\nbreak.png", os.fsdecode(b"\xff.png")])
def test_names_of_any_kind_are_kept(name):
    KeptRows(NAME, Row).add([(STATE, row(name))])
    assert KeptRows(NAME, Row).get(name, STATE).path == name


def test_a_line_that_was_cut_off_costs_no_other(place):
    rows = KeptRows(NAME, Row)
    rows.add([(STATE, row("a")), (STATE, row("b"))])
    path = place / NAME
    path.write_bytes(path.read_bytes()[:-9])
    again = KeptRows(NAME, Row)
    assert again.get("a", STATE) is not None and again.get("b", STATE) is None
    again.add([(STATE, row("c"))])
    last = KeptRows(NAME, Row)
    assert last.get("a", STATE) is not None and last.get("c", STATE) is not None


@pytest.mark.parametrize(
    "damage",
    [b"", b"\n\n", b"no json\n", b'["YQ==",[1,2,3],{"width":"wide"}]\n', b"\x00" * 4096],
)
def test_what_is_damaged_is_as_if_it_were_not_there(place, damage):
    place.mkdir()
    (place / NAME).write_bytes(damage)
    rows = KeptRows(NAME, Row)
    rows.add([(STATE, row())])
    assert KeptRows(NAME, Row).get("/a/b.png", STATE) == row()


def test_a_file_that_changes_often_does_not_grow(place):
    rows = KeptRows(NAME, Row)
    for time in range(20):
        rows.add([((10, time, 30), row())])
    grown = (place / NAME).stat().st_size
    rows.tidy()
    assert (place / NAME).stat().st_size < grown / 10
    assert KeptRows(NAME, Row).get("/a/b.png", (10, 19, 30)) == row()


def test_pictures_that_were_looked_at_anew_are_not_kept_twice(place):
    rows = KeptRows(NAME, Row)
    for time in (20, 21):
        rows.add([((10, time, 30), row(f"{number}")) for number in range(8)])
    twice = (place / NAME).stat().st_size
    rows.tidy()
    assert (place / NAME).stat().st_size == twice / 2
    rows.add([((10, 22, 30), row("0"))])
    more = (place / NAME).stat().st_size
    rows.tidy()
    assert (place / NAME).stat().st_size == more, "one of eight is not worth it"


def test_of_more_than_there_is_room_for_the_newest_are_kept(place, monkeypatch):
    rows = KeptRows(NAME, Row)
    rows.add([(STATE, row(f"{number}")) for number in range(8)])
    size = (place / NAME).stat().st_size
    monkeypatch.setattr(kept, "MAX_FILE", size // 2 + 1)
    again = KeptRows(NAME, Row)
    assert again.get("0", STATE) is not None, "a passage that was cut off is not lost"
    again.tidy()
    assert (place / NAME).stat().st_size == size / 2
    last = KeptRows(NAME, Row)
    there = [number for number in range(8) if last.get(f"{number}", STATE) is not None]
    assert there == [4, 5, 6, 7]
    monkeypatch.setattr(kept, "MAX_FILE", size // 4 - 1)
    assert KeptRows(NAME, Row).get("7", STATE) is None and not (place / NAME).exists()


def test_the_files_used_least_lately_go_first(place, monkeypatch):
    names = [kept.name_of(number) for number in range(4)]
    for age, name in enumerate(names):
        KeptRows(name, Row).add([(STATE, row())])
        os.utime(place / name, ns=(age + 1, age + 1))
    monkeypatch.setattr(kept, "MAX_TOTAL", 2 * (place / names[0]).stat().st_size)
    KeptRows(names[0], Row).tidy()
    assert {path.name for path in place.iterdir()} == {names[0], names[3]}
    kept.drop(names[0])
    assert not (place / names[0]).exists()
    kept.clear()
    assert not list(place.iterdir())


def test_without_a_name_rows_are_kept_in_memory_only(place):
    rows = KeptRows("", Row)
    rows.add([(STATE, row())])
    rows.tidy()
    assert rows.get("/a/b.png", STATE) == row() and rows.nbytes > 0
    assert not place.exists()


def test_where_nothing_can_be_written_nothing_fails(place):
    place.parent.joinpath("rows").write_text("a file in the way")
    rows = KeptRows(NAME, Row)
    rows.add([(STATE, row())])
    rows.tidy()
    assert rows.get("/a/b.png", STATE) == row()

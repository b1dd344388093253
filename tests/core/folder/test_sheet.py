"""The page of a folder's small pictures says of each without one why it has none."""

from __future__ import annotations

import pytest

from cnnviz_gui.core.figure_pen import Pen
from cnnviz_gui.core.folder.records import FileRow
from cnnviz_gui.core.folder.sheet import contact_sheet


def test_only_of_a_file_that_cannot_be_read_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    def sentence(pen: Pen, corner: tuple[int, int], side: int, text: str) -> None:
        said.append(text)

    monkeypatch.setattr(Pen, "sentence", sentence)
    problem = "The network answers with values that are not numbers."
    rows = (
        FileRow(path="/p/cut.png", problem="cut.png is cut off."),
        FileRow(path="/p/a.png", width=60, height=40, problem=problem),
    )
    page = contact_sheet(rows, lambda row: (row.path, ""))
    assert page.ndim == 3 and said == ["cannot be read", problem]

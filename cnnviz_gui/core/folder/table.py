"""What was found of a folder as a table for a spreadsheet: a line for each picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from cnnviz_gui.core import csv_text
from cnnviz_gui.core.csv_text import Value
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.records import FileRow, FolderRef

R = TypeVar("R", bound=FileRow)


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of what was asked of the folder."""

    title: str
    """With its unit."""
    value: Callable[[R], Value]
    """None is an empty cell."""


def text(folder: FolderRef, rows: Sequence[R], columns: Sequence[Column[R]]) -> str:
    """Return the table: the file first, why it failed last."""
    titles = (column.title for column in columns)
    heading = ("file", "width (px)", "height (px)", *titles, "problem")

    def line(row: R) -> tuple[Value, ...]:
        size = (row.width or None, row.height or None)
        found = (column.value(row) for column in columns)
        return (relative(row.path, folder), *size, *found, row.problem)

    return csv_text.text(heading, map(line, rows))


def save(
    path: str | os.PathLike[str],
    folder: FolderRef,
    rows: Sequence[R],
    columns: Sequence[Column[R]],
) -> Path:
    """Write the table; returns and raises as ``csv_text.save``."""
    return csv_text.save(path, text(folder, rows, columns))

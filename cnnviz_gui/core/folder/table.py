"""What was found of a folder as a table for a spreadsheet: a line for each picture."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from cnnviz_gui.core.files import write_with_suffix
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.records import FileRow, FolderRef

R = TypeVar("R", bound=FileRow)
Value = str | int | float | None
_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet computes what a cell begins with these: a file's name must not make it."""


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """A column of what was asked of the folder."""

    title: str
    """With its unit."""
    value: Callable[[R], Value]
    """None is an empty cell."""


def text(folder: FolderRef, rows: Sequence[R], columns: Sequence[Column[R]]) -> str:
    """Return the table: comma between, point in numbers, the file first, why it failed last."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    titles = (column.title for column in columns)
    writer.writerow(("file", "width (px)", "height (px)", *titles, "problem"))
    for row in rows:
        size = (row.width or None, row.height or None)
        found = (column.value(row) for column in columns)
        cells = (relative(row.path, folder), *size, *found, row.problem)
        writer.writerow([cell(value) for value in cells])
    return buffer.getvalue()


def save(
    path: str | os.PathLike[str],
    folder: FolderRef,
    rows: Sequence[R],
    columns: Sequence[Column[R]],
) -> Path:
    """Write the table as UTF-8; ``.csv`` is added where it is missing.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    # Names whose bytes are no text are escaped: the table must stay UTF-8.
    data = text(folder, rows, columns).encode("utf-8", "backslashreplace")
    return write_with_suffix(Path(path), ".csv", data)


def cell(value: Value) -> str:
    """Return what stands in a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        line = " ".join(value.split())
        return f"'{line}" if line.startswith(_FORMULA) else line
    return f"{value:.6g}" if isinstance(value, float) else str(value)

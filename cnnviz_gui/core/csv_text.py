"""Tables for a spreadsheet: comma between, point in numbers, no cell that it would compute."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

Value = str | int | float | None
"""What stands in a cell; None is an empty one."""
_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet computes what a cell begins with these: a file's name must not make it."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
"""What it takes for a number, whose digits are chosen where it is written."""


def text(heading: Sequence[str], lines: Iterable[Sequence[Value]], between: str = ",") -> str:
    """Return a table, one line each; ``between`` separates the cells."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=between, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return buffer.getvalue()


def save(path: str | os.PathLike[str], table: str) -> Path:
    """Write a table as UTF-8, ``.csv``; returns and raises as ``files.write_with_suffix``."""
    from cnnviz_gui.core.files import write_with_suffix  # the window makes tables before numpy

    return write_with_suffix(Path(path), ".csv", encoded(table))


def encoded(table: str) -> bytes:
    """Return a table as UTF-8; bytes of names that are no text are escaped."""
    return table.encode("utf-8", "backslashreplace")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        line = " ".join(value.splitlines())
        computed = line.lstrip().startswith(_FORMULA) and not _NUMBER.fullmatch(line)
        return f"'{line}" if computed else line
    return f"{value:.6g}" if isinstance(value, float) else str(value)

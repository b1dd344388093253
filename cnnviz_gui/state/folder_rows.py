"""The pictures of a folder as rows: columns, what sorts before what, which are shown."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from cnnviz_gui.core.folder.names import natural, relative
from cnnviz_gui.core.folder.records import FolderResult
from cnnviz_gui.core.numbers import count, time_left
from cnnviz_gui.state.finding import Advance
from cnnviz_gui.texts import ntr, tr

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column; numbers stand at the right, in the unit that the header names."""

    key: str
    title: str
    unit: str
    text: Callable[[R], str]
    sort: Callable[[R], object]
    """None for what is missing: it comes last in either order."""
    help: str
    number: bool = True
    largest_first: bool = True
    """The first click on the header puts the largest first."""


def file_column(result: FolderResult) -> Column[Any]:
    """Return the column of the files' names, which also tells folders in the folder."""
    return Column(
        "file",
        tr("File"),
        "",
        lambda row: relative(row.path, result.folder),
        lambda row: natural(relative(row.path, result.folder)),
        tr("Name of the file, in the folder that was opened."),
        number=False,
        largest_first=False,
    )


def in_order(rows: Sequence[R], column: Column[R], *, falling: bool) -> tuple[R, ...]:
    """Return rows sorted by a column; what is missing last, and what is equal as it was."""
    keys = [(column.sort(row), row) for row in rows]
    known = [pair for pair in keys if pair[0] is not None]
    known.sort(key=operator.itemgetter(0), reverse=falling)
    return (*(row for _, row in known), *(row for key, row in keys if key is None))


def with_words(rows: Sequence[R], words: str, said: Callable[[R], str]) -> tuple[R, ...]:
    """Return the rows of which ``said`` has all words, whatever their case."""
    wanted = words.casefold().split()
    if not wanted:
        return tuple(rows)
    return tuple(row for row in rows if all(word in said(row).casefold() for word in wanted))


def progress(result: FolderResult, shown: int, advance: Advance | None) -> str:
    """Return how far it is, and how many are in sight: ``38 of 120, 2 min left``.

    Parameters
    ----------
    shown
        Rows that are in sight, of those that there are.
    advance
        Of the job while it runs; None where it does not.
    """
    there = len(result.rows)
    if there < result.total:
        said = tr("{done} of {total}", done=count(there), total=count(result.total))
        if advance is not None and advance.seconds_left is not None:
            said += f", {time_left(advance.seconds_left)}"
    else:
        said = pictures(there, truncated=result.truncated)
    return tr("{said}, {shown} in sight", said=said, shown=count(shown)) if shown < there else said


def pictures(number: int, *, truncated: bool = False) -> str:
    """Return how many pictures there are: ``120 pictures``, ``the first 10 000 pictures``."""
    if truncated:
        return ntr(
            "the first {count} picture", "the first {count} pictures", number, count=count(number)
        )
    return ntr("{count} picture", "{count} pictures", number, count=count(number))

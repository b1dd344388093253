"""What is seen of a folder, whatever was asked of its pictures. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.folder.records import FileRow, FolderResult
from cnnviz_gui.core.request import Request
from cnnviz_gui.state import folder_rows
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.folder_rows import Column
from cnnviz_gui.texts import tr

Q = TypeVar("Q", bound=Request)
F = TypeVar("F", bound=FolderResult)
R = TypeVar("R", bound=FileRow)
Class = tuple[int, str, int]
"""Index and name of a class, and how many pictures are of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown(Generic[Q, F]):
    """The rows to show, perhaps those of what was asked before."""

    result: F
    request: Q
    current: bool
    """They answer what is asked now; else they give way to others soon."""
    complete: bool


class FolderView(Protocol):
    """What a page must know to show what was found of a folder."""

    LANE: str

    def shown_folder(self, state: AppState) -> Any:
        """Return what was found of the folder that is open."""

    def columns(self, shown: Shown[Any, Any]) -> tuple[Column[Any], ...]:
        """Return the columns that the rows have."""

    def classes(self, state: AppState, shown: Shown[Any, Any]) -> list[Class]:
        """Return the classes seen in the pictures, the most frequent first."""

    def count(self, state: AppState, shown: Shown[Any, Any], in_sight: int) -> str:
        """Return how far it is: ``38 of 120, 2 min left``."""

    def column(self, state: AppState, shown: Shown[Any, Any]) -> Column[Any]:
        """Return the column by which the rows are sorted."""

    def rows_in_sight(self, state: AppState, shown: Shown[Any, Any]) -> tuple[Any, ...]:
        """Return the rows that fit what is searched for, sorted."""

    def label(self, state: AppState, row: Any) -> str:
        """Return the word under a tile."""

    def said_under(self, state: AppState, shown: Shown[Any, Any], row: Any) -> str:
        """Return the figure under a tile."""

    def told(self, shown: Shown[Any, Any], row: Any) -> str:
        """Return all that is known of a picture, a line each."""

    def skipped(self, shown: Shown[Any, Any]) -> str:
        """Return how many pictures nothing was found of, and why; empty where there is none."""


def shown(state: AppState, lane: str, question: type[Q], answer: type[F]) -> Shown[Q, F] | None:
    """Return what was found in a lane of the folder that is open."""
    finding = state.finding(lane)
    request, value = finding.request, finding.value
    if not isinstance(request, question) or not isinstance(value, answer):
        return None
    if value.folder.path != state.selection.folder:
        return None
    return Shown(value, request, finding.current, finding.status == "done")


def running(state: AppState, lane: str) -> bool:
    """Tell whether the folder is being looked through."""
    return state.finding(lane).at_work


def column(state: AppState, known: Sequence[Column[R]]) -> Column[R]:
    """Return the column by which the rows are sorted; that of the files where it has gone."""
    return next((one for one in known if one.key == state.display.folder_order), known[0])


def more_to_come(result: FolderResult) -> bool:
    """Tell whether there are pictures of which nothing is known yet."""
    return len(result.rows) < result.total


def arranged(
    result: FolderResult,
    rows: Sequence[R],
    wanted: tuple[int | None, str],
    predicted: Callable[[R], Score | None],
    also: Callable[[R], Sequence[Score | None]],
    order: tuple[Column[R], bool],
) -> tuple[R, ...]:
    """Return the rows that are wanted, sorted.

    Parameters
    ----------
    wanted
        The predicted class, None for all, and words in a picture's name or its classes.
    predicted, also
        The class seen in a picture, and the others it can be found by.
    order
        The column, and whether the largest come first.
    """
    only, words = wanted
    if only is not None:
        having = [row for row in rows if (one := predicted(row)) and one.index == only]
        # One that no picture has in the end was chosen of another folder or network.
        rows = having if having or more_to_come(result) else rows
    name = folder_rows.file_column(result).text

    def said(row: R) -> str:
        labels = {score.label for score in (predicted(row), *also(row)) if score is not None}
        return " ".join((name(row), *labels))

    return folder_rows.in_order(
        folder_rows.with_words(rows, words, said), order[0], falling=order[1]
    )


def counted(scores: Sequence[Score | None]) -> list[Class]:
    """Return the classes of pictures, the most frequent first."""
    seen = [score for score in scores if score is not None]
    numbers = Counter(score.index for score in seen)
    labels = {score.index: score.label for score in seen}
    found = [(index, labels[index], number) for index, number in numbers.items()]
    return sorted(found, key=lambda one: (-one[2], one[1]))


def offered(state: AppState, result: FolderResult, found: list[Class]) -> list[Class]:
    """Add the class that is chosen, until it is known that no picture has it."""
    chosen = state.display.folder_class
    if chosen is None or not more_to_come(result) or chosen in {one[0] for one in found}:
        return found
    labels = state.shared.facts.labels if state.shared.facts is not None else ()
    return [
        *found,
        (
            chosen,
            labels[chosen] if chosen < len(labels) else tr("class {number}", number=chosen),
            0,
        ),
    ]


def count(state: AppState, lane: str, result: FolderResult, in_sight: int) -> str:
    """Return how far it is: ``38 of 120, 2 min left``."""
    advance = state.finding(lane).advance if running(state, lane) else None
    return folder_rows.progress(result, in_sight, advance)

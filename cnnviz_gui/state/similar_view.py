"""What the page of similar pictures shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import Embed, Nearest
from cnnviz_gui.core.result import Embedding, NearestImages
from cnnviz_gui.state import folder_rows
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import ntr, tr


@dataclass(frozen=True, slots=True)
class Measures:
    """Numbers of a vector."""

    low: float
    high: float
    zeros: float
    """Share of the numbers that are exactly 0, in [0, 1]."""
    length: float


@dataclass(frozen=True, slots=True, eq=False)
class ShownNearest:
    """The pictures to show."""

    result: NearestImages
    request: Nearest
    current: bool
    """They are of the picture in use; else they give way to others soon."""
    complete: bool


def shown_embedding(state: AppState) -> Embedding | None:
    """Return the embedding of the picture in use by the network in use, if it is known."""
    finding, selection = state.finding("embed"), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, Embed) or not isinstance(value, Embedding):
        return None
    mine = (request.model, request.image) == (selection.model, selection.image)
    return value if mine else None


def shown_nearest(state: AppState) -> ShownNearest | None:
    """Return the nearest pictures of the chosen folder, perhaps those of the picture before."""
    finding, selection = state.finding("nearest"), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, Nearest) or not isinstance(value, NearestImages):
        return None
    if (request.model, request.folder) != (selection.model, selection.similar_folder):
        return None
    current = request.image == selection.image and finding.current
    return ShownNearest(value, request, current, finding.status == "done")


@lru_cache(maxsize=2)
def measures(embedding: Embedding) -> Measures:
    """Return the numbers of an embedding; those of the last two are kept."""
    import numpy as np

    vector = embedding.vector
    return Measures(
        low=float(vector.min()),
        high=float(vector.max()),
        zeros=float(np.mean(vector == 0)),
        length=float(np.linalg.norm(vector.astype(np.float64))),
    )


def numbers(state: AppState) -> list[tuple[str, str]]:
    """Return what sums the embedding up, as names and values."""
    embedding = shown_embedding(state)
    if embedding is None:
        return []
    known = measures(embedding)
    return [
        (tr("Given to"), embedding.layer),
        (tr("Numbers"), fmt.count(len(embedding.vector))),
        (
            tr("Range"),
            tr("{low} to {high}", low=fmt.significant(known.low), high=fmt.significant(known.high)),
        ),
        (tr("Zeros"), fmt.percent(known.zeros)),
        (tr("Length"), fmt.significant(known.length)),
    ]


def folder_name(state: AppState) -> str:
    """Return the name of the chosen folder, empty without one."""
    folder = state.selection.similar_folder
    return PurePath(folder).name or folder


def count(state: AppState, shown: ShownNearest) -> str:
    """Return how much was looked at: ``120 of 800``, ``800 pictures``."""
    result = shown.result
    if result.looked_at < result.total:
        said = tr("{done} of {total}", done=result.looked_at, total=result.total)
        advance = state.finding("nearest").advance
        if not shown.complete and advance is not None and advance.seconds_left is not None:
            said += f", {fmt.time_left(advance.seconds_left)}"
        return said
    return folder_rows.pictures(result.total, truncated=result.truncated)


def skipped(result: NearestImages) -> str:
    """Return what could not be looked at in a sentence, empty where all could."""
    if not result.skipped:
        return ""
    (_, why), number = result.skipped[0], len(result.skipped)
    return ntr("{n} skipped: {why}", "{n} skipped, such as: {why}", number, why=why)

"""What a page gives away, as files: of which kinds, by which names, and who writes them.

Pictures and numbers are left to the worker, drawn or not; only a request, which is short, is
written here and now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnviz_gui.core.picture_names import JPEG_SUFFIXES, OTHER_THAN_PNG
from cnnviz_gui.core.request import Attack, SaveAdversarial, Work
from cnnviz_gui.core.save_work import (
    Deferred,
    DeferredArrays,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
)
from cnnviz_gui.panels.export import Export
from cnnviz_gui.texts import tr

Write = Callable[[Path, Export], Work | None]
"""Returns what the worker is to do, or None where the file is written.

Raises ``OutputError`` where it cannot be.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """Of files, as a dialog offers it."""

    shown: str
    """``Animation (*.gif)``."""
    endings: tuple[str, ...]
    """Of names; the first one is suggested, and added where it is missing."""
    write: Write
    refused: frozenset[str] = frozenset()
    """Endings that are left, for the worker to refuse: who typed one wants what is not written."""


def picture(path: Path, export: Export) -> Work:
    """Return what writes the picture; the worker judges what is of an attack."""
    if isinstance(export.request, Attack):
        return SaveAdversarial(attack=export.request, path=str(path))
    if export.step is not None:
        return SaveStep(path=str(path), step=export.step)
    return _drawing(path, export.drawing, export)


def crop(path: Path, export: Export) -> Work:
    """Return what writes the part of the picture that is marked."""
    return _drawing(path, Deferred.of(export.crop), export)


def _drawing(path: Path, drawing: Deferred, export: Export) -> SaveDrawing:
    like = not export.unlike
    return SaveDrawing(path=str(path), drawing=drawing, of=export.request, replayable=like)


def figure(path: Path, export: Export) -> Work:
    """Return what writes the picture as a figure with its caption."""
    assert export.figure is not None
    return dataclasses.replace(export.figure, path=str(path))


def array(path: Path, export: Export) -> Work:
    """Return what writes the numbers: a NumPy array, or an archive of several."""
    return SaveNumbers(path=str(path), numbers=export.computing, of=export.request)


def film(path: Path, export: Export) -> Work:
    """Return what writes the animation."""
    assert export.film is not None
    return SaveFilm(path=str(path), film=export.film, of=export.request)


def request(path: Path, export: Export) -> None:
    """Write the request as JSON."""
    from cnnviz_gui.core.files import write_atomically

    write_atomically(path, export.request.to_json())


_OTHERS = OTHER_THAN_PNG - {".gif"}
"""Those of other pictures; an animation is written where there is one, and never refused."""
PNG = Kind(tr("PNG picture ({endings})", endings="*.png"), (".png",), picture, _OTHERS)
JPEG = Kind(
    tr("JPEG picture, altered by compression ({endings})", endings="*.jpg *.jpeg"),
    JPEG_SUFFIXES,
    picture,
    _OTHERS,
)
CROP = dataclasses.replace(PNG, write=crop)
FIGURE = dataclasses.replace(PNG, write=figure)
FILM = Kind(tr("Animation ({endings})", endings="*.gif"), (".gif",), film)
REQUEST = Kind(tr("Request ({endings})", endings="*.json"), (".json",), request)
_ARRAY = Kind(tr("NumPy array ({endings})", endings="*.npy"), (".npy",), array)
_ARCHIVE = Kind(tr("NumPy archive with the request ({endings})", endings="*.npz"), (".npz",), array)


def of_numbers(export: Export) -> tuple[Kind, ...]:
    """Return the kinds of files that the numbers make."""
    several = isinstance(export.computing, DeferredArrays)
    return (_ARCHIVE,) if several else (_ARRAY, _ARCHIVE)


def named(chosen: Path, shown: str, kinds: Sequence[Kind], export: Export) -> tuple[Path, Write]:
    """Return what a file is called, and what writes it.

    A name that was chosen for a picture may say that it is to be something else. Who chose the
    kind JPEG gets one; who chose PNG too, unless they typed the ending of a JPEG themselves: the
    one that was suggested is only left over.

    Parameters
    ----------
    shown
        The kind that was chosen; not every dialog tells.
    kinds
        All that were offered; the ending of the first one was suggested.
    """
    kind = next((one for one in kinds if one.shown == shown), kinds[0])
    ending = chosen.suffix.lower()
    other = _other(ending, export) if kind.write is picture else None
    if other is not None:
        path = chosen if ending in other.endings else chosen.with_suffix(other.endings[0])
        return path, other.write
    path, suggested = chosen, kinds[0].endings[0]
    if any(ending in one.endings for one in kinds):
        if ending not in kind.endings and (kind is JPEG or ending == suggested):
            path = chosen.with_suffix(kind.endings[0])
    elif ending not in kind.refused:
        path = chosen.with_name(chosen.name + kind.endings[0])
    return path, kind.write


def _other(ending: str, export: Export) -> Kind | None:
    """Return what is written in place of the picture where a name ends so, if there is any."""
    if ending in (*_ARRAY.endings, *_ARCHIVE.endings):
        kinds = of_numbers(export)
        return next((kind for kind in kinds if ending in kind.endings), kinds[0])
    if ending in REQUEST.endings and not export.unlike:
        return REQUEST
    if ending in FILM.endings and export.film is not None:
        return FILM
    return None

"""Writes of what a page gives away what is there; asks the worker for what is made first.

Every function raises ``OutputError`` where the file cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cnnviz_gui.core.request import Request
from cnnviz_gui.core.save_requests import (
    Deferred,
    DeferredArrays,
    SaveDrawing,
    SaveFilm,
    SaveNumbers,
    SaveStep,
)
from cnnviz_gui.panels.export import Export

Write = Callable[[Path, Export], Request | None]
"""Writes what is there, or returns the request for what has to be made first."""


def picture(path: Path, export: Export) -> Request | None:
    """Write the picture as PNG."""
    if export.step is not None:
        return SaveStep(path=str(path), step=export.step)
    if isinstance(export.drawn, Deferred):
        return SaveDrawing(path=str(path), drawing=export.drawn, of=export.request)
    from cnnviz_gui.core.files import save_png

    save_png(path, export.picture)
    return None


def crop(path: Path, export: Export) -> None:
    """Write the part of the picture that is marked, as PNG."""
    from cnnviz_gui.core.files import save_png

    assert export.crop is not None
    save_png(path, export.crop)


def array(path: Path, export: Export) -> Request | None:
    """Write the numbers as a NumPy array, several as an archive of them."""
    if isinstance(export.array, Deferred):
        return SaveNumbers(path=str(path), numbers=export.array, of=export.request)
    from cnnviz_gui.core.files import save_npy, save_npz

    if isinstance(export.array, dict):
        save_npz(path, export.array)
    else:
        save_npy(path, export.array)
    return None


def array_suffix(export: Export) -> str:
    """Return how the name of a file of the numbers ends."""
    return ".npz" if isinstance(export.array, dict | DeferredArrays) else ".npy"


def film(path: Path, export: Export) -> Request:
    """Return the request for the animation."""
    assert export.film is not None
    return SaveFilm(path=str(path), film=export.film, of=export.request)


def request(path: Path, export: Export) -> None:
    """Write the request as JSON."""
    from cnnviz_gui.core.files import write_atomically

    write_atomically(path, export.request.to_json())


BY_ENDING: dict[str, Write] = {
    ".npy": array,
    ".npz": array,
    ".json": request,
    ".gif": film,
}
"""What is written in place of the picture, by the end of the name that was given."""

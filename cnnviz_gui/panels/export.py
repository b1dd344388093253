"""What a page can give away: the picture, the numbers behind it, the request that made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core import file_names
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.save_work import Deferred, DeferredArrays, Film, Step

if TYPE_CHECKING:
    from cnnviz_gui.core.facts import ModelFacts
    from cnnviz_gui.core.figure_requests import SaveFigure
    from cnnviz_gui.core.plane_requests import SavePlane
    from cnnviz_gui.core.result import ByteArray


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What copies and saves a table where that, and no picture, is what is shown."""

    copy: Callable[[], None]
    """Puts its rows on the clipboard as text."""
    save: Callable[[], None]
    """Asks for a file, and says what became of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """Everything a page can give away now."""

    stem: str
    """File name without ending."""
    drawn: ByteArray | Callable[[], ByteArray] | Deferred | None
    """The picture, or what draws it in this thread, or in any; None of a table."""
    array: Any
    """The numbers before any scaling for display; a dict of several, each by its name.

    Where making them takes long: what makes them, ``Deferred`` or ``DeferredArrays``.
    """
    request: Request
    film: Film | None = None
    """The animation that belongs to the picture; None where is none."""
    crop: ByteArray | None = None
    """uint8 (h, w, 3): the part of the picture that is marked; None where none is."""
    figure: SaveFigure | SavePlane | None = None
    """What writes the picture as a figure with its caption, once it has a path; None for none."""
    unlike: str = ""
    """Why no request gives just this picture, and what to do; empty where ``request`` does."""
    step: Step | None = None
    """Which one of the images on the way of an attack the picture is; ``request`` gives all."""
    table: Table | None = None
    """The rows, where a table is what is shown: it has neither picture nor array then."""
    array_stem: str = ""
    """File name of the numbers without ending, where they are named otherwise than the picture."""
    facts: ModelFacts | None = None
    """Of the network in use when it was given away, which no page says of itself."""

    @property
    def picture(self) -> ByteArray:
        """uint8 (H, W, 3)."""
        assert self.drawn is not None, "a table has no picture"
        if isinstance(self.drawn, Deferred):
            drawn: ByteArray = self.drawn.make()
            return drawn
        return self.drawn() if callable(self.drawn) else self.drawn

    @property
    def drawing(self) -> Deferred:
        """What any thread can have the picture of; what only this one can draw is drawn now."""
        return self.drawn if isinstance(self.drawn, Deferred) else Deferred.of(self.picture)

    @property
    def numbers(self) -> Any:
        """The array, or the dict of several."""
        return self.computing.make()

    @property
    def computing(self) -> Deferred:
        """What any thread can have the numbers of."""
        if isinstance(self.array, Deferred):
            return self.array
        return (
            DeferredArrays.of(self.array)
            if isinstance(self.array, dict)
            else Deferred.of(self.array)
        )


def stem(*parts: str) -> str:
    """Return a file name of words: ``chelsea-grad-cam-tiger-cat``."""
    return file_names.of_words(*parts)

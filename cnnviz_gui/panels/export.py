"""What a page can give away: the picture, the numbers behind it, the request that made them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core.request import Request

if TYPE_CHECKING:
    from cnnviz_gui.core.figure_requests import SaveFigure
    from cnnviz_gui.core.plane_requests import SavePlane
    from cnnviz_gui.core.result import ByteArray


@dataclass(frozen=True, slots=True, eq=False)
class Export:
    """Everything a page can give away now."""

    stem: str
    """File name without ending."""
    drawn: ByteArray | Callable[[], ByteArray]
    """The picture, or what draws it where that takes long and is not always wanted."""
    array: Any
    """The numbers before any scaling for display; a dict of several, each by its name.

    Where making one array takes long: what makes it.
    """
    request: Request
    film: Callable[[], ByteArray] | None = None
    """Makes uint8 (F, h, w, 3), the animation that belongs to the picture; None where is none."""
    crop: ByteArray | None = None
    """uint8 (h, w, 3): the part of the picture that is marked; None where none is."""
    figure: SaveFigure | SavePlane | None = None
    """What writes the picture as a figure with its caption, once it has a path; None for none."""
    unlike: str = ""
    """Why no request gives just this picture, and what to do; empty where ``request`` does."""

    @property
    def picture(self) -> ByteArray:
        """uint8 (H, W, 3)."""
        return self.drawn() if callable(self.drawn) else self.drawn

    @property
    def numbers(self) -> Any:
        """The array, or the dict of several."""
        return self.array() if callable(self.array) else self.array


def stem(*parts: str) -> str:
    """Return a file name of words: ``chelsea-grad-cam-tiger-cat``."""
    words = "-".join(part for part in parts if part)
    return re.sub(r"[^\w.+-]+", "-", words).strip("-.") or "picture"

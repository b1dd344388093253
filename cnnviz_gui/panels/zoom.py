"""Which part of a picture a pane shows: arithmetic without widgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

MAX_ZOOM: Final = 64.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Sizes of a picture, in its pixels, and of the place for it, in those of the screen."""

    width: int
    height: int
    view_width: float
    view_height: float

    @property
    def fit(self) -> float:
        """Screen pixels per picture pixel when the whole picture just fits."""
        return min(self.view_width / self.width, self.view_height / self.height)


@dataclass(frozen=True, slots=True)
class Zoom:
    """Magnification beyond fit, in [1, 64], and the shown centre as shares of width and height.

    Shares, so that panes with pictures of different size can be linked.
    """

    factor: float = 1.0
    x: float = 0.5
    y: float = 0.5

    @property
    def at_fit(self) -> bool:
        """Whether the whole picture is seen."""
        return self.factor == 1.0

    def clamped(self, frame: Frame) -> Zoom:
        """Return the nearest zoom that leaves no margin which a shift could fill."""
        factor = min(max(self.factor, 1.0), MAX_ZOOM)
        scale = frame.fit * factor
        return Zoom(
            factor,
            _centre(self.x, frame.view_width / (frame.width * scale)),
            _centre(self.y, frame.view_height / (frame.height * scale)),
        )

    def scale(self, frame: Frame) -> float:
        """Return screen pixels per picture pixel."""
        return frame.fit * self.factor

    def origin(self, frame: Frame) -> tuple[float, float]:
        """Return where the picture's corner lies on the screen: centred, but at the top."""
        scale = self.scale(frame)
        left = frame.view_width / 2 - self.x * frame.width * scale
        top = frame.view_height / 2 - self.y * frame.height * scale
        return left, min(top, 0.0)

    def to_picture(self, frame: Frame, x: float, y: float) -> tuple[float, float]:
        """Return the place in the picture under a place on the screen."""
        left, top = self.origin(frame)
        scale = self.scale(frame)
        return (x - left) / scale, (y - top) / scale

    def to_screen(self, frame: Frame, x: float, y: float) -> tuple[float, float]:
        """Return the place on the screen of a place in the picture."""
        left, top = self.origin(frame)
        scale = self.scale(frame)
        return left + x * scale, top + y * scale

    def zoomed(self, frame: Frame, by: float, x: float, y: float) -> Zoom:
        """Return the zoom ``by`` times as strong that keeps what is at (x, y) where it is."""
        held_x, held_y = self.to_picture(frame, x, y)
        stronger = replace(self, factor=min(max(self.factor * by, 1.0), MAX_ZOOM))
        scale = stronger.scale(frame)
        centre_x = (held_x + (frame.view_width / 2 - x) / scale) / frame.width
        centre_y = (held_y + (frame.view_height / 2 - y) / scale) / frame.height
        return Zoom(stronger.factor, centre_x, centre_y).clamped(frame)

    def moved(self, frame: Frame, x: float, y: float) -> Zoom:
        """Return the zoom with the picture moved by so many screen pixels."""
        scale = self.scale(frame)
        shifted = Zoom(
            self.factor,
            self.x - x / (scale * frame.width),
            self.y - y / (scale * frame.height),
        )
        return shifted.clamped(frame)


def _centre(centre: float, seen: float) -> float:
    """Return the centre, moved so that the share ``seen`` lies inside the picture."""
    if seen >= 1.0:
        return 0.5
    return min(max(centre, seen / 2), 1.0 - seen / 2)

"""What comes back of a picture that was only to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.result import ByteArray, Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drawn(Result):
    """A picture, to be put where only the window can put it."""

    picture: ByteArray
    """uint8 (H, W, 3)."""

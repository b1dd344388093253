"""The pictures on the strip as one value, which a step of the history can bring back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.state.app_state import StripEntry


@dataclass(frozen=True, slots=True, eq=False)
class AtHand:
    """Pictures in their order; that one of them was read meanwhile makes no other value."""

    refs: tuple[ImageRef, ...]

    @classmethod
    def of(cls, strip: Iterable[StripEntry]) -> AtHand:
        """Return those of a strip."""
        return cls(tuple(entry.ref for entry in strip))

    @property
    def paths(self) -> tuple[str, ...]:
        """Of the pictures."""
        return tuple(ref.path for ref in self.refs)

    def __eq__(self, other: object) -> bool:
        """Compare the files alone."""
        return isinstance(other, AtHand) and self.paths == other.paths

    def __hash__(self) -> int:
        """Return the same for equal ones."""
        return hash(self.paths)

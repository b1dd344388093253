"""What was found of a plane through a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import ByteArray, FloatArray, Result

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    IndexArray = npt.NDArray[np.int32]
else:
    IndexArray = Any

UNKNOWN = -1
OTHERS = -2
"""In a drawing: a class that is not told apart from a few more."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a region has room for a name."""

    index: int
    """The class."""
    along: float
    across: float
    wide: float
    high: float
    """Half of the room's sides, in the units of ``along`` and ``across``."""


@dataclass(frozen=True, slots=True, eq=False)
class PlaneDrawing:
    """What lies between the points of a plane, interpolated; row 0 is at the least b.

    It reaches as far as the plane does: the points at its edges are those of the plane.
    """

    classes: IndexArray
    """(F, F), the class that wins; ``OTHERS`` for one of those beyond the most frequent."""
    confidence: FloatArray
    """(F, F), its probability."""
    loss: FloatArray
    """(F, F), in nats."""
    borders: FloatArray
    """(M, 2), (a, b) of the points of lines between the classes, NaN between two lines."""
    contours: FloatArray
    """(M, 2), the same of lines of equal loss."""
    levels: tuple[float, ...]
    """The losses of these lines, ascending."""
    spots: tuple[Spot, ...]
    """At most one a class."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneResult(Result):
    """Classes over the plane; row 0 is at the least b, column 0 at the least a.

    A partial result has ``UNKNOWN`` classes, and NaN beside them. Every point is a picture of
    [0, 1]: what the two directions put beyond is cut off.
    """

    classes: IndexArray
    """(S, S), the class that wins."""
    confidence: FloatArray
    """(S, S), its probability."""
    loss: FloatArray
    """(S, S), the cross-entropy of the picture's own class, in nats."""
    names: tuple[tuple[int, str], ...]
    """Index and name of each class in ``classes``, the most frequent first."""
    label: Score
    """The class of the picture itself."""
    reach: float
    """The plane goes from minus this to this, in lengths of its two directions."""
    across: str
    """What lies across: ``random``, the name of a class, or of a file."""
    lengths: tuple[float, float]
    """L2 of g and of h, in units of [0, 1]."""
    epsilon: float | None
    """The budget of the attack, in the unit of its norm; None for one without."""
    norm: str
    units: tuple[float, float]
    """How many epsilons g and h are long in that norm; without a budget, how many lengths of g."""
    clipped: float
    """The largest share of a picture's values that [0, 1] cut off at a corner of the plane."""
    ball: FloatArray
    """(M, 2), the edge of the ball of the attack in (a, b); empty for one without a budget."""
    path: FloatArray
    """(T, 2), where the attack went, in (a, b); the part of it that lies in the plane."""
    expected: int
    """Points there will be."""
    grid: int
    """Points of a side of the finest grid that is known whole."""
    drawing: PlaneDrawing

    @property
    def done(self) -> int:
        """Points that are known."""
        return int((self.classes != UNKNOWN).sum())

    @property
    def shares(self) -> dict[int, float]:
        """How much of the finest whole grid each class of ``names`` has, in [0, 1]."""
        stride = (len(self.classes) - 1) // (self.grid - 1)
        counted = self.classes[::stride, ::stride]
        return {index: float((counted == index).mean()) for index, _ in self.names}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanePictureResult(Result):
    """A picture of the plane, clipped to [0, 1]."""

    picture: ByteArray
    """(H, W, 3)."""
    scores: tuple[Score, ...]
    clipped: float
    """The share of its values that [0, 1] cut off."""

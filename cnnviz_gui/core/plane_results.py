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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneResult(Result):
    """Classes over the plane; row 0 is at the least b, column 0 at the least a.

    A partial result has ``UNKNOWN`` classes, and NaN beside them.
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
    ball: FloatArray
    """(M, 2), the edge of the ball of the attack in (a, b); empty for one without a budget."""
    path: FloatArray
    """(T, 2), where the attack went, in (a, b); the part of it that lies in the plane."""
    expected: int
    """Points there will be."""

    @property
    def done(self) -> int:
        """Points that are known."""
        return int((self.classes != UNKNOWN).sum())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanePictureResult(Result):
    """A picture of the plane, clipped to [0, 1]."""

    picture: ByteArray
    """(H, W, 3)."""
    scores: tuple[Score, ...]
    clipped: float
    """The share of its values that [0, 1] cut off."""

"""What comes back of how far a heat map is to be trusted: read-only arrays, plain values."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import FloatArray, Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Faithfulness:
    """How the class answers to the pixels that one map marks, the most marked first."""

    deletion: FloatArray
    """(2, n): share of the pixels that were deleted, and the probability then."""
    insertion: FloatArray
    """(2, n): share of the pixels that were inserted, and the probability then."""
    deletion_area: float
    """Under the curve, in [0, 1]; small is good. NaN until the curve is complete."""
    insertion_area: float
    """Large is good."""
    kept: float
    """Probability where each pixel is kept as far as the map marks it; NaN until it is known."""
    drop: float
    """By how much of the whole picture's probability that is less, in [0, 1]; 0 where it is not."""
    increase: bool
    """It is more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrustResult(Result):
    """A map's curves and those of two maps that know nothing; a partial result has fewer points."""

    method: str
    layer: str
    target: Score
    """The class that is watched, on the whole picture."""
    map: Faithfulness
    centre: Faithfulness
    """Of a blob in the middle, where photographers put what they mean."""
    random: Faithfulness
    """Of random maps: the mean of their curves, areas and drops; ``increase`` of most of them."""
    done: int
    """Pictures passed through the network."""
    expected: int

    @property
    def complete(self) -> bool:
        """Whether everything is known."""
        return self.done >= self.expected


@dataclass(frozen=True, slots=True, eq=False)
class SanityStage:
    """The map of a network whose upper layers are random."""

    layer: str
    """The lowest of them."""
    layers: int
    """How many layers with weights are random."""
    absolute: float
    """Rank correlation of the values' sizes with those of the trained network's map, in [-1, 1];
    NaN where one of the maps is blank.
    """
    signed: float
    """The same of the values themselves."""
    map: FloatArray
    """(h, w): small, in its own units."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SanityResult(Result):
    """Maps from the trained network's to a random one's; a partial result has fewer stages."""

    method: str
    layer: str
    target: Score
    """On the trained network."""
    original: FloatArray
    """(h, w): small, in its own units."""
    signed: bool
    stages: tuple[SanityStage, ...]
    """From the top of the network down."""
    expected: int

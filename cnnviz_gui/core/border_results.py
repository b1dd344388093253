"""What was found of how near the borders of a picture's class are."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.result import Norms, Result

TOLERANCE = 0.01
"""A bracket is searched until it is no wider than this share of its upper end."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """How far an attack has to go; every number of it was tried on the final image.

    Distances are in 255ths for Linf, in units of [0, 1] for L2 and L1.
    """

    method: str
    target: Score | None
    """The class to reach, as it is on the picture itself; None for any other class."""
    norm: str
    maximum: float
    """The largest epsilon the attack has; 0 for an attack without a budget."""
    failed: float = 0.0
    """The largest epsilon below ``reached`` at which it failed; 0 where none did."""
    reached: float | None = None
    """The smallest at which it succeeded; without a budget the distance that it went."""
    beyond: tuple[float, ...] = ()
    """Larger ones at which it failed again: success does not grow with epsilon."""
    most: float = 0.0
    """The largest epsilon tried: nothing is known of success beyond it."""
    winner: Score | None = None
    """The class that wins at ``reached``, with its probability there."""
    norms: Norms | None = None
    """Of the perturbation at ``reached``."""
    runs: int = 0
    forwards: int = 0
    backwards: int = 0
    """Images passed backward in all runs, as ``forwards`` counts those passed forward."""
    finished: bool = False
    own: bool = False
    """An attack without a budget: the distance is the one it chose, after one run."""
    problem: str = ""
    """Why there is no more to know, a sentence."""
    advice: str = ""

    @property
    def narrow(self) -> bool:
        """Whether ``reached`` is known to a hundredth; else it is only an upper bound."""
        if self.reached is None:
            return False
        width = self.reached - self.failed
        return self.own or width <= TOLERANCE * self.reached * (1 + _ROUNDING)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BordersResult(Result):
    """A row for each class or each attack; in a partial result some are not ``finished``."""

    rows: tuple[Border, ...]
    """In the order in which they were asked for; classes: the most likely first."""
    label: Score
    """The class of the picture itself."""

    @property
    def finished(self) -> int:
        """Rows of which all is known."""
        return sum(row.finished for row in self.rows)

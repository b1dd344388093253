"""What came of several attacks under one budget."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.result import ByteArray, Closeness, FloatArray, Norms, Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Runner:
    """One attack of a race: what the attack alone gives with these parameters."""

    method: str
    parameters: Params
    """Its own, but for what the budget sets."""
    note: str = ""
    """What the budget set, a few words; empty where its own settings fitted."""
    done: bool = False
    success: bool = False
    size: float = 0.0
    """Of the perturbation in the norm of the race, in the unit of its epsilon."""
    inside: bool = False
    """It is not larger than the epsilon of the race."""
    winner: Score | None = None
    """What the network says of the adversarial image."""
    aim: Score | None = None
    """There too: the class to reach, else the class of the clean picture."""
    norms: Norms | None = None
    closeness: Closeness | None = None
    forwards: int = 0
    backwards: int = 0
    seconds: float = 0.0
    picture: ByteArray | None = None
    """(h, w, 3), small: the adversarial image."""
    change: FloatArray | None = None
    """(h, w), small: of each pixel the strongest change, in [-1, 1] as a share of ``bound``."""
    bound: float = 0.0
    """In 255ths: what hardly any pixel changes by more than."""
    problem: str = ""
    """Why there is no result, a sentence."""
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RaceResult(Result):
    """A row for each attack, in the order asked for; in a partial result some are not ``done``."""

    runners: tuple[Runner, ...]
    label: Score
    """The class of the picture itself."""

    @property
    def finished(self) -> int:
        """Rows of which all is known."""
        return sum(runner.done for runner in self.runners)


def order(runners: tuple[Runner, ...], targeted: bool) -> tuple[int, ...]:
    """Return the places of the rows, the best first.

    Success inside the ball, success outside of it, none, no result; then the smaller perturbation,
    those equal in three digits by what is left of the label or missing of the target.
    """
    places = range(len(runners))

    def key(place: int) -> tuple[int, float, float, int]:
        one = runners[place]
        kind = 4 if not one.done else 3 if one.problem else 2
        if one.done and one.success:
            kind = 0 if one.inside else 1
        aim = one.aim.probability if one.aim is not None else 0.0
        size = float(f"{one.size:.3g}") if kind < 2 else 0.0
        return kind, size, -aim if targeted else aim, one.forwards + one.backwards

    return tuple(sorted(places, key=key))

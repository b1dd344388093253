"""What the numbers about a heat map mean, in sentences."""

from __future__ import annotations

import itertools
import math

from cnnviz_gui.core.numbers import MINUS, percent
from cnnviz_gui.core.trust_results import Faithfulness, SanityResult, TrustResult

_ALIKE = 0.02
"""Areas that differ by less are alike."""
_FAINT = 0.05
"""A probability below this has little room to fall."""
_CHANGED = 0.3
_SAME = 0.6
CAVEAT = (
    "This is one picture, and pictures with holes are unlike those that the network learned from."
)


def verdict(result: TrustResult) -> str:
    """Return what deletion and insertion say of a map, in one or two sentences."""
    if not result.complete:
        return ""
    known = result.map, result.random, result.centre
    deleting = _compared(*(-one.deletion_area for one in known))
    inserting = _compared(*(one.insertion_area for one in known))
    if deleting == inserting:
        text = (
            f"Deleting what this map marks lowers the probability of {result.target.label}, and "
            f"inserting it raises it, {deleting}."
        )
    else:
        text = (
            f"Deleting what this map marks lowers the probability of {result.target.label} "
            f"{deleting}. "
            f"Inserting it raises the probability {inserting}."
        )
    if result.target.probability < _FAINT:
        faint = percent(result.target.probability)
        text += f" With {faint} on the whole picture there is little to lower."
    return text


def kept(one: Faithfulness, whole: float) -> str:
    """Return what is left of the probability where only what a map marks is shown."""
    if math.isnan(one.kept):
        return ""
    if one.increase:
        return f"It rises to {percent(one.kept)}."
    lost = f"{percent(one.drop)} of it is lost" if whole > 0 else "none was there"
    return f"It falls to {percent(one.kept)}: {lost}."


def sanity_verdict(result: SanityResult) -> str:
    """Return what random weights say of a map, one sentence."""
    if not result.stages or len(result.stages) < result.expected:
        return ""
    last = result.stages[-1].absolute
    if abs(last) >= _SAME:
        return (
            f"With random weights the map hardly changes ({_told(last)}): it shows the picture or "
            "the architecture rather than what the network has learned."
        )
    held = list(itertools.takewhile(lambda stage: abs(stage.absolute) >= _SAME, result.stages))
    if 2 * len(held) >= len(result.stages):
        return (
            f"The map hardly changes ({_told(held[-1].absolute)}) while all from the top down to "
            f"{held[-1].layer} becomes random: the class and the upper layers have little part "
            "in it."
        )
    if math.isnan(last):
        return "With random weights the map is blank: it depends on what the network has learned."
    if abs(last) >= _CHANGED:
        return (
            f"With random weights part of the map stays ({_told(last)}): some of it comes from the "
            "picture or the architecture, not from what the network has learned."
        )
    return (
        f"With random weights the map is another ({_told(last)}): it depends on what the network "
        "has learned."
    )


def _told(correlation: float) -> str:
    return f"rank correlation {f'{correlation:.2f}'.replace('-', MINUS)}"


def _compared(of_map: float, of_random: float, of_centre: float) -> str:
    """Return how fast a map is beside the two that know nothing; the larger area is the faster."""
    chance, middle = of_map - of_random, of_map - of_centre
    if chance > _ALIKE and middle > _ALIKE:
        return "faster than at random and faster than a blob in the middle"
    if chance > _ALIKE:
        return f"faster than at random, but {_no_faster(middle)} a blob in the middle"
    if middle > _ALIKE:
        return f"{_no_faster(chance)} at random, though faster than a blob in the middle"
    if (chance < -_ALIKE) == (middle < -_ALIKE):
        return f"{_no_faster(chance)} at random or a blob in the middle"
    return f"{_no_faster(chance)} at random and {_no_faster(middle)} a blob in the middle"


def _no_faster(difference: float) -> str:
    return "more slowly than" if difference < -_ALIKE else "no faster than"

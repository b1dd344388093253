"""What the numbers about a heat map mean, in sentences."""

from __future__ import annotations

import itertools
import math

from cnnviz_gui.core.numbers import MINUS, percent
from cnnviz_gui.core.trust_results import Faithfulness, SanityResult, TrustResult
from cnnviz_gui.texts import tr

_ALIKE = 0.02
"""Areas that differ by less are alike."""
_FAINT = 0.05
"""A probability below this has little room to fall."""
_CHANGED = 0.3
_SAME = 0.6
CAVEAT = tr(
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
        text = tr(
            "Deleting what this map marks lowers the probability of {label}, and inserting it"
            " raises it, {how_fast}.",
            label=result.target.label,
            how_fast=deleting,
        )
    else:
        text = tr(
            "Deleting what this map marks lowers the probability of {label} {deleting}. Inserting"
            " it raises the probability {inserting}.",
            label=result.target.label,
            deleting=deleting,
            inserting=inserting,
        )
    if result.target.probability < _FAINT:
        faint = percent(result.target.probability)
        text += " " + tr(
            "With {probability} on the whole picture there is little to lower.", probability=faint
        )
    return text


def kept(one: Faithfulness, whole: float) -> str:
    """Return what is left of the probability where only what a map marks is shown."""
    if math.isnan(one.kept):
        return ""
    if one.increase:
        return tr("It rises to {probability}.", probability=percent(one.kept))
    if whole > 0:
        return tr(
            "It falls to {probability}: {share} of it is lost.",
            probability=percent(one.kept),
            share=percent(one.drop),
        )
    return tr("It falls to {probability}: none was there.", probability=percent(one.kept))


def sanity_verdict(result: SanityResult) -> str:
    """Return what random weights say of a map, one sentence."""
    if not result.stages or len(result.stages) < result.expected:
        return ""
    last = result.stages[-1].absolute
    if abs(last) >= _SAME:
        return tr(
            "With random weights the map hardly changes ({likeness}): it shows the picture or the"
            " architecture rather than what the network has learned.",
            likeness=_told(last),
        )
    held = list(itertools.takewhile(lambda stage: abs(stage.absolute) >= _SAME, result.stages))
    if 2 * len(held) >= len(result.stages):
        return tr(
            "The map hardly changes ({likeness}) while all from the top down to {layer} becomes"
            " random: the class and the upper layers have little part in it.",
            likeness=_told(held[-1].absolute),
            layer=held[-1].layer,
        )
    if math.isnan(last):
        return tr(
            "With random weights the map is blank: it depends on what the network has learned."
        )
    if abs(last) >= _CHANGED:
        return tr(
            "With random weights part of the map stays ({likeness}): some of it comes from the"
            " picture or the architecture, not from what the network has learned.",
            likeness=_told(last),
        )
    return tr(
        "With random weights the map is another ({likeness}): it depends on what the network has"
        " learned.",
        likeness=_told(last),
    )


def _told(correlation: float) -> str:
    return tr("rank correlation {value}", value=f"{correlation:.2f}".replace("-", MINUS))


def _compared(of_map: float, of_random: float, of_centre: float) -> str:
    """Return how fast a map is beside the two that know nothing; the larger area is the faster."""
    chance, middle = of_map - of_random, of_map - of_centre
    if chance > _ALIKE and middle > _ALIKE:
        return tr("faster than at random and faster than a blob in the middle")
    if chance > _ALIKE:
        if middle < -_ALIKE:
            return tr("faster than at random, but more slowly than a blob in the middle")
        return tr("faster than at random, but no faster than a blob in the middle")
    if middle > _ALIKE:
        if chance < -_ALIKE:
            return tr("more slowly than at random, though faster than a blob in the middle")
        return tr("no faster than at random, though faster than a blob in the middle")
    if chance < -_ALIKE and middle < -_ALIKE:
        return tr("more slowly than at random or a blob in the middle")
    if chance < -_ALIKE:
        return tr("more slowly than at random and no faster than a blob in the middle")
    if middle < -_ALIKE:
        return tr("no faster than at random and more slowly than a blob in the middle")
    return tr("no faster than at random or a blob in the middle")

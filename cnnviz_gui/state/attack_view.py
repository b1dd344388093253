"""What the attack page shows: pure functions of selection and findings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from cnnviz_gui.core import attack_cost
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Sweep
from cnnviz_gui.core.result import AttackResult, SweepResult
from cnnviz_gui.core.save_work import Film
from cnnviz_gui.state import beginning, epsilon_words, known_flips, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import (
    SWEEP_POINTS,
    at_zero,
    axis_end,
    has_epsilon,
    norm_of,
    scaled,
)
from cnnviz_gui.state.epsilon_words import NORMS
from cnnviz_gui.state.prediction_view import attack_on_screen, wanted_attack
from cnnviz_gui.texts import tr

SHOWN_RANGE = 0.5
"""An amplified perturbation of this size has the colour at the end of the scale."""
_USUAL_PERCENT = 98
AMPLIFICATIONS = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Factors to choose among; 0 is the one that suits the perturbation."""
_SAMPLED_EVERY = 11
"""Numbers enough for a factor; prime to the width of images, so that all columns count."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Probability against epsilon, or against a scale, as far as it is computed."""

    epsilons: tuple[float, ...] = ()
    label: tuple[float, ...] = ()
    """Of the class the clean image shows."""
    target: tuple[float, ...] = ()
    """Of the target class, untargeted of the strongest other one."""
    others: tuple[float, ...] = ()
    """With a target of the strongest class but both, else of all remaining ones together."""
    others_name: str = tr("all others")
    label_name: str = ""
    target_name: str = ""
    targeted: bool = False
    first_flip: float | None = None
    """Where the attack first succeeds: the class is another one, or is the target."""
    held: tuple[tuple[float, float], ...] = ()
    """Stretches beyond the first flip where the attack fails again: it is not monotone."""
    expected: int = SWEEP_POINTS
    maximum: float = 0.0


def curves(state: AppState) -> Curves:
    """Return the curves of the sweep that belongs to the attack in use."""
    finding = state.finding("sweep")
    wanted = wanted_attack(state)
    request, value = finding.request, finding.value
    maximum = axis_end(state.selection)
    if (
        wanted is None
        or not isinstance(request, Sweep)
        or not isinstance(value, SweepResult)
        or not value.points
        or request.attack != at_zero(wanted)
    ):
        return Curves(maximum=maximum)
    found = known_flips.found(state, request.attack, value)
    points = found.points
    label = tuple(point.label_probability for point in points)
    target = tuple(point.target_probability for point in points)
    last = value.points[-1].result
    targeted = last.target is not None
    others = tuple(max(0.0, 1.0 - a - b) for a, b in zip(label, target, strict=True))
    nameless = trust.nameless(state.shared.facts)
    label_name, target_name = _names(last, nameless=nameless)
    return Curves(
        epsilons=tuple(point.epsilon for point in points),
        label=label,
        target=target,
        others=tuple(point.other_probability for point in points) if targeted else others,
        others_name=tr("strongest other") if targeted else tr("all others"),
        label_name=label_name,
        target_name=target_name,
        targeted=targeted,
        first_flip=found.first,
        held=found.held,
        expected=value.expected + len(points) - len(value.points),
        maximum=value.maximum,
    )


def exact(state: AppState) -> dict[str, float]:
    """Return the probability of each curve where the slider stands; nothing before it is computed.

    Between the points of the sweep the curves themselves are a guess.
    """
    shown = attack_on_screen(state)
    if shown is None or not shown.exact:
        return {}
    label_name, target_name = _names(shown.result, nameless=trust.nameless(state.shared.facts))
    label, target, third = shown.result.chances
    if shown.result.target is not None:
        return {label_name: label, target_name: target, tr("strongest other"): third}
    return {
        label_name: label,
        target_name: target,
        tr("all others"): max(0.0, 1.0 - label - target),
    }


def _names(result: AttackResult, *, nameless: bool) -> tuple[str, str]:
    """Return what the curves of clean winner and target are called, never both alike."""
    winner, target = result.clean[0], result.target
    if target is None:
        return tr("winner") if nameless else winner.label, tr("strongest other")
    if nameless:
        return tr("winner"), tr("target")
    if winner.label == target.label:  # ImageNet has two cranes
        return f"{winner.label} ({winner.index})", f"{target.label} ({target.index})"
    return winner.label, target.label


def in_pictures(state: AppState) -> bool:
    """Tell whether the pictures of the attack are in sight."""
    return state.selection.stage == "attack" and state.display.attack_view == "picture"


def sweep_film(state: AppState) -> Film | None:
    """Return the animation of the sweep, from 0 to the end of the axis.

    The adversarial pictures inside their balls; None until all are known.
    """
    finding, wanted = state.finding("sweep"), wanted_attack(state)
    request, value = finding.request, finding.value
    if wanted is None or not isinstance(request, Sweep) or not isinstance(value, SweepResult):
        return None
    if finding.status != "done" or request.attack != at_zero(wanted):
        return None
    from cnnviz_gui.core.files import quantised

    points = sorted(value.points, key=lambda point: point.epsilon)
    return Film(tuple(partial(quantised, point.result) for point in points))


@lru_cache(maxsize=4)
def amplification(result: AttackResult) -> int:
    """Return the factor, a power of 2, by which a perturbation is shown unless one is chosen.

    It follows what most pixels change by: under L2 a few change much more than the rest, and
    would leave the picture black.
    """
    import numpy as np

    change = (result.adversarial_image - result.clean_image).ravel()[::_SAMPLED_EVERY]
    usual = float(np.percentile(np.abs(change), _USUAL_PERCENT))
    if usual <= 0:
        return 1
    return int(2 ** max(0, math.floor(math.log2(SHOWN_RANGE / usual))))


def unit(state: AppState) -> str:
    """Return the axis title of the slider."""
    if scaled(state.selection):
        return tr("times the perturbation found")
    norm = norm_of(state.selection.attack_parameters)
    if _in_255ths(state):
        return tr("epsilon, in 255ths ({norm})", norm=NORMS.get(norm, norm))
    return tr("epsilon ({norm})", norm=NORMS.get(norm, norm))


def _in_255ths(state: AppState) -> bool:
    norm = norm_of(state.selection.attack_parameters)
    return norm == "linf" and state.display.epsilon_unit == "255ths"


def unit_text(state: AppState) -> str:
    """Return what follows the slider's value: ``/ 255`` in 255ths, a cross for a scale."""
    if scaled(state.selection):
        return fmt.TIMES
    return "/ 255" if _in_255ths(state) else ""


def axis_factor(state: AppState) -> float:
    """Return how many times a number on the slider's axis makes the one that requests have."""
    if scaled(state.selection):
        return 1.0
    norm = norm_of(state.selection.attack_parameters)
    return epsilon_words.factor(norm, state.display.epsilon_unit)


def from_axis(state: AppState, written: float) -> float:
    """Return the epsilon, or the scale, that a number on the slider's axis stands for."""
    if scaled(state.selection):
        return written
    norm = norm_of(state.selection.attack_parameters)
    return epsilon_words.taken(written, norm, state.display.epsilon_unit)


def slid_to(state: AppState, value: float) -> dict[str, Any]:
    """Return what to select so that the slider stands at ``value``; it begins what is quick."""
    return beginning.slid(state.selection, _method(state), value)


def waits(state: AppState) -> bool:
    """Tell whether the attack that is selected takes long and was not begun by hand."""
    findings = state.finding("attack"), state.finding("sweep")
    return beginning.waits(state.selection, _method(state), *findings)


def button_tip(state: AppState) -> str:
    """Return what the button of the page does, and what that costs where it is much."""
    swept = state.display.attack_view == "picture"
    return beginning.told(_method(state), state.selection, swept=swept)


def invitation(state: AppState) -> str:
    """Return what to do before there is an attack."""
    if beginning.cost(_method(state), state.selection):
        return priced(state, tr("Press Attack."))
    return tr("Press Attack or drag the slider. Nothing is computed until you do.")


def priced(state: AppState, said: str) -> str:
    """Return a sentence that invites to attack, and what that takes where it is much."""
    cost = beginning.cost(_method(state), state.selection)
    return tr("{said} It takes {cost}.", said=said, cost=cost) if cost else said


def _method(state: AppState) -> Method | None:
    return state.shared.method("attack", state.selection.attack_method)


def summary(state: AppState) -> tuple[str, ...]:
    """Return the settings of the attack in one line, and again with fewer of them for less room.

    ``targeted, norm L∞, 10 steps, seed 0``; first goes what the chips of the classes say as well.
    Nothing for a race, which is of many attacks.
    """
    parameters = state.selection.attack_parameters
    if parameters is None or state.display.attack_view == "race":
        return ("",)
    values = parameters.values()
    wanted = wanted_attack(state)
    targeted = wanted is not None and wanted.target is not None
    mark = trust.mark(state.shared.facts)
    said = [mark] if mark else []
    full = [*said, tr("targeted") if targeted else tr("untargeted")]
    cost = beginning.cost(_method(state), state.selection)
    settings = [cost] if cost else []
    if has_epsilon(parameters):
        norm = norm_of(parameters)
        settings.append(tr("norm {norm}", norm=NORMS.get(norm, norm)))
    if "steps" in values:
        times = attack_cost.rounds(values)
        rounds = f"{times} {fmt.TIMES} " if times > 1 else ""
        settings.append(tr("{steps} steps", steps=f"{rounds}{values['steps']}"))
    if "seed" in values:
        settings.append(tr("seed {seed}", seed=values["seed"]))
    said += settings
    shorter = (said[:count] for count in range(len(said), 0, -1))
    return tuple(", ".join(words) for words in (full + settings, *shorter))

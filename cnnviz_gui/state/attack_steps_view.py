"""An attack step by step: what is asked for it and what is shown of it. Pure functions."""

from __future__ import annotations

import bisect
import dataclasses
import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.attack_bound import epsilon_of, measure_of, norm_of
from cnnviz_gui.core.attack_step_requests import AttackSteps
from cnnviz_gui.core.attack_step_results import AttackTrajectory
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.core.save_work import Film
from cnnviz_gui.state import attack_view, epsilon_words, prediction_view, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_view import SHOWN_RANGE
from cnnviz_gui.state.prediction_view import ROWS, Row
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.attack_step_results import HalfArray, IndexArray
    from cnnviz_gui.core.result import ByteArray, FloatArray

LANE = "attack-steps"
_USUAL_PERCENT = 98
_SAMPLED_EVERY = 11
"""As in ``attack_view``: numbers enough for a factor."""
_MOST_SHOTS = 50
"""Of an animation."""
_MOST_DRAWN = 400
"""Points of a curve; more are not told apart."""
_UNMOVED = 1e-5
"""So much any value of a picture may change by rounding alone."""
_LOSSES = {"margin": tr("Margin of the logits"), "dlr": tr("DLR loss")}


@dataclass(frozen=True, slots=True, eq=False)
class ShownTrajectory:
    """The way of the attack that is selected, or of the one selected before."""

    result: AttackTrajectory
    request: AttackSteps
    current: bool
    """It answers what is asked, as far as it has come."""
    complete: bool

    @property
    def kept(self) -> tuple[int, ...]:
        """The places whose pictures were kept, ascending."""
        return tuple(place for place, _ in self.result.pictures)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of those steps."""
        return tuple(int(self.result.numbers[place]) for place in self.kept)


def attack_step_requests(state: AppState) -> dict[str, Request]:
    """Return the request for the steps of the attack; none while the view is another one."""
    selection = state.selection
    in_sight = selection.stage == "attack" and state.display.attack_view == "steps"
    attack = prediction_view.wanted_attack(state)
    if not in_sight or not selection.attack_started or attack is None:
        return {}
    return {LANE: AttackSteps(attack=dataclasses.replace(attack, scale=None))}


def shown_trajectory(state: AppState) -> ShownTrajectory | None:
    """Return the steps for the picture and network in use."""
    finding = state.finding(LANE)
    request, value = finding.request, finding.value
    if not isinstance(request, AttackSteps) or not isinstance(value, AttackTrajectory):
        return None
    asked, selection = request.attack, state.selection
    if not selection.attack_started or (asked.model, asked.image) != (
        selection.model,
        selection.image,
    ):
        return None
    return ShownTrajectory(value, request, finding.current, finding.status == "done")


def place(state: AppState, shown: ShownTrajectory) -> int:
    """Return the place in sight: the one chosen or, where none is, that of what is returned."""
    chosen = state.display.attack_step
    if chosen is None:
        return shown.result.best
    return nearest(shown, chosen)


def drawn_places(result: AttackTrajectory) -> IndexArray:
    """Return the places that curves are drawn of: all, or evenly spaced ones and what is marked."""
    import numpy as np

    count = len(result.numbers)
    if count <= _MOST_DRAWN:
        return np.arange(count, dtype=np.int32)
    first = result.first_success
    marked = [place for place in (result.best, first) if place is not None]
    even = np.linspace(0, count - 1, _MOST_DRAWN).round().astype(np.int32)
    places: IndexArray = np.union1d(even, np.array(marked, np.int32))
    return places


def nearest(shown: ShownTrajectory, number: float) -> int:
    """Return the kept place whose step is nearest to a number."""
    numbers = shown.numbers
    after = bisect.bisect_left(numbers, number)
    around = range(max(0, after - 1), min(len(numbers), after + 1))
    return shown.kept[min(around, key=lambda i: abs(numbers[i] - number))]


def stepped(shown: ShownTrajectory, at: int, by: int) -> int:
    """Return the kept place so many further, or the end."""
    kept = shown.kept
    return kept[min(max(kept.index(at) + by, 0), len(kept) - 1)]


def pixels(shown: ShownTrajectory, at: int) -> tuple[FloatArray, HalfArray, AttackResult | None]:
    """Return what the pictures of a kept place are made of, the same objects each time.

    The clean image, the perturbation as it was kept, and the exact result where it is the one.
    """
    result = shown.result
    exact = result.result if at == result.best else None
    return result.clean_image, dict(result.pictures)[at], exact


def change(clean: FloatArray, kept: HalfArray, exact: AttackResult | None) -> FloatArray:
    """Return the perturbation (3, H, W)."""
    import numpy as np

    return kept.astype(np.float32) if exact is None else exact.adversarial_image - clean


def image(clean: FloatArray, kept: HalfArray, exact: AttackResult | None) -> FloatArray:
    """Return the image (3, H, W) in [0, 1]."""
    import numpy as np

    if exact is not None:
        return exact.adversarial_image
    moved: FloatArray = np.clip(clean + change(clean, kept, exact), 0.0, 1.0)
    return moved


def painted(
    clean: FloatArray, kept: HalfArray, exact: AttackResult | None, factor: int, name: str
) -> ByteArray:
    """Paint, for each pixel, its largest change over the colours, symmetric about 0."""
    from cnnviz_gui.core import render

    bound = SHOWN_RANGE / factor
    largest = render.strongest_colour(change(clean, kept, exact))
    return render.apply_colormap(largest, name, -bound, bound)


def in_bytes(shown: ShownTrajectory, at: int) -> ByteArray:
    """Return the image at a kept place, uint8 (H, W, 3), inside the ball of the attack."""
    from cnnviz_gui.core.files import in_levels

    parameters = shown.request.attack.parameters
    norm, epsilon = norm_of(parameters), epsilon_of(parameters)
    return in_levels(image(*pixels(shown, at)), shown.result.clean_image, norm, epsilon)


def inside(shown: ShownTrajectory, at: int) -> FloatArray:
    """Return the image (3, H, W) in [0, 1] at a kept place, inside the ball of the attack.

    That of the attack itself is exact. Of the others half the precision was kept, which may leave
    the ball: they are what 8 bits hold.
    """
    import numpy as np

    clean, kept, exact = pixels(shown, at)
    if exact is not None:
        return image(clean, kept, exact)
    levels = in_bytes(shown, at).transpose(2, 0, 1)
    return np.ascontiguousarray(levels).astype(np.float32) / np.float32(255)


def amplification(result: AttackTrajectory) -> int:
    """Return the factor by which all perturbations are shown, a power of 2.

    It follows what most pixels of the largest perturbation change by, so that its growth is seen.
    """
    import numpy as np

    largest = max(result.pictures, key=lambda kept: float(result.l2[kept[0]]))[1]
    sampled = np.abs(largest.ravel()[::_SAMPLED_EVERY].astype(np.float32))
    usual = float(np.percentile(sampled, _USUAL_PERCENT))
    if usual <= 0:
        return 1
    return int(2 ** max(0, math.floor(math.log2(SHOWN_RANGE / usual))))


def film(shown: ShownTrajectory, factor: int, name: str) -> Film:
    """Return the run as an animation (F, H, 2 W, 3): the image and the perturbation beside it.

    Of a long run some steps are left out, but never the first success and what is returned.
    """
    kept = shown.kept
    even = kept[:: -(-len(kept) // _MOST_SHOTS)]
    marked = (kept[-1], shown.result.best, shown.result.first_success)
    places = [at for at in kept if at in even or at in marked]
    return Film(tuple(partial(_shot, shown, at, factor, name) for at in places))


def _shot(shown: ShownTrajectory, at: int, factor: int, name: str) -> ByteArray:
    import numpy as np

    beside = painted(*pixels(shown, at), factor, name)
    return np.concatenate((in_bytes(shown, at), beside), 1)


# Words


def names(state: AppState, result: AttackTrajectory) -> tuple[str, str]:
    """Return what the two curves are called: the class of the picture, and the other one."""
    nameless = trust.nameless(state.shared.facts)
    label = tr("winner") if nameless else result.label.label
    if result.target is None:
        return label, tr("strongest other")
    return label, tr("target") if nameless else result.target.label


def loss_title(state: AppState, result: AttackTrajectory) -> str:
    """Return which loss it is, and where the attack drives it."""
    way = tr("raised") if result.rises else tr("lowered")
    if result.loss_name in _LOSSES:
        return f"{_LOSSES[result.loss_name]}, {way}"
    label, other = names(state, result)
    return tr(
        "Cross-entropy of {label}, {way}", label=label if result.target is None else other, way=way
    )


def step_name(result: AttackTrajectory, at: int) -> str:
    """Return ``step 3``, ``query 120``."""
    number = fmt.count(int(result.numbers[at]))
    if result.unit == "query":
        return tr("query {number}", number=number)
    return tr("step {number}", number=number)


def start_name(result: AttackTrajectory) -> str:
    """Return what the image of step 0 is, before the attack did anything; empty without one."""
    if int(result.numbers[0]):
        return ""
    return tr("random start") if float(result.linf[0]) > _UNMOVED else tr("the picture itself")


def full_name(result: AttackTrajectory, at: int) -> str:
    """Return the name of a step, and where it is the start what that is."""
    start = start_name(result) if at == 0 else ""
    return f"{step_name(result, at)}, {start}" if start else step_name(result, at)


def caption(state: AppState, result: AttackTrajectory, at: int) -> tuple[str, str] | None:
    """Return the class that wins at a place and its probability; None where names say nothing."""
    if trust.nameless(state.shared.facts):
        return None
    name = dict(result.names)[int(result.winners[at])]
    return name, fmt.percent(float(result.winner_probability[at]))


def told(state: AppState, shown: ShownTrajectory, at: int) -> tuple[str, ...]:
    """Return the numbers of a step in a line, and again with fewer of them for less room.

    The size in the norm of the attack goes before those in the others, and always stays.
    """
    result = shown.result
    label, other = names(state, result)
    if result.target is None and not trust.nameless(state.shared.facts):
        other = dict(result.names)[int(result.others[at])]
    loss = tr("loss {value}", value=fmt.significant(float(result.loss[at])))
    classes = (
        f"{label} {fmt.percent(float(result.label_probability[at]))}",
        f"{other} {fmt.percent(float(result.other_probability[at]))}",
    )
    linf = epsilon_words.size(255 * float(result.linf[at]), "linf", state.display.epsilon_unit)
    sizes = {
        "linf": f"L∞ {linf}",
        "l2": f"L2 {fmt.significant(float(result.l2[at]))}",
        "l1": f"L1 {fmt.significant(float(result.l1[at]))}",
    }
    own = sizes.pop(measure_of(shown.request.attack.parameters))
    full = (loss, *classes, own, *sizes.values())
    lines = (full, full[:5], full[:4], (loss, classes[0], own), (loss, own), (own,))
    return tuple(" · ".join(line) for line in lines)


def change_text(state: AppState, shown: ShownTrajectory, at: int) -> str:
    """Return how large the perturbation of a step is, in the norm of the attack."""
    result, norm = shown.result, measure_of(shown.request.attack.parameters)
    sizes = (float(result.linf[at]), float(result.l2[at]), float(result.l1[at]))
    return epsilon_words.change(*sizes, norm, state.display.epsilon_unit)


def rows(state: AppState) -> tuple[Row, ...]:
    """Return the best classes of the step in sight beside the clean image; none without steps."""
    found = _in_sight(state)
    facts = state.shared.facts
    if found is None or facts is None:
        return ()
    result, kept = found[0].result, found[0].kept.index(found[1])
    before, now = result.clean_probabilities, result.probabilities[kept]
    target = None if result.target is None else result.target.index
    best = {int(index) for each in (before, now) for index in (-each).argsort()[:ROWS]}
    classes = best if target is None else best | {target}

    def scores(values: FloatArray) -> tuple[Score, ...]:
        ranked = sorted(classes, key=lambda index: (-float(values[index]), index))
        return tuple(
            Score(index, facts.labels[index], float(values[index]), math.nan) for index in ranked
        )

    return prediction_view.paired(scores(before), scores(now), result.target)


def step_in_sight(state: AppState) -> str:
    """Return ``step 3`` where the steps of an attack are looked at, else nothing."""
    found = _in_sight(state)
    return "" if found is None else step_name(found[0].result, found[1])


def in_sight_is_old(state: AppState) -> bool:
    """Tell whether the step in sight is of an attack before the one that is asked for."""
    found = _in_sight(state)
    return found is not None and not found[0].current


def _in_sight(state: AppState) -> tuple[ShownTrajectory, int] | None:
    if state.selection.stage != "attack" or state.display.attack_view != "steps":
        return None
    shown = shown_trajectory(state)
    return None if shown is None else (shown, place(state, shown))


def stopped_text(state: AppState, shown: ShownTrajectory) -> str:
    """Return where the user stopped the attack; empty where it goes on or has ended."""
    if state.finding(LANE).status != "stopped" or shown.complete:
        return ""
    if not shown.current:
        if attack_view.waits(state):
            return tr("The attack is not begun; these are the steps of the one before.")
        return tr("The attack was stopped; these are the steps of the one before.")
    result = shown.result
    last = fmt.count(result.expected)
    return tr(
        "The attack was stopped at {step} of {last}.",
        step=step_name(result, len(result.numbers) - 1),
        last=last,
    )


def kept_text(shown: ShownTrajectory) -> str:
    """Return how many pictures were kept where not all were, else an empty string."""
    kept, whole = len(shown.kept), len(shown.result.numbers)
    if kept == whole:
        return ""
    counts = {"kept": fmt.count(kept), "total": fmt.count(whole)}
    if shown.result.unit == "step":
        return tr("Pictures of {kept} of {total} steps are kept, evenly spaced.", **counts)
    return tr("Pictures of {kept} of {total} images are kept, evenly spaced.", **counts)

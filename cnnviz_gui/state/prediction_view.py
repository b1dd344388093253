"""What the prediction panel shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.layer_results import EditedPrediction
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.request import Attack, Predict
from cnnviz_gui.core.result import Prediction
from cnnviz_gui.state import map_orders
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import ShownAttack, attack_request, shown_attack
from cnnviz_gui.state.map_folder_view import LANE
from cnnviz_gui.state.plan import BEST
from cnnviz_gui.texts import tr

ROWS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One class: its probability on the clean and, under attack, on the adversarial image."""

    index: int
    label: str
    clean: float
    adversarial: float | None = None
    before: float | None = None
    """Without the edits of channels, where there are some; ``clean`` is then with them."""


def attack_on_screen(state: AppState) -> ShownAttack | None:
    """Return the attack that is drawn, None before there is one."""
    if not state.selection.attack_started:
        return None
    return shown_attack(state.finding("attack"), state.finding("sweep"), wanted_attack(state))


def wanted_attack(state: AppState) -> Attack | None:
    """Return the attack that is asked for, None while it cannot be known."""
    best = winner(state)
    return attack_request(state.selection, best.index if best is not None else None)


def winner(state: AppState) -> Score | None:
    """Return the class the network in use sees in the picture in use."""
    finding, selection = state.finding("predict"), state.selection
    request, value = finding.request, finding.value
    if not isinstance(request, Predict) or not isinstance(value, Prediction):
        return None
    mine = (request.model, request.image) == (selection.model, selection.image)
    return value.scores[0] if mine else None


def rival_outlived(state: AppState) -> bool:
    """Tell whether the class that the target is set against belongs to another picture.

    It stays where both classes are likely in the picture in use too: among the best of it; and
    for a folder, of whose pictures each is set against it.
    """
    selection, best, value = state.selection, winner(state), state.finding("predict").value
    if selection.against is None or best is None or selection.against_of == selection.image:
        return False
    if _of_folder(state):
        return False
    scores = value.scores if isinstance(value, Prediction) else ()
    likely = {score.index for score in scores[:BEST]}
    target = best.index if selection.target is None else selection.target
    return not {selection.against, target} <= likely


def _of_folder(state: AppState) -> bool:
    """Tell whether the maps of a folder are in sight, or one of its pictures as it stands there."""
    selection = state.selection
    if selection.stage == "heatmaps" and state.display.heatmap_view == "folder":
        return bool(selection.folder)
    asked, image = state.finding(LANE).asked, selection.image
    if not isinstance(asked, HeatmapFolder) or image is None or not selection.folder:
        return False
    same = (asked.folder.path, asked.against) == (selection.folder, selection.against)
    return same and PurePath(image.path).is_relative_to(selection.folder)


def aimed(state: AppState) -> tuple[Score, str] | None:
    """Return the class that is meant where no target is chosen, and the word for it.

    With channels edited that is what the network sees then: heat maps ask the network as it is
    with the edits, attacks without them, and the channels of a layer without its own.
    """
    first, edited = winner(state), edited_prediction(state)
    if first is None or edited is None:
        return None if first is None else (first, tr("Winner"))
    now = edited.scores[0]
    if first.index == now.index:
        return first, tr("Winner")
    meant, stage = now, state.selection.stage
    if stage == "attack":
        meant = first
    elif stage == "layers":
        found = map_orders.contributions(state)
        meant = now if found is None else found.target
    words = {first.index: tr("Winner before"), now.index: tr("Winner now")}
    return meant, words.get(meant.index, tr("Winner"))


def unended(state: AppState, shown: ShownAttack) -> bool:
    """Tell whether an attack was stopped before its end: what is known of it is no result."""
    return shown.unfinished and state.finding("attack").halted


def whose(state: AppState, shown: ShownAttack) -> str:
    """Return of which of an attack's images the bars are, where more than one is to be seen."""
    if unended(state, shown):
        return tr("so far")
    return tr("returned") if state.display.attack_view == "steps" else ""


def rows(state: AppState) -> tuple[Row, ...]:
    """Return the classes to show, the most probable on either image first."""
    shown = attack_on_screen(state) if state.selection.stage == "attack" else None
    if shown is not None:
        result = shown.result
        return paired(result.clean, result.adversarial, result.target)
    prediction = state.finding("predict").value
    if not isinstance(prediction, Prediction):
        return ()
    edited = edited_prediction(state)
    if edited is not None:
        return _with_edits(edited)
    return tuple(Row(s.index, s.label, s.probability) for s in prediction.scores[:ROWS])


def edited_prediction(state: AppState) -> EditedPrediction | None:
    """Return what the network says with channels edited; None where none is, or it is not known.

    While a factor is moved it is the answer for the factor before.
    """
    finding, selection = state.finding("predict-edited"), state.selection
    request, value = finding.request, finding.value
    if not selection.edits or not isinstance(request, Predict):
        return None
    mine = (request.model, request.image) == (selection.model, selection.image)
    return value if mine and isinstance(value, EditedPrediction) else None


def _with_edits(edited: EditedPrediction) -> tuple[Row, ...]:
    """Return the best classes as they are with the edits, and the winner of before."""
    before = {score.index: score.probability for score in edited.before}
    all_ = [Row(s.index, s.label, s.probability, before=before.get(s.index)) for s in edited.scores]
    first = edited.before[0].index
    kept = [row for place, row in enumerate(all_) if place < ROWS - 1 or row.index == first]
    shown = kept if first not in {row.index for row in all_[:ROWS]} else all_
    return tuple(shown[:ROWS])


def paired(
    clean: tuple[Score, ...], adversarial: tuple[Score, ...], target: Score | None
) -> tuple[Row, ...]:
    """Pair two lists of the same classes, each best first; winners and target are always shown."""
    after = {score.index: score.probability for score in adversarial}
    pairs = [Row(s.index, s.label, s.probability, after.get(s.index, 0.0)) for s in clean]
    pairs.sort(key=_larger, reverse=True)
    leaders = [adversarial[0].index, clean[0].index]
    first = [row for index in dict.fromkeys(leaders) for row in pairs if row.index == index]
    rest = [row for row in pairs if row.index not in leaders]
    shown = (first + rest)[:ROWS]
    if target is not None and target.index not in {row.index for row in shown}:
        shown[-1:] = [row for row in rest if row.index == target.index]
    return tuple(shown)


def _larger(row: Row) -> float:
    return max(row.clean, row.adversarial or 0.0)

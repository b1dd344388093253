"""What the view of defences shows: pure functions of selection and findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core import defence_words
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.defence_requests import AdaptiveAttacks, Defences
from cnnviz_gui.core.defence_results import (
    AdaptiveResult,
    AdaptiveRow,
    DefenceRow,
    DefencesResult,
    DefendedScore,
    Unattacked,
)
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.masking_requests import Masking
from cnnviz_gui.core.masking_results import MaskingResult
from cnnviz_gui.core.params import Spec, Value
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.state import attack_lanes, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.defence_plan import (
    KNOWN_LANE,
    LANE,
    MASKING_LANE,
    adaptive,
    chosen,
    defence_requests,
    may_change,
    uses,
)
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.prediction_view import wanted_attack
from cnnviz_gui.texts import tr

_CONTROLS = 2
"""Parameters of a defence that stand in its row; a seed does not."""
Knows = Literal["unasked", "waiting", "queued", "broken", "holds", "moot", "failed"]
"""``waiting`` for the attack that is under way, ``queued`` for those after it; ``moot``: the
defence itself changes the clean picture; ``failed``: the attack cannot work behind it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a defended network says of one of the two pictures."""

    label: str
    probability: str
    note: str
    """Behind the probability: its change, or whether the label is back."""
    good: bool | None
    """The note is of something good, or bad; None for neither."""
    distance: float
    """In [0, 2]: between the answers with and without the defence."""
    tooltip: str


@dataclass(frozen=True, slots=True)
class Known:
    """How the attack that knows a defence ends."""

    state: Knows
    headline: str = ""
    label: str = ""
    tooltip: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A defence, as the table shows it."""

    method: Method
    on: bool
    values: dict[str, Value]
    controls: tuple[Spec, ...]
    clean: Said | None
    adversarial: Said | None
    known: Known
    seen: ByteArray | None
    stale: bool


def rows(state: AppState) -> list[Row]:
    """Return every defence there is, with what is known of it for the attack in use."""
    result = shown_result(state)
    current = state.finding(LANE).current
    known: dict[MethodUse, AdaptiveRow | Unattacked] = {
        row.use: row for row in _adaptive_rows(state) + _unattacked(state)
    }
    awaited = _awaited(state)
    on = chosen(state)
    made = {row.use.method: row for row in result.rows} if result is not None else {}
    shown = []
    for use in uses(state):
        method = state.shared.method("defence", use.method)
        if method is None:
            continue
        row = made.get(use.method) if use in on else None
        values = use.parameters.values()
        specs = [spec for spec in method.specs if spec.role != "seed" and spec.active(values)]
        is_new = row is not None and current and row.use == use
        shown.append(
            Row(
                method=method,
                on=use in on,
                values=values,
                controls=tuple(specs[:_CONTROLS]),
                clean=None if row is None else _clean(state, row),
                adversarial=None if row is None else _adversarial(state, row, result),
                known=_known(state, known.get(use), use, awaited),
                seen=None if row is None else row.seen,
                stale=row is not None and not is_new,
            )
        )
    return shown


def warning(state: AppState) -> tuple[str, str]:
    """Return what is to be said above the table, and the word on the button beside it."""
    known, failed = _adaptive_rows(state), len(_unattacked(state))
    left = len(chosen(state)) - len(known) - failed - len(_awaited(state))
    action = "" if left <= 0 or shown_result(state) is None else tr("Attack knowing all")
    if not known and not failed:
        return defence_words.WARNING, action
    return defence_words.fallen(known, failed), action


def joint(state: AppState) -> str:
    """Return what all defences together would detect, once all rows are there."""
    result = shown_result(state)
    if result is None or len(result.rows) < result.expected:
        return ""
    return f"{defence_words.joint(result)} {defence_words.certified(result)}".strip()


def progress(state: AppState) -> str:
    """Return how many rows there are of how many while they come; else an empty string."""
    finding, result = state.finding(LANE), shown_result(state)
    if result is None or not finding.at_work or not finding.current:
        return ""
    return tr("{done} of {total} defences", done=len(result.rows), total=result.expected)


def stopped(state: AppState) -> tuple[str, tuple[str, ...]]:
    """Return where the user stopped rows or checks, and the lanes that can go on; or nothing."""
    result, checks, wanted = shown_result(state), shown_checks(state), defence_requests(state)
    parts: list[str] = []
    lanes = [
        lane
        for lane in (LANE, MASKING_LANE, KNOWN_LANE)
        if lane in wanted and halted(state.finding(lane), wanted[lane])
    ]
    if LANE in lanes:
        done = len(result.rows) if result is not None and state.finding(LANE).current else 0
        parts.append(tr("{done} of {total} defences", done=done, total=len(chosen(state))))
    if MASKING_LANE in lanes:
        found = checks is not None and state.finding(MASKING_LANE).current
        parts.append(tr("{done} of 7 checks", done=len(checks.checks) if found and checks else 0))
    known = adaptive(state)
    if KNOWN_LANE in lanes and known is not None:
        done = len(_adaptive_rows(state)) + len(_unattacked(state))
        parts.append(tr("{done} of {total} attacks that know", done=done, total=len(known.methods)))
    if not parts:
        return "", ()
    if result is None and checks is None and state.finding(attack_lanes.ATTACK).halted:
        return tr("The attack was stopped; its defences wait for it."), tuple(lanes)
    said = parts[-1]
    if len(parts) > 1:
        said = tr("{some} and {last}", some=", ".join(parts[:-1]), last=said)
    return tr("Stopped at {places}.", places=said), tuple(lanes)


def halted(finding: Finding, wanted: Request) -> bool:
    """Tell whether the user stopped what is wanted of a lane, be it before its first answer."""
    return finding.asked == wanted and finding.halted


def shown_result(state: AppState) -> DefencesResult | None:
    """Return the rows that are there, as far as they belong to the picture in use."""
    finding, attack = state.finding(LANE), wanted_attack(state)
    request, value = finding.request, finding.value
    if not isinstance(request, Defences) or not isinstance(value, DefencesResult):
        return None
    if attack is None or not state.selection.attack_started:
        return None
    theirs = request.attack
    mine = (theirs.model, theirs.image) == (attack.model, attack.image)
    return value if mine else None


def shown_checks(state: AppState) -> MaskingResult | None:
    """Return what the gradients of the attack in use were checked for."""
    finding = state.finding(MASKING_LANE)
    request, value = finding.request, finding.value
    if not isinstance(request, Masking) or not isinstance(value, MaskingResult):
        return None
    attack = wanted_attack(state)
    mine = attack is not None and (request.attack.model, request.attack.image) == (
        attack.model,
        attack.image,
    )
    return value if mine and request.checks == "all" else None


def masked(state: AppState) -> str:
    """Return why the attack on screen, which fails, has no gradient to follow; else nothing."""
    finding = state.finding(MASKING_LANE)
    request, value = finding.request, finding.value
    if not isinstance(request, Masking) or not isinstance(value, MaskingResult):
        return ""
    attack = request.attack
    if attack != wanted_attack(state) or value.success or not may_change(attack):
        return ""
    quick = [check for check in value.failed if check.name in ("softmax", "gradient")]
    return defence_words.blamed(quick)


def _adaptive_rows(state: AppState) -> tuple[AdaptiveRow, ...]:
    """Return how attacks ended that know defences of the attack in use."""
    value, wanted = _knowing(state)
    return () if value is None else tuple(row for row in value.rows if row.use in wanted)


def _unattacked(state: AppState) -> tuple[Unattacked, ...]:
    """Return the defences behind which the attack in use cannot work."""
    value, wanted = _knowing(state)
    return () if value is None else tuple(row for row in value.unattacked if row.use in wanted)


def _knowing(state: AppState) -> tuple[AdaptiveResult | None, tuple[MethodUse, ...]]:
    """Return what came of the attack in use that knows defences, and those it is to know."""
    finding = state.finding(KNOWN_LANE)
    request, value = finding.request, finding.value
    if not isinstance(request, AdaptiveAttacks) or not isinstance(value, AdaptiveResult):
        return None, ()
    wanted = adaptive(state)
    if wanted is None or (request.attack, request.draws) != (wanted.attack, wanted.draws):
        return None, ()
    return value, wanted.methods


def _awaited(state: AppState) -> tuple[MethodUse, ...]:
    """Return the defences that are attacked now, the one under way first."""
    wanted = adaptive(state)
    if wanted is None or not state.finding(KNOWN_LANE).at_work:
        return ()
    done = {row.use for row in _adaptive_rows(state) + _unattacked(state)}
    return tuple(use for use in wanted.methods if use not in done)


def _label(state: AppState, said: DefendedScore) -> str:
    return "" if trust.nameless(state.shared.facts) else said.score.label


def _clean(state: AppState, row: DefenceRow) -> Said:
    note = tr("{points} points", points=fmt.points(row.change)) if row.kept else tr("changed")
    tip = "" if row.kept else tr("The defence itself changes what the network sees.") + "\n"
    return Said(
        label=_label(state, row.clean),
        probability=fmt.percent(row.clean.score.probability),
        note=note,
        good=None if row.kept else False,
        distance=row.clean.distance,
        tooltip=tip + defence_words.exact(row.clean),
    )


def _verdict(row: DefenceRow, result: DefencesResult | None) -> tuple[str, bool | None]:
    """Return what became of the label of the attacked picture, and whether that is good."""
    if result is None:
        return "", None
    if result.adversarial.index != result.clean.index:
        return (tr("recovered"), True) if row.recovered else (tr("fooled"), False)
    if row.adversarial.score.index == result.clean.index:
        return tr("not fooled"), None
    return tr("changed"), False


def _adversarial(state: AppState, row: DefenceRow, result: DefencesResult | None) -> Said:
    note, good = _verdict(row, result)
    return Said(
        label=_label(state, row.adversarial),
        probability=fmt.percent(row.adversarial.score.probability),
        note=note,
        good=good,
        distance=row.adversarial.distance,
        tooltip=defence_words.exact(row.adversarial),
    )


def _known(
    state: AppState,
    row: AdaptiveRow | Unattacked | None,
    use: MethodUse,
    awaited: tuple[MethodUse, ...],
) -> Known:
    if row is None:
        if use not in awaited:
            return Known("unasked")
        return Known("waiting" if use == awaited[0] else "queued")
    if isinstance(row, Unattacked):
        return Known("failed", tr("No attack"), tooltip=row.problem)
    if row.moot:
        said = defence_words.cost(row)
        return Known("moot", tr("Clean changed"), _label(state, row.clean), said)
    probability = fmt.percent(row.adversarial.score.probability)
    return Known(
        "broken" if row.success else "holds",
        tr("Broken, {share}", share=probability)
        if row.success
        else tr("Holds, {share}", share=probability),
        _label(state, row.adversarial),
        defence_words.cost(row),
    )

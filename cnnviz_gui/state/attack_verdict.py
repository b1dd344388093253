"""What is said of the attack on screen: how far it is while it runs, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.state import attack_view, epsilon_words, trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import ShownAttack
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class Verdict:
    """A headline, and a line below it."""

    headline: str
    detail: str
    mark: tuple[str, str]
    """Icon and its colour."""
    tone: str
    """The colour of the headline: quiet while it is not the last word."""


def verdict(state: AppState, shown: ShownAttack) -> Verdict:
    """Return whether the attack holds; pale, without a check, where it has not ended.

    So is one where another place, or another attack, is asked for.
    """
    facts, result = state.shared.facts, shown.result
    quiet = shown.doubtful or shown.unfinished
    tone = "text3" if quiet else "text1"
    if trust.nameless(facts):
        said = tr("A flip means nothing here")
        return Verdict(said, trust.warning(facts), ("warning", "warning"), tone)
    clean, now = result.clean[0], result.adversarial[0]
    before, later = _values(clean), _values(now)
    return Verdict(
        _headline(state, shown),
        ", ".join(
            (
                fmt.together(tr("{label} {share} before", **before)),
                fmt.together(
                    tr("{label} {share} so far", **later)
                    if shown.unfinished
                    else tr("{label} {share} after", **later)
                ),
            )
        ),
        ("check-circle", "success") if result.success and not quiet else ("info", "text2"),
        tone,
    )


def _values(score: Score) -> dict[str, str]:
    return {"label": score.label, "share": fmt.percent(score.probability)}


def _headline(state: AppState, shown: ShownAttack) -> str:
    if shown.unfinished:
        return _unfinished(state, shown)
    if shown.doubtful and state.finding("attack").halted:
        # what is asked for gave nothing before it was stopped, or was not begun
        known = tr("shown is what is known, of the attack before")
        if shown.near:
            known = _at(state, shown.result, tr("shown is what is known"))
        if attack_view.waits(state):
            return tr("Not begun; {known}", known=known)
        return tr("Stopped; {known}", known=known)
    return _ended(state, shown.result)


def _ended(state: AppState, result: AttackResult) -> str:
    label = result.adversarial[0].label
    if result.success:
        return _at(state, result, tr("Flipped to {label}", label=label))
    if result.target is not None:
        missed = tr("{label}: not yet {target}", label=label, target=result.target.label)
        return _at(state, result, missed)
    return _at(state, result, tr("{label}: holds", label=label))


def _unfinished(state: AppState, shown: ShownAttack) -> str:
    """Return how far the attack is: ``Step 3 of 10: still dog``."""
    result, now = shown.result, shown.result.adversarial[0].label
    place = _place(state, shown)
    if result.success:
        return tr("{place}: {label} so far", place=place, label=now)
    if result.target is not None:
        goal = result.target.label
        return tr("{place}: {label}, not yet {target}", place=place, label=now, target=goal)
    return tr("{place}: still {label}", place=place, label=now)


def _place(state: AppState, shown: ShownAttack) -> str:
    """Return where the attack is, or was stopped: ``Step 3 of 10``, ``Stopped at query 120``."""
    finding = state.finding("attack")
    at_work = finding.at_work and finding.value is shown.result and shown.current
    if not shown.current or finding.advance is None or not isinstance(finding.request, Attack):
        return tr("Running") if at_work else tr("Not finished")
    of_queries = "queries" in finding.request.parameters.values()
    advance = finding.advance
    counts = {"done": fmt.count(advance.done), "total": fmt.count(advance.total)}
    if at_work:
        query, step = (
            tr("Query {done} of {total}", **counts),
            tr("Step {done} of {total}", **counts),
        )
    else:
        query = tr("Stopped at query {done} of {total}", **counts)
        step = tr("Stopped at step {done} of {total}", **counts)
    return query if of_queries else step


def _at(state: AppState, result: AttackResult, said: str) -> str:
    """Return what is said ``at 1.25 / 255``; as it is of an attack without a budget."""
    if result.epsilon is None:
        return said
    epsilon = epsilon_words.budget(result.epsilon, result.norm, state.display.epsilon_unit)
    return tr("{said} at {epsilon}", said=said, epsilon=epsilon)

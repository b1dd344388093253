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
        said = "A flip means nothing here"
        return Verdict(said, trust.warning(facts), ("warning", "warning"), tone)
    clean, now = result.clean[0], result.adversarial[0]
    when = "so far" if shown.unfinished else "after"
    return Verdict(
        _headline(state, shown),
        f"{_said(clean, 'before')}, {_said(now, when)}",
        ("check-circle", "success") if result.success and not quiet else ("info", "text2"),
        tone,
    )


def _said(score: Score, when: str) -> str:
    return fmt.together(f"{score.label} {fmt.percent(score.probability)} {when}")


def _headline(state: AppState, shown: ShownAttack) -> str:
    if shown.unfinished:
        return _unfinished(state, shown)
    if shown.doubtful and state.finding("attack").halted:
        # what is asked for gave nothing before it was stopped, or was not begun
        where = _budget(state, shown.result) if shown.near else ", of the attack before"
        rests = "Not begun" if attack_view.waits(state) else "Stopped"
        return f"{rests}; shown is what is known{where}"
    return _ended(state, shown.result)


def _ended(state: AppState, result: AttackResult) -> str:
    now, at = result.adversarial[0], _budget(state, result)
    if result.success:
        return f"Flipped to {now.label}{at}"
    goal = f"not yet {result.target.label}" if result.target is not None else "holds"
    return f"{now.label}: {goal}{at}"


def _unfinished(state: AppState, shown: ShownAttack) -> str:
    """Return how far the attack is: ``Step 3 of 10: still dog``."""
    result, now = shown.result, shown.result.adversarial[0].label
    if result.success:
        return f"{_place(state, shown)}: {now} so far"
    if result.target is not None:
        return f"{_place(state, shown)}: {now}, not yet {result.target.label}"
    return f"{_place(state, shown)}: still {now}"


def _place(state: AppState, shown: ShownAttack) -> str:
    """Return where the attack is, or was stopped: ``Step 3 of 10``, ``Stopped at query 120``."""
    finding = state.finding("attack")
    at_work = finding.at_work and finding.value is shown.result and shown.current
    if not shown.current or finding.advance is None or not isinstance(finding.request, Attack):
        return "Running" if at_work else "Not finished"
    of_queries = "queries" in finding.request.parameters.values()
    done, total = fmt.count(finding.advance.done), fmt.count(finding.advance.total)
    said = f"{'query' if of_queries else 'step'} {done} of {total}"
    return said.capitalize() if at_work else f"Stopped at {said}"


def _budget(state: AppState, result: AttackResult) -> str:
    """Return `` at 1.25 / 255``, nothing for an attack without a budget."""
    if result.epsilon is None:
        return ""
    return f" at {epsilon_words.budget(result.epsilon, result.norm, state.display.epsilon_unit)}"

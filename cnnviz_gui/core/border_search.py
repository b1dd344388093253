"""The search for the smallest epsilon with which one attack reaches one aim."""

from __future__ import annotations

import dataclasses
import itertools
import math
from dataclasses import dataclass

from cnnviz_gui.core import run_attack, subject
from cnnviz_gui.core.attacks.balls import NORMS
from cnnviz_gui.core.border_requests import RUNS, in_norm, knows
from cnnviz_gui.core.border_results import TOLERANCE, Border
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.params import Spec
from cnnviz_gui.core.registry import Method, method
from cnnviz_gui.core.request import Attack
from cnnviz_gui.core.result import AttackResult, Norms
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

NBYTES = 4096
"""What is remembered of a search; its images are remembered by the attack."""
_FIRST = 0.25
"""The first epsilon, as a share of the method's default."""
_FACTOR = 3.5
"""Seven halvings of a bracket of this ratio, in logarithms, come below the tolerance."""
_WORTH = 1.1
"""Failures nearer to one another than this are not looked between."""
_PROBES = (2.0, 6.0)
"""Where beyond the smallest success one looks whether success lasts, if runs are left."""


def at(attack: Attack, epsilon: float) -> Attack:
    """Return the attack with another epsilon."""
    return dataclasses.replace(
        attack, parameters=dataclasses.replace(attack.parameters, **{"epsilon": epsilon})
    )


def epsilon_of(attack: Attack) -> Spec | None:
    """Return what the attack says of its epsilon in its norm; None for one without a budget."""
    specs = {spec.name: spec for spec in method("attack", attack.method).specs}
    return specs["epsilon"].scaled(attack.parameters.values()) if "epsilon" in specs else None


def canonical(attack: Attack) -> Attack:
    """Return the attack with the epsilon of all that differ in nothing else."""
    epsilon = epsilon_of(attack)
    alike = dataclasses.replace(attack, scale=None)
    return alike if epsilon is None else at(alike, float(epsilon.default))


def begun(attack: Attack, norm: str, session: Session, ctx: Context) -> Search:
    """Return the search as far as it has come, in whatever request it was begun."""
    chosen = method("attack", attack.method)
    parameters = in_norm(attack.parameters, norm) if knows(chosen, norm) else attack.parameters
    image = subject.exactly(session, attack.image, ctx)
    attack = canonical(dataclasses.replace(attack, image=image, parameters=parameters))
    key = ("border", attack.fingerprint(), norm)
    kept = session.recall(key)
    if isinstance(kept, Search):
        return kept
    search = Search(attack, chosen, norm)
    session.remember(key, search, NBYTES)
    return search


@dataclass(frozen=True, slots=True)
class _Trial:
    """What one run of the attack gave."""

    success: bool
    winner: Score
    norms: Norms
    forwards: int
    backwards: int


class Search:
    """One attack at one epsilon after another; outlives the job that began it.

    Attributes
    ----------
    trials
        By epsilon; an attack without a budget has one, at 0.
    limit
        The most runs there will be.
    """

    def __init__(self, attack: Attack, chosen: Method, norm: str) -> None:
        self.trials: dict[float, _Trial] = {}
        self._attack = attack
        self._norm = norm
        epsilon = epsilon_of(attack)
        self._budget = epsilon is not None
        self._first = 0.0 if epsilon is None else float(epsilon.default) * _FIRST
        self._last = 0.0 if epsilon is None else float(epsilon.maximum)
        self.limit = RUNS if self._budget else 1
        self._problem, self._advice = "", ""
        if not knows(chosen, norm):
            self._problem = tr(
                "{title} does not know {norm}.", title=chosen.title, norm=NORMS[norm]
            )
            self._advice = tr("Choose another norm, or leave it out.")
        elif attack.target is not None and not chosen.targets:
            self._problem = tr("{title} cannot be driven towards a class.", title=chosen.title)
            self._advice = tr("Let the target class be chosen automatically, or leave it out.")

    @property
    def runs(self) -> int:
        """How often the attack was run."""
        return len(self.trials)

    @property
    def reached(self) -> float | None:
        """The smallest epsilon that succeeded."""
        return min((place for place, one in self.trials.items() if one.success), default=None)

    @property
    def failed(self) -> float:
        """The largest epsilon below it that failed."""
        end = math.inf if self.reached is None else self.reached
        tried = (place for place, one in self.trials.items() if place < end and not one.success)
        return max(tried, default=0.0)

    @property
    def wanted(self) -> float | None:
        """The epsilon to try next; None where all is known."""
        if self._problem or self.runs >= self.limit:
            return None
        if not self._budget:
            return 0.0
        reached, failed, last = self.reached, self.failed, self._last
        if reached is None:
            if failed >= last:
                return self._between()
            return _rounded(min(failed * _FACTOR, last)) if self.trials else self._first
        if reached - failed <= TOLERANCE * reached:
            return self._probe(reached)
        return _rounded(math.sqrt(failed * reached) if failed else reached / _FACTOR)

    def _between(self) -> float | None:
        """Return an epsilon between those that failed: of one step success may begin and end."""
        places = itertools.pairwise(sorted(self.trials))
        gaps = [(high / low, -low, math.sqrt(low * high)) for low, high in places if low]
        ratio, _, middle = max(gaps, default=(1.0, 0.0, 0.0))
        return _rounded(middle) if ratio > _WORTH else None

    def _probe(self, reached: float) -> float | None:
        """Return an epsilon beyond the border that tells whether success lasts."""
        for times in _PROBES:
            place = _rounded(times * reached)
            if place <= self._last and not any(
                place / 1.5 < one < place * 1.5 for one in self.trials
            ):
                return place
        return None

    def go(self, session: Session, ctx: Context) -> None:
        """Run the attack once more."""
        place = self.wanted
        assert place is not None
        attack = at(self._attack, place) if self._budget else self._attack
        ctx.step(0, 1)
        try:
            found = run_attack.run(attack, session, ctx)
        except MethodError as error:
            self._problem, self._advice = error.message, error.advice
            return
        self.trials[place] = _trial(found)

    def border(self, target: Score | None) -> Border:
        """Return what is known."""
        trials = self.trials
        reached, failed = self.reached, self.failed
        best = None if reached is None else trials[reached]
        beyond = () if reached is None else (place for place in trials if place > reached)
        if best is not None and not self._budget:
            reached = _measured(best.norms, self._norm)
        return Border(
            method=self._attack.method,
            target=target,
            norm=self._norm,
            maximum=self._last,
            failed=failed,
            reached=reached,
            beyond=tuple(sorted(place for place in beyond if not trials[place].success)),
            most=max(trials, default=0.0),
            winner=None if best is None else best.winner,
            norms=None if best is None else best.norms,
            runs=self.runs,
            forwards=sum(one.forwards for one in trials.values()),
            backwards=sum(one.backwards for one in trials.values()),
            finished=self.wanted is None,
            own=not self._budget,
            problem=self._problem,
            advice=self._advice,
        )


def _trial(found: AttackResult) -> _Trial:
    return _Trial(found.success, found.adversarial[0], found.norms, found.forwards, found.backwards)


def _measured(norms: Norms, norm: str) -> float:
    """Return the size in the unit of an epsilon."""
    return {"linf": norms.linf * 255, "l2": norms.l2, "l1": norms.l1}[norm]


def _rounded(epsilon: float) -> float:
    """Return six digits of it: what is shown, saved and asked for again is the same number."""
    return float(f"{epsilon:.6g}")

"""What borders and a plane cost before they are begun: passes, and about how long these take here.

A pass is a picture that goes through the network, forward alone or forward and back. How long one
takes is told by what was computed with the same network before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from weakref import WeakSet

from cnnviz_gui.core import attack_cost
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.border_requests import RUNS, AttackBorders, Borders
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.plane_requests import Plane
from cnnviz_gui.core.plane_results import PlaneResult
from cnnviz_gui.core.request import Attack, Predict
from cnnviz_gui.core.result import AttackResult, Prediction, Result
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attacks_compared import bounded
from cnnviz_gui.state.border_plan import borders_request
from cnnviz_gui.state.feature_cost import about
from cnnviz_gui.state.plane_view import LANE as PLANE_LANE
from cnnviz_gui.state.plane_view import plane_request
from cnnviz_gui.texts import ntr, tr

_BACK = 2
"""A pass back takes as long as so many forward."""
_TWICE = 2
"""A plane runs its attack once more to follow its way."""
_TIMED = ("predict", "attack", PLANE_LANE)
"""Lanes of what tells how long a pass takes: its passes are counted.

Those of a heat map are not: some go through a part of the network, some not back.
"""
_ELSEWHERE: WeakSet[Result] = WeakSet()
"""What was timed on a device that is in use no more."""


@dataclass(frozen=True, slots=True)
class _Cost:
    """Passes, and how many pictures that go forward alone would take as long."""

    passes: int = 0
    work: int = 0

    def __add__(self, other: _Cost) -> _Cost:
        return _Cost(self.passes + other.passes, self.work + other.work)

    def __mul__(self, times: int) -> _Cost:
        return _Cost(self.passes * times, self.work * times)


def of_plane(state: AppState) -> str:
    """Return ``It takes about 4 245 passes, about 2 min.``; empty while nothing can be begun."""
    asked = plane_request(state)
    if asked is None:
        return ""
    attack = asked.attack
    use = MethodUse(method=attack.method, parameters=attack.parameters)
    points = int(asked.parameters.points) ** 2
    cost = _Cost(points, points) + _of(state, use, attack.target is not None) * _TWICE
    if asked.parameters.across == "class":
        cost += _of(state, use, True)
    return tr("It takes about {cost}.", cost=_said(state, cost))


def of_borders(state: AppState) -> str:
    """Return ``It takes up to 700 passes, about 30 s.``; empty while nothing can be begun."""
    asked, facts = borders_request(state), state.shared.facts
    if asked is None or facts is None:
        return ""
    if isinstance(asked, Borders):
        use = MethodUse(method=asked.attack.method, parameters=asked.attack.parameters)
        rows = min(asked.parameters.classes, max(0, len(facts.labels) - 1))
        cost = _row(state, use, True) * rows
    else:
        cost = _together(state, asked)
    return tr("It takes up to {cost}.", cost=_said(state, cost)) if cost.passes else ""


def _together(state: AppState, asked: AttackBorders) -> _Cost:
    rows = (_row(state, use, asked.target is not None) for use in asked.methods)
    return sum(rows, start=_Cost())


def _row(state: AppState, use: MethodUse, targeted: bool) -> _Cost:
    """Return what a row costs at most; an attack without an epsilon is run once."""
    method = state.shared.method("attack", use.method)
    runs = RUNS if method is not None and bounded(method) else 1
    return _of(state, use, targeted) * runs


def _of(state: AppState, use: MethodUse, targeted: bool) -> _Cost:
    """Return what a run of an attack costs; nothing of one that ends after a few passes."""
    method = state.shared.method("attack", use.method)
    if method is None or method.ends_early:
        return _Cost()
    values = use.parameters.values()
    passes = attack_cost.passes(method, values, targeted)
    return _Cost(passes, passes if "queries" in values else passes * (1 + _BACK))


def _said(state: AppState, cost: _Cost) -> str:
    pace = _pace(state)
    passes = ntr("{count} pass", "{count} passes", cost.passes, count=fmt.count(cost.passes))
    return passes if pace is None else f"{passes}, {about(cost.work * pace)}"


def forget_paces(state: AppState, kept: Iterable[Result]) -> None:
    """Tell no time by what is there, or ``kept``, any more: the device is another one now."""
    _ELSEWHERE.update(kept)
    _ELSEWHERE.update(filter(None, (state.finding(lane).value for lane in _TIMED)))


def _pace(state: AppState) -> float | None:
    """Return the seconds that a picture takes forward, the least met: a first one takes longer."""
    found = []
    for lane in _TIMED:
        request, value = state.finding(lane).request, state.finding(lane).value
        work = 0
        if isinstance(request, Predict) and isinstance(value, Prediction):
            work = 1
        elif isinstance(request, Attack) and isinstance(value, AttackResult):
            work = value.forwards + _BACK * value.backwards
        elif isinstance(request, Plane) and isinstance(value, PlaneResult):
            work = value.done
        model = request.attack.model if isinstance(request, Plane) else getattr(request, "model", 0)
        if value is None or value in _ELSEWHERE or model != state.selection.model:
            continue
        if work and value.seconds:
            found.append(value.seconds / work)
    return min(found, default=None)

"""Several attacks beside one another: which can be, which are, what is said of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cnnviz_gui.core.border_requests import in_norm, knows
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.race_requests import NORMS
from cnnviz_gui.core.registry import Method
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_plan import has_epsilon, with_epsilon
from cnnviz_gui.state.choosing import toggled
from cnnviz_gui.state.prediction_view import wanted_attack
from cnnviz_gui.texts import tr, within


@dataclass(frozen=True, slots=True)
class Compared:
    """The attacks of one view.

    Attributes
    ----------
    field
        Of the selection: the names that the user chose.
    lane
        Where they are compared.
    started
        Of the selection: the user has begun.
    norm
        How all are measured.
    usual
        Whether an attack is among them where the user chose none.
    """

    field: str
    lane: str
    started: str
    norm: Callable[[AppState], str]
    usual: Callable[[AppState, Method], bool]

    def offered(self, state: AppState) -> tuple[Method, ...]:
        """Return the attacks there can be a row of."""
        return state.shared.of_kind("attack")

    def chosen(self, state: AppState) -> tuple[str, ...]:
        """Return the names that the user chose; none for the usual ones."""
        names: tuple[str, ...] = getattr(state.selection, self.field)
        return names

    def why_not(self, method: Method, state: AppState) -> str:
        """Return why an attack cannot be compared here; empty where it can."""
        wanted, facts, norm = wanted_attack(state), state.shared.facts, self.norm(state)
        if not knows(method, norm):
            return tr("It does not know {norm}.", norm=NORMS[norm])
        if wanted is not None and wanted.target is not None and not method.targets:
            return tr("It cannot be driven towards a class.")
        return method.needs(facts) if facts is not None else ""

    def methods(self, state: AppState) -> tuple[Method, ...]:
        """Return the rows: the chosen attacks, else the usual ones, as far as they can be."""
        possible = tuple(one for one in self.offered(state) if not self.why_not(one, state))
        names = self.chosen(state)
        if names:
            return tuple(one for one in possible if one.name in names)
        return tuple(one for one in possible if self.usual(state, one))

    def toggled(self, state: AppState, name: str) -> tuple[str, ...]:
        """Return the names with an attack more, or without it; one always stays."""
        before = self.chosen(state) or tuple(one.name for one in self.methods(state))
        return toggled(before, name)

    def uses(self, state: AppState) -> tuple[MethodUse, ...]:
        """Return the rows with the parameters last used with each, wherever the slider stands."""
        norm = self.norm(state)
        return tuple(
            MethodUse(method=one.name, parameters=alike(state.last_parameters(one), norm))
            for one in self.methods(state)
        )

    def left_out(self, state: AppState) -> str:
        """Return which of the chosen attacks have no row, and why."""
        names = self.chosen(state)
        out = [
            f"{one.title}: {within(reason)}"
            for one in self.offered(state)
            if one.name in names and (reason := self.why_not(one, state))
        ]
        return " ".join(out)

    def halted(self, state: AppState) -> bool:
        """Tell whether the user stopped the work, with or without something found."""
        return bool(getattr(state.selection, self.started)) and state.finding(self.lane).halted


def alike(parameters: Params, norm: str) -> Params:
    """Return what is common to all epsilons of one norm."""
    measured = in_norm(parameters, norm)
    return with_epsilon(measured, 0.0) if has_epsilon(measured) else measured


def bounded(method: Method) -> bool:
    """Tell whether an attack has an epsilon."""
    return any(spec.name == "epsilon" for spec in method.specs)

"""Settings with which an attack keeps a budget of gradients or of queries."""

from __future__ import annotations

import dataclasses

from cnnviz_gui.core.attack_cost import gradients
from cnnviz_gui.core.border_requests import in_norm, knows
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.params import Params, Value, specs
from cnnviz_gui.core.race_requests import NORMS, RaceParams
from cnnviz_gui.core.registry import Method
from cnnviz_gui.texts import ntr, tr

_REPEATS = {
    "restarts": tr("restarts {count}"),
    "search": tr("search {count}"),
    "candidates": tr("candidates {count}"),
}
"""Parameters that multiply what a step costs; lessened where one step of each is too much,
and what is said of that."""
_ENOUGH = 20
"""Steps that a search has for each of its values, rather than search on."""
_LEAST = {"candidates": 2}


def fitted(
    chosen: Method, parameters: Params, race: RaceParams, targeted: bool
) -> tuple[Params, str]:
    """Return the parameters with which an attack keeps the budget, and what was set, in words.

    The whole budget is given to it; what it need not use it leaves.

    Raises
    ------
    MethodError
        It does not know the norm, or needs more than there is.
    """
    if not knows(chosen, race.norm):
        raise MethodError(
            tr("{title} does not know {norm}.", title=chosen.title, norm=NORMS[race.norm]),
            tr("Choose another norm."),
        )
    values = dict(in_norm(parameters, race.norm).values())
    known = {spec.name: spec for spec in specs(type(parameters))}
    if "epsilon" in known:
        values["epsilon"] = race.epsilon
    said = []
    if "queries" in known:
        least = int(known["queries"].minimum)
        if race.queries < least:
            raise MethodError(
                tr("{title} needs at least {least} queries.", title=chosen.title, least=least),
                tr("Allow more queries."),
            )
        values["queries"] = min(race.queries, int(known["queries"].maximum))
        said.append(tr("up to {count} queries", count=values["queries"]))
    elif "steps" in known:
        said += _share_out(chosen, values, race.gradients, targeted)
        _stretch(chosen, values, race.gradients, targeted, int(known["steps"].maximum))
        said.append(ntr("1 step", "{n} steps", int(values["steps"])))
        if gradients(chosen, values, targeted) > race.gradients:
            raise MethodError(
                tr(
                    "{title} needs more than {gradients} gradients.",
                    title=chosen.title,
                    gradients=race.gradients,
                ),
                tr("Allow more gradients."),
            )
    return dataclasses.replace(parameters, **values), ", ".join(said)


def _share_out(chosen: Method, values: dict[str, Value], most: int, targeted: bool) -> list[str]:
    """Lessen what multiplies the steps until enough of them fit; say what was set."""
    said = []
    for name, told in _REPEATS.items():
        least = _LEAST.get(name, 1)
        wanted = _ENOUGH if name == "search" else 1
        before = values.get(name, least)

        def cost(name: str = name, wanted: int = wanted) -> int:
            return gradients(chosen, values | {"steps": wanted}, targeted)

        while int(values.get(name, least)) > least and cost() > most:
            values[name] = int(values[name]) - 1
        if values.get(name, least) != before:
            said.append(told.format(count=values[name]))
    return said


def _stretch(
    chosen: Method, values: dict[str, Value], most: int, targeted: bool, longest: int
) -> None:
    """Set the most steps that the budget allows."""
    values["steps"] = 1
    low, high = 1, longest
    while low < high:
        middle = (low + high + 1) // 2
        if gradients(chosen, values | {"steps": middle}, targeted) <= most:
            low = middle
        else:
            high = middle - 1
    values["steps"] = low

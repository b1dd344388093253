"""What can be asked about how near the borders of a picture's class are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params, build, number
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Request
from cnnviz_gui.texts import tr

RUNS = 14
"""At most so many runs of an attack tell how near one border is: enough for 1 % wherever on the
axis of an attack it lies, unless that is next to 0.
"""


@dataclass(frozen=True, slots=True)
class BorderParams(Params):
    """Of how many classes the borders are looked for."""

    classes: int = number(
        5,
        1,
        50,
        label=tr("Classes"),
        help=tr(
            "The most likely other classes; the attack is driven towards each by itself,"
            " with at most {runs} runs.",
            runs=RUNS,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Borders(Request):
    """The smallest epsilon with which an attack reaches each of the likeliest classes; streams."""

    task: ClassVar[str] = "borders"
    attack: Attack
    """Its epsilon, target and scale have no meaning here."""
    parameters: BorderParams = BorderParams()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackBorders(Request):
    """The smallest epsilon with which each of several attacks succeeds; streams."""

    task: ClassVar[str] = "attack-borders"
    model: ModelRef
    image: ImageRef
    methods: tuple[MethodUse, ...]
    """A row each; their epsilons have no meaning here."""
    target: int | None = None
    """Class to reach; None to leave the predicted class."""
    norm: str = "linf"
    """How all are measured; one that does not know it has no row but the reason."""


def knows(chosen: Method, norm: str) -> bool:
    """Tell whether an attack has an epsilon in this norm, or has none at all."""
    known = {spec.name: spec for spec in chosen.specs}
    if "epsilon" not in known:
        return True
    return norm in ([name for name, _ in known["norm"].choices] if "norm" in known else ["linf"])


def in_norm(parameters: Params, norm: str) -> Params:
    """Return the parameters measured in ``norm``; what was a length in another one is automatic."""
    values = parameters.values()
    if values.get("norm", norm) == norm:
        return parameters
    kept = {name: values[name] for name in values if name not in ("epsilon", "step_size")}
    return build(type(parameters), kept | {"norm": norm})

"""What can be asked of several attacks under one budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params, Scale, choice, number
from cnnviz_gui.core.request import ImageRef, ModelRef, Request
from cnnviz_gui.texts import tr

NORMS = {"linf": "L∞", "l2": "L2", "l1": "L1"}
_EPSILONS = {
    "linf": Scale(2.0, 0.0, 64.0, 0.25, "/ 255"),
    "l2": Scale(0.5, 0.0, 32.0, 0.05),
    "l1": Scale(50.0, 0.0, 5000.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class RaceParams(Params):
    """What every attack of a race may do, whatever its own settings say."""

    norm: str = choice(
        "linf", NORMS, label=tr("Norm"), help=tr("How the size of all perturbations is measured.")
    )
    epsilon: float = number(
        2.0,
        0.0,
        64.0,
        step=0.25,
        unit="/ 255",
        depends_on="norm",
        scales=_EPSILONS,
        label=tr("Epsilon"),
        help=tr("Radius of the ball that all should stay in."),
    )
    gradients: int = number(
        40,
        1,
        10000,
        label=tr("Gradients"),
        help=tr("How many gradients an attack may ask for that sees into the network."),
    )
    queries: int = number(
        500,
        1,
        20000,
        label=tr("Queries"),
        help=tr("How often an attack may ask the network that does not see into it."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackRace(Request):
    """Several attacks on one picture under one budget, each told with its cost; streams."""

    task: ClassVar[str] = "attack-race"
    model: ModelRef
    image: ImageRef
    methods: tuple[MethodUse, ...]
    """A row each; what the budget sets of their parameters has no meaning here."""
    target: int | None = None
    """Class to reach; None to leave the predicted class."""
    parameters: RaceParams = RaceParams()

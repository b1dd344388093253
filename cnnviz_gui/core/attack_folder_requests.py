"""What can be asked of the attacks on all pictures of a folder."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core import attack_bound
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.params import Params, specs
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Request

_SHARES = (0.0, 1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0)
"""Of the epsilon that is set: networks that were never defended give way far below it."""
_DISTANCE = 1.0
"""The same in L2, of attacks that have no epsilon and return what they need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackFolder(Request):
    """At which of several epsilons an attack changes each picture of a folder; streams."""

    task: ClassVar[str] = "attack-folder"
    model: ModelRef
    folder: FolderRef
    method: str
    parameters: Params
    """Their epsilon has no meaning here."""
    epsilons: tuple[float, ...]
    """Ascending, in the unit of the attack's norm; of an attack without a budget sizes in L2."""
    target: int | None = None
    """Class to reach; None to leave the class predicted of each."""

    @property
    def budgeted(self) -> bool:
        """Whether the attack has an epsilon; else it is done once, and its size is what counts."""
        return attack_bound.epsilon_of(self.parameters) is not None

    @property
    def norm(self) -> str:
        """The norm in which the epsilons are."""
        return attack_bound.measure_of(self.parameters)

    def at(self, epsilon: float) -> Params:
        """Return the parameters of the attack at one of the epsilons.

        Raises
        ------
        ParameterError
            Epsilon is out of its range.
        """
        if not self.budgeted:
            return self.parameters
        return dataclasses.replace(self.parameters, **{"epsilon": epsilon})

    def alone(self, path: str, epsilon: float) -> Attack:
        """Return the attack on one picture at one of the epsilons."""
        return Attack(
            model=self.model,
            image=ImageRef(path=path, reduced=True),
            method=self.method,
            parameters=self.at(epsilon),
            target=self.target,
        )


def ladder(parameters: Params) -> tuple[float, ...]:
    """Return epsilons to measure at: halves and halves again of the one that is set, and twice it.

    None is beyond the parameter's range.
    """
    values = parameters.values()
    spec = next((one for one in specs(type(parameters)) if one.name == "epsilon"), None)
    if spec is None:
        return tuple(share * _DISTANCE for share in _SHARES)
    scaled = spec.scaled(values)
    middle = float(values["epsilon"]) or float(scaled.default)
    return tuple(sorted({min(share * middle, scaled.maximum) for share in _SHARES}))

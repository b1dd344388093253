"""What can be asked of an attack's gradients: whether its failure proves anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.request import Attack, Request
from cnnviz_gui.texts import tr


@dataclass(frozen=True, slots=True)
class MaskingParams(Params):
    """How hard the checks try."""

    queries: int = number(
        200,
        10,
        5000,
        step=10,
        label=tr("Queries"),
        help=tr("Of the black-box attack that the white-box one is set beside."),
    )
    steps: int = number(
        10,
        2,
        100,
        label=tr("Steps"),
        help=tr("Of the attacks that are compared with a single step."),
    )
    seed: int = number(
        0,
        0,
        2**31 - 1,
        role="seed",
        label=tr("Seed"),
        help=tr("Of the noise, stripes and squares."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Masking(Request):
    """Signs that the gradients of a network are masked from an attack; streams, check by check."""

    task: ClassVar[str] = "masking"
    attack: Attack
    checks: Literal["quick", "all"] = "all"
    """``quick``: those that one gradient answers."""
    parameters: MaskingParams = MaskingParams()

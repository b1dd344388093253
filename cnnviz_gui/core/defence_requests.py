"""What can be asked of an attack that a defence is to undo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params, number
from cnnviz_gui.core.request import Attack, Request
from cnnviz_gui.texts import tr

DRAWS = 8
"""Of a random defence, for each gradient of an attack that knows it."""
MOST_DRAWS = 256


@dataclass(frozen=True, slots=True)
class KnowingParams(Params):
    """How an attack goes about the defences that it knows."""

    draws: int = number(
        DRAWS,
        1,
        MOST_DRAWS,
        label=tr("Draws"),
        help=tr(
            "Of a random defence, for each gradient, which is their mean: more are slower"
            " and stronger. Others are the same at each."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Defences(Request):
    """What defended networks say of the clean and the adversarial image; streams, row by row."""

    task: ClassVar[str] = "defences"
    attack: Attack
    """It knows of no defence."""
    methods: tuple[MethodUse, ...]
    """The defences, each by itself, a row each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveAttacks(Request):
    """The same attack against each network behind its defence; streams, row by row."""

    task: ClassVar[str] = "defences-known"
    attack: Attack
    methods: tuple[MethodUse, ...]
    """The defences, each of which is attacked by itself."""
    draws: int = DRAWS
    """Of a random defence, whose mean each gradient and each score is."""

"""What can be asked about the way an attack goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.request import Attack, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackSteps(Request):
    """What an attack does step by step, and the pictures on its way; streams."""

    task: ClassVar[str] = "attack-steps"
    attack: Attack
    """Its scale has no meaning here: the steps are those of the attack itself."""

"""What every view of the page of attacks is."""

from __future__ import annotations

from typing import ClassVar

from cnnviz_gui.panels.view_stack import ViewBox
from cnnviz_gui.state.selection import Stage


class AttackBox(ViewBox):
    """One view of attacks."""

    stage: ClassVar[Stage] = "attack"
    field: ClassVar[str] = "attack_view"
    one_attack: ClassVar[bool] = True
    """It is about the attack of the form, which the page offers to start."""

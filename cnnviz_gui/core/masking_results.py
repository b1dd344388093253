"""What comes back of masked gradients: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core.result import Result

CheckName = Literal["gradient", "softmax", "noise", "steps", "budget", "black-box", "unbounded"]
CheckState = Literal["passed", "failed", "not run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One sign that gradients are masked, looked for."""

    name: CheckName
    title: str
    """What is to be so: ``The gradient is not zero``."""
    state: CheckState
    """``failed``: the sign was found."""
    found: str
    """The evidence, or why there is none: one sentence."""
    advice: str = ""
    """What to do, one sentence; empty unless it failed."""
    figures: tuple[tuple[str, float], ...] = ()
    """The numbers in the evidence, by name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskingResult(Result):
    """Checks in order, the cheap ones first; a partial result has fewer than ``expected``."""

    checks: tuple[Check, ...]
    expected: int
    success: bool
    """The attack succeeds, so that there is less to be doubted."""
    forwards: int
    backwards: int

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that speak for masked gradients."""
        return tuple(check for check in self.checks if check.state == "failed")

"""Work that a run has left which ended unexpectedly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recovered:
    """The file of a session that can be restored."""

    path: str

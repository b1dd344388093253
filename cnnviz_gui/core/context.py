"""How a long computation reports progress, shows partial results and learns that it should stop."""

from __future__ import annotations

from typing import Protocol


class Context(Protocol):
    """What every long computation takes as ``ctx``.

    All three methods run on the thread that computes.
    """

    def check(self) -> None:
        """Raise ``Cancelled`` if the job should stop; cheap enough for every layer of a network."""

    def step(self, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` units are finished, then do as ``check``.

        A more urgent job may run inside this call, so nothing that alters a network (hooks,
        switches) may be in force across it. Call it at least every 50 ms of work where the
        method allows.
        """

    def partial(self, value: object) -> None:
        """Show an intermediate result: the same type as the final one, safe to keep (read-only)."""


class NullContext:
    """Never cancels, reports nothing: for tests and short calls."""

    def check(self) -> None:
        """Do nothing."""

    def step(self, done: int, total: int) -> None:
        """Do nothing."""

    def partial(self, value: object) -> None:
        """Do nothing."""

"""Contexts for a computation inside another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnnviz_gui.core.context import Context

_FINENESS = 100
"""What is told of a share in how many parts of a thousandth: in so many that nobody counts them."""


class Part:
    """For a computation whose partial results are not of the type that the whole shows.

    Parameters
    ----------
    outer
        The context of the whole.
    progress
        (done, total) of the whole while the part runs; None to report the part's own.
    """

    def __init__(self, outer: Context, progress: tuple[int, int] | None = None) -> None:
        self._outer = outer
        self._progress = progress

    def check(self) -> None:
        """Raise ``Cancelled`` if the whole should stop."""
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        """Report progress of the whole; a more urgent job may run inside."""
        self._outer.step(*(self._progress or (done, total)))

    def partial(self, value: object) -> None:
        """Show nothing."""


class Translated:
    """For a computation whose partial results are shown as those of the whole.

    Parameters
    ----------
    outer
        The context of the whole.
    translate
        From a partial result of the part to one of the whole.
    """

    def __init__(self, outer: Context, translate: Callable[[Any], object]) -> None:
        self._outer = outer
        self._translate = translate

    def check(self) -> None:
        """Raise ``Cancelled`` if the whole should stop."""
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        """Report progress; a more urgent job may run inside."""
        self._outer.step(done, total)

    def partial(self, value: Any) -> None:
        """Show it as the whole's."""
        self._outer.partial(self._translate(value))


class Share:
    """For one part after another of a computation whose parts count different things.

    Parameters
    ----------
    outer
        The context of the whole.
    first, last
        Where in the whole the part begins and ends, in thousandths.
    """

    def __init__(self, outer: Context, first: int, last: int) -> None:
        self._outer = outer
        self._first = first
        self._last = last

    def check(self) -> None:
        """Raise ``Cancelled`` if the whole should stop."""
        self._outer.check()

    def step(self, done: int, total: int) -> None:
        """Report how much of the whole is done; a more urgent job may run inside."""
        part = _FINENESS * (self._last - self._first) * done // max(total, 1)
        self._outer.step(_FINENESS * self._first + part, _FINENESS * 1000)

    def partial(self, value: object) -> None:
        """Show nothing."""

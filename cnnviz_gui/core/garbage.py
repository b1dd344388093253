"""Reference cycles are looked for where that does no harm."""

from __future__ import annotations

import gc
from collections.abc import Callable

_look: Callable[[], object] = gc.collect


def collect() -> None:
    """Free what only reference cycles keep alive, as far as that can be had soon."""
    _look()


def use(look: Callable[[], object] = gc.collect) -> None:
    """Let ``look`` do it from here on, for a program in which not every thread may."""
    global _look
    _look = look

"""What is needed no more: cycles are looked for where that does no harm, memory is given back."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable

_look: Callable[[], object] = gc.collect


def collect() -> None:
    """Free what only reference cycles keep alive, as far as that can be had soon."""
    _look()


def use(look: Callable[[], object] = gc.collect) -> None:
    """Let ``look`` do it from here on, for a program in which not every thread may."""
    global _look
    _look = look


def give_back() -> None:
    """Give memory that was freed back to the system, where the C library has kept it.

    That of GNU keeps what it may need again: some 400 MB after jobs of many kinds. Takes 0.04 s.
    """
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # others have none
        library.malloc_trim(ctypes.c_size_t(0))

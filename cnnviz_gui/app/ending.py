"""How long the program waits for its threads at the end, and what its status is then."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state.app_state import Shared

SLOW_TO_IMPORT = "torchvision"
"""What the first job imports that needs it; all else is imported when the worker starts."""
_WORKER_MS = 2000
_IMPORT_MS = 100
_OTHERS_MS = 1000


def imports(shared: Shared) -> bool:
    """Tell whether the worker imports: it tells nothing then, hears nothing, and loses nothing."""
    spec = getattr(sys.modules.get(SLOW_TO_IMPORT), "__spec__", None)
    return bool(shared.starting) or bool(getattr(spec, "_initializing", False))


def stop_all(
    others: Iterable[Callable[[int], bool]], engine: Engine, *, importing: bool
) -> tuple[bool, int]:
    """Stop the threads.

    Returns
    -------
    Whether all have ended, and the status of a process that goes without waiting for the rest.

    Parameters
    ----------
    others
        Each stops something in so many milliseconds at most, and tells whether it has ended.
    importing
        The worker imports, and the process may go without it.
    """
    ended = True
    for stop in others:
        ended = stop(_OTHERS_MS) and ended
    off = engine.shutdown(_IMPORT_MS if importing else _WORKER_MS)
    return ended and off, 0 if ended and importing else 1

"""How large everything is drawn; Qt takes it before the application is there, and only then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_FACTOR = "QT_SCALE_FACTOR"


@contextmanager
def enlarged(percent: int) -> Iterator[None]:
    """Let the application that is made within be drawn so large, on top of the user's own factor.

    Afterwards the environment is as it was: programs that are started inherit it.
    """
    before = os.environ.get(_FACTOR)
    if percent != 100:
        os.environ[_FACTOR] = f"{_given() * percent / 100:g}"
    try:
        yield
    finally:
        if before is not None:
            os.environ[_FACTOR] = before
        else:
            os.environ.pop(_FACTOR, None)


def _given() -> float:
    try:
        factor = float(os.environ.get(_FACTOR, "1"))
    except ValueError:
        return 1.0
    return factor if 0.0 < factor < 100.0 else 1.0

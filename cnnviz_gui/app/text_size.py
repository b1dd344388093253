"""How large everything is drawn; Qt takes it before the application is there, and only then."""

from __future__ import annotations

import os

_FACTOR = "QT_SCALE_FACTOR"


def enlarge(percent: int) -> None:
    """Let Qt draw so large, on top of a factor that the user has set for Qt himself."""
    if percent != 100:
        os.environ[_FACTOR] = f"{_given() * percent / 100:g}"


def _given() -> float:
    try:
        factor = float(os.environ.get(_FACTOR, "1"))
    except ValueError:
        return 1.0
    return factor if 0.0 < factor < 100.0 else 1.0

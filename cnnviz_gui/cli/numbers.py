"""Numbers as people read them: three significant digits, units, thin spaces between thousands."""

from __future__ import annotations

import math
from collections.abc import Iterable

THIN = "\N{THIN SPACE}"
MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"


def percent(probability: float) -> str:
    """Return a probability in [0, 1] as ``38.3 %``; near the ends ``< 0.1 %`` and ``> 99.9 %``."""
    if 0 < probability < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= probability < 1:
        return "> 99.9 %"
    return f"{100 * probability:.1f} %"


def points(difference: float) -> str:
    """Return a change of probability in percentage points, with its sign: ``−95.7``."""
    text = f"{100 * difference:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else _true_minus(text)


def count(number: float) -> str:
    """Return ``4.65 M`` from a million on, ``409 600`` with thin spaces below."""
    for factor, unit in ((1e9, "G"), (1e6, "M")):
        if number >= 0.9995 * factor:
            return f"{significant(number / factor)} {unit}"
    return f"{number:,.0f}".replace(",", THIN)


def significant(number: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, without an exponent where that is short."""
    if not math.isfinite(number):
        return _true_minus(str(number))
    if number == 0:
        return "0"
    if not 1e-4 <= abs(number) < 1e6:
        return _true_minus(f"{number:.{digits - 1}e}")
    rounded = float(f"{number:.{digits - 1}e}")  # 9.999 has two digits before the point
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return _true_minus(f"{number:.{decimals}f}")


def duration(seconds: float) -> str:
    """Return ``19 ms``, ``0.42 s``, ``12 s`` or ``2 min 5 s``."""
    if seconds < 0.1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def dimensions(sizes: Iterable[int]) -> str:
    """Return ``1280 × 7 × 7``."""
    return " × ".join(str(size) for size in sizes)


def square(sides: tuple[int, int] | None) -> str:
    """Return ``3 × 3``, or a dash for nothing."""
    return dimensions(sides) if sides else NONE


def _true_minus(text: str) -> str:
    return text.replace("-", MINUS)

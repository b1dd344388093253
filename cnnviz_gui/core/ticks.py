"""Where a scale is labelled, and with what."""

from __future__ import annotations

import math

from cnnviz_gui.core import numbers

_MOST_TICKS = 5


def ticks(low: float, high: float, *, signed: bool = False) -> list[float]:
    """Return where a scale is labelled: both ends, round numbers between, 0 if it has a sign.

    Returns
    -------
    list of float
        Ascending, at most five; one if the range has no extent.
    """
    if not high > low:
        return [low]
    span = high - low
    inner: list[float] = []
    if signed and low < 0 < high:
        inner = [0.0, *(sign * _round_half(min(-low, high)) for sign in (-1, 1))]
    else:
        # The step grows until ends and inner ticks are five at most, none too near an end.
        for step in round_steps(span):
            first, last = math.ceil(low / step), math.floor(high / step)
            marks = [k * step for k in range(first, last + 1)]
            inner = [m for m in marks if 0.09 * span < m - low and 0.09 * span < high - m]
            if len(inner) <= _MOST_TICKS - 2:
                break
    return sorted([low, *inner, high])


def tick_texts(marks: list[float]) -> list[str]:
    """Return what stands at the ticks: all with as many decimals, the ends exact to three digits.

    Nothing is written as 0 alone, and an end far smaller than the other as it needs.
    """
    texts = [numbers.significant(mark) for mark in marks]
    inner = [mark for mark in marks[1:-1] if mark]
    if not inner or not 1e-3 <= min(map(abs, inner)) <= max(map(abs, inner)) < 1e5:
        return texts
    exact = (d for d in range(7) if all(abs(round(m, d) - m) < 1e-9 * abs(m) for m in inner))
    decimals = next(exact, None)
    if decimals is None:  # they differ only beyond what anyone reads
        return texts
    larger = max((marks[0], marks[-1]), key=abs)
    most = max(decimals, _decimals(numbers.significant(larger)))
    needs = {end: _decimals(texts[end].rstrip("0") if "." in texts[end] else "") for end in (0, -1)}
    decimals = max(decimals, *(need for need in needs.values() if need <= most), 0)
    for index, mark in enumerate(marks):
        end = 0 if index == 0 else -1 if index == len(marks) - 1 else None
        if mark and (end is None or needs[end] <= decimals):
            texts[index] = f"{mark:.{decimals}f}".replace("-", numbers.MINUS)
    return texts


def _decimals(text: str) -> int:
    """Return how many digits follow the point."""
    return len(text.partition(".")[2])


def round_steps(span: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten, ascending, from far below ``span`` to above it."""
    power = math.floor(math.log10(span)) - 1
    return [m * 10.0**p for p in (power, power + 1, power + 2) for m in (1, 2, 5)]


def _round_half(bound: float) -> float:
    """Return a round number about half of ``bound``."""
    wanted = bound / 2
    scale = 10.0 ** math.floor(math.log10(wanted))
    return min(
        (m * scale for m in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)), key=lambda v: abs(v - wanted)
    )

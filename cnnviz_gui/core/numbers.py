"""Numbers as window and command line write them: three digits, true minus, thin spaces."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from cnnviz_gui.texts import tr

MINUS = "−"
NONE = "–"
THIN = "\N{THIN SPACE}"
TIMES = "×"
_FIRM, _FIRM_THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
_INNER = re.compile(
    r"(?<=\d) (?=(?:/ 255|%|ms|s|min|h|[kMG]i?B?|ε|×|bits?|points?|px|nats|Bits?|Punkte?)(?!\w))"
    r"|(?<=[/×<>≤≥±ε∞]) (?=[\d−])"
    r"|(?<=\bL[12]) (?=[\d<≤])"
    r"|(?<=\[0,) (?=1\])"
    r"|(?<=\bat) (?=\d)|(?<=%) (?=(?:before|after|so far)\b)|(?<=\bso) (?=far\b)"
    r"|(?<=\bbei) (?=\d)|(?<=%) (?=(?:vorher|nachher|bisher)\b)"
)
"""The spaces inside of a number with its unit: ``1.25 / 255``, ``3 s``, ``ε 0.5``, ``[0, 1]``.

And those after which the rest of a sentence would stand alone: ``at 4 / 255``, ``38.3 % after``;
in German too.
"""
_SHORT = 32
"""Letters for which the narrowest card has room in a line."""


def percent(probability: float) -> str:
    """Return a probability in [0, 1] as ``38.3 %``; the ends as ``< 0.1 %`` and ``> 99.9 %``."""
    if math.isnan(probability):
        return "–"
    if 0 < probability < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= probability < 1:
        return "> 99.9 %"
    return f"{100 * probability:.1f} %" if 0 < probability < 1 else f"{100 * probability:.0f} %"


def share(fraction: float) -> str:
    """Return a share, an opacity or what is done of a job in whole per cent: ``74 %``."""
    return f"{100 * fraction:.0f} %".replace("-", MINUS)


def points(change: float) -> str:
    """Return a change of probability, in [-1, 1], in points: ``+99.2``, ``−95.7``, ``0.0``."""
    text = f"{100 * change:+.1f}"
    return "0.0" if text in ("+0.0", "-0.0") else text.replace("-", MINUS)


def count(number: int) -> str:
    """Return a whole number with thin spaces: ``409 600``."""
    return f"{number:,}".replace(",", THIN).replace("-", MINUS)


def short(number: float) -> str:
    """Return a large number with three significant digits: ``4.65 M``, ``20.1 M``, ``12.3 k``."""
    size = abs(number)
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if size >= 0.9995 * scale:
            return f"{significant(number / scale)} {unit}"
    return significant(number)


def compact(number: float) -> str:
    """Return ``4.65 M`` from a million on, ``409 600`` below."""
    return short(number) if number >= 999_500 else count(round(number))


def significant(number: float, digits: int = 3) -> str:
    """Return a number with so many significant digits, zeros kept: ``0.0840``, ``−0.400``."""
    if not math.isfinite(number):
        return "–" if math.isnan(number) else ("∞" if number > 0 else f"{MINUS}∞")
    if number == 0:
        return "0"
    if not 1e-4 <= abs(number) < 1e7:
        return f"{number:.{digits - 1}e}".replace("-", MINUS)
    rounded = float(f"{number:.{digits - 1}e}")
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(rounded))))
    return f"{number:.{decimals}f}".replace("-", MINUS)


def plain(number: float, digits: int = 6) -> str:
    """Return a number as it stands in an input: no trailing zeros, a point, an ASCII minus.

    Short enough for a field; ``digits`` significant digits at most. A whole number is exact.
    """
    if float(number).is_integer() and abs(number) < 1e15:
        return str(int(number))
    return f"{number:.{digits}g}"


def shape(sizes: Sequence[int]) -> str:
    """Return the shape of a tensor: ``1280 × 7 × 7``."""
    return f" {TIMES} ".join(str(size) for size in sizes)


def sides(pair: Sequence[int]) -> str:
    """Return ``35`` for the sides of a square, ``159 × 255`` where height and width differ."""
    return count(pair[0]) if pair[0] == pair[1] else f" {TIMES} ".join(map(count, pair))


def duration(seconds: float) -> str:
    """Return how long something took: ``19 ms``, ``0.06 s``, ``3.2 s``, ``12 s``, ``2 min 5 s``."""
    if seconds < 0.0495:
        return f"{1000 * seconds:.0f} ms" if seconds >= 0.0005 else "< 1 ms"
    if seconds < 0.995:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def time_left(seconds: float) -> str:
    """Return how long something will still take, rounded up: ``3 s left``, ``2 min left``."""
    whole = max(1, math.ceil(seconds - 1e-9))
    if whole <= 90:
        return tr("{seconds} s left", seconds=whole)
    if whole <= 5400:
        return tr("{minutes} min left", minutes=math.ceil(whole / 60))
    return tr("{hours} h left", hours=math.ceil(whole / 3600))


def memory(size: float) -> str:
    """Return a number of bytes: ``1.1 GB``, ``512 MB``."""
    return f"{size / 1e9:.1f} GB" if size >= 0.9995e9 else f"{size / 1e6:.0f} MB"


def file_size(size: float) -> str:
    """Return a number of bytes as sizes of files are told: ``97.8 MiB``, ``1.27 GiB``, ``310 KiB``.

    In powers of 1024, as torchvision counts the sizes of its weights.
    """
    if size >= 0.9995 * (1 << 30):
        return f"{size / (1 << 30):.2f} GiB"
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{size / 1024:.0f} KiB"


def of255(number: float) -> str:
    """Return an L∞ distance given in 255ths: ``1.25 / 255``."""
    return f"{epsilon(number)} / 255"


def epsilon(number: float) -> str:
    """Return an epsilon as the slider writes it, three digits and no trailing zeros: ``0.17``."""
    return plain(float(f"{number:.3g}"))


def unbroken(text: str) -> str:
    """Return a text of which no line ends between a number and its unit, or inside a number.

    For what is wrapped only: to whoever compares or copies it, it is another text.
    """
    return _INNER.sub(_FIRM, text).replace(THIN, _FIRM_THIN)


def together(text: str) -> str:
    """Return a part of a sentence of which no line ends inside, if it is short enough for that."""
    return text.replace(" ", _FIRM) if len(text) <= _SHORT else text

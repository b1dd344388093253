"""What there is to say in numbers of the attack on screen: its size, how it looks, what it cost."""

from __future__ import annotations

import math

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.result import Closeness
from cnnviz_gui.state import epsilon_words
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.prediction_view import attack_on_screen
from cnnviz_gui.texts import tr

_OF_ONE = ("picture", "steps", "defences")
"""Views about the attack of the form: the others have numbers of their own."""
_LINF = tr("The largest change of any value of the picture.")
_L2 = tr("The root of the sum of the squares of all changes, in units of [0, 1].")
_L1 = tr("The sum of all changes, without their signs, in units of [0, 1].")
_COST = tr("Pictures passed forward and backward through the network.")
_TIME = tr("How long the attack took, without what was computed in between.")
_CLOSENESS = (
    (
        "SSIM",
        tr("Structural similarity of the luminance to the clean picture's; 1 for equal ones."),
    ),
    ("PSNR", tr("Peak signal to noise ratio: the higher, the less is to be seen.")),
    (tr("Changed pixels"), tr("Pixels of which any colour changed, however little.")),
    (tr("In 8 bits"), tr("Pixels that still differ once both pictures are rounded, as in a file.")),
)


def rows(state: AppState) -> list[tuple[str, ...]]:
    """Return name, value and tooltip of each number, none where no attack is on screen."""
    shown = attack_on_screen(state) if state.display.attack_view in _OF_ONE else None
    if shown is None:
        return []
    result, unit = shown.result, state.display.epsilon_unit
    norms = result.norms
    rows: list[tuple[str, ...]] = [
        ("L∞", epsilon_words.size(norms.linf * 255, "linf", unit), _LINF),
        ("L2", fmt.significant(norms.l2), _L2),
        ("L1", fmt.significant(norms.l1), _L1),
        *_closeness_rows(result.closeness),
        (
            tr("Cost"),
            tr(
                "{forwards} forward, {backwards} backward",
                forwards=result.forwards,
                backwards=result.backwards,
            ),
            _COST,
        ),
        (tr("Time"), fmt.NONE if result.closeness is None else fmt.duration(result.seconds), _TIME),
    ]
    return rows


def _closeness_rows(found: Closeness | None) -> list[tuple[str, ...]]:
    if found is None:
        return [(name, fmt.NONE, tip) for name, tip in _CLOSENESS]
    exact, rounded = (fmt.percent(n / found.pixels) for n in (found.changed, found.changed_8bit))
    counts = tuple(fmt.count(n) for n in (found.changed, found.pixels, found.changed_8bit))
    values = (
        fmt.NONE if found.ssim is None else _ssim(found.ssim),
        "∞ dB" if found.psnr is None else f"{found.psnr:.1f} dB",
        exact,
        rounded,
    )
    more = (
        "",
        "",
        " " + tr("{done} of {total} pixels.", done=counts[0], total=counts[1]),
        " " + tr("{done} of {total} pixels.", done=counts[2], total=counts[1]),
    )
    return [
        (name, value, tip + said)
        for (name, tip), value, said in zip(_CLOSENESS, values, more, strict=True)
    ]


def _ssim(value: float) -> str:
    """Return it with as many digits as tell it from 1: ``0.97``, ``0.99987``."""
    if value == 1:
        return "1"
    digits = max(3, 1 - math.floor(math.log10(max(1 - value, 1e-9))))
    return f"{value:.{min(digits, 7)}f}"

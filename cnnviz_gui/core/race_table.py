"""A race of attacks as a table for a spreadsheet: a line for each attack, the best first."""

from __future__ import annotations

from cnnviz_gui.core import csv_text
from cnnviz_gui.core.csv_text import Value
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.race_results import RaceResult, Runner, order

_HEAD = (
    *("rank", "attack", "success", "inside epsilon", "class", "its probability"),
    *("aim", "probability of the aim", "Linf (255ths)", "L2", "L1", "SSIM", "PSNR (dB)"),
    *("forward", "backward", "seconds", "settings", "problem"),
)
_QUESTION = (
    *("picture", "network", "target", "norm", "epsilon (Linf: 255ths)"),
    *("gradients allowed", "queries allowed"),
)
"""Columns that are alike in all lines: tables of several races can stand below one another."""


def text(
    result: RaceResult, *, picture: str, network: str, target: int | None, budget: RaceParams
) -> str:
    """Return the table; the aim is the target or the label.

    Parameters
    ----------
    picture
        Its name; bytes of it that are no text are escaped.
    target
        The number of the class to reach; None to leave that of the picture.
    """
    question = (
        *(picture, network, target, budget.norm, budget.epsilon),
        *(budget.gradients, budget.queries),
    )
    ranked = enumerate(order(result.runners, target is not None), 1)
    lines = (_line(rank, result.runners[place]) + question for rank, place in ranked)
    return csv_text.encoded(csv_text.text(_HEAD + _QUESTION, lines)).decode()


def _line(rank: int, one: Runner) -> tuple[Value, ...]:
    settings = " ".join(f"{name}={value}" for name, value in one.parameters.values().items())
    if one.winner is None or one.aim is None or one.norms is None:
        return (None, one.method, *(None,) * (len(_HEAD) - 4), settings, one.problem)
    close = one.closeness
    return (
        *(rank, one.method, _yes(one.success), _yes(one.inside)),
        *(one.winner.label, one.winner.probability, one.aim.label, one.aim.probability),
        *(one.norms.linf * 255, one.norms.l2, one.norms.l1),
        *((None, None) if close is None else (close.ssim, close.psnr)),
        *(one.forwards, one.backwards, one.seconds, settings, one.problem),
    )


def _yes(value: bool) -> str:
    return "yes" if value else "no"

"""In which ranges the values of a request lie, wherever in it they stand.

What reads a request from a file takes none beyond them: a stranger's file is not to name numbers
that nobody computes with. Whether the network has such a class or channel, the answer says.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from cnnviz_gui.core.defence_requests import MOST_DRAWS
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_requests import MOST_STAGES
from cnnviz_gui.core.params import Params
from cnnviz_gui.texts import tr

_INDEX = (0, 1 << 20)
_CLASS = (-(1 << 20), 1 << 20)
"""One that the network has not is as usual where a request is restored."""
_PIXEL = (-(1 << 20), 1 << 20)
_NUMBER = (-1e6, 1e6)
_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("target", "targets", "against", "other"), _CLASS),
    **dict.fromkeys(("channel", "channels", "row", "column", "cell"), _INDEX),
    **dict.fromkeys(("index", "frame", "window"), _INDEX),
    **dict.fromkeys(("along", "across", "factor", "weight", "mean", "std"), _NUMBER),
    "truth": _PIXEL,
    "seed": (0, 2**63 - 1),
    "input_size": (1, 1 << 14),
    "classes": (1, 1 << 20),
    "top": (1, 1 << 20),
    "count": (1, 1 << 20),
    "pictures": (1, 64),
    "points": (2, 1001),
    "draws": (1, MOST_DRAWS),
    "maximum": (0.0, 1e6),
    "epsilons": (0.0, 1e6),
    "scale": (0.0, 1e6),
    "share": (0.0, 1.0),
}
"""Of the numbers in a field, by its name; the rule of a list holds for each in it."""
_LENGTHS: dict[str, tuple[int, int]] = {
    "units": (1, 64),
    "methods": (0, 200),
    "before": (0, MOST_STAGES),
    "epsilons": (1, 100),
    "labels": (0, 1 << 20),
}
"""Of lists, by the name of their field."""
_USUAL_LENGTH = (0, 10_000)
_LONGEST = 4096
"""Characters of a text: no system has longer paths."""


def check_lengths(fields: dict[str, Any]) -> None:
    """Refuse a list that is too long or too short, before anything is made of what is in it.

    Raises
    ------
    RequestError
        One is.
    """
    for name, value in fields.items():
        least, most = _LENGTHS.get(name, _USUAL_LENGTH)
        if isinstance(value, list) and not least <= len(value) <= most:
            count = len(value)
            raise RequestError(
                tr("The request's {name!r} has {n} entries.", name=name, n=count),
                tr("Choose from {least} to {most}.", least=least, most=most),
            )


def check(request: object) -> None:
    """Refuse a request with a number out of its range or a text too long, in any part of it.

    Raises
    ------
    RequestError
        One is.
    """
    for f in dataclasses.fields(request):  # type: ignore[arg-type]
        _check(f.name, getattr(request, f.name))


def _check(name: str, value: Any) -> None:
    if isinstance(value, tuple):
        for one in value:
            _check(name, one)
    elif isinstance(value, str):
        if len(value) > _LONGEST:
            raise RequestError(tr("A text of the request is too long ({name!r}).", name=name))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        least, most = _RANGES.get(name, (-math.inf, math.inf))
        if not least <= value <= most:
            raise RequestError(
                tr("The request's {name!r} is out of its range.", name=name),
                tr("Choose from {least:g} to {most:g}.", least=least, most=most),
            )
    elif dataclasses.is_dataclass(value) and not isinstance(value, type | Params):
        check(value)

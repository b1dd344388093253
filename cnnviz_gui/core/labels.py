"""From what a person writes to the index of a class."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from cnnviz_gui.core.errors import TargetError
from cnnviz_gui.texts import tr

_SHOWN = 5


def resolve(labels: Sequence[str], text: str) -> int:
    """Return the index of a class given as digits or as its name.

    Parameters
    ----------
    labels
        One name per class.
    text
        An index such as ``"282"``, or a whole name in any case. A name that consists of digits can
        only be reached by its index.

    Raises
    ------
    TargetError
        The index is out of range, no class has that name, or several have it.
    """
    wanted = _plain(text)
    if not wanted:
        raise TargetError(tr("No class is given."), tr("Give an index or a class name."))
    if wanted.lstrip("+-").isdecimal():
        index = int(wanted) if len(wanted) < 12 else -1
        if not 0 <= index < len(labels):
            raise TargetError(
                tr("There is no class {name}.", name=text.strip()),
                tr("Choose an index from 0 to {last}.", last=len(labels) - 1),
            )
        return index
    names = [_plain(label) for label in labels]
    matches = [index for index, name in enumerate(names) if name == wanted]
    if len(matches) == 1:
        return matches[0]
    if matches:
        listed = ", ".join(map(str, matches))
        raise TargetError(
            tr("Several classes are called {name!r}.", name=text.strip()),
            tr("Give an index: {listed}.", listed=listed),
        )
    raise TargetError(
        tr("There is no class {name!r}.", name=text.strip()), _suggestion(labels, names, wanted)
    )


def _suggestion(labels: Sequence[str], names: list[str], wanted: str) -> str:
    containing = [index for index, name in enumerate(names) if wanted in name]
    close = difflib.get_close_matches(wanted, names, n=_SHOWN, cutoff=0.6)
    found = list(dict.fromkeys(containing + [names.index(name) for name in close]))[:_SHOWN]
    if not found:
        return tr("Give an index or a class name.")
    named = ", ".join(f"{labels[index]} ({index})" for index in found)
    return tr("Did you mean: {named}?", named=named)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

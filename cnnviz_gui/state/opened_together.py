"""What is told of pictures that were opened together. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cnnviz_gui.core.result import ListedImages
from cnnviz_gui.state.app_state import Notice, StripEntry
from cnnviz_gui.texts import ntr, tr


def summary(listed: ListedImages, *, known: bool, bad: Sequence[StripEntry] = ()) -> Notice:
    """Say how many pictures came on the strip, and what else was there.

    Parameters
    ----------
    listed
        What was found where the user said.
    known
        Whether each picture was read, or could not be: before that none counts as opened.
    bad
        Those that cannot be read.
    """
    n = len(listed.paths)
    if not n and not listed.skipped:
        return Notice(tr("There is no picture in that folder."), "warning")
    if known:
        counted = ntr("{n} picture opened", "{n} pictures opened", n - len(bad))
    else:
        counted = ntr("{n} picture added", "{n} pictures added", n)
    if known and bad:
        cannot = ntr("{n} cannot be read", "{n} cannot be read", len(bad))
        counted = f"{counted}, {cannot}"
    said = "; ".join((counted, *_besides(listed)))
    doubt = bad or listed.skipped or listed.truncated or not listed.paths
    return Notice(f"{said}.", "warning" if doubt else "info", _details(listed, bad))


def found(listed: ListedImages) -> Notice:
    """Say how many pictures are in a folder that is looked at as one, and what else was there."""
    counted = ntr("{n} picture found", "{n} pictures found", len(listed.paths))
    said = "; ".join((counted, *_besides(listed)))
    doubt = listed.skipped or listed.truncated
    return Notice(f"{said}.", "warning" if doubt else "info", _details(listed))


def _besides(listed: ListedImages) -> list[str]:
    said = []
    if listed.truncated:
        said.append(tr("there are more, the rest was left out"))
    if listed.skipped:
        path, reason = listed.skipped[0]
        skipped = tr(
            "{count} skipped, such as {name}: {reason}",
            count=len(listed.skipped),
            name=Path(path).name,
            reason=reason,
        )
        said.append(skipped)
    return said


def _details(listed: ListedImages, bad: Sequence[StripEntry] = ()) -> str:
    reasons = (f"{path}: {reason}" for path, reason in listed.skipped)
    return "\n".join((*(entry.problem for entry in bad), *reasons))

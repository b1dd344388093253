"""The pictures of the strip: what is known of each, which comes next, which are still to be read.

Pure functions; the strip itself is ``Shared.strip``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray, ThumbnailSheet


@dataclass(frozen=True, slots=True, eq=False)
class StripEntry:
    """One picture at hand."""

    ref: ImageRef
    title: str
    caption: str = ""
    """Size and what was done to it, once it was opened."""
    thumbnail: ByteArray | None = None
    problem: str = ""
    """Why it cannot be read, once that is known, and what to do."""


Strip = tuple[StripEntry, ...]


def place_of(strip: Strip, ref: ImageRef | None) -> int:
    """Return where a picture stands, -1 where it does not."""
    paths = [entry.ref.path for entry in strip]
    return paths.index(ref.path) if ref is not None and ref.path in paths else -1


def following(strip: Strip, at: int, by: int, *, around: bool = False) -> StripEntry | None:
    """Return the next picture that can be looked at, as far as is known; None if there is none.

    Parameters
    ----------
    at
        The place to go on from; -1 or less, and beyond the last, for one of the ends.
    by
        1 or -1.
    around
        Go on at the other end; the last that is tried is then the one at ``at`` itself.
    """
    for number in range(1, len(strip) + 1):
        place = at + by * number
        if not around and not 0 <= place < len(strip):
            return None
        entry = strip[place % len(strip)]
        if not entry.problem:
            return entry
    return None


def to_read(strip: Strip, image: ImageRef | None) -> tuple[ImageRef, ...]:
    """Return the pictures of which nothing is known yet, those next to the one in use first."""
    at = place_of(strip, image)
    waiting = [
        (abs(place - at), place, entry.ref)
        for place, entry in enumerate(strip)
        if entry.thumbnail is None and not entry.problem
    ]
    return tuple(ref for _, _, ref in sorted(waiting, key=lambda one: one[:2]))


def failed(strip: Strip, ref: ImageRef, problem: str) -> Strip:
    """Return the strip with the reason why one of its pictures cannot be read."""
    return tuple(
        dataclasses.replace(entry, problem=problem) if entry.ref.path == ref.path else entry
        for entry in strip
    )


def doubted(strip: Strip, paths: Collection[str]) -> Strip:
    """Return the strip without what was wrong with some pictures: they are tried once more."""
    return tuple(
        dataclasses.replace(entry, problem="") if entry.ref.path in paths else entry
        for entry in strip
    )


def with_thumbnails(strip: Strip, sheet: ThumbnailSheet) -> Strip:
    """Return the strip with what was found out about pictures of which nothing was known."""
    made = {path: (picture, caption) for path, picture, caption in sheet.thumbnails}
    problems = dict(sheet.failed)
    taken = []
    for entry in strip:
        path = entry.ref.path
        if entry.thumbnail is None and not entry.problem:
            if path in made:
                picture, caption = made[path]
                entry = dataclasses.replace(entry, thumbnail=picture, caption=caption)
            elif path in problems:
                entry = dataclasses.replace(entry, problem=problems[path])
        taken.append(entry)
    return tuple(taken)


def known(strip: Strip, paths: Collection[str]) -> bool:
    """Tell whether each of these pictures was read, or could not be; one that is gone counts."""
    waiting = {e.ref.path for e in strip if e.thumbnail is None and not e.problem}
    return waiting.isdisjoint(paths)


def unreadable(strip: Strip, paths: Collection[str]) -> Strip:
    """Return those of these pictures that cannot be read."""
    asked = set(paths)
    return tuple(entry for entry in strip if entry.problem and entry.ref.path in asked)

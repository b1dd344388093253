"""Names of files as people read them. Neither torch nor numpy."""

from __future__ import annotations

import functools
import os
import re

from cnnviz_gui.core.folder.records import FolderRef


@functools.lru_cache(maxsize=10_000)
def natural(name: str) -> tuple[tuple[int | str, ...], str]:
    """Return what to sort names by so that ``view 9`` comes before ``view 10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts)), name


def relative(path: str, folder: FolderRef) -> str:
    """Return a file's path from the folder on, with slashes."""
    # Some thousand times whenever rows are sorted: text, not paths.
    begin = folder.path.rstrip(os.sep) + os.sep
    return path[len(begin) :].replace(os.sep, "/") if path.startswith(begin) else path

"""Finding the files that a request knows by name and checksum alone, where the user keeps theirs.

Folders are listed and their files compared: nothing that a request says is ever taken for a path.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.files import display_name
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.named_files import File, mapped, moved, name_of
from cnnviz_gui.core.picture_names import is_picture
from cnnviz_gui.core.request import ImageRef, Request
from cnnviz_gui.core.restore_work import Places
from cnnviz_gui.texts import tr

_MOST_FILES = 2000
"""Of a folder are looked at."""
_MOST_READ = 1_000_000_000
"""Bytes of files by other names are compared in all; those by the same name always are."""
_CHUNK = 1 << 20


def located(request: Request, places: Places, ctx: Context) -> Request:
    """Return a request with the paths of its files.

    Raises
    ------
    RequestError
        One is not there; the sentence names it.
    """

    def place(file: File) -> File:
        found = find(file, places, ctx)
        if found is None:
            name = display_name(file.path)
            raise RequestError(
                tr("The folder {name} is not at hand, of which this was made.", name=name)
                if isinstance(file, FolderRef)
                else tr("The file {name} is not at hand, of which this was made.", name=name),
                tr("Put it beside the file that carries the request."),
            )
        return moved(file, found)

    return mapped(request, place)


def find(file: File, places: Places, ctx: Context) -> str | None:
    """Return where a file or folder is, None where it is not among ``places``.

    A file is known by its checksum, and by its name only where it has none.
    """
    name = name_of(file.path)
    if isinstance(file, FolderRef):
        return _folder(name, places)
    named = [path for path in places.paths if name_of(path) == name]
    named += [path for path in _listed(places.folders) if name_of(path) == name]
    if not file.sha256:
        return next((path for path in named if _regular(path) is not None), None)
    for path in dict.fromkeys(named):
        if _is(path, file.sha256, ctx):
            return path
    return _renamed(file, places, set(named), ctx) if isinstance(file, ImageRef) else None


def _renamed(file: ImageRef, places: Places, seen: set[str], ctx: Context) -> str | None:
    """Return where a picture is that has another name by now."""
    left = _MOST_READ
    for path in dict.fromkeys((*places.paths, *filter(is_picture, _listed(places.folders)))):
        size = None if path in seen else _regular(path)
        if size is None or size > left:
            continue
        left -= size
        if _is(path, file.sha256, ctx):
            return path
    return None


def _folder(name: str, places: Places) -> str | None:
    """Return the folder of that name among those that are known, in them, or beside them."""
    for known in places.folders:
        if name_of(known) == name:
            return known
        for path in _listed((known, os.fspath(Path(known).parent)), folders_in=True):
            if name_of(path) == name:
                return path
    return None


def _listed(folders: Sequence[str], *, folders_in: bool = False) -> Iterator[str]:
    for folder in folders:
        with contextlib.suppress(OSError, ValueError), os.scandir(folder) as entries:
            for _, entry in zip(range(_MOST_FILES), entries, strict=False):
                if entry.is_dir() == folders_in:
                    yield entry.path


def _regular(path: str) -> int | None:
    """Return the size of a file, None of what is none."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _is(path: str, sha256: str, ctx: Context) -> bool:
    return checksum(path, ctx) == sha256


def checksum(path: str, ctx: Context) -> str | None:
    """Return the SHA-256 of a file, 64 hex digits; None of what cannot be read."""
    if _regular(path) is None:
        return None
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                ctx.check()
    except OSError:
        return None
    return digest.hexdigest()

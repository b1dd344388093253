"""Which of the files and folders that were dropped are pictures."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ImageError
from cnnviz_gui.core.folder.names import natural
from cnnviz_gui.core.images import Picture, load, thumbnail
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray, ListedImages, ThumbnailSheet, frozen
from cnnviz_gui.texts import tr

MAX_IMAGES = 5_000
_MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
)
_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1")
_ENDINGS = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic"}
)
"""By which a file that cannot be read is taken for a picture."""
_NO_FILE = tr("not a regular file")


def list_images(
    paths: tuple[str, ...], ctx: Context, *, nested: bool = False, unread: bool = False
) -> ListedImages:
    """Return the pictures among ``paths`` and in the folders among them, those in natural order.

    Only the first bytes of each file are read. A file that was named is never skipped in silence;
    in a folder whatever is no picture is passed over without a word.

    Parameters
    ----------
    nested
        Look into the folders in folders too, each of them once: a link may lead in a circle.
    unread
        Also list what is a picture by its name and cannot be read, or holds something else, for
        somebody who will say so.
    """
    found: list[str] = []
    skipped: list[tuple[str, str]] = []
    for number, (path, named) in enumerate(_candidates(paths, ctx, nested=nested)):
        if number % 64 == 0:
            ctx.step(len(found), max(MAX_IMAGES, len(found)))
        if len(found) == MAX_IMAGES:
            return _listed(paths, found, skipped, truncated=True)
        reason = _why_not(path)
        if not reason or (unread and reason != _NO_FILE and _looks_it(path)):
            found.append(path)
        elif named:
            skipped.append((path, reason))
    return _listed(paths, found, skipped, truncated=False)


def _listed(
    given: tuple[str, ...],
    found: list[str],
    skipped: list[tuple[str, str]],
    *,
    truncated: bool,
) -> ListedImages:
    return ListedImages(
        paths=tuple(found),
        skipped=tuple(skipped),
        truncated=truncated,
        folders=tuple(path for path in given if Path(path).is_dir()),
    )


def in_folder(
    folder: str, ctx: Context, *, nested: bool = False, unread: bool = False
) -> ListedImages:
    """Return the pictures in a folder; ``nested`` and ``unread`` as in ``list_images``.

    Raises
    ------
    ImageError
        There is no such folder, or no picture in it.
    """
    name = Path(folder).name or folder
    if not os.path.isdir(folder):  # noqa: PTH112  # a path of any length, never raises
        raise ImageError(
            tr("The folder {name} cannot be found.", name=name), tr("Choose another folder.")
        )
    listed = list_images((folder,), ctx, nested=nested, unread=unread)
    if not listed.paths:
        raise ImageError(
            tr("There is no picture in {name}.", name=name), tr("Choose another folder.")
        )
    return listed


def make_thumbnails(
    images: tuple[ImageRef, ...],
    ctx: Context,
    kept: Callable[[ImageRef], Picture | None] = lambda image: None,
) -> ThumbnailSheet:
    """Return small pictures of many files, streaming as they come.

    ``kept`` returns a picture that is at hand already, None where its file must be read.
    """
    made: list[tuple[str, ByteArray, str]] = []
    failed: list[tuple[str, str]] = []
    for number, image in enumerate(images):
        ctx.step(number, len(images))
        try:
            picture = kept(image) or load(image, ctx)
        except ImageError as error:
            failed.append((image.path, str(error)))
            continue
        caption = f"{picture.width} × {picture.height}"
        made.append((image.path, frozen(thumbnail(picture)), caption))
        ctx.partial(ThumbnailSheet(thumbnails=tuple(made), failed=tuple(failed)))
    return ThumbnailSheet(thumbnails=tuple(made), failed=tuple(failed))


def _candidates(
    paths: tuple[str, ...], ctx: Context, *, nested: bool
) -> Iterator[tuple[str, bool]]:
    """Yield (path, named by the user) for files, opening folders."""
    for path in paths:
        if not Path(path).is_dir():
            yield path, True
            continue
        entered: set[str] = set()
        waiting = [path]
        while waiting:
            ctx.check()
            folder = waiting.pop()
            place = os.path.realpath(folder)
            if place in entered:
                continue
            entered.add(place)
            files, folders = _inside(folder)
            for name in files:
                yield name, False
            if nested:
                waiting += reversed(folders)


def _inside(folder: str) -> tuple[list[str], list[str]]:
    """Return what is no folder and what is one, in natural order; nothing where it is closed."""
    try:
        with os.scandir(folder) as entries:
            names = sorted((entry.name for entry in entries), key=natural)
    except OSError:
        return [], []
    files: list[str] = []
    folders: list[str] = []
    for name in names:
        path = os.path.join(folder, name)  # noqa: PTH118  # as scandir joins them
        (folders if os.path.isdir(path) else files).append(path)  # noqa: PTH112
    return files, folders


def _looks_it(path: str) -> bool:
    """Tell whether a file is a picture by its name; not one that a system hides beside pictures."""
    name = Path(path)
    return name.suffix.lower() in _ENDINGS and not name.name.startswith(".")


def _why_not(path: str) -> str:
    """Return why the file is no picture, empty if it may be one."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return _NO_FILE
        with Path(path).open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or tr("cannot be read")
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    heif = head[4:8] == b"ftyp" and head[8:12] in _BRANDS
    return "" if webp or heif or head.startswith(_MAGIC) else tr("not a picture")

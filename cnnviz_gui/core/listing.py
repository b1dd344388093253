"""Which of the files and folders that were dropped are pictures."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import ImageError
from cnnviz_gui.core.images import load, thumbnail
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray, ListedImages, ThumbnailSheet, frozen

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


def list_images(paths: tuple[str, ...], ctx: Context) -> ListedImages:
    """Return the pictures among ``paths`` and in the folders among them, one level deep.

    Only the first bytes of each file are read. A file that was named is never skipped in silence;
    in a folder whatever is no picture is passed over without a word.
    """
    found: list[str] = []
    skipped: list[tuple[str, str]] = []
    for number, (path, named) in enumerate(_candidates(paths)):
        if number % 64 == 0:
            ctx.step(len(found), max(MAX_IMAGES, len(found)))
        if len(found) == MAX_IMAGES:
            return ListedImages(paths=tuple(found), skipped=tuple(skipped), truncated=True)
        reason = _why_not(path)
        if not reason:
            found.append(path)
        elif named:
            skipped.append((path, reason))
    return ListedImages(paths=tuple(found), skipped=tuple(skipped), truncated=False)


def in_folder(folder: str, ctx: Context) -> ListedImages:
    """Return the pictures in a folder.

    Raises
    ------
    ImageError
        There is no such folder, or no picture in it.
    """
    name = Path(folder).name or folder
    if not os.path.isdir(folder):  # noqa: PTH112  # a path of any length, never raises
        raise ImageError(f"The folder {name} cannot be found.", "Choose another folder.")
    listed = list_images((folder,), ctx)
    if not listed.paths:
        raise ImageError(f"There is no picture in {name}.", "Choose another folder.")
    return listed


def make_thumbnails(images: tuple[ImageRef, ...], ctx: Context) -> ThumbnailSheet:
    """Return small pictures of many files, streaming as they come."""
    made: list[tuple[str, ByteArray, str]] = []
    for number, image in enumerate(images):
        ctx.step(number, len(images))
        try:
            picture = load(image, ctx)
        except ImageError:
            continue
        caption = f"{picture.width} × {picture.height}"
        made.append((image.path, frozen(thumbnail(picture)), caption))
        ctx.partial(ThumbnailSheet(thumbnails=tuple(made)))
    return ThumbnailSheet(thumbnails=tuple(made))


def _candidates(paths: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """Yield (path, named by the user) for files, opening folders."""
    for path in paths:
        if not Path(path).is_dir():
            yield path, True
            continue
        try:
            with os.scandir(path) as entries:
                names = sorted(entry.path for entry in entries)
        except OSError:
            continue
        for name in names:
            if not Path(name).is_dir():
                yield name, False


def _why_not(path: str) -> str:
    """Return why the file is no picture, empty if it may be one."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return "not a regular file"
        with Path(path).open("rb") as file:
            head = file.read(16)
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or "cannot be read"
    webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    heif = head[4:8] == b"ftyp" and head[8:12] in _BRANDS
    return "" if webp or heif or head.startswith(_MAGIC) else "not a picture"

"""How pictures come in by drop and paste."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject, QThreadPool, QUrl, Signal
from PySide6.QtGui import QImage

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.texts import tr

MOST_KEPT = 200
"""Pictures that came without a file, kept from run to run."""
_ENCODED = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a drop or the clipboard holds: files first, then image data, then an address."""

    paths: tuple[str, ...] = ()
    data: bytes = b""
    image: QImage | None = None
    url: str = ""

    @property
    def anything(self) -> bool:
        """Whether there is something that could be a picture."""
        return bool(self.paths or self.data or self.image is not None or self.url)


def offered(mime: QMimeData) -> bool:
    """Tell cheaply, while something is dragged over the window, whether it could be taken."""
    return mime.hasUrls() or mime.hasImage() or _address(mime) != ""


def read(mime: QMimeData | None) -> Offer:
    """Return what can be taken from a drop or the clipboard; None, of an empty one, has nothing."""
    if mime is None:
        return Offer()
    paths = tuple(url.toLocalFile() for url in mime.urls() if url.isLocalFile())
    if paths:
        return Offer(paths=paths)
    for kind in _ENCODED:
        if mime.hasFormat(kind) and mime.data(kind).size():
            return Offer(data=bytes(mime.data(kind).data()))
    if mime.hasImage():
        image = QImage(mime.imageData())
        if not image.isNull():
            return Offer(image=image)
    return Offer(url=_address(mime))


def _address(mime: QMimeData) -> str:
    """Return the first web or data address, as a browser gives it when a picture is dragged."""
    texts = [url.toString() for url in mime.urls()]
    if mime.hasText():
        texts.append(mime.text().strip())
    schemes = ("http", "https", "data")
    return next((text for text in texts if QUrl(text).scheme() in schemes), "")


class Spool(QObject):
    """Keeps pictures that came without a file as files, named by their bytes.

    Encoding and writing happen on a thread of the pool, one picture after the other, so that a
    large one does not hold up the window. Of what earlier runs kept, the newest remain.
    """

    kept = Signal(object)
    """The path of the file, a string."""
    failed = Signal(object)
    """A sentence."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._pool.start(functools.partial(_thin_out, folder))

    def keep(self, data: bytes, image: QImage | None) -> None:
        """Keep encoded bytes or, without any, an image; ``kept`` or ``failed`` follows."""
        self._pool.start(functools.partial(self._run, data, image))

    def _run(self, data: bytes, image: QImage | None) -> None:
        # On a thread of the pool, where an exception would be heard by nobody.
        try:
            self.kept.emit(str(_write(self.folder, data or _encoded(image))))
        except OutputError as error:
            self.failed.emit(str(error))
        except Exception as error:
            reason = str(error) or type(error).__name__
            self.failed.emit(
                tr(
                    "The picture cannot be kept: {reason}. Save it and open the file.",
                    reason=reason,
                )
            )

    def close(self, timeout_ms: int) -> bool:
        """Wait for what is being written, so long at most, and return whether it is."""
        return self._pool.waitForDone(timeout_ms)


def _thin_out(folder: Path) -> None:
    """Delete the oldest files beyond those that are kept from run to run."""
    with contextlib.suppress(OSError):
        files = [entry for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
        files.sort(key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
        for entry in files[MOST_KEPT:]:
            Path(entry.path).unlink()


def _encoded(image: QImage | None) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image is None or not image.save(buffer, "PNG"):
        raise OutputError(tr("The picture cannot be taken over."), tr("Save it and open the file."))
    return bytes(buffer.data().data())


def _write(folder: Path, data: bytes) -> Path:
    # numpy comes with it, which the first paint does not wait for.
    from cnnviz_gui.core.files import write_atomically

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            tr("The picture cannot be kept: {reason}.", reason=error.strerror),
            tr("Save it and open the file."),
        ) from None
    path = folder / f"pasted-{hashlib.sha256(data).hexdigest()[:16]}"
    write_atomically(path, data)
    return path


def host(url: str) -> str:
    """Return the host an address leads to, for the question whether to ask it."""
    return QUrl(url).host() or url

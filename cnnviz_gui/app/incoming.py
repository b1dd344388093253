"""How pictures come in by drop and paste."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject, QThreadPool, QUrl, Signal, Slot
from PySide6.QtGui import QImage

from cnnviz_gui.core.errors import OutputError

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


def read(mime: QMimeData) -> Offer:
    """Return what can be taken from a drop or the clipboard."""
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

    Encoding and writing happen on a thread of the pool, so that a large picture does not hold up
    the window.
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
        self._work: tuple[bytes, QImage | None] = (b"", None)

    def keep(self, data: bytes, image: QImage | None) -> None:
        """Keep encoded bytes or, without any, an image; ``kept`` or ``failed`` follows."""
        self._work = (data, image)
        self._pool.start(self._run)

    @Slot()
    def _run(self) -> None:
        data, image = self._work
        try:
            self.kept.emit(str(_write(self.folder, data or _encoded(image))))
        except OutputError as error:
            self.failed.emit(str(error))

    def close(self) -> None:
        """Wait for what is being written."""
        self._pool.waitForDone()


def _encoded(image: QImage | None) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if image is None or not image.save(buffer, "PNG"):
        raise OutputError("The picture cannot be taken over.", "Save it and open the file.")
    return bytes(buffer.data().data())


def _write(folder: Path, data: bytes) -> Path:
    # numpy comes with it, which the first paint does not wait for.
    from cnnviz_gui.core.files import write_atomically

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The picture cannot be kept: {error.strerror}.", "Save it and open the file."
        ) from None
    path = folder / f"pasted-{hashlib.sha256(data).hexdigest()[:16]}"
    write_atomically(path, data)
    return path


def host(url: str) -> str:
    """Return the host an address leads to, for the question whether to ask it."""
    return QUrl(url).host() or url

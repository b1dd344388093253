"""Draw every icon file from ``resources/icons/cnnviz.svg``: PNG, .ico and .icns.

Run it after that drawing has changed, and commit what it writes::

    python packaging/make_icons.py

Only the symbolic icon is a drawing of its own: in one colour nothing of the other would be left.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
from pathlib import Path

from PIL import Image

PROJECT = Path(__file__).parents[1]
DRAWING = PROJECT / "resources" / "icons" / "cnnviz.svg"
NAME = "org.cnnviz.CnnvizGui"
LINUX = (16, 24, 32, 48, 64, 128, 256, 512)
WINDOWS = (16, 20, 24, 32, 40, 48, 64, 128, 256)
MACOS = (16, 32, 64, 128, 256, 512, 1024)

_SIDE, _PLATE = 128.0, 120.0
"""Sides of the drawing and of the dark plate in its middle."""
_SMALL = 24
"""Up to this size each pixel counts, and the plate reaches the border."""
_MACOS_PLATE = 824 / 1024
"""What share of an icon's side Apple's template gives to the plate; the rest is shadow."""


def draw(size: int, plate: float | None = None) -> Image.Image:
    """Return the drawing as a square picture; ``plate`` is the share of the dark plate."""
    from PySide6.QtCore import QBuffer, QRectF
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    if plate is None:
        plate = 1.0 if size <= _SMALL else _PLATE / _SIDE
    side = _PLATE / plate
    renderer = QSvgRenderer(str(DRAWING))
    renderer.setViewBox(QRectF((_SIDE - side) / 2, (_SIDE - side) / 2, side, side))
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGBA")


def write(folder: Path) -> None:
    """Write all icons below ``folder``, which stands for ``packaging``."""
    hicolor = folder / "linux" / "icons" / "hicolor"
    for size in LINUX:
        path = hicolor / f"{size}x{size}" / "apps" / f"{NAME}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(size).save(path, optimize=True)
    scalable = hicolor / "scalable" / "apps" / f"{NAME}.svg"
    scalable.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DRAWING, scalable)
    _write_all(folder / "windows" / "icon.ico", [draw(size) for size in WINDOWS])
    _write_all(folder / "macos" / "icon.icns", [draw(size, _MACOS_PLATE) for size in MACOS])


def _write_all(path: Path, pictures: list[Image.Image]) -> None:
    """Write the sizes into one file; each is drawn for itself, none is made from another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    largest = pictures[-1]
    sizes = {"sizes": [picture.size for picture in pictures]} if path.suffix == ".ico" else {}
    largest.save(path, append_images=pictures[:-1], **sizes)


def main() -> None:
    """Draw them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=PROJECT / "packaging", help="another folder")
    folder = parser.parse_args().out
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    application = QGuiApplication([])
    write(folder)
    del application


if __name__ == "__main__":
    main()

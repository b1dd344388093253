"""Which picture is meant: its thumbnail and its name, on one line."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import ElidedLabel
from cnnviz_gui.texts import tr


class PictureName(QWidget):
    """``on chelsea.png`` beside the picture itself; the name alone where there is no thumbnail."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thumbnail = _Thumbnail()
        self._title = ElidedLabel("", "caption", "text2", mode=Qt.TextElideMode.ElideMiddle)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(self._thumbnail)
        row.addWidget(self._title, 1)

    def text(self) -> str:
        """Return what stands there."""
        return self._title.text()

    def show_picture(self, title: str, thumbnail: ByteArray | None) -> None:
        """Show a picture; an empty title for none."""
        self._title.setText(tr("on {title}", title=title) if title else "")
        self._thumbnail.show_pixels(thumbnail if title else None)


class _Thumbnail(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._pixels: ByteArray | None = None
        self._pixmap = QPixmap()
        self.setFixedSize(theme.CONTROL, theme.CONTROL)
        self.hide()

    def show_pixels(self, pixels: ByteArray | None) -> None:
        if pixels is self._pixels:
            return
        from cnnviz_gui.panels.convert import to_qimage

        self._pixels = pixels
        self._pixmap = QPixmap() if pixels is None else QPixmap.fromImage(to_qimage(pixels))
        self.setVisible(pixels is not None)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        shape = QPainterPath()
        shape.addRoundedRect(self.rect(), theme.R_TILE, theme.R_TILE)
        painter.setClipPath(shape)
        whole = self._pixmap.rect()
        side = min(whole.width(), whole.height())
        middle = QRect(0, 0, side, side)
        middle.moveCenter(whole.center())
        painter.drawPixmap(self.rect(), self._pixmap, middle)

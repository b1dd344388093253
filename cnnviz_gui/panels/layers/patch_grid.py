"""Small pictures of patches in rows; one of them is opened by click or Return."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.layer_results import Patch

_COLUMNS = 4
_CAPTION = 18
_INSET = theme.RING + theme.RING_GAP


class PatchGrid(QWidget):
    """Four patches a row, the strongest first, its value below each."""

    chosen = Signal(object)
    """The path of the picture to open."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._patches: tuple[Patch, ...] = ()
        self._images: dict[int, QImage] = {}
        self._marked = 0
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.update)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        painting.name(self, tr("Patches that excite it most"))

    def set_patches(self, patches: Sequence[Patch]) -> None:
        """Show patches, the strongest first."""
        self._patches = tuple(patches)
        kept = {id(patch) for patch in self._patches}
        self._images = {key: image for key, image in self._images.items() if key in kept}
        self._marked = min(self._marked, max(0, len(self._patches) - 1))
        said = [f"{PurePath(p.path).name} {fmt.significant(p.value)}" for p in self._patches]
        tell(self, "; ".join(said))
        self.setMinimumHeight(self.heightForWidth(self.width()))
        self.updateGeometry()
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Dim the patches while others are being looked for."""
        self._dimming.set_stale(stale)

    def count(self) -> int:
        """Return how many patches are shown."""
        return len(self._patches)

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        rows = -(-len(self._patches) // _COLUMNS)
        return rows * (self._side(width) + _CAPTION + 4) + 2 * _INSET if rows else 0

    def sizeHint(self) -> QSize:
        """Return the size in a dock."""
        return QSize(240, self.heightForWidth(max(240, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for all rows."""
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def _side(self, width: int) -> int:
        return (width - 2 * _INSET - (_COLUMNS - 1) * theme.INSIDE) // _COLUMNS

    def tile_rect(self, place: int) -> QRect:
        """Return where a patch lies."""
        side = self._side(self.width())
        row, column = divmod(place, _COLUMNS)
        left = _INSET + column * (side + theme.INSIDE)
        return QRect(left, _INSET + row * (side + _CAPTION + 4), side, side)

    def _place_at(self, at: QPoint) -> int | None:
        tiles = (self.tile_rect(place) for place in range(len(self._patches)))
        return next((place for place, tile in enumerate(tiles) if tile.contains(at)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Mark the patch under the hand."""
        place = self._place_at(event.position().toPoint())
        if place is not None:
            self._marked = place
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open the picture of the patch that was pressed."""
        place = self._place_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place == self._marked:
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the mark, or open."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -_COLUMNS,
            Qt.Key.Key_Down: _COLUMNS,
        }
        key = Qt.Key(event.key())
        if key in steps and 0 <= self._marked + steps[key] < len(self._patches):
            self._marked += steps[key]
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        elif key not in steps:
            super().keyPressEvent(event)

    def _open(self) -> None:
        if self._marked < len(self._patches):
            self.chosen.emit(self._patches[self._marked].path)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the mark."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the mark."""
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tell of the patch under the cursor."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_at(event.pos())
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), said_of(self._patches[place]), self)
            return True
        return bool(super().event(event))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the patches, their values and the mark."""
        painter = painting.begin(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ground = theme.color("panel")
        for place, patch in enumerate(self._patches):
            rect = self.tile_rect(place)
            image = self._image(patch)
            fitted = QRect(QPoint(), image.size().scaled(rect.size(), _FIT))
            fitted.moveCenter(rect.center())
            painter.setOpacity(self._dimming.opacity)
            painting.box(painter, rect, theme.R_TILE, "raised")
            painter.drawImage(fitted, image)
            painter.setOpacity(1.0)
            picture_paint.round_corners(painter, QRectF(rect), theme.R_TILE, ground)
            below = QRect(rect.left(), rect.bottom() + 2, rect.width(), _CAPTION)
            written = fmt.significant(patch.value)
            painting.text(painter, below, written, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)
            if place == self._marked and self.hasFocus():
                outer = rect.adjusted(-_INSET, -_INSET, _INSET, _INSET)
                painting.ring(painter, outer, theme.R_CONTROL)

    def _image(self, patch: Patch) -> QImage:
        if id(patch) not in self._images:
            self._images[id(patch)] = to_qimage(patch.pixels)
        return self._images[id(patch)]


_FIT = Qt.AspectRatioMode.KeepAspectRatio


def said_of(patch: Patch) -> str:
    """Return what is told of a patch: name, value, place."""
    left, top, right, bottom = patch.box
    size = f"{right - left} {fmt.TIMES} {bottom - top}"
    value = f"{patch.value:.6g}"
    lines = (
        PurePath(patch.path).name,
        tr(
            "value {value}, row {row}, column {column}",
            value=value,
            row=patch.row,
            column=patch.column,
        ),
        tr("{size} pixels from ({left}, {top})", size=size, left=left, top=top),
        tr("Click to open the picture."),
    )
    return "\n".join(lines)

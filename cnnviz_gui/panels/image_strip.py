"""The pictures at hand as a row of thumbnails; paints only what is visible of thousands."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.state.app_state import AppState, StripEntry
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.state.pictures_at_hand import following
from cnnviz_gui.texts import ntr, tr

_TILE = 40
_STEP = 52
_EDGE = 6
_FADE = 20
_CARET = 12
_GLYPH = 20


class ImageStrip(QAbstractScrollArea):
    """Thumbnails; a click opens, the arrows step, the plus at the end and Insert ask for more."""

    opened = Signal(object)
    """The ``ImageRef`` to open."""
    closed = Signal(object)
    """The ``ImageRef`` to close."""
    others_closed = Signal(object)
    """The ``ImageRef`` that alone is to stay."""
    added = Signal()
    """The user wants to choose a file."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._state = state
        self._pixmaps: dict[str, tuple[ByteArray, QPixmap]] = {}
        self._paths: list[str] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(_TILE + 2 * _EDGE)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Pictures at hand"))
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        state.observe(self._on_state_changed)
        theme.notifier.changed.connect(self.viewport().update)

    def sizeHint(self) -> QSize:
        """Return the width of all tiles; the layout may give less."""
        tiles = len(self._state.shared.strip) + 1
        return QSize(min(tiles, 12) * _STEP + _EDGE, _TILE + 2 * _EDGE)

    def minimumSizeHint(self) -> QSize:
        """Return room for two tiles."""
        return QSize(2 * _STEP + _EDGE, _TILE + 2 * _EDGE)

    def _on_state_changed(self, changes: Changes) -> None:
        if "strip" in changes:
            paths = [entry.ref.path for entry in self._state.shared.strip]
            here = set(paths)
            self._pixmaps = {path: made for path, made in self._pixmaps.items() if path in here}
            self.updateGeometry()
            self._set_range()
            others, self._paths = paths != self._paths, paths  # not only a new thumbnail
        else:
            others = False
        if changes & {"strip", "image", "pending_image"}:
            self._describe()
            self.viewport().update()
        if others or "image" in changes:
            self._show_current()

    def _describe(self) -> None:
        at = self._current()
        names = [entry.title for entry in self._state.shared.strip]
        said = ntr("{n} picture", "{n} pictures", len(names))
        if at >= 0:
            said = tr("{pictures}, {name} is open", pictures=said, name=names[at])
        problems = [entry.problem for entry in self._state.shared.strip if entry.problem]
        tell(self, " ".join((f"{said}.", *problems)) if problems else said)

    def _current(self) -> int:
        image = self._state.selection.image
        paths = [entry.ref.path for entry in self._state.shared.strip]
        return paths.index(image.path) if image is not None and image.path in paths else -1

    def _room(self) -> int:
        """Return the width for the tiles: the plus is always in sight."""
        return self.viewport().width() - _STEP

    def _set_range(self) -> None:
        bar = self.horizontalScrollBar()
        width = len(self._state.shared.strip) * _STEP + _EDGE
        bar.setRange(0, max(0, width - self._room()))
        bar.setPageStep(max(1, self._room()))

    def _show_current(self) -> None:
        at, bar = self._current(), self.horizontalScrollBar()
        if at >= 0:
            left = at * _STEP
            # Clear of the fading ends, beyond which the row goes on.
            least, most = left + _STEP + _FADE - self._room(), left - _FADE
            bar.setValue(min(max(bar.value(), least), most) if least <= most else left)

    def _rect(self, place: int) -> QRect:
        left = _EDGE + place * _STEP - self.horizontalScrollBar().value()
        return QRect(left, _EDGE, _TILE, _TILE)

    def _place(self, position: QPoint) -> int:
        place = (position.x() + self.horizontalScrollBar().value() - _EDGE) // _STEP
        count = len(self._state.shared.strip)
        if self._plus().contains(position):
            return count
        inside = 0 <= place < count and position.x() < self._plus().left()
        return place if inside and self._rect(place).contains(position) else -1

    def _plus(self) -> QRect:
        """Return where more pictures are asked for: after the last, or at the edge."""
        rect = self._rect(len(self._state.shared.strip))
        rect.moveLeft(max(_EDGE, min(rect.left(), self._room() + _EDGE)))
        return rect

    def _entry(self, place: int) -> StripEntry | None:
        strip = self._state.shared.strip
        return strip[place] if 0 <= place < len(strip) else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll no further than there are tiles; the open picture stays in sight."""
        super().resizeEvent(event)
        self._set_range()
        self._show_current()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Repaint: the tiles are drawn where the scroll bar stands."""
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles in view."""
        painter = painting.begin(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        current = self._current()
        first = max(0, self.horizontalScrollBar().value() // _STEP)
        last = first + self.viewport().width() // _STEP + 2
        painter.setClipRect(0, 0, self._plus().left() - 4, self.height())
        for place, entry in enumerate(self._state.shared.strip[first:last], first):
            rect = self._rect(place)
            self._paint_tile(painter, rect, entry)
            if place == current:
                grown = rect.adjusted(-3, -3, 3, 3)
                painting.ring(painter, grown, theme.R_TILE + 3)
        self._paint_ends(painter)
        painter.setClipping(False)
        self._paint_plus(painter, self._plus())

    def _paint_ends(self, painter: QPainter) -> None:
        """Let the row fade where it goes on."""
        bar, right = self.horizontalScrollBar(), self._plus().left() - 4
        ground = theme.color("window")
        clear = theme.color("window")
        clear.setAlpha(0)
        for goes_on, start, end in (
            (bar.value() > 0, 0, _FADE),
            (bar.value() < bar.maximum(), right, right - _FADE),
        ):
            if goes_on:
                shade = QLinearGradient(start, 0, end, 0)
                shade.setColorAt(0, ground)
                shade.setColorAt(1, clear)
                painter.fillRect(QRect(min(start, end), 0, _FADE, self.height()), shade)
                glyph = QRect(0, 0, _CARET, _CARET)
                glyph.moveCenter(QPoint((3 * start + end) // 4, _EDGE + _TILE // 2))
                name = "caret-left" if start < end else "caret-right"
                icons.paint(painter, glyph, name, theme.color("text2"))

    def _paint_tile(self, painter: QPainter, rect: QRect, entry: StripEntry) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(rect, theme.R_TILE, theme.R_TILE)
        if entry.thumbnail is None or entry.problem:
            _paint_sign(painter, rect, broken=bool(entry.problem))
            return
        painter.save()
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        painter.drawPixmap(rect, self._pixmap(entry))
        painter.restore()

    def _pixmap(self, entry: StripEntry) -> QPixmap:
        from cnnviz_gui.panels.convert import to_qimage

        assert entry.thumbnail is not None
        made = self._pixmaps.get(entry.ref.path)
        if made is None or made[0] is not entry.thumbnail:
            made = entry.thumbnail, QPixmap.fromImage(to_qimage(entry.thumbnail))
            self._pixmaps[entry.ref.path] = made
        return made[1]

    def _paint_plus(self, painter: QPainter, rect: QRect) -> None:
        pen = painter.pen()
        pen.setColor(theme.color("line_strong"))
        pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), theme.R_TILE, theme.R_TILE)
        glyph = QRect(0, 0, 16, 16)
        glyph.moveCenter(rect.center())
        icons.paint(painter, glyph, "plus", theme.color("text2"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the picture under the cursor, or ask for more."""
        place = self._place(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or place < 0:
            return
        entry = self._entry(place)
        if entry is None:
            self.added.emit()
        else:
            self.opened.emit(entry.ref)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrows, close one with Delete, ask for more with Insert.

        Where no picture of the strip is open the arrows begin at the ends.
        """
        strip, at = self._state.shared.strip, self._current()
        count = len(strip)
        moves = {
            Qt.Key.Key_Left: (at if at >= 0 else count, -1),
            Qt.Key.Key_Right: (at, 1),
            Qt.Key.Key_Home: (-1, 1),
            Qt.Key.Key_End: (count, -1),
        }
        entry = self._entry(at)
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Close) and entry is not None:
            self.closed.emit(entry.ref)
        elif event.key() == Qt.Key.Key_Insert:
            self.added.emit()
        elif event.key() in moves and (to := following(strip, *moves[event.key()])) is not None:
            self.opened.emit(to.ref)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways with any wheel."""
        delta = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (delta.y() or delta.x()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to close the picture, or all but this one."""
        entry = self._entry(self._place(event.pos()))
        if entry is None:
            return
        menu = QMenu(self)
        close = menu.addAction(tr("Close {title}", title=entry.title))
        others = menu.addAction(tr("Close other pictures"))
        others.setEnabled(len(self._state.shared.strip) > 1)
        chosen = menu.exec(event.globalPos())
        menu.deleteLater()
        if chosen is close:
            self.closed.emit(entry.ref)
        elif chosen is others:
            self.others_closed.emit(entry.ref)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the name of the picture under the cursor."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self._place(event.pos())
            entry = self._entry(place)
            plus = _more() if place >= 0 else ""
            text = _tip(entry) if entry is not None else plus
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)


def _paint_sign(painter: QPainter, rect: QRect, *, broken: bool) -> None:
    """Draw the tile of a picture that waits to be read, or that cannot be."""
    painting.box(painter, rect, theme.R_TILE, "raised", "line_strong" if broken else "line")
    glyph = QRect(0, 0, _GLYPH, _GLYPH)
    glyph.moveCenter(rect.center())
    name, token = ("image-broken", "warning") if broken else ("image", "text3")
    icons.paint(painter, glyph, name, theme.color(token))


def _tip(entry: StripEntry) -> str:
    """Return the name of a picture, and what is known of it or why it cannot be read."""
    return f"{entry.title}\n{entry.problem or entry.caption}".strip()


def _more() -> str:
    """Return what the plus does, with the keys that do the same."""
    for key in KEYS.of("open_files")[:1]:
        return tr("Open pictures ({key} or Insert)", key=KEYS.native(key))
    return tr("Open pictures (Insert)")


def entry_of(state: AppState, ref: ImageRef | None) -> StripEntry | None:
    """Return the entry of a picture, None where it is not on the strip."""
    if ref is None:
        return None
    return next((e for e in state.shared.strip if e.ref.path == ref.path), None)

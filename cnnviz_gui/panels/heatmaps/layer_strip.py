"""The same heat map at every layer, as a row of small pictures; a click chooses the layer."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.core import render
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.heatmap_results import HeatmapLayersResult, LayerMap
from cnnviz_gui.core.look import Look, laid
from cnnviz_gui.core.request import HeatmapLayers
from cnnviz_gui.core.resize import resize_bilinear
from cnnviz_gui.core.save_work import Film
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, painting
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.dimming import Dimming
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.overlays import look
from cnnviz_gui.panels.spoken import tell
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_plan import GUIDE, strip_guide
from cnnviz_gui.state.heatmap_view import seen
from cnnviz_gui.state.layer_tree import strip_layers
from cnnviz_gui.state.plan import effective_layer
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "layer",
        "stage",
        "heatmap_method",
        "opacity",
        "heatmap_colours",
        "photograph",
        "photograph_signed",
        "finding.predict",
        "finding.heatmap-layers",
    }
)
_SIDE = 96
_TITLE = 24
_LABEL = 18
_SCALE = 20
_LARGEST = 56
_GAP = 8
_LANE = "heatmap-layers"
_TURN_SECONDS = 0.004
"""After this long with thumbnails the others wait for the next turn of the event loop."""


class LayerStrip(QWidget):
    """Thumbnails from the first layer to the last; arrows step, a click chooses."""

    again = Signal(object)
    """The lane to go on with."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._state = state
        self._tiles: dict[str, QImage] = {}
        self._made: dict[str, tuple[LayerMap, ByteArray, Look]] = {}
        self._fresh: frozenset[str] = frozenset()
        """Layers whose thumbnail answers the latest question."""
        self._facts: ModelFacts | None = None
        self._layers: tuple[str, ...] = ()
        self._shrunk: tuple[ByteArray, ByteArray] | None = None
        self._text: tuple[tuple[object, ...], QPixmap] | None = None
        self._drawn: tuple[object, ...] = ()
        self._dimming = Dimming(self)
        self._dimming.changed.connect(self.update)
        self._version = 0
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._draw)
        self._go_on = Button(tr("Continue"), parent=self)
        self._go_on.goes_on = True
        self._go_on.setCursor(Qt.CursorShape.ArrowCursor)
        self._go_on.clicked.connect(partial(self.again.emit, _LANE))
        self._go_on.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Heat maps of every layer"))
        theme.notifier.changed.connect(self._on_theme_changed)
        state.observe(self._on_state_changed)

    def sizeHint(self) -> QSize:
        """Return room for title, tiles, names and scales."""
        return QSize(400, _TITLE + self._side() + _LABEL + _SCALE + 8)

    def resizeEvent(self, event: object) -> None:
        """Let the height follow the size of the tiles."""
        self.setFixedHeight(self.sizeHint().height())
        self._go_on.setFixedSize(self._go_on.sizeHint().width(), _TITLE - 2)
        self._go_on.move(self.width() - self._go_on.width() - 1, 0)

    def _on_theme_changed(self) -> None:
        self._made.clear()
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "heatmaps":
            self._draw()

    def _names(self) -> tuple[str, ...]:
        """Return the layers of the row; found once a network, since every tile asks."""
        facts = self._state.shared.facts
        if facts is not self._facts:
            self._facts = facts
            self._layers = strip_layers(facts) if facts is not None else ()
        return self._layers

    def _current(self) -> str:
        facts = self._state.shared.facts
        return effective_layer(self._state.selection, facts) if facts is not None else ""

    def _around(self) -> str:
        """Return the tile that stands for a chosen layer which has none: what it is part of.

        Else the last tile before it; empty where the layer has a tile of its own.
        """
        facts, names, current = self._state.shared.facts, self._names(), self._current()
        if facts is None or not current or current in names:
            return ""
        part_of = [name for name in names if current in facts.inside(name)]
        if part_of:
            return part_of[-1]
        order = [layer.name for layer in facts.layers]
        before = order[: order.index(current)] if current in order else []
        return next((name for name in reversed(before) if name in names), "")

    def _side(self) -> int:
        count = max(1, len(self._names()))
        return max(16, min(_LARGEST, (max(self.width(), 200) + _GAP) // count - _GAP))

    def _rect(self, place: int) -> QRect:
        count = max(1, len(self._names()))
        side = self._side()
        step = (self.width() - side - 6) / max(1, count - 1) if count > 1 else 0
        step = min(step, side + 2 * _GAP)
        return QRect(3 + round(place * step), _TITLE + 3, side, side)

    @Slot()
    def _draw(self) -> None:
        """Make the thumbnails that are new; then repaint."""
        picture, value = seen(self._state), self._found()
        self._go_on.setVisible(self._state.finding(_LANE).halted)
        if picture is None or value is None:
            self._tiles.clear()
            self._made.clear()
            self._version += 1
        else:
            end = time.perf_counter() + _TURN_SECONDS
            for layer_map in value.maps:
                if self._make(layer_map, picture) and time.perf_counter() > end:
                    self._rest.start(0)
                    break
        self._note_fresh(value)
        self.setFixedHeight(self.sizeHint().height())
        tell(
            self,
            tr(
                "{count} layers, {layer} is chosen", count=len(self._names()), layer=self._current()
            ),
        )
        drawn = (self._title(), self._current(), self._version, self._fresh)
        if drawn != self._drawn:
            self._drawn = drawn
            self.update()

    def _note_fresh(self, found: HeatmapLayersResult | None) -> None:
        """Note which thumbnails answer the latest question; the others recede, or go in the end."""
        finding = self._state.finding(_LANE)
        maps = found.maps if found is not None and finding.current else ()
        if finding.current and finding.status in ("done", "stopped"):
            for name in self._tiles.keys() - {one.layer for one in maps}:
                del self._tiles[name], self._made[name]
                self._version += 1
        made = {name: key[0] for name, key in self._made.items()}
        self._fresh = frozenset(one.layer for one in maps if made.get(one.layer) is one)
        self._dimming.set_stale(bool(self._tiles.keys() - self._fresh))

    def film(self, picture: ByteArray) -> Film | None:
        """Return the animation from the first layer to the last; None until all have a map."""
        found, finding = self._found(), self._state.finding(_LANE)
        if found is None or finding.status != "done" or not found.maps:
            return None
        drawn = look(self._state)
        return Film(tuple(partial(_laid, one, picture, drawn) for one in found.maps))

    def _found(self) -> HeatmapLayersResult | None:
        """Return the maps of the picture and network in use, whichever there are so far.

        None where the work was stopped before it had any: older ones would be taken for its own.
        """
        finding, selection = self._state.finding(_LANE), self._state.selection
        if finding.halted and not finding.current:
            return None
        request, value = finding.request, finding.value
        if not isinstance(request, HeatmapLayers) or not isinstance(value, HeatmapLayersResult):
            return None
        asked = request.heatmap
        mine = (asked.model, asked.image) == (selection.model, selection.image)
        return value if mine else None

    def _small(self, picture: ByteArray) -> ByteArray:
        """Return the picture at the size of the thumbnails."""
        if self._shrunk is None or self._shrunk[0] is not picture:
            small = np.rint(resize_bilinear(picture, (_SIDE, _SIDE))).astype(np.uint8)
            self._shrunk = picture, small
        return self._shrunk[1]

    def _make(self, layer_map: LayerMap, picture: ByteArray) -> bool:
        """Make a thumbnail unless it is there; return whether it was made."""
        key = (layer_map, picture, look(self._state))
        old = self._made.get(layer_map.layer)
        if old is not None and old[0] is layer_map and old[1] is picture and old[2:] == key[2:]:
            return False
        self._made[layer_map.layer] = key
        small = self._small(picture)
        self._tiles[layer_map.layer] = to_qimage(_laid(layer_map, small, key[2]))
        self._version += 1
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, tiles, names, and below them which share a resolution."""
        painter = painting.begin(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(0, 0, self._words())
        self._paint_title(painter)
        current, around = self._current(), self._around()
        for place, name in enumerate(self._names()):
            rect = self._rect(place)
            tile = self._tiles.get(name)
            painter.setOpacity(1.0 if name in self._fresh else self._dimming.opacity)
            if tile is None:
                painting.box(painter, rect, theme.R_TILE, "raised")
            else:
                painter.drawImage(rect, tile)
            painter.setOpacity(1.0)
            if name in (current, around):
                frame = rect.adjusted(-3, -3, 3, 3)
                painting.ring(painter, frame, theme.R_TILE + 3, dotted=name != current)
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)

    def _words(self) -> QPixmap:
        """Return names and scales as one picture; they change less often than maps and title."""
        names, current, ratio = self._names(), self._current(), self.devicePixelRatioF()
        key = (self.size(), ratio, theme.current().name, names, current)
        if self._text is None or self._text[0] != key:
            drawn = QPixmap(self.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            for place, name in enumerate(names):
                self._paint_name(painter, self._rect(place), name, name == current)
            self._paint_scales(painter, names)
            painter.end()
            self._text = key, drawn
        return self._text[1]

    def _paint_title(self, painter: QPainter) -> None:
        room = self._go_on.x() - theme.INSIDE if self._go_on.isVisibleTo(self) else self.width()
        head = QRect(0, 0, room, _TITLE)
        painting.text(painter, head, tr("Layers"), "title", "text1")
        said = tr("{title} · each scaled to its own maximum", title=self._title())
        painting.text(painter, head, said, "caption", "text3", Qt.AlignmentFlag.AlignRight)

    def _title(self) -> str:
        shared = self._state.shared
        method = shared.method("heatmap", self._state.selection.heatmap_method)
        guide = shared.method("heatmap", GUIDE)
        if strip_guide(method, guide) is not None:
            method = guide
        current = self._state.finding(_LANE).current
        known, total = len(self._fresh if current else self._tiles), len(self._names())
        said = (
            tr("{method} of every layer", method=method.title)
            if method
            else tr("Heat map of every layer")
        )
        if known < total:
            counts = {"done": known, "total": total}
            counted = tr("{done} of {total}", **counts)
            if self._state.finding(_LANE).halted:
                counted = tr("stopped at {done} of {total}", **counts)
            said = f"{said}, {counted}"
        around = self._around()
        if not around:
            return said
        return tr(
            "{layer} is marked at {around} · {said}",
            layer=self._current(),
            around=around,
            said=said,
        )

    def _paint_name(self, painter: QPainter, rect: QRect, name: str, current: bool) -> None:
        short = name.rpartition(".")[2] if self._short_names() else name
        where = QRect(rect.left() - 6, rect.bottom() + 2, rect.width() + 12, _LABEL)
        token = "text1" if current else "text2"
        painting.text(painter, where, short, "tick", token, Qt.AlignmentFlag.AlignHCenter)

    def _short_names(self) -> bool:
        """Whether the last parts of the names tell the layers apart."""
        names = self._names()
        return len({name.rpartition(".")[2] for name in names}) == len(names)

    def _paint_scales(self, painter: QPainter, names: tuple[str, ...]) -> None:
        """Draw a bracket under the tiles whose maps have the same size."""
        facts = self._state.shared.facts
        if facts is None:
            return
        sizes = [layer.output_shape[1] if (layer := facts.layer(n)) else 0 for n in names]
        start = 0
        for place in range(1, len(names) + 1):
            if place < len(names) and sizes[place] == sizes[start]:
                continue
            left, right = self._rect(start).left(), self._rect(place - 1).right()
            top = self._rect(start).bottom() + _LABEL + 3
            painter.fillRect(left, top, right - left, 1, theme.color("line_strong"))
            where = QRect(left - 10, top + 1, right - left + 20, _SCALE - 4)
            text = f"{sizes[start]}²"
            painting.text(painter, where, text, "tick", "text3", Qt.AlignmentFlag.AlignHCenter)
            start = place

    def _place(self, position: QPoint) -> int:
        places = range(len(self._names()))
        return next(
            (p for p in places if self._rect(p).adjusted(-4, -4, 4, _LABEL).contains(position)), -1
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the layer under the cursor."""
        self._choose(self._place(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub through the layers while the button is down."""
        self._choose(self._place(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrows."""
        names, current = self._names(), self._current()
        at = names.index(current) if current in names else len(names)
        moves = {
            Qt.Key.Key_Left: at - 1,
            Qt.Key.Key_Right: at + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(names) - 1,
        }
        if event.key() in moves:
            self._choose(moves[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        names = self._names()
        if 0 <= place < len(names):
            self._state.select(layer=names[place])

    def event(self, event: QEvent) -> bool:
        """Tell the layer under the cursor."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place, facts = self._place(event.pos()), self._state.shared.facts
            names = self._names()
            layer = facts.layer(names[place]) if facts is not None and place >= 0 else None
            text = f"{layer.name}, {' × '.join(map(str, layer.output_shape))}" if layer else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _laid(layer_map: LayerMap, under: ByteArray, drawn: Look) -> ByteArray:
    """Return a picture with the map of a layer over it, scaled to the map's own maximum."""
    heat = resize_bilinear(layer_map.coarse, under.shape[:2])
    bound = render.signed_range(heat) or 1.0
    low = -bound if layer_map.signed else 0.0
    return laid(heat, under, drawn, low, bound, signed=layer_map.signed)

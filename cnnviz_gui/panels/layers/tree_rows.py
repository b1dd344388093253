"""How a row of the layer tree looks: icon, name, shape, share."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPixmap, QPixmapCache
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import LayerFacts, ModelFacts, Role
from cnnviz_gui.panels import direction, icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.state.layer_tree import Node
from cnnviz_gui.state.layer_words import Measure, tooltip

Index = QModelIndex | QPersistentModelIndex
NODE = Qt.ItemDataRole.UserRole
"""The ``layer_tree.Node`` of a row."""
_ICONS: dict[Role, str] = {
    "conv": "grid-four",
    "depthwise": "circles-three",
    "linear": "rows",
    "norm": "sliders",
    "activation": "waves",
    "pool": "arrows-in",
    "block": "stack",
    "residual": "arrow-bend-down-right",
    "inverted": "stack",
    "branches": "git-fork",
    "dense": "circles-three-plus",
    "scale": "scales",
    "attention": "eye",
    "add": "plus-circle",
    "cat": "git-merge",
    "reshape": "frame-corners",
    "other": "math-operations",
}
_BAR = 30
_BESIDE = _BAR + 10
"""What a bar takes beside the shape; where names need that room, bars lie below the shapes."""
_NAME = 26
"""From the left of a row to its name, behind the icon."""
_GAP = 6
"""Least between name and shape."""


def icon_of(layer: LayerFacts) -> str:
    """Return the name of a layer's icon; what adds its input to its output has an arrow past it."""
    if layer.skip == "add" and not layer.operation:
        return _ICONS["residual"]
    return _ICONS[layer.role]


class RowPainter(QStyledItemDelegate):
    """Draws icon, name, shape and share of a row; tells everything of it under the cursor."""

    def __init__(self, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._facts: ModelFacts | None = None
        self._measure: Measure = "parameters"
        self._most = 1
        self._beside: dict[tuple[str, int], bool] = {}

    def set_scale(self, facts: ModelFacts | None, measure: Measure, most: int) -> None:
        """Say what the bars measure, and of how much the longest is."""
        self._facts, self._measure, self._most = facts, measure, most
        self._beside.clear()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return QSize(100, theme.ROW)

    def helpEvent(
        self,
        event: QHelpEvent | None,
        view: QAbstractItemView | None,
        option: QStyleOptionViewItem,
        index: Index,
    ) -> bool:
        """Show the facts of a row under the cursor."""
        node = index.data(NODE) if index.isValid() else None
        if event is None or event.type() != QEvent.Type.ToolTip or node is None:
            return False
        if self._facts is not None:
            QToolTip.showText(event.globalPos(), tooltip(node.layer, self._facts), view)
        return True

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the row; its background is the view's.

        Rows are kept as pictures: drawn anew, those in sight take 10 ms whenever one is chosen.
        """
        node = index.data(NODE)
        layer, share = node.layer, self._share(node.layer)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        ratio = painter.device().devicePixelRatio()
        left = direction.placed(option.widget.viewport(), option.rect).left()
        where = QRect(left, 0, option.widget.viewport().width(), option.rect.height())
        beside = self._has_room(index, where)
        row = (
            f"{node.name} {icon_of(layer)} {layer.operation} {layer.output_shape} {share} {beside}"
        )
        key = f"layer row {where.getRect()} {ratio} {theme.current().name} {selected} {row}"
        drawn = QPixmap()
        if not QPixmapCache.find(key, drawn):
            drawn = QPixmap(where.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            with QPainter(drawn) as inner:
                inner.setLayoutDirection(option.direction)
                painting.mirror(inner, QRect(0, 0, where.width(), where.height()))
                _draw(inner, where, node, share, selected=selected, beside=beside)
            QPixmapCache.insert(key, drawn)
        painter.drawPixmap(0, option.rect.top(), drawn)

    def _has_room(self, index: Index, rect: QRect) -> bool:
        """Tell whether the bars of a row and its neighbours stand beside their shapes."""
        around = index.parent()
        key = around.data(NODE).layer.name if around.isValid() else "", rect.width() - rect.left()
        if key not in self._beside:
            model = index.model()
            nodes = [model.index(at, 0, around).data(NODE) for at in range(model.rowCount(around))]
            self._beside[key] = all(_needed(node) <= key[1] for node in nodes)
        return self._beside[key]

    def _share(self, layer: LayerFacts) -> float:
        return min(1.0, getattr(layer, self._measure) / self._most)


def _needed(node: Node) -> int:
    """Return the width of a row that is not cut, with its bar beside the shape."""
    shape = fmt.shape(node.layer.output_shape)
    texts = painting.width_of(node.name, "title") + painting.width_of(shape, "caption") + 2
    return _NAME + texts + _GAP + _BESIDE + theme.GAP


def _draw(
    painter: QPainter, rect: QRect, node: Node, share: float, *, selected: bool, beside: bool
) -> None:
    layer = node.layer
    quiet = layer.operation
    right = rect.width() - theme.GAP
    glyph = QRect(rect.left() + 2, rect.top() + (rect.height() - 16) // 2, 16, 16)
    ink = "accent" if selected else "text3" if quiet else "text2"
    icons.paint(painter, glyph, icon_of(layer), theme.color(ink))
    if beside or share > 0:
        top = rect.center().y() - 1 if beside else rect.bottom() - 3
        _draw_bar(painter, QRectF(right - _BAR, top, _BAR, 3), share, selected)
    if beside:
        right -= _BESIDE
    shape = fmt.shape(layer.output_shape)
    width = painting.width_of(shape, "caption") + 2
    where = QRect(right - width, rect.top(), width, rect.height())
    tone = "text1" if selected else "text3" if quiet else "text2"
    painting.text(painter, where, shape, "caption", tone)
    left = rect.left() + _NAME
    room = QRect(left, rect.top(), where.left() - left - _GAP, rect.height())
    role: theme.FontRole = "title" if selected else "body"
    ink = "text3" if quiet and not selected else "text1"
    painting.text(painter, room, fitted(node.name, role, room.width()), role, ink)


def _draw_bar(painter: QPainter, rect: QRectF, share: float, selected: bool) -> None:
    if share > 0:
        painting.bar(painter, rect, share, "accent" if selected else "text3")
    else:
        painting.box(painter, rect, 1.5, "track")


def fitted(name: str, role: theme.FontRole, width: int) -> str:
    """Return a dotted name cut to fit: its first parts go before letters of its last do."""
    shown = name
    while painting.width_of(shown, role) > width:
        rest = name.partition(".")[2]
        if not rest.strip("0123456789.#"):  # a number alone names nothing
            middle = Qt.TextElideMode.ElideMiddle
            mode = middle if name[-1].isdecimal() else Qt.TextElideMode.ElideRight
            return QFontMetrics(theme.font(role)).elidedText(name, mode, width)
        name, shown = rest, f"…{rest}"
    return shown

"""Icons of the window: Phosphor glyphs, drawn from their outlines in the colour of the theme.

What Phosphor lacks is drawn in ``own_icons``.

The glyphs come with qtawesome. Its module is not imported: that costs 0.3 s, for it loads a dozen
typefaces, and an outline needs one. An icon asks for its colour when it is painted, so it follows
the theme without being made again.
"""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPixmap,
    QRawFont,
)

from cnnviz_gui.panels import own_icons, theme

_POINTING = ("-left", "-right", "caret-double-", "sign-out", "arrow-u-up")
"""In names of icons that point along the line of text; others stand in all languages alike."""
_EM = 256.0
"""Side of the square in which Phosphor's glyphs are drawn, in the units of the outlines we keep."""


def paint(painter: QPainter, rect: QRect | QRectF, name: str, color: QColor) -> None:
    """Draw an icon, centred and as large as fits into ``rect``."""
    box = QRectF(rect)
    side = min(box.width(), box.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.center() - QPointF(side / 2, side / 2))
    mirrored = painter.worldTransform().m11() < 0
    backward = mirrored or painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    if mirrored != (backward and _points(name)):
        painter.translate(side, 0)
        painter.scale(-1, 1)
    painter.scale(side / _EM, side / _EM)
    painter.fillPath(_outline(name), color)
    painter.restore()


@functools.cache
def _points(name: str) -> bool:
    return any(part in name for part in _POINTING)


def icon(name: str, token: str = "text2") -> QIcon:
    """Return an icon in the colour ``token`` of whatever theme is in use when it is painted.

    Raises
    ------
    KeyError
        Phosphor has no icon of that name.
    """
    _outline(name)
    return QIcon(_Engine(name, token))


def pixmap(name: str, size: int, token: str = "text2", ratio: float = 1.0) -> QPixmap:
    """Return an icon of ``size`` logical pixels, for a screen of the given device pixel ratio."""
    drawn = QPixmap(round(size * ratio), round(size * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    paint(painter, QRect(0, 0, size, size), name, theme.color(token))
    painter.end()
    return drawn


_CLONES: list[QIconEngine] = []
"""Qt takes what ``clone`` returns without a reference of its own: unheld, it would be gone at once.
It clones only when an icon is altered, so this stays short."""


class _Engine(QIconEngine):
    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        token = "disabled" if mode == QIcon.Mode.Disabled else self._token
        paint(painter, rect, self._name, theme.color(token))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        made = _Engine(self._name, self._token)
        _CLONES.append(made)
        return made


@functools.cache
def _outline(name: str) -> QPainterPath:
    if name in own_icons.MADE:
        return own_icons.MADE[name]()
    font, characters = _phosphor()
    path = QPainterPath(font.pathForGlyph(font.glyphIndexesForString(chr(characters[name]))[0]))
    path.translate(0, font.ascent())
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


@functools.cache
def _phosphor() -> tuple[QRawFont, dict[str, int]]:
    found = importlib.util.find_spec("qtawesome")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("qtawesome, which brings the icons, is not installed.")
    fonts = Path(found.submodule_search_locations[0]) / "fonts"
    typeface = min(fonts.glob("phosphor-*.ttf"))
    characters = json.loads(min(fonts.glob("phosphor-charmap-*.json")).read_text("utf-8"))
    font = QRawFont(str(typeface), _EM, QFont.HintingPreference.PreferNoHinting)
    return font, {name: int(code, 16) for name, code in characters.items()}

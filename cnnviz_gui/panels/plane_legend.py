"""Which colour of the decision plane is which class, and what its marks are."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.texts import tr

Row = tuple[str, str, str]
Mark = tuple[str, str]
_HEAD, _ROW, _DENSE = 18, 22, 16
"""Heights of the headings, of a row, and of a row where there is little room."""
_MARKS, _LINES = 17, 2
"""Height of a line of marks, and the lines there is room for at least."""
_WAY = ((-5.5, 3.5), (-1.5, -0.5), (1.5, 0.5), (5.5, -3.5))
_NESTED = (5.5, 2.5)
"""Points of the small way, and half the widths of the small contours."""
_MARKS_APART, _ABOVE_MARKS = 12, 4
_SWATCH = 12
_SHARE = 56
_CLASS, _SHARE_OF = tr("Class"), tr("Share of the plane")


class PlaneLegend(QWidget):
    """Rows of a swatch, a class and its share of the plane; denser before one is lost.

    Below them, where there is room, what the marks are.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._marks: list[Mark] = []
        self._opacity = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName(tr("Classes of the plane"))
        self.setToolTip(tr("How much of the plane each class has; paler where it is less sure"))
        theme.notifier.changed.connect(self.update)

    def set_rows(self, rows: list[Row], marks: list[Mark]) -> None:
        """Show (colour token, class, share), and (sign, word) as in ``plane_view.marks``."""
        self._rows, self._marks = rows, marks
        self.setAccessibleDescription(", ".join(f"{name} {share}" for _, name, share in rows))
        self.updateGeometry()
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """Show the rows paler, or whole at 1."""
        self._opacity = opacity
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for all rows."""
        high = _HEAD + _ROW * len(self._rows) + self._below()
        return QSize(200, high if self._rows else 0)

    def minimumSizeHint(self) -> QSize:
        """Return the height of all rows at their densest."""
        return QSize(120, _HEAD + _DENSE * len(self._rows) if self._rows else 0)

    def row(self, place: int) -> QRect:
        """Return where a row stands."""
        room = self.height() - _HEAD - self._below()
        high = min(_ROW, max(_DENSE, room // max(1, len(self._rows))))
        return QRect(0, _HEAD + place * high, self.width(), high)

    def _below(self) -> int:
        """Return the room for the lines of marks, two at least, at this width."""
        lines = max((line for line, _, _ in self._lines()), default=0) + 1
        return _ABOVE_MARKS + max(lines, _LINES) * _MARKS if self._marks else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for more room where the marks need more lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw headings and rows."""
        if not self._rows:
            return
        painter = painting.begin(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(self._opacity)
        right = Qt.AlignmentFlag.AlignRight
        head = QRect(0, 0, self.width(), _HEAD)
        painting.text(painter, head, _CLASS, "tick", "text3")
        painting.text(painter, head, _SHARE_OF, "tick", "text3", right)
        for place, (token, name, share) in enumerate(self._rows):
            row = self.row(place)
            role: theme.FontRole = "body" if row.height() == _ROW else "caption"
            swatch = QRect(0, row.top() + (row.height() - _SWATCH) // 2, _SWATCH, _SWATCH)
            painting.box(painter, swatch, 3, token)
            said = row.adjusted(_SWATCH + 8, 0, -_SHARE, 0)
            painting.text(painter, said, name, role, "text1")
            painting.text(painter, row, share, role, "text2", right)
        for sign, word, box in self.marks():
            _mark(painter, QPointF(box.left() + _SWATCH / 2, box.center().y() + 0.5), sign)
            said = box.adjusted(_SWATCH + 4, 0, 0, 0)
            painting.text(painter, said, word, "tick", "text2")

    def marks(self) -> Iterator[tuple[str, str, QRect]]:
        """Yield each mark there is room for, sign and word, and where it stands."""
        top = self.row(len(self._rows)).top() + _ABOVE_MARKS
        for (sign, word), (line, left, wide) in zip(self._marks, self._lines(), strict=True):
            box = QRect(left, top + line * _MARKS, wide, _MARKS)
            if self.rect().contains(box):
                yield sign, word, box

    def _lines(self) -> Iterator[tuple[int, int, int]]:
        """Yield of each mark the line it stands in, its left edge and its width."""
        line = left = 0
        for _, word in self._marks:
            wide = _SWATCH + 4 + painting.width_of(word, "tick")
            if left and left + wide > self.width():
                line, left = line + 1, 0
            yield line, left, wide
            left += wide + _MARKS_APART


def _mark(painter: QPainter, centre: QPointF, sign: str) -> None:
    """Draw a line as it is on the plane, small, or a dot of the colour that the sign is."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if sign == "ball":
        painter.setPen(QPen(theme.color("text2"), 1.5, Qt.PenStyle.DashLine))
        painter.drawEllipse(centre, 4.5, 4.5)
    elif sign == "path":
        painter.setPen(QPen(theme.color("text1"), 2.0))
        painter.drawPolyline([centre + QPointF(x, y) for x, y in _WAY])
    elif sign == "contours":
        painter.setPen(QPen(theme.color("text1"), 1.0))
        for size in _NESTED:
            painter.drawEllipse(centre, size, 0.7 * size)
    else:
        painting.dot(painter, centre, 9, theme.color(sign))

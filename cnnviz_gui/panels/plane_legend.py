"""Which colour of the decision plane is which class, and what its marks are."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting

Row = tuple[str, str, str]
Mark = tuple[str, str]
_HEAD, _ROW, _DENSE = 18, 22, 16
"""Heights of the headings, of a row, and of a row where there is little room."""
_MARKS = 17
"""Height of a line of marks."""
_MARKS_APART, _ABOVE_MARKS = 12, 4
_SWATCH = 12
_SHARE = 56
_CLASS, _SHARE_OF = "Class", "Share of the plane"


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
        self.setAccessibleName("Classes of the plane")
        self.setToolTip("How much of the plane each class has; paler where it is less sure")
        theme.notifier.changed.connect(self.update)

    def set_rows(self, rows: list[Row], marks: list[Mark]) -> None:
        """Show (colour token, class, share) and (colour token, word); no token for the ball."""
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
        """Return the room for two lines of marks."""
        return _ABOVE_MARKS + 2 * _MARKS if self._marks else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw headings and rows."""
        if not self._rows:
            return
        painter = QPainter(self)
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
        for token, word, box in self.marks():
            _mark(painter, QPointF(box.left() + _SWATCH / 2, box.center().y() + 0.5), token)
            said = box.adjusted(_SWATCH + 4, 0, 0, 0)
            painting.text(painter, said, word, "tick", "text2")

    def marks(self) -> Iterator[tuple[str, str, QRect]]:
        """Yield each mark there is room for, and where it stands."""
        left, top = 0, self.row(len(self._rows)).top() + _ABOVE_MARKS
        for token, word in self._marks:
            wide = _SWATCH + 4 + painting.width_of(word, "tick")
            if left and left + wide > self.width():
                left, top = 0, top + _MARKS
            box = QRect(left, top, wide, _MARKS)
            if self.rect().contains(box):
                yield token, word, box
            left += wide + _MARKS_APART


def _mark(painter: QPainter, centre: QPointF, token: str) -> None:
    """Draw a dot as on the plane, for the ball a dashed ring."""
    if token:
        painting.dot(painter, centre, 9, theme.color(token))
        return
    painter.setPen(QPen(theme.color("text2"), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, 4.5, 4.5)

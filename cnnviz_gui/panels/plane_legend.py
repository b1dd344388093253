"""Which colour of the decision plane is which class."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting

Row = tuple[str, str, str]
_HEAD, _ROW, _DENSE = 18, 22, 16
"""Heights of the headings, of a row, and of a row where there is little room."""
_SWATCH = 12
_SHARE = 56
_CLASS, _SHARE_OF = "Class", "Share of the plane"


class PlaneLegend(QWidget):
    """Rows of a swatch, a class and its share of the plane; denser before one is lost."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._opacity = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Classes of the plane")
        self.setToolTip("How much of the plane each class has; paler where it is less sure")
        theme.notifier.changed.connect(self.update)

    def set_rows(self, rows: list[Row]) -> None:
        """Show (colour token, class, share)."""
        self._rows = rows
        self.setAccessibleDescription(", ".join(f"{name} {share}" for _, name, share in rows))
        self.updateGeometry()
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """Show the rows paler, or whole at 1."""
        self._opacity = opacity
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for all rows."""
        return QSize(200, _HEAD + _ROW * len(self._rows) if self._rows else 0)

    def minimumSizeHint(self) -> QSize:
        """Return the height of all rows at their densest."""
        return QSize(120, _HEAD + _DENSE * len(self._rows) if self._rows else 0)

    def row(self, place: int) -> QRect:
        """Return where a row stands."""
        high = min(_ROW, max(_DENSE, (self.height() - _HEAD) // max(1, len(self._rows))))
        return QRect(0, _HEAD + place * high, self.width(), high)

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

"""Which colour of the decision plane is which class."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting

Row = tuple[str, str, str]
_ROW = 22
_SWATCH = 12
_SHARE = 56


class PlaneLegend(QWidget):
    """Rows of a swatch, a class and its share of the plane."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._opacity = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
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
        return QSize(200, _ROW * len(self._rows))

    def minimumSizeHint(self) -> QSize:
        """Return the height of all rows."""
        return QSize(120, _ROW * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(self._opacity)
        right = Qt.AlignmentFlag.AlignRight
        for place, (token, name, share) in enumerate(self._rows):
            top = place * _ROW
            swatch = QRect(0, top + (_ROW - _SWATCH) // 2, _SWATCH, _SWATCH)
            painting.box(painter, swatch, 3, token)
            text = QRect(_SWATCH + 8, top, self.width() - _SWATCH - 8 - _SHARE, _ROW)
            painting.text(painter, text, name, "body", "text1")
            painting.text(
                painter,
                QRect(self.width() - _SHARE, top, _SHARE, _ROW),
                share,
                "body",
                "text2",
                right,
            )

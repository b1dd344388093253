"""What a screen reader is told of controls that are drawn: what each is, and what changes in it.

Qt knows the roles of its own controls. Of ours it would say that they are widgets; names and
descriptions are their own.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleInterface,
)
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_Role = QAccessible.Role
ROLES: Final = {
    "TileGrid": _Role.List,
    "PictureGrid": _Role.List,
    "ImageStrip": _Role.List,
    "VectorList": _Role.List,
    "LayerStrip": _Role.List,
    "HeatGrid": _Role.Table,
    "MatrixView": _Role.Table,
    "PatchGrid": _Role.Table,
    "ImagePane": _Role.Graphic,
    "PlaneSurface": _Role.Graphic,
    "NetworkPlot": _Role.Chart,
    "ProfileStrip": _Role.Chart,
    "PlanePlots": _Role.Chart,
    "BorderChart": _Role.Chart,
    "AccuracyPlot": _Role.Chart,
    "SortHeader": _Role.ColumnHeader,
    "QScrollArea": _Role.Grouping,
}
"""By the name of a class; what is derived from it has its role too."""


def begin() -> None:
    """Tell roles from here on; once for a process."""
    QAccessible.installFactory(_made)


def tell(widget: QWidget, said: str) -> None:
    """Describe what is chosen in a drawn control; where it has the focus, say so at once."""
    if widget.accessibleDescription() == said:
        return
    widget.setAccessibleDescription(said)
    if said and widget.hasFocus():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, said))


def _made(name: str, one: QObject) -> QAccessibleInterface | None:
    """Return what tells of a widget; Qt asks with each class that it is derived from."""
    role = ROLES.get(name)
    return QAccessibleWidget(one, role) if role is not None and isinstance(one, QWidget) else None

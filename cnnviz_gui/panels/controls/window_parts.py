"""What windows are put together with: rules, and bars of tools above and below."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.panels import theme


def line(*, vertical: bool = False) -> QWidget:
    """Return a rule of one pixel."""
    rule = QWidget()
    rule.setFixedWidth(1) if vertical else rule.setFixedHeight(1)
    theme.surface(rule, "line")
    return rule


def bar(
    height: int, spacing: int = theme.INSIDE, margin: int = theme.PADDING
) -> tuple[QWidget, QHBoxLayout]:
    """Return a bar and the row of what stands in it; all lengths in pixels."""
    whole = QWidget()
    whole.setFixedHeight(height)
    theme.surface(whole, "window")
    row = QHBoxLayout(whole)
    row.setContentsMargins(margin, 0, margin, 0)
    row.setSpacing(spacing)
    return whole, row

"""What the pages of the stage have in common: a row of tools above, a body, a failure card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import FailureCard, window_parts
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.finding import Finding
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_REMEDIES = {"cpu": tr("Compute on the CPU"), "saliency": tr("Use saliency")}


def lay_out(page: QWidget, left: Sequence[QWidget], right: Sequence[QWidget] = ()) -> QVBoxLayout:
    """Give a page its row of tools and return the layout of its body."""
    tools, row = window_parts.bar(theme.TOOL_ROW)
    for widget in left:
        row.addWidget(widget)
    row.addStretch(1)
    for widget in right:
        row.addWidget(widget)
    body = QVBoxLayout()
    body.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.PADDING)
    body.setSpacing(theme.GAP)
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(tools)
    add_layout(column, body, 1)
    return body


def show_problem(card: FailureCard, finding: Finding) -> None:
    """Show why there is no answer, or hide the card."""
    problem = finding.problem
    card.setVisible(problem is not None)
    if problem is not None:
        remedy = _REMEDIES.get(problem.offer, tr("Try again"))
        card.set_failure(problem.message, problem.advice, problem.details, remedy)


def same(picture: ByteArray) -> ByteArray:
    """Return the picture as it is, for a feed."""
    return picture

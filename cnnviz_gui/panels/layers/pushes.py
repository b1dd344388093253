"""The classes that a channel speaks for and against, as bars on both sides of nothing."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.layer_results import Push, PushedClasses
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Label, SectionHeader, painting
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import dossier_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "stage",
        "layer",
        "channel",
        "map_order",
        "finding.layer",
        "finding.channel-classes",
    }
)
_ROW = 26
_SHOWN = 3
"""So many for and so many against."""
_HOW = {
    "head": tr("weights of the head"),
    "gradient": tr("gradient here"),
}
_WHY = {
    "head": tr(
        "How much each logit grows when the whole channel grows by 1. Nothing but an average and a"
        " linear layer follows, so this holds for every picture"
    ),
    "gradient": tr(
        "How much each logit grows when the whole channel grows by 1: the gradient at this"
        " picture, summed over the cells"
    ),
}


class PushBox(QWidget):
    """Header and bars; tells when there is nothing to show."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._head = SectionHeader(tr("Classes it pushes"), level=2)
        self.bars = PushBars()
        self._said = Label("", "caption", "text3", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP)
        column.setSpacing(0)
        column.addWidget(self._head)
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        body.addWidget(self.bars)
        body.addWidget(self._said)
        add_layout(column, body)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "layers":
            self._draw()

    @Slot()
    def _draw(self) -> None:
        of = dossier_view.dossier(self._state)
        found = None if of is None else dossier_view.pushed(self._state, of)
        finding = self._state.finding("channel-classes")
        problem = finding.problem
        if problem is not None:
            said = f"{problem.message} {problem.advice}".strip()
        elif found is None:
            said = tr("Being computed.")
        else:
            said = (
                "" if found.up or found.down else tr("None: the logits do not depend on it here.")
            )
        if found is not None or problem is not None:
            self.bars.set_pushes(None if problem is not None else found)
        self.bars.set_stale(found is None)
        self.bars.setVisible(bool(self.bars.pushes()))
        self._said.setText(said)
        self._said.setVisible(bool(said) and not (found is None and self.bars.isVisibleTo(self)))
        self._head.caption.setText("" if found is None else _HOW[found.how])
        self._head.setToolTip("" if found is None else _WHY[found.how])


class PushBars(QWidget):
    """One class a row: its name, the amount with its sign, a bar from the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        as_data(self)
        self._pushes: tuple[Push, ...] = ()
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        painting.name(self, tr("Classes it pushes"))

    def pushes(self) -> tuple[Push, ...]:
        """Return the classes shown, from the most for to the most against."""
        return self._pushes

    def set_pushes(self, found: PushedClasses | None) -> None:
        """Show the strongest classes of both signs."""
        shown: tuple[Push, ...] = ()
        if found is not None:
            shown = (*found.up[:_SHOWN], *reversed(found.down[:_SHOWN]))
        if shown == self._pushes:
            return
        self._pushes = shown
        said = "; ".join(f"{push.label} {_signed(push.amount)}" for push in shown)
        self.setAccessibleDescription(said)
        exact = [
            tr(
                "class {index}, {label}: {amount:.6g}",
                index=push.index,
                label=push.label,
                amount=push.amount,
            )
            for push in shown
        ]
        self.setToolTip("\n".join(exact))
        self.updateGeometry()
        self.update()

    def set_stale(self, stale: bool) -> None:
        """Show the rows as those of an old result."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the rows."""
        return QSize(200, _ROW * len(self._pushes))

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(120, _ROW * len(self._pushes))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = painting.begin(self)
        most = max((abs(push.amount) for push in self._pushes), default=0.0) or 1.0
        token = "text3" if self._stale else "text1"
        for place, push in enumerate(self._pushes):
            top = place * _ROW
            written = _signed(push.amount)
            width = painting.width_of(written, "caption")
            right = QRect(0, top, self.width(), 18)
            painting.text(painter, right, written, "caption", token, Qt.AlignmentFlag.AlignRight)
            left = QRect(0, top, self.width() - width - theme.GAP, 18)
            painting.text(painter, left, push.label, "caption", token)
            self._paint_bar(painter, top + 20, push.amount / most)

    def _paint_bar(self, painter: QPainter, top: int, part: float) -> None:
        middle = self.width() / 2
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        painter.fillRect(QRectF(0, top, self.width(), 3), theme.color("track"))
        length = max(1.0, abs(part) * middle)
        rect = QRectF(middle if part > 0 else middle - length, top, length, 3)
        painter.fillRect(rect, theme.color("clean" if part > 0 else "text3"))
        painter.fillRect(QRectF(round(middle), top - 1, 1, 5), theme.color("line_strong"))
        painter.setOpacity(1.0)


def _signed(amount: float) -> str:
    text = fmt.significant(amount)
    return f"+{text}" if amount > 0 else text

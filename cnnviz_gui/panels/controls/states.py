"""How a panel says that there is nothing, that it works, or that it could not."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEasingCurve, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls.buttons import Button, IconButton
from cnnviz_gui.panels.controls.labels import Label
from cnnviz_gui.panels.controls.reporting import reporting
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.texts import tr

Kind = Literal["info", "warning", "error", "success"]
_ICONS: dict[Kind, tuple[str, str]] = {
    "info": ("info", "text2"),
    "warning": ("warning", "warning"),
    "error": ("warning-circle", "error"),
    "success": ("check-circle", "success"),
}


class IconLabel(QWidget):
    """An icon that says nothing by itself: text beside it does."""

    def __init__(
        self,
        icon: str,
        token: str = "text2",
        size: int = theme.ICON,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._token = icon, token
        self.setFixedSize(size, size)

    def set_icon(self, icon: str, token: str) -> None:
        """Show another icon."""
        self._icon, self._token = icon, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        icons.paint(QPainter(self), self.rect(), self._icon, theme.color(self._token))


class BusyArc(QWidget):
    """A thin arc: it turns while nothing is known of the end, else it shows the part done."""

    def __init__(self, size: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self._busy = False
        self.setFixedSize(size, size)
        self._turn = QVariantAnimation(self)
        self._turn.setStartValue(0.0)
        self._turn.setEndValue(360.0)
        self._turn.setDuration(1000)
        self._turn.setLoopCount(-1)
        self._turn.setEasingCurve(QEasingCurve.Type.Linear)
        self._turn.valueChanged.connect(self._on_turned)

    def start(self) -> None:
        """Begin to turn."""
        self._busy, self._fraction = True, None
        self._run()

    def set_fraction(self, fraction: float | None) -> None:
        """Show the part done, in [0, 1]; None: unknown."""
        self._busy, self._fraction = True, fraction
        self._run()

    def stop(self) -> None:
        """Rest: nothing is drawn, the place is kept."""
        self._busy = False
        self._run()

    def showEvent(self, event: QShowEvent) -> None:
        """Turn again."""
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        """Cost nothing while hidden."""
        super().hideEvent(event)
        self._turn.stop()

    def _run(self) -> None:
        turning = self._busy and self._fraction is None and self.isVisible()
        if turning and theme.duration(1):
            if self._turn.state() != QVariantAnimation.State.Running:
                self._turn.start()
        else:
            self._turn.stop()
        self.update()

    def _on_turned(self, angle: float) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring and the arc on it."""
        if not self._busy:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(1.25, 1.25, -1.25, -1.25)
        painter.setPen(QPen(theme.color("rail"), 1.5))
        painter.drawEllipse(rect)
        pen = QPen(theme.color("accent"), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        if self._fraction is not None:
            painter.drawArc(rect, 90 * 16, round(-360 * 16 * self._fraction))
            return
        angle = float(self._turn.currentValue() or 0.0)
        painter.drawArc(rect, round((90 - angle) * 16), -110 * 16)


class EmptyState(QWidget):
    """An icon of 32 px, one sentence and perhaps one button, in the middle of the place."""

    acted = Signal()
    heirs: tuple[QWidget, ...] = ()
    """As of a button, for the one in it."""

    def __init__(
        self, icon: str, sentence: str, action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.icon = IconLabel(icon, "text3", 32)
        self.sentence = Label(sentence, "body", "text2", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.sentence.setSizePolicy(
            QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Preferred
        )
        self.action = Button(action)
        self.action.clicked.connect(self.acted)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.PADDING, theme.PADDING, theme.PADDING)
        column.setSpacing(theme.GAP)
        column.addStretch(1)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.sentence)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self.set_state(icon, sentence, action)

    def set_state(self, icon: str, sentence: str, action: str = "") -> None:
        """Say something else."""
        self.icon.set_icon(icon, "text3")
        self.sentence.setText(sentence)
        self.action.setText(action)
        self.action.setVisible(bool(action))


class Notice(QFrame):
    """A quiet note: an icon, a sentence, perhaps a source line, a button, a cross to dismiss it."""

    acted = Signal()
    dismissed = Signal()
    heirs: tuple[QWidget, ...] = ()
    """As of a button, for those in it."""

    def __init__(
        self,
        text: str = "",
        source: str = "",
        *,
        kind: Kind = "info",
        action: str = "",
        closable: bool = False,
        narrow: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make a note; in a ``narrow`` one the button stands below the sentence."""
        super().__init__(parent)
        theme.surface(self, "note")
        self._icon = IconLabel("info", size=14)
        self._text = Label("", "caption", "text2", wrap=True)
        self._source = Label("", "tick", "text3", wrap=True)
        self._action = Button("", kind="normal")
        self._action.clicked.connect(self.acted)
        self._close = IconButton("x", tr("Dismiss"))
        self._close.clicked.connect(self._on_close)
        self._said: tuple[str, ...] = ()
        self._column = column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self._text)
        column.addWidget(self._source)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 8 if closable else 12, 10)
        row.setSpacing(8)
        said = QWidget()
        line = QHBoxLayout(said)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(_on_first_line(self._icon), 0, Qt.AlignmentFlag.AlignTop)
        add_layout(line, column, 1)
        row.addWidget(said, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._close)
        self._close.setVisible(closable)  # before, it would be a window of its own
        self.set_narrow(narrow)
        self.set_notice(text, source, kind=kind, action=action)

    def set_narrow(self, narrow: bool) -> None:
        """Put the button below the sentence, or beside it."""
        align = Qt.AlignmentFlag
        if narrow:
            self._column.addWidget(self._action, 0, align.AlignLeft)
        else:
            self._row.insertWidget(1, self._action, 0, align.AlignVCenter)
        self._row.setAlignment(self._close, align.AlignTop if narrow else align.AlignVCenter)

    def add_below(self, widget: QWidget) -> None:
        """Put something below the sentence."""
        self._column.insertWidget(2, widget)

    def set_notice(
        self, text: str, source: str = "", *, kind: Kind = "info", action: str = ""
    ) -> None:
        """Say something else."""
        self._action.goes_on = False
        self._say(text, source, kind, action)

    def set_stopped(self, text: str) -> None:
        """Say where the user stopped, with a button to go on."""
        self._action.goes_on = True
        self._say(text, "", "info", tr("Continue"))

    def _say(self, text: str, source: str, kind: Kind, action: str) -> None:
        said = (text, source, kind, action)
        if said == self._said:
            return
        self._said = said
        self._icon.set_icon(*_ICONS[kind])
        for label, content in ((self._text, text), (self._source, source)):
            label.setText(content)
            label.setVisible(bool(content))
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self.setAccessibleName(text)

    def _on_close(self) -> None:
        self.dismissed.emit()  # while it can still be asked whether the focus is in it
        self.hide()


class FailureCard(QFrame):
    """What went wrong, what to do, the details folded, and perhaps a button that does it."""

    remedied = Signal()
    heirs: tuple[QWidget, ...] = ()
    """As of a button, for those in it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.surface(self, "card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.message = Label("", "title", "text1", wrap=True)
        self.advice = Label("", "caption", "text2", wrap=True)
        for label in (self.message, self.advice):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fold = Button(tr("Details"), "caret-right", "quiet")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._on_fold)
        self.report = Button(tr("Copy report"), "copy", "quiet")
        self.report.setToolTip(tr("Copy this with versions, system and the log, without names"))
        self.report.clicked.connect(self._on_report)
        self.remedy = Button("")
        self.remedy.clicked.connect(self.remedied)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setFont(theme.font("mono"))
        self.details.setAccessibleName(tr("Details of the failure"))
        self.details.setFixedHeight(140)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lay_out()
        self.set_failure("")

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 4, 0, 0)
        buttons.addWidget(self.remedy)
        buttons.addWidget(self.fold)
        buttons.addWidget(self.report)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(4)
        for label in (self.message, self.advice):
            column.addWidget(label)
        add_layout(column, buttons)
        column.addWidget(self.details)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PADDING, 12, theme.PADDING, 12)
        row.setSpacing(theme.INSIDE)
        icon = _on_first_line(IconLabel("warning-circle", "error"))
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        add_layout(row, column, 1)

    def set_failure(
        self, message: str, advice: str = "", details: str = "", remedy: str = ""
    ) -> None:
        """Tell of a failure: a sentence, what to do, the details, the word on the button."""
        self.message.setText(message)
        self.advice.setText(advice)
        self.advice.setVisible(bool(advice))
        self.details.setPlainText(details)
        for button in (self.fold, self.report):
            button.setVisible(bool(details))
        self.fold.setChecked(False)
        self._on_fold(False)
        self.remedy.setText(remedy)
        self.remedy.setVisible(bool(remedy))
        self.setAccessibleName(f"{message} {advice}".strip())

    def _on_report(self) -> None:
        said = f"{self.message.text()} {self.advice.text()}".strip()
        reporting.wanted.emit(self, said, self.details.toPlainText())

    def _on_fold(self, open_: bool) -> None:
        self.details.setVisible(open_)
        self.fold.set_icon("caret-down" if open_ else "caret-right")


def _on_first_line(icon: QWidget) -> QWidget:
    """Put an icon level with the first line of the text beside it."""
    holder = QWidget()
    holder.setFixedSize(QSize(icon.width(), icon.height() + 2))
    icon.setParent(holder)
    icon.move(0, 1)
    return holder

"""What the probe of the normalisation found, the surest first."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.result import NormalisationGuess
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.panels.layouts import drop
from cnnviz_gui.state.checkpoint_form import Triple, prediction, saturated
from cnnviz_gui.texts import tr

_ROW = 40
_GAP = 2
_REMARK = 132
_NO_EVIDENCE = tr("saturated: no evidence")
_WHY_NONE = tr("That is no evidence: a network that is fed far too large numbers is as sure.")


def _predicted(label: str, sure: str) -> str:
    """Return a sentence; a class without a name is called by its number."""
    if label.isdecimal():
        return tr(
            "With these colours the network predicts class {number} with {sure}.",
            number=label,
            sure=sure,
        )
    return tr(
        "With these colours the network predicts {label} with {sure}.", label=label, sure=sure
    )


class Guesses(QWidget):
    """A row for each normalisation; a click takes it."""

    chosen = Signal(object)
    """The ``NormalisationGuess`` that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[GuessRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(_GAP)
        self._column.addStretch(1)

    def show_guesses(self, guesses: tuple[NormalisationGuess, ...]) -> None:
        """Show these."""
        drop(self._column, self.rows)
        self.rows = [GuessRow(guess, self) for guess in guesses]
        for row in self.rows:
            row.chosen.connect(self.chosen)
            self._column.insertWidget(self._column.count() - 1, row)

    def mark(self, mean: Triple | None, std: Triple | None) -> None:
        """Mark the one that is in use."""
        for row in self.rows:
            row.setChecked((row.guess.mean, row.guess.std) == (mean, std))


class GuessRow(Keyed, QAbstractButton):
    """The normalisation's name, the class it leads to, how sure the network is of that."""

    chosen = Signal(object)

    def __init__(self, guess: NormalisationGuess, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.guess = guess
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._sure = fmt.percent(guess.score.probability)
        mean, std = (", ".join(fmt.plain(v, 4) for v in t) for t in (guess.mean, guess.std))
        self._predicts = prediction(guess)
        self._remark = _NO_EVIDENCE if saturated(guess) else ""
        said = f"{guess.title}: {self._predicts}, {self._sure}"
        lines = [_predicted(guess.score.label, self._sure)]
        if self._remark:
            said = f"{said}, {self._remark}"
            lines.append(_WHY_NONE)
        lines += [tr("Mean {mean}", mean=mean), tr("Std {std}", std=std), tr("Click to use them.")]
        painting.name(self, said, "\n".join(lines))
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        self.chosen.emit(self.guess)

    def sizeHint(self) -> QSize:
        """Return the size of a row."""
        return QSize(200, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, class and probability, and the probability as a bar."""
        painter = painting.begin(self)
        if self.isChecked() or self.underMouse():
            token = "selected" if self.isChecked() else "hover"
            painting.box(painter, self.rect(), theme.R_TILE, token)
        inner = self.rect().adjusted(8, 0, -8, 0)
        upper = QRect(inner.left(), 3, inner.width(), 17)
        right = Qt.AlignmentFlag.AlignRight
        width = painting.text(painter, upper, self._sure, "caption", "text1", right)
        upper.setWidth(inner.width() - width - 8)
        named = painting.text(painter, upper, self.guess.title, "strong", "text1")
        upper.setLeft(upper.left() + named + 8)
        painting.text(painter, upper, self._predicts, "caption", "text2")
        bar = QRect(inner.left(), 27, inner.width() - _REMARK, 4)
        token = "text3" if self._remark else "accent"
        painting.bar(painter, bar.toRectF(), self.guess.score.probability, token)
        below = QRect(bar.right() + 8, 20, inner.right() - bar.right() - 7, 18)
        painting.text(painter, below, self._remark, "tick", "warning", right)
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_TILE)

"""Probabilities as bars: one class a row, clean alone or clean and adversarial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass

from PySide6.QtCore import QEasingCurve, QRect, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.texts import tr

_CLEAR = 0.1
"""From here on a probability is worth the first colour of text."""
_READOUT = 52
"""Width kept for the percentages beside two bars."""
_LONGEST = "> 99.9 % → < 0.1 %"
"""The longest read-out that two bars share."""


@dataclass(frozen=True, slots=True)
class _Measures:
    """Heights and places in a row."""

    single: int
    paired: int
    name: int
    bar: int
    """Top of a bar that is alone."""
    first: int
    """Top of the first of two bars."""
    step: int
    thick: int


_ROOMY = _Measures(single=38, paired=58, name=22, bar=23, first=26, step=14, thick=6)
_DENSE = _Measures(single=28, paired=46, name=18, bar=20, first=22, step=12, thick=4)

_TIGHT = _Measures(single=28, paired=29, name=16, bar=20, first=18, step=6, thick=4)
"""Of pairs alone: both bars share one read-out."""


def _height(measures: _Measures, *, paired: bool) -> int:
    return measures.paired if paired else measures.single


def _fitting(height: int, *, paired: bool) -> _Measures:
    """Return the measures of a row so high: tight, or from dense to roomy."""
    if paired and height < _DENSE.paired:
        return _TIGHT
    least, most = _height(_DENSE, paired=paired), _height(_ROOMY, paired=paired)
    part = min(1.0, max(0.0, (height - least) / (most - least)))
    pairs = zip(astuple(_DENSE), astuple(_ROOMY), strict=True)
    return _Measures(*(round(low + part * (high - low)) for low, high in pairs))


class ProbabilityBar(Keyed, QAbstractButton):
    """One class: its name, its probability and a bar; a click chooses the class.

    With an adversarial probability there are two bars and the change in points. With a probability
    of before, a mark stands where the bar ended. In little room the row gets as low as a dense one.
    """

    chosen = Signal(object)
    """The index of the class, when the user clicks the row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index = -1
        self._label = ""
        self._room = 0
        self._shown = [0.0, 0.0]
        self._start = [0.0, 0.0]
        self._goal = [0.0, 0.0]
        self._before: float | None = None
        self._paired = self._winner = self._target = self._stale = False
        self._clickable = True
        self._dense = False
        self._measures = _ROOMY
        self._row: tuple[object, ...] = ()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._motion = QVariantAnimation(self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self._on_moved)
        self.clicked.connect(self._on_clicked)

    def set_row(
        self,
        index: int,
        label: str,
        clean: float,
        adversarial: float | None = None,
        before: float | None = None,
        *,
        winner: bool = False,
        target: bool = False,
    ) -> None:
        """Show a class and its probabilities, in [0, 1]."""
        row = (index, label, clean, adversarial, before, winner, target)
        if row == self._row:
            return
        self._row = row
        paired = adversarial is not None
        self.index, self._label = index, label
        self._winner, self._target, self._before = winner, target, before
        if paired != self._paired:
            self._paired = paired
            self.updateGeometry()
        self._describe(clean, adversarial, before)
        self._move([clean, adversarial if adversarial is not None else 0.0])

    def set_stale(self, stale: bool) -> None:
        """Show the row as that of an old result."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def set_clickable(self, clickable: bool) -> None:
        """Tell whether a click chooses the class, or the row is only to be read."""
        if clickable == self._clickable:
            return
        self._clickable = clickable
        pointing, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
        self.setCursor(pointing if clickable else arrow)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if clickable else Qt.FocusPolicy.NoFocus)
        self._row = ()

    def set_dense(self, dense: bool) -> None:
        """Take less height, for two networks one below the other."""
        if dense != self._dense:
            self._dense = dense
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the height of a row: 38 px with one bar, 58 with two; dense, 28 and 46."""
        return QSize(200, _height(_DENSE if self._dense else _ROOMY, paired=self._paired))

    def minimumSizeHint(self) -> QSize:
        """Return the least size: 28 px with one bar, 29 with two."""
        return QSize(120, _height(_TIGHT, paired=self._paired))

    def _describe(self, clean: float, adversarial: float | None, before: float | None) -> None:
        shares = _shares(fmt.percent, clean, adversarial, before)
        said = f"{self._label}, {shares}"
        if self._target:
            said = tr("{said}, the target", said=said)
        named = tr("class {index}, {label}", index=self.index, label=self._label)
        exact = [named, _shares("{:.6g}".format, clean, adversarial, before)]
        if self._clickable:
            exact.append(tr("Click to make it the target."))
        painting.name(self, said, "\n".join(exact))

    def _move(self, goal: list[float]) -> None:
        self._motion.stop()
        self._start, self._goal = list(self._shown), goal
        duration = theme.duration(theme.BAR_MS) if self.isVisible() else 0
        if duration and goal != self._shown:
            self._motion.setDuration(duration)
            self._motion.start()
        else:
            self._on_moved(1.0)

    def _on_moved(self, part: float) -> None:
        self._shown = (
            list(self._goal)
            if part >= 1
            else [a + (b - a) * part for a, b in zip(self._start, self._goal, strict=True)]
        )
        self.update()

    def _on_clicked(self) -> None:
        if self._clickable:
            self.chosen.emit(self.index)

    def _token(self, token: str) -> str:
        return "text3" if self._stale else token

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        painter = painting.begin(self)
        self._room = self.width()
        self._measures = _fitting(self.height(), paired=self._paired)
        if self.hasFocus():
            painting.ring(painter, self.rect().adjusted(0, 0, 0, -1), theme.R_CONTROL)
            painter.translate(6, 3)
            self._room -= 12
        if self._paired:
            self._paint_change(painter)
            self._paint_pair(painter)
        else:
            self._paint_single(painter)

    def _paint_name(self, painter: QPainter, room: int) -> None:
        mark = 20 if self._target else 0
        token = self._token("accent" if self._clickable and self.underMouse() else "text1")
        role: theme.FontRole = "title" if self._winner else "body"
        rect = QRect(0, 0, room - mark, self._measures.name)
        width = painting.text(painter, rect, self._label, role, token)
        if self._target:
            at = QRect(width + 8, (self._measures.name - 14) // 2, 14, 14)
            icons.paint(painter, at, "crosshair", theme.color("target"))

    def _paint_single(self, painter: QPainter) -> None:
        share = self._shown[0]
        written = fmt.percent(share)
        role: theme.FontRole = "title" if self._winner else "body"
        width = painting.width_of(written, role)
        right = QRect(0, 0, self._room, self._measures.name)
        token = self._token("text1" if share >= _CLEAR else "text2")
        painting.text(painter, right, written, role, token, Qt.AlignmentFlag.AlignRight)
        self._paint_name(painter, self._room - width - theme.GAP)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        at = QRectF(0, self._measures.bar, self._room, self._measures.thick)
        painting.bar(painter, at, share, "clean")
        if self._before is not None:
            place = round((self._room - 2) * min(max(self._before, 0.0), 1.0))
            tall = self._measures.thick + 6
            mark = QRect(place, round(at.center().y()) - tall // 2, 2, tall)
            painter.fillRect(mark, theme.color(self._token("text1")))

    def _paint_change(self, painter: QPainter) -> None:
        change = self._shown[1] - self._shown[0]
        written = fmt.points(change)
        role: theme.FontRole = "title" if self._winner else "body"
        token = "adversarial" if self._winner and change > 0 else "text2"
        right = QRect(0, 0, self._room, self._measures.name)
        painting.text(
            painter, right, written, role, self._token(token), Qt.AlignmentFlag.AlignRight
        )
        self._paint_name(painter, self._room - painting.width_of(written, role) - theme.GAP)

    def _paint_pair(self, painter: QPainter) -> None:
        measures, tight = self._measures, self._measures is _TIGHT
        said = [fmt.percent(share) for share in self._shown]
        readout = painting.width_of(_LONGEST, "tick") if tight else _READOUT
        length, tone = self._room - readout - 4, self._token("text2")
        align = Qt.AlignmentFlag.AlignRight
        if tight:
            middle = measures.first + (measures.step + measures.thick) // 2
            rect = QRect(self._room - readout, middle - 8, readout, 16)
            painting.text(painter, rect, " → ".join(said), "tick", tone, align)
        for place, (share, token) in enumerate(
            zip(self._shown, ("clean", "adversarial"), strict=True)
        ):
            top = measures.first + measures.step * place
            if not tight:
                rect = QRect(self._room - readout, top + measures.thick // 2 - 8, readout, 16)
                painting.text(painter, rect, said[place], "tick", tone, align)
            painter.save()
            painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
            painting.bar(painter, QRectF(0, top, length, measures.thick), share, token)
            painter.restore()


def _shares(
    write: Callable[[float], str], clean: float, adversarial: float | None, before: float | None
) -> str:
    """Return the probabilities of a class, and what each of them is of."""
    written = {"clean": write(clean)}
    if adversarial is not None:
        written["adversarial"] = write(adversarial)
    if before is not None:
        written["before"] = write(before)
    if adversarial is not None and before is not None:
        return tr(
            "{clean} clean, {adversarial} adversarial with channels edited, {before} without",
            **written,
        )
    if adversarial is not None:
        return tr("{clean} clean, {adversarial} adversarial", **written)
    if before is not None:
        return tr("{clean} with channels edited, {before} without", **written)
    return written["clean"]

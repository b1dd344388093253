"""What a defended network says of both pictures: two lines, each with a class and a distance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.state.defence_view import Said
from cnnviz_gui.texts import tr

FARTHEST = 2.0
"""The L1 distance of two answers that have nothing in common."""
_LINE, _BAR = 24, 6
_DOT, _CHANCE, _VALUE = 14, 56, 34
_APART = 8
_WORD, _ICON = 92, 44
_LABEL, _LEAST_BAR = 156, 28
_WIDE = 400
"""From this width on notes are written out; below, the word stands over the column."""
_LEFT = Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignRight
_TOKENS = ("clean", "adversarial")
_NAMES = (tr("Clean"), tr("Adversarial"))


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the parts of a line lie, as left edge and width."""

    label: tuple[int, int]
    chance: tuple[int, int]
    note: tuple[int, int]
    bar: tuple[int, int]
    value: tuple[int, int]

    def name_room(self, probability: str) -> int:
        """Return the width of the class: with a short probability it has some of its column."""
        left = sum(self.chance) - painting.width_of(probability, "body") - _APART
        return max(self.label[1], left - self.label[0])


def room_of(said: Iterable[Said | None]) -> int:
    """Return the width that the longest name of a class takes; what no line needs, the bar has."""
    names = [one.label for one in said if one is not None]
    return max((painting.width_of(name, "body") for name in names), default=0)


def columns(width: int, names: int = 0) -> Columns:
    """Divide a line: what figures and classes need, the rest for the bar, which is never nothing.

    ``names`` is the width of the longest class; shorter ones leave room for one of usual length.
    """
    note = _WORD if width >= _WIDE else _ICON
    figures = _DOT + 4 + _CHANCE + theme.INSIDE + note + theme.GAP + 6 + _VALUE
    bar = max(_LEAST_BAR, width - figures - max(_LABEL, names))
    value = (width - _VALUE, _VALUE)
    bars = (value[0] - 6 - bar, bar)
    notes = (bars[0] - theme.GAP - note, note)
    chance = (notes[0] - theme.INSIDE - _CHANCE, _CHANCE)
    return Columns((_DOT, chance[0] - _DOT - 4), chance, notes, bars, value)


class LinesHead(QWidget):
    """The headings over the lines."""

    def __init__(self) -> None:
        super().__init__()
        self._names = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.ROW)
        self.setToolTip(
            tr(
                "What the network says behind the defence, of the clean and of the attacked"
                " picture. Distance: between its probabilities with and without the defence,"
                " from 0 to 2; a large one betrays an attack."
            )
        )

    def set_names(self, names: int) -> None:
        """Stand over lines whose longest class is so wide."""
        self._names = names
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write them."""
        painter, at = painting.begin(self), columns(self.width(), self._names)
        said = QRect(0, 0, at.chance[0], self.height())
        painting.text(painter, said, tr("Says"), "tick", "text3", _LEFT)
        left, width = at.note
        if width < _WORD:
            painting.text(
                painter, QRect(left, 0, width, self.height()), tr("Points"), "tick", "text3"
            )
        far = QRect(at.bar[0], 0, self.width() - at.bar[0], self.height())
        painting.text(painter, far, tr("Distance"), "tick", "text3", _LEFT)


class DefenceLines(QWidget):
    """One line of the clean picture and one of the adversarial one."""

    def __init__(self) -> None:
        super().__init__()
        self.said: tuple[Said | None, Said | None] = (None, None)
        self._names, self._stale = 0, False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(2 * _LINE)

    def set_lines(
        self, clean: Said | None, adversarial: Said | None, names: int, *, stale: bool
    ) -> None:
        """Show what is said, None for what is not known; the longest class of all is so wide."""
        self.said, self._names, self._stale = (clean, adversarial), names, stale
        told = []
        for name, said in zip(_NAMES, self.said, strict=True):
            if said is not None:
                told.append(
                    tr(
                        "{name}: {label} {probability}, {note}, distance {distance:.2f}",
                        name=name,
                        label=said.label,
                        probability=said.probability,
                        note=said.note,
                        distance=said.distance,
                    )
                )
        self.setAccessibleName("; ".join(told) or tr("Not computed"))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for a class of some length."""
        return QSize(_WIDE, 2 * _LINE)

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(240, 2 * _LINE)

    def event(self, event: QEvent) -> bool:
        """Tell the exact figures of the line under the cursor."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            said = self.said[min(max(event.pos().y() // _LINE, 0), 1)]
            QToolTip.showText(event.globalPos(), "" if said is None else said.tooltip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both lines."""
        painter = painting.begin(self)
        for place, said in enumerate(self.said):
            painter.save()
            painter.translate(0, place * _LINE)
            if said is not None:
                self._paint(painter, said, _TOKENS[place])
            painter.restore()

    def _paint(self, painter: QPainter, said: Said, token: str) -> None:
        at, words = columns(self.width(), self._names), "text3" if self._stale else "text1"
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        painting.dot(painter, QPointF(4, _LINE / 2), 7, theme.color(token))
        painter.setOpacity(1.0)
        room = QRect(at.label[0], 0, at.name_room(said.probability), _LINE)
        painting.text(painter, room, said.label or "–", "body", words)
        painting.text(painter, _cell(at.chance), said.probability, "body", words, _RIGHT)
        self._paint_note(painter, said, at)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        left, width = at.bar
        bar = QRectF(left, (_LINE - _BAR) / 2, width, _BAR)
        painting.bar(painter, bar, said.distance / FARTHEST, token)
        painter.setOpacity(1.0)
        figure = f"{said.distance:.2f}"
        painting.text(painter, _cell(at.value), figure, "tick", self._tone("text2"), _RIGHT)

    def _paint_note(self, painter: QPainter, said: Said, at: Columns) -> None:
        left, width = at.note
        if said.good is None and not said.note[:1].isalpha():
            note = said.note if width >= _WORD else said.note.partition(" ")[0]
            painting.text(painter, _cell(at.note), note, "caption", self._tone("text2"))
            return
        icon, token = "minus", "text3"
        if said.good is not None:
            icon = "check-circle" if said.good else "x-circle"
            token = self._tone("success" if said.good else "adversarial")
        icons.paint(painter, QRect(left, (_LINE - 14) // 2, 14, 14), icon, theme.color(token))
        if width >= _WORD:
            room = QRect(left + 18, 0, width - 18, _LINE)
            painting.text(painter, room, said.note, "caption", token)

    def _tone(self, token: str) -> str:
        return "text3" if self._stale else token


def _cell(column: tuple[int, int]) -> QRect:
    return QRect(column[0], 0, column[1], _LINE)

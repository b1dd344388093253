"""The lower part of a network's card: open it, fetch its weights, look at it untrained."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    FailureCard,
    IconButton,
    Label,
    NumberBox,
    window_parts,
)
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.networks.progress_line import ProgressLine
from cnnviz_gui.state.catalogue_view import Row
from cnnviz_gui.state.network_offer import Act, Choice, Offer
from cnnviz_gui.texts import tr

_OTHERS = 2
_SEEDS = 2**31
_UNTRAINED = tr("Random weights: what it predicts means nothing.")


class ActionsBox(QFrame):
    """Says how it stands with a network and offers what can be done."""

    acted = Signal(object)
    """The ``Act`` that was chosen."""
    untrained_wanted = Signal(object)
    """Open the network with random weights from this seed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.surface(self, "panel")
        self._offer = Offer()
        self._busy = BusyArc(14)
        self._note = Label("", "caption", "text2", wrap=True)
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._progress = ProgressLine()
        self._failure = FailureCard()
        theme.surface(self._failure, "note")
        self._first = Button("", kind="primary")
        self._first.clicked.connect(self._on_first)
        self._others = [Button("") for _ in range(_OTHERS)]
        for place, button in enumerate(self._others):
            button.clicked.connect(functools.partial(_choose_other, self.choose_other, place))
        self._seed = NumberBox(tr("Seed of the random weights"))
        self._seed.set_scale(0, _SEEDS - 1, 1, whole=True)
        self._seed.set_value(0)
        self._dice = IconButton("dice-five", tr("A random seed"), tr("Seed: random"), boxed=True)
        self._dice.clicked.connect(self._on_dice)
        self._untrained = Button(tr("Open untrained"))
        self._untrained.clicked.connect(self._on_untrained)
        self._lay_out()

    def _lay_out(self) -> None:
        note = QHBoxLayout()
        note.setSpacing(8)
        note.addWidget(self._busy, 0, Qt.AlignmentFlag.AlignTop)
        note.addWidget(self._note, 1)
        others = QHBoxLayout()
        others.setSpacing(theme.INSIDE)
        for button in self._others:
            others.addWidget(button, 1)
        seed = QHBoxLayout()
        seed.setSpacing(theme.INSIDE)
        label = Label(tr("Seed"), "body", "text2")
        label.setBuddy(self._seed)
        seed.addWidget(label)
        seed.addWidget(self._seed, 1)
        seed.addWidget(self._dice)
        seed.addWidget(self._untrained)
        line = window_parts.line()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.PADDING)
        column.setSpacing(theme.INSIDE)
        rows: tuple[QWidget | QLayout, ...] = (
            self._failure,
            note,
            self._progress,
            self._first,
            others,
            line,
            Label(_UNTRAINED, "caption", "text2", wrap=True),
            seed,
        )
        for row in rows:
            if isinstance(row, QWidget):
                column.addWidget(row)
            else:
                add_layout(column, row)
        column.insertSpacing(column.indexOf(line), 2)

    def show_offer(self, row: Row | None, offer: Offer) -> None:
        """Show what can be done with a network; None: there is none."""
        self._offer = offer
        self._busy.setVisible(offer.busy)
        self._busy.start() if offer.busy else self._busy.stop()
        self._note.setText(offer.note)
        self._note.setVisible(bool(offer.note))
        self._progress.setVisible(offer.progress is not None)
        if offer.progress is not None:
            self._progress.show_download(offer.progress, offer.ahead)
        self._failure.setVisible(offer.problem is not None)
        if offer.problem is not None:
            said = (offer.problem.message, offer.problem.advice, offer.problem.details)
            if said != self._told():
                self._failure.set_failure(*said)
        _dress(self._first, offer.first)
        for place, button in enumerate(self._others):
            _dress(button, offer.others[place] if place < len(offer.others) else None)
        for widget in (self._seed, self._dice, self._untrained):
            widget.setEnabled(row is not None and not offer.busy)

    def _told(self) -> tuple[str, str, str]:
        card = self._failure
        return card.message.text(), card.advice.text(), card.details.toPlainText()

    def seed(self) -> int:
        """Return the seed for random weights."""
        return int(self._seed.value())

    def choose_other(self, place: int) -> None:
        """Do what one of the lesser buttons says."""
        self.acted.emit(self._offer.others[place].act)

    @Slot()
    def _on_first(self) -> None:
        if self._offer.first is not None:
            self.acted.emit(self._offer.first.act)

    @Slot()
    def _on_dice(self) -> None:
        self._seed.set_value(random.randrange(_SEEDS))

    @Slot()
    def _on_untrained(self) -> None:
        self.untrained_wanted.emit(self.seed())


def _choose_other(choose: Callable[[int], None], place: int, checked: bool = False) -> None:
    choose(place)


def _dress(button: Button, choice: Choice | None) -> None:
    button.setVisible(choice is not None)
    if choice is not None:
        button.setText(choice.words)
        button.set_icon(choice.icon)
        button.setToolTip(choice.help)


__all__ = ["Act", "ActionsBox"]

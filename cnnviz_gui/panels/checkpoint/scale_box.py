"""What the network expects of a picture: its size, and how its colours are normalised."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui.core.facts import Expected
from cnnviz_gui.core.result import ByteArray, NormalisationGuess
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.checkpoint.guesses import Guesses
from cnnviz_gui.panels.checkpoint.picture_name import PictureName
from cnnviz_gui.panels.controls import BusyArc, Button, ComboBox, Label, NumberBox
from cnnviz_gui.panels.controls.number_box import written
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state.checkpoint_form import (
    ARCHITECTURE,
    LARGEST_SIZE,
    LEAST_SIZE,
    OWN,
    PRESETS,
    Triple,
)
from cnnviz_gui.texts import tr

_CHANNELS = {"red": tr("red"), "green": tr("green"), "blue": tr("blue")}
_ROWS = {"Mean": tr("Mean"), "Std": tr("Std")}
_HELP = tr("Rank the usual normalisations by how sure each makes the network")
_GUESS = tr("A guess from one picture: the surest network is not always the rightly fed one.")
_AS_ARCHITECTURE, _USUAL = tr("As the architecture"), tr("The usual: ImageNet's")
_LEAST_GUESSES, _MOST_GUESSES = 116, 340
"""Heights of the place for what the probe finds: it is kept before there is anything."""


class ScaleBox(QWidget):
    """Input size, mean and standard deviation, presets, and the probe that ranks them."""

    sized = Signal(object)
    """The side of the input in pixels."""
    preset_chosen = Signal(object)
    """Key of a preset, ``ARCHITECTURE`` included."""
    numbers_chosen = Signal(object, object)
    """Mean and standard deviation."""
    probe_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = NumberBox(tr("Input size"))
        self._size.set_scale(LEAST_SIZE, LARGEST_SIZE, 1, tr("pixels"), whole=True)
        self._size.chosen.connect(self.sized)
        self._preset = ComboBox(tr("Normalisation"))
        self._preset.addItem(_AS_ARCHITECTURE, ARCHITECTURE)
        for preset in PRESETS:
            self._preset.addItem(preset.title, preset.key)
        self._preset.addItem(tr("My own numbers"), OWN)
        self._preset.activated.connect(self._on_preset)
        self._boxes = {(row, colour): _box(row, colour) for row in _ROWS for colour in _CHANNELS}
        for box in self._boxes.values():
            box.chosen.connect(self._on_number)
        self.probe = Button(tr("Probe on this picture"), "crosshair-simple")
        self.probe.clicked.connect(self.probe_wanted)
        self._picture = PictureName()
        self._arc = BusyArc()
        self._said = Label("", "caption", "text2", wrap=True)
        self.guesses = Guesses()
        self.guesses.chosen.connect(self._on_guess)
        self._expected: Expected | None = None
        self._why_not, self._words, self._tone = "", "", "text2"
        self._lay_out()
        self.say_probe("")

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.INSIDE)
        grid.setVerticalSpacing(theme.INSIDE)
        size, preset = (
            Label(tr("Input size"), "body", "text2"),
            Label(tr("Colours"), "body", "text2"),
        )
        size.setBuddy(self._size)
        preset.setBuddy(self._preset)
        first = QHBoxLayout()
        first.setSpacing(theme.INSIDE)
        self._size.setFixedWidth(104)
        first.addWidget(self._size)
        first.addSpacing(theme.INSIDE)
        first.addWidget(preset)
        first.addWidget(self._preset, 1)
        grid.addWidget(size, 0, 0)
        add_layout(grid, first, 0, 1, 1, 3)
        for column, colour in enumerate(_CHANNELS.values(), start=1):
            caption = Label(colour, "tick", "text3")
            caption.setAlignment(Qt.AlignmentFlag.AlignBottom)
            grid.addWidget(caption, 1, column)
        for row, (name, title) in enumerate(_ROWS.items(), start=2):
            label = Label(title, "body", "text2")
            label.setToolTip(
                tr("Subtracted from each colour in [0, 1]")
                if name == "Mean"
                else tr("What each colour is divided by, after the mean is subtracted")
            )
            grid.addWidget(label, row, 0)
            for column, colour in enumerate(_CHANNELS, start=1):
                grid.addWidget(self._boxes[name, colour], row, column)
        grid.setColumnMinimumWidth(0, theme.LABEL_COLUMN)
        for column in (1, 2, 3):
            grid.setColumnStretch(column, 1)
        probe = QHBoxLayout()
        probe.setSpacing(theme.INSIDE)
        probe.addWidget(self.probe)
        probe.addWidget(self._picture, 1)
        probe.addWidget(self._arc)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        add_layout(column, grid)
        add_layout(column, probe)
        column.addWidget(self._said)
        column.addWidget(_scrolled(self.guesses), 1)

    def show_size(self, side: int) -> None:
        """Show the side of the input."""
        self._size.set_value(side)

    def show_normalisation(self, preset: str, mean: Triple | None, std: Triple | None) -> None:
        """Show a normalisation; without numbers it is what the network expects, in grey."""
        expected = self._expected
        usual = {"Mean": expected.mean, "Std": expected.std} if expected is not None else {}
        self._preset.setCurrentIndex(self._preset.findData(preset))
        for row, triple in (("Mean", mean), ("Std", std)):
            for place, colour in enumerate(_CHANNELS):
                box = self._boxes[row, colour]
                box.setEnabled(triple is not None)
                box.set_value(triple[place] if triple is not None else 0)
                known = row in usual and triple is None
                box.lineEdit().setPlaceholderText(written(usual[row][place]) if known else "")
                if triple is None:
                    box.lineEdit().clear()
        self.guesses.mark(mean, std)

    def expect(self, expected: Expected | None, *, program: bool) -> None:
        """Take what the network expects where nothing else is said.

        ``program``: the file brings a network of its own, and no architecture says it.
        """
        self._expected = expected
        self._preset.setItemText(0, _USUAL if program else _AS_ARCHITECTURE)
        said = tr("The file does not say how its pictures were normalised.") if program else ""
        self._preset.setToolTip(said)

    def show_picture(self, title: str, thumbnail: ByteArray | None) -> None:
        """Show on which picture is probed; an empty title for none."""
        self._picture.show_picture(title, thumbnail)

    def show_guesses(self, guesses: tuple[NormalisationGuess, ...]) -> None:
        """Show what the probe found."""
        self._arc.stop()
        self.guesses.show_guesses(guesses)
        self.say_probe(_GUESS if guesses else "")

    def show_probing(self) -> None:
        """Show that the probe is at work."""
        self.probe.setEnabled(False)
        self._arc.start()

    def let_probe(self, why_not: str) -> None:
        """Offer the probe, or say why it cannot be."""
        self._arc.stop()
        self.probe.setEnabled(not why_not)
        self.probe.setToolTip(why_not or _HELP)
        if why_not != self._why_not:
            self._why_not = why_not
            self.say_probe(self._words, self._tone)

    def say_probe(self, text: str, tone: str = "text2") -> None:
        """Say something of the probe, unless it cannot be; empty for what it does."""
        self._words, self._tone = text, tone
        self._said.setText(self._why_not or text or f"{_HELP}.")
        self._said.set_tone("text2" if self._why_not else tone)

    @Slot(int)
    def _on_preset(self, place: int) -> None:
        key = self._preset.itemData(place)
        if key == OWN:
            self._on_number(None)
        else:
            self.preset_chosen.emit(key)

    @Slot(object)
    def _on_number(self, number: object) -> None:
        mean, std = (
            tuple(float(self._boxes[row, colour].value()) for colour in _CHANNELS) for row in _ROWS
        )
        if not all(std):  # of the architecture: nothing has been typed yet
            usual = self._expected or PRESETS[0]
            mean, std = usual.mean, usual.std
        self.numbers_chosen.emit(mean, std)

    @Slot(object)
    def _on_guess(self, guess: NormalisationGuess) -> None:
        self.numbers_chosen.emit(guess.mean, guess.std)


def _scrolled(guesses: Guesses) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidget(guesses)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setMinimumHeight(_LEAST_GUESSES)
    scroll.setMaximumHeight(_MOST_GUESSES)
    scroll.setAccessibleName(tr("What the probe found"))
    theme.surface(guesses, "panel")
    return scroll


def _box(row: str, colour: str) -> NumberBox:
    title = tr("Mean") if row == "Mean" else tr("Standard deviation")
    box = NumberBox(f"{title}, {_CHANNELS[colour]}")
    low, high = (-256.0, 256.0) if row == "Mean" else (1e-6, 256.0)
    box.set_scale(low, high, 0.01)
    return box

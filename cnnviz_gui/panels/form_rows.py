"""The lines of a parameter form, one kind for each kind of parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.params import Spec, Value
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    ComboBox,
    ElidedLabel,
    IconButton,
    NumberBox,
    Segmented,
    Toggle,
    painting,
)
from cnnviz_gui.panels.controls.number_box import written
from cnnviz_gui.texts import tr

_SEGMENTS = 3
_ROOM = theme.RIGHT_DOCK - 2 * theme.PADDING - theme.LABEL_COLUMN - theme.INSIDE
"""Width of the column of controls in a dock of the usual width."""
_BAR = 10
"""What a scroll bar takes of it."""


class Row(QWidget):
    """A label, its control, and whether the value is another than the default."""

    chosen = Signal(object, object)
    """Name and new value, by the user."""
    dice = Signal(object)
    """Name of the parameter for which the user wants a random value."""

    control: QWidget

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self._spec = spec
        self._zero: Sequence[str] = ()
        self.modified = False
        self.label = ElidedLabel(spec.label, "body", "text2")
        self.setFixedHeight(theme.CONTROL)
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)
        self.line.setSpacing(theme.INSIDE)

    def _finish(self, *after: QWidget) -> None:
        self.label.setFixedWidth(theme.LABEL_COLUMN)
        self.label.setFixedHeight(theme.CONTROL)
        self.label.setBuddy(self.control)
        for widget in (self.label, self.control, *after):
            self.line.addWidget(widget)

    def show_value(self, spec: Spec, value: Value, zero: Sequence[str] = ()) -> None:
        """Show a value beside the range it has now.

        ``zero`` is what it says where it is 0, the longest words first.
        """
        self._spec = spec
        self._zero = zero
        self.modified = value != spec.default
        tooltip = _tooltip(spec, value)
        self.label.set_tooltip(tooltip)
        self.control.setToolTip(tooltip)
        self.control.setAccessibleDescription(spec.help)
        self._show(value)

    def _show(self, value: Value) -> None:
        raise NotImplementedError

    def _on_value(self, value: Value) -> None:
        self.chosen.emit(self._spec.name, value)


class _NumberRow(Row):
    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._box = self.control = NumberBox(spec.label)
        self._box.chosen.connect(self._on_value)
        if spec.role == "seed":
            dice = IconButton(
                "dice-five",
                tr("A random seed"),
                tr("{label}: random", label=spec.label),
                boxed=True,
            )
            dice.clicked.connect(self._on_dice)
            self._finish(dice)
        else:
            self._finish()

    def _show(self, value: Value) -> None:
        spec = self._spec
        self._box.set_scale(
            spec.minimum, spec.maximum, spec.step, spec.unit, whole=spec.kind == "int"
        )
        self._box.set_zero(*self._zero)
        self._box.set_value(value)  # type: ignore[arg-type]  # a number's value is one

    def _on_dice(self) -> None:
        self.dice.emit(self._spec.name)


class _SegmentRow(Row):
    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._choice = self.control = Segmented(spec.choices, spec.label)
        if self._choice.sizeHint().width() > _ROOM - _BAR:
            self._choice.give_way()
        self._choice.chosen.connect(self._on_value)
        self._finish()
        buttons = self._choice.buttons()
        if buttons:
            self.label.setBuddy(buttons[0])

    def _show(self, value: Value) -> None:
        self._choice.set_value(value)


class _ComboRow(Row):
    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._box = self.control = ComboBox(spec.label)
        for value, word in spec.choices:
            self._box.addItem(word, value)
        self._box.activated.connect(self._on_activated)
        self._finish()

    def _show(self, value: Value) -> None:
        self._box.setCurrentIndex(self._box.findData(value))

    def _on_activated(self, place: int) -> None:
        self._on_value(self._box.itemData(place))


class _FlagRow(Row):
    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self._toggle = self.control = Toggle(spec.label)
        self._toggle.chosen.connect(self._on_value)
        self.label.setBuddy(self._toggle)
        self.label.setFixedHeight(theme.CONTROL)
        self.line.addWidget(self.label, 1)
        self.line.addWidget(self._toggle)

    def _show(self, value: Value) -> None:
        self._toggle.setChecked(bool(value))


def make_row(spec: Spec) -> Row:
    """Return the line for a parameter: a few short words stand side by side, more in a list."""
    if spec.kind == "bool":
        return _FlagRow(spec)
    if spec.kind != "choice":
        return _NumberRow(spec)
    widest = max((painting.width_of(word, "strong") for _, word in spec.choices), default=0) + 12
    fits = len(spec.choices) <= _SEGMENTS and widest * len(spec.choices) <= _ROOM
    return _SegmentRow(spec) if fits else _ComboRow(spec)


def _tooltip(spec: Spec, value: Value) -> str:
    lines = [spec.help]
    if spec.kind in ("int", "float"):
        unit = f" {spec.unit}" if spec.unit else ""
        low, high = (written(end) for end in (spec.minimum, spec.maximum))
        if math.isfinite(spec.minimum) and math.isfinite(spec.maximum):
            usual = written(float(spec.default))
            lines.append(
                tr(
                    "From {low} to {high}{unit}; default {usual}.",
                    low=low,
                    high=high,
                    unit=unit,
                    usual=usual,
                )
            )
        exact = repr(value).removesuffix(".0")
        if isinstance(value, float) and exact != fmt.plain(value):
            lines.append(tr("Exactly {exact}{unit}.", exact=exact, unit=unit))
    return "\n".join(lines)

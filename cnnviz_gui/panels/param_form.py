"""A form made from the descriptions of a method's parameters.

The form holds the values and a control edits only its own: a number that was set from outside
survives in full whatever its box shows of it, and editing one parameter leaves the others alone.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz_gui.core.params import Spec, Value
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Button, IconButton, SectionHeader, painting
from cnnviz_gui.panels.controls.number_box import written
from cnnviz_gui.panels.form_rows import Row, make_row
from cnnviz_gui.panels.layouts import drop
from cnnviz_gui.panels.places import keep_fold
from cnnviz_gui.texts import tr

_SEEDS = 10_000
"""A seed from the dice stays below this: four digits can be read out and typed again."""


class ParamForm(QWidget):
    """One line a parameter: label at the left, control at the right, a dot where it was changed.

    With a ``title`` the form has a header with a button that puts all defaults back. Parameters
    named in ``folds`` stand last, under a title that folds them away, folded at first.
    """

    edited = Signal(object)
    """All values, ``{name: value}``, after the user changed one of them."""
    modified_changed = Signal(bool)
    """Whether any value differs from its default."""

    def __init__(
        self,
        title: str = "",
        parent: QWidget | None = None,
        folds: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(parent)
        self._folds = {title: tuple(names) for title, names in (folds or {}).items()}
        self._heads: dict[str, Button] = {}
        self._beneath: dict[str, QWidget] = {}
        self._specs: tuple[Spec, ...] = ()
        self._values: dict[str, Value] = {}
        self._rows: dict[str, Row] = {}
        self._kept: dict[tuple[str, Value], Value] = {}
        self._modified = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._reset = IconButton("arrow-counter-clockwise", tr("Put all defaults back"))
        self._reset.setEnabled(False)
        self._reset.clicked.connect(self.reset)
        self._header = SectionHeader(title or tr("Parameters"), top_line=True)
        self._header.add_tool(self._reset)
        self._header.setVisible(bool(title))
        self._column.addWidget(self._header)
        self._body = QWidget()
        self._lines = QVBoxLayout(self._body)
        self._lines.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
        self._lines.setSpacing(theme.INSIDE)
        self._column.addWidget(self._body)

    def set_specs(self, specs: Sequence[Spec], values: Mapping[str, Value] | None = None) -> None:
        """Show the parameters described by ``specs``; a value not given is its default. No signal.

        The same specs again only set the values, so that the keyboard focus stays where it is.
        """
        built = tuple(specs) != self._specs
        if built:
            self._specs = tuple(specs)
            self._kept.clear()
            self._build()
        given = dict(values or {})
        start: dict[str, Value] = {spec.name: spec.default for spec in self._specs} | given
        for spec in self._specs:
            if spec.name not in given:
                start[spec.name] = spec.scaled(start).default
        now = {spec.name: start[spec.name] for spec in self._specs}
        if built or now != self._values:
            self._values = now
            self._show()

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Take values from outside, as they are; names the form does not have are left out."""
        self._values |= {name: value for name, value in values.items() if name in self._values}
        self._show()

    def values(self) -> dict[str, Value]:
        """Return all values, also of parameters that have no effect now."""
        return dict(self._values)

    def is_modified(self) -> bool:
        """Tell whether any value differs from its default."""
        return self._modified

    def reset(self) -> None:
        """Put all defaults back, as the user."""
        before = self.values()
        self._kept.clear()
        self.set_specs(self._specs)
        if self._values != before:
            self.edited.emit(self.values())

    def control(self, name: str) -> QWidget:
        """Return the control of a parameter."""
        return self._rows[name].control

    def row(self, name: str) -> QWidget:
        """Return the whole line of a parameter."""
        return self._rows[name]

    def set_beneath(self, name: str, line: QWidget) -> None:
        """Show a line that is no parameter beneath the one of a parameter that is not folded."""
        self._beneath[name] = line

    def _build(self) -> None:
        for line in self._beneath.values():
            self._lines.removeWidget(line)
        drop(self._lines, self._rows.values())
        self._rows = {}
        for spec in self._specs:
            row = make_row(spec)
            row.chosen.connect(self._on_chosen)
            row.dice.connect(self._on_dice)
            self._rows[spec.name] = row
        folded = {name for names in self._folds.values() for name in names}
        for name, row in self._rows.items():
            if name not in folded:
                self._lines.addWidget(row)
            if name in self._beneath:
                self._lines.addWidget(self._beneath[name])
        for title, names in self._folds.items():
            self._lines.addWidget(self._head(title), 0, Qt.AlignmentFlag.AlignLeft)
            for name in names:
                self._lines.addWidget(self._rows[name])

    def _head(self, title: str) -> Button:
        """Return the button that folds some parameters away; it stays when the form is rebuilt."""
        if title not in self._heads:
            head = self._heads[title] = Button(title, "caret-right", "quiet")
            head.setCheckable(True)
            keep_fold(head, title)
            head.toggled.connect(self._show)
        return self._heads[title]

    def fold(self, title: str) -> Button:
        """Return the button that folds the parameters of a title away."""
        return self._heads[title]

    def _on_chosen(self, name: str, value: Value) -> None:
        if self._values[name] == value:
            return
        self._rescale(name, value)
        self._values[name] = value
        self._show()
        self.edited.emit(self.values())

    def _on_dice(self, name: str) -> None:
        spec = self._scaled(name)
        low, high = int(spec.minimum), int(min(spec.maximum, spec.minimum + _SEEDS - 1))
        seed = int(self._values[name])
        while high > low and seed == self._values[name]:
            seed = random.SystemRandom().randint(low, high)  # not the global generator
        self._on_chosen(name, seed)

    def _rescale(self, name: str, value: Value) -> None:
        """Exchange the numbers whose scale hangs on ``name``; each scale keeps its own number."""
        after = self._values | {name: value}
        for spec in self._specs:
            old, new = spec.scaled(self._values), spec.scaled(after)
            if spec.depends_on == name and old != new:
                self._kept[spec.name, self._values[name]] = self._values[spec.name]
                self._values[spec.name] = self._kept.get((spec.name, value), new.default)

    def _scaled(self, name: str) -> Spec:
        spec = next(spec for spec in self._specs if spec.name == name)
        return spec.scaled(self._values)

    def _show(self) -> None:
        modified = False
        for spec in self._specs:
            now = spec.scaled(self._values)
            row = self._rows[spec.name]
            row.show_value(now, self._values[spec.name], self._zero(spec))
            row.setVisible(spec.active(self._values))
            modified = modified or row.modified
        self._reset.setEnabled(modified)
        if modified != self._modified:
            self._modified = modified
            self.modified_changed.emit(modified)
        for title, names in self._folds.items():
            self._show_fold(title, names)
        self._body.setVisible(bool(self._specs))
        self.update()

    def _zero(self, spec: Spec) -> tuple[str, ...]:
        """Return what stands in the place of 0 where a number is then chosen automatically."""
        if spec.automatic is None:
            return ()
        number = written(spec.automatic(self._values), 3)
        return tr("automatic: {number}", number=number), tr("auto: {number}", number=number)

    def _show_fold(self, title: str, names: Sequence[str]) -> None:
        head, rows = self._heads.get(title), [self._rows[name] for name in names if self._rows]
        if head is None:
            return
        open_, changed = head.isChecked(), sum(row.modified for row in rows)
        active = [row for row in rows if not row.isHidden()]
        head.setVisible(bool(active))
        head.set_icon("caret-down" if open_ else "caret-right")
        head.setText(
            tr("{title}, {changed} changed", title=title, changed=changed) if changed else title
        )
        named = ", ".join(row.label.text() for row in rows)
        if open_:
            head.setToolTip(tr("Hide {parameters}", parameters=named))
            head.setAccessibleName(tr("{title}: open", title=title))
        else:
            head.setToolTip(tr("Show {parameters}", parameters=named))
            head.setAccessibleName(tr("{title}: folded", title=title))
        for row in rows:
            row.setVisible(open_ and row in active)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dots of changed values, in the margin."""
        painter = painting.begin(self)
        painter.setPen(Qt.PenStyle.NoPen)
        for row in self._rows.values():
            if row.modified and row.isVisible():
                middle = row.mapTo(self, row.rect().center()).y() + 0.5
                painting.dot(painter, QPointF(8, middle), 5, theme.color("accent"))

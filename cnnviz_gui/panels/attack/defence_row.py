"""A defence as a row: its parameters, what it does, how an attack ends that knows it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core.params import Spec
from cnnviz_gui.panels import picture_paint, theme
from cnnviz_gui.panels.attack.defence_lines import DefenceLines, LinesHead
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    ComboBox,
    ElidedLabel,
    Label,
    NumberBox,
    Toggle,
    painting,
)
from cnnviz_gui.panels.convert import to_qimage
from cnnviz_gui.panels.layouts import add_layout, drop
from cnnviz_gui.state.defence_view import Known, Row
from cnnviz_gui.texts import tr, within

NAME, KNOWN, THUMB = 184, 108, 52
_FIELD = 88
_TONES = {"broken": "adversarial", "holds": "success"}
"""Of how the attack that knows a defence ended."""
_TALL = 68
_KNOW = tr("Run the same attack, with the same budget, against the network behind this defence")
_KNOWN_HEAD = tr(
    "How the same attack ends that knows the defence: gradients passed straight"
    " through what has none, means over draws of what is random."
)


class Thumb(QWidget):
    """The adversarial picture as the defence shows it."""

    def __init__(self) -> None:
        super().__init__()
        self._given: object = None
        self._picture: QImage | None = None
        self._stale = False
        self.setFixedSize(THUMB, THUMB)

    def set_picture(self, pixels: object, title: str, *, stale: bool) -> None:
        """Show pixels, uint8 (H, W, 3), or nothing."""
        if pixels is not self._given:
            self._given = pixels
            self._picture = None if pixels is None else to_qimage(pixels)  # type: ignore[arg-type]
        self._stale = stale
        said = (
            tr("The adversarial picture behind {defence}", defence=title)
            if pixels is not None
            else ""
        )
        painting.name(self, said, said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or its place."""
        painter, rect = QPainter(self), QRectF(self.rect())
        if self._picture is None:
            painting.box(painter, rect, theme.R_TILE, "raised")
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(theme.STALE_OPACITY if self._stale else 1.0)
        painter.drawImage(rect, self._picture)
        painter.setOpacity(1.0)
        picture_paint.round_corners(painter, rect, theme.R_TILE, theme.color("window"))


class KnownCell(QStackedWidget):
    """A button, an arc while the attack runs, or how it ended."""

    wanted = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setFixedWidth(KNOWN)
        self.button = Button(tr("Let it know"), "lightning")
        painting.name(self.button, tr("Attack knowing {defence}", defence=title), _KNOW)
        self.button.clicked.connect(self.wanted)
        self.arc = BusyArc()
        self.headline = Label("", "title", "text1")
        self.detail = ElidedLabel("", "caption", "text2")
        self.waits = Label("", "caption", "text3")
        at_work = QWidget()
        line = QHBoxLayout(at_work)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.INSIDE)
        line.addWidget(self.arc)
        line.addWidget(self.waits, 1)
        for widgets in ((self.button,), (at_work,), (self.headline, self.detail)):
            page = QWidget()
            column = QVBoxLayout(page)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(2)
            column.addStretch(1)
            for widget in widgets:
                column.addWidget(widget)
            column.addStretch(1)
            self.addWidget(page)

    def set_known(self, known: Known) -> None:
        """Show how far the attack is, or how it ended."""
        self.setCurrentIndex({"unasked": 0, "waiting": 1, "queued": 1}.get(known.state, 2))
        if known.state == "waiting":
            self.arc.start()
        else:
            self.arc.stop()
        self.arc.setVisible(known.state == "waiting")
        self.waits.setText(tr("Attacking…") if known.state == "waiting" else tr("Waiting"))
        self.headline.setText(known.headline)
        self.headline.set_tone(_TONES.get(known.state, "text2"))
        self.detail.setText(known.label)
        for label in (self.headline, self.detail):
            label.setToolTip(known.tooltip)
        self.detail.set_tooltip(known.tooltip)
        self.setAccessibleName(f"{known.headline} {known.label}".strip())


class DefenceRowView(QWidget):
    """One row of the table."""

    switched = Signal(object, object)
    """Name of the defence, and whether it is on."""
    changed = Signal(object, object, object)
    """Name of the defence, name of its parameter, new value."""
    known = Signal(object)
    """Name of the defence that the attack is to know."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        method = row.method
        self._name = method.name
        self.setFixedHeight(_TALL)
        self.toggle = Toggle(method.title, tr("Try {defence} on the attack", defence=method.title))
        self.toggle.chosen.connect(self._on_switched)
        self.thumb = Thumb()
        self.title = ElidedLabel(method.title, "strong")
        self.title.set_tooltip(f"{method.summary}\n{method.formula}\n{method.paper}")
        self.lines = DefenceLines()
        self.cell = KnownCell(method.title)
        self.cell.wanted.connect(self._on_known)
        self._fields = QHBoxLayout()
        self._fields.setContentsMargins(0, 0, 0, 0)
        self._fields.setSpacing(theme.INSIDE)
        self._fields.addStretch(1)
        self.fields: dict[str, NumberBox | ComboBox] = {}
        named = QWidget()
        named.setFixedWidth(NAME)
        column = QVBoxLayout(named)
        column.setContentsMargins(0, 6, 0, 6)
        column.setSpacing(2)
        column.addWidget(self.title)
        add_layout(column, self._fields)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.GAP)
        for widget in (self.toggle, self.thumb, named):
            across.addWidget(widget)
        across.addWidget(self.lines, 1)
        across.addWidget(self.cell)
        self.draw(row, narrow=False)

    def draw(self, row: Row, names: int = 0, *, narrow: bool) -> None:
        """Show the row, ``names`` as of its lines; a narrow one without its picture."""
        self.toggle.setChecked(row.on)
        self.thumb.setVisible(not narrow)
        self.thumb.set_picture(row.seen, row.method.title, stale=row.stale)
        self.title.set_tone("text1" if row.on else "text3")
        self._draw_fields(row)
        self.lines.set_lines(row.clean, row.adversarial, names, stale=row.stale)
        self.cell.set_known(row.known)
        self.cell.setVisible(row.on and row.clean is not None)
        kept = self.cell.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.cell.setSizePolicy(kept)

    def _draw_fields(self, row: Row) -> None:
        wanted = [spec.name for spec in row.controls]
        if list(self.fields) != wanted:
            drop(self._fields, self.fields.values())
            self.fields = {spec.name: self._make(spec) for spec in row.controls}
            for place, field in enumerate(self.fields.values()):
                self._fields.insertWidget(place, field)
        for spec in row.controls:
            field, value = self.fields[spec.name], row.values[spec.name]
            field.setEnabled(row.on)
            if isinstance(field, NumberBox):
                field.set_value(value)  # type: ignore[arg-type]  # a number's value is one
            else:
                field.setCurrentIndex(field.findData(value))

    def _make(self, spec: Spec) -> NumberBox | ComboBox:
        title = f"{self.title.text()}: {spec.label}"
        field: NumberBox | ComboBox
        if spec.kind == "choice":
            field = ComboBox(title)
            for value, word in spec.choices:
                field.addItem(word, value)
            field.activated.connect(self._on_activated)
        else:
            field = NumberBox(title)
            whole = spec.kind == "int"
            unit = spec.unit or within(spec.label)
            field.set_scale(spec.minimum, spec.maximum, spec.step, unit, whole=whole)
            field.chosen.connect(self._on_typed)
        field.setFixedWidth(_FIELD)
        field.setProperty("parameter", spec.name)
        field.setToolTip(f"{spec.label}. {spec.help}")
        return field

    @Slot(int)
    def _on_activated(self, place: int) -> None:
        box = self.sender()
        if isinstance(box, ComboBox):
            self.changed.emit(self._name, box.property("parameter"), box.itemData(place))

    @Slot(object)
    def _on_typed(self, value: object) -> None:
        box = self.sender()
        if isinstance(box, NumberBox):
            self.changed.emit(self._name, box.property("parameter"), value)

    @Slot(object)
    def _on_switched(self, on: object) -> None:
        self.switched.emit(self._name, on)

    @Slot()
    def _on_known(self) -> None:
        self.known.emit(self._name)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line above the row."""
        QPainter(self).fillRect(QRect(0, 0, self.width(), 1), theme.color("line"))


class TableHead(QWidget):
    """The headings of the table."""

    def __init__(self) -> None:
        super().__init__()
        self._first = Label(tr("Defence"), "tick", "text3")
        self._lines = LinesHead()
        known = Label(tr("Attack that knows it"), "tick", "text3")
        known.setFixedWidth(KNOWN)
        known.setToolTip(_KNOWN_HEAD)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.GAP)
        across.addWidget(self._first)
        across.addWidget(self._lines, 1)
        across.addWidget(known)
        self.draw(narrow=False)

    def draw(self, names: int = 0, *, narrow: bool) -> None:
        """Fit the headings to rows with or without pictures."""
        self._lines.set_names(names)
        before = 32 + theme.GAP + NAME + (0 if narrow else THUMB + theme.GAP)
        self._first.setFixedWidth(before)
        self._first.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

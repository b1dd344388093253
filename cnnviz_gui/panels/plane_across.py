"""Chooses what lies across the attack on the decision plane: a class, or a picture of the strip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.class_picker import ClassPicker
from cnnviz_gui.panels.controls import ComboBox, Label
from cnnviz_gui.state import plane_view, prediction_view
from cnnviz_gui.state.app_state import AppState, StripEntry
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "image", "strip", "stage", "model", "target", "finding.predict"),
        *("plane_parameters", "plane_class", "plane_image"),
    }
)
_THUMBNAIL = 20


class AcrossRows(QWidget):
    """The class whose attack lies across, or the other picture; neither for a random direction."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.picker = ClassPicker(purpose=tr("Class across"), none=tr("Likeliest other"))
        self.picker.chosen.connect(self._on_class)
        self.pictures = ComboBox(tr("Picture across"))
        self.pictures.setIconSize(QSize(_THUMBNAIL, _THUMBNAIL))
        self.pictures.activated.connect(self._on_picture)
        self._shown: list[StripEntry] = []
        self._class_row = _row(tr("Class"), self.picker)
        self._class_row.setToolTip(tr("The attack towards this class gives the direction across"))
        self._picture_row = _row(tr("Picture"), self.pictures)
        self._picture_row.setToolTip(tr("The way to this picture gives the direction across"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.INSIDE)
        column.addWidget(self._class_row)
        column.addWidget(self._picture_row)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_class(self, index: int | None) -> None:
        self._state.select(plane_class=index)

    @Slot(int)
    def _on_picture(self, place: int) -> None:
        if place < len(self._shown):
            self._state.select(plane_image=self._shown[place].ref)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "plane":
            self._draw()

    def _draw(self) -> None:
        selection, facts = self._state.selection, self._state.shared.facts
        across = selection.plane_parameters.across
        self.setVisible(across != "random")
        self._class_row.setVisible(across == "class")
        self._picture_row.setVisible(across == "image")
        best = [row.index for row in prediction_view.rows(self._state)]
        self.picker.set_labels(facts.labels if facts is not None else (), first=best[1:])
        self.picker.set_current(selection.plane_class)
        self._draw_pictures()

    def _draw_pictures(self) -> None:
        entries = plane_view.others(self._state)
        if entries != self._shown or not self.pictures.count():
            self._shown = entries
            self.pictures.clear()
            for entry in entries:
                self.pictures.addItem(_icon(entry), entry.title)
            if not entries:
                self.pictures.addItem(tr("Open a second picture"))
        self.pictures.setEnabled(bool(entries))
        chosen = plane_view.other_image(self._state)
        refs = [entry.ref for entry in entries]
        self.pictures.setCurrentIndex(refs.index(chosen) if chosen in refs else 0)


def _icon(entry: StripEntry) -> QIcon:
    if entry.thumbnail is None:
        return QIcon()
    from cnnviz_gui.panels.convert import to_qimage

    return QIcon(QPixmap.fromImage(to_qimage(entry.thumbnail)))


def _row(text: str, control: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.INSIDE)
    label = Label(text, "body", "text2")
    label.setFixedWidth(theme.LABEL_COLUMN)
    label.setBuddy(control)
    row.addWidget(label)
    row.addWidget(control, 1)
    return holder

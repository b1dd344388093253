"""The window of settings: each counts at once, so there is nothing to confirm."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from cnnviz_gui import texts
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.panels import pointing, theme
from cnnviz_gui.panels.controls import (
    Button,
    ComboBox,
    ElidedLabel,
    Label,
    NumberBox,
    SectionHeader,
    Segmented,
    Toggle,
)
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.texts import tr

_WIDTH = 560
_LABELS = 150
_FOOT, _FRAME = 60, 60
"""Heights: of the row of the button, and of what the desktop puts round a window."""
_SCHEMES = (("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark")))

_LANGUAGES = (("system", tr("System")), *texts.LANGUAGES.items())
_SIZES = tuple((size, f"{size} %") for size in (100, 125, 150, 200))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the window shows; the fields have the names of the settings."""

    scheme: str
    reduced_motion: bool
    high_contrast: bool
    language: str
    text_size: int
    """In per cent."""
    weights_folder: str
    """Empty for the usual one."""
    folder_in_use: str
    """Empty while it is unknown."""
    offline: bool
    device: str
    devices: tuple[DeviceFacts, ...]
    half_precision: bool
    half_problem: str
    """Why half precision cannot be used, or does not pay."""
    kept_mb: int
    kept_range: tuple[int, int]


class SettingsWindow(QDialog):
    """Appearance, weights, computing, and what is remembered."""

    edited = Signal(str, object)
    """The name of a setting and its new value."""
    folder_wanted = Signal()
    """Another folder for the weights is to be chosen."""
    show_wanted = Signal()
    """The folder of the weights is to be shown."""
    reset_wanted = Signal()
    """The layout is to be put back."""
    forget_wanted = Signal()
    """Recent pictures and networks are to be forgotten."""
    clear_wanted = Signal()
    """What is kept on disk is to be cleared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setFixedWidth(_WIDTH)
        self._shown: Shown | None = None
        self._scheme = Segmented(_SCHEMES, tr("Theme"))
        self._language = Segmented(_LANGUAGES, tr("Language"))
        self._size = Segmented(_SIZES, tr("Text size"))
        self._still = Toggle(tr("Reduced motion"), tr("Nothing moves by itself"))
        self._contrast = Toggle(tr("High contrast"), tr("Also where the system asks for it"))
        self._path = ElidedLabel("", "caption", "text1", mode=Qt.TextElideMode.ElideMiddle)
        self._choose = Button(tr("Choose…"))
        self._default = Button(tr("Default"))
        self._default.setToolTip(tr("Keep them where PyTorch keeps them"))
        self._show = Button(tr("Show"))
        self._offline = Toggle(
            tr("Offline mode"), tr("Fetch nothing from the network, even when asked")
        )
        self._device = ComboBox(tr("Compute on"))
        self._half = Toggle(tr("Half precision for predictions"))
        self._kept = NumberBox(tr("Memory for kept networks"))
        self._reset = Button(tr("Reset the layout"), "arrow-counter-clockwise")
        self._forget = Button(tr("Forget recent pictures and networks"), "trash")
        self._clear = Button(tr("Clear what is kept on disk"), "trash")
        self._clear.setToolTip(
            tr("Small pictures of channels, and what was found in folders: they are made again")
        )
        self._held = Label("", "caption", "text3")
        self._told = Label("", "caption", "success", wrap=True)
        self._connect()
        self._lay_out()

    def _connect(self) -> None:
        for control, name in (
            (self._scheme.chosen, "scheme"),
            (self._language.chosen, "language"),
            (self._size.chosen, "text_size"),
            (self._still.chosen, "reduced_motion"),
            (self._contrast.chosen, "high_contrast"),
            (self._offline.chosen, "offline"),
            (self._half.chosen, "half_precision"),
            (self._kept.chosen, "kept_mb"),
        ):
            control.connect(functools.partial(_tell, self.tell, name))
        self._device.activated.connect(self._on_device)
        self._default.clicked.connect(self._on_default)
        self._choose.clicked.connect(self.folder_wanted)
        self._show.clicked.connect(self.show_wanted)
        self._reset.clicked.connect(self.reset_wanted)
        self._forget.clicked.connect(self.forget_wanted)
        self._clear.clicked.connect(self.clear_wanted)

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setProperty("scrolled", True)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        close = Button(tr("Close"))
        close.clicked.connect(self.accept)
        for place, (title, rows) in enumerate(
            (
                (
                    tr("Appearance"),
                    (
                        _row(tr("Theme"), self._scheme),
                        _row(tr("High contrast"), self._contrast),
                        _row(tr("Language"), self._language, help_=tr("from the next start on")),
                        _row(tr("Text size"), self._size, help_=tr("from the next start on")),
                        _row(tr("Reduced motion"), self._still),
                    ),
                ),
                (
                    tr("Weights"),
                    (
                        _row(tr("Folder"), self._path, self._choose, self._default, self._show),
                        _row(tr("Offline mode"), self._offline, help_=tr("nothing is fetched")),
                    ),
                ),
                (
                    tr("Computing"),
                    (
                        _row(tr("Compute on"), self._device),
                        _row(
                            tr("Half precision"),
                            self._half,
                            help_=tr("for predictions, where it pays"),
                        ),
                        _row(tr("Memory kept"), self._kept, help_=tr("from the next start on")),
                    ),
                ),
                (
                    tr("Remembered"),
                    (_row("", self._reset, self._clear, self._held), _row("", self._forget)),
                ),
            )
        ):
            column.addWidget(SectionHeader(title, top_line=place > 0))
            body = QVBoxLayout()
            body.setContentsMargins(theme.PADDING, theme.GAP, theme.PADDING, theme.GAP)
            body.setSpacing(theme.INSIDE)
            for row in rows:
                body.addWidget(row)
            add_layout(column, body)
        foot = QHBoxLayout()
        foot.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, theme.PADDING)
        foot.addWidget(self._told, 1)
        foot.addWidget(close)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setAccessibleName(tr("Settings"))
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is inside takes the keys
        self._area.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._area, 1)
        add_layout(whole, foot)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as large as all settings, or as the screen; what has no room there scrolls."""
        super().showEvent(event)
        inner, bar = self._area.widget(), self._area.verticalScrollBar().sizeHint().width()
        room = self.screen().availableSize()
        self.setFixedWidth(min(max(_WIDTH, inner.minimumSizeHint().width() + bar), room.width()))
        wanted = inner.sizeHint().height() + _FOOT
        self.resize(self.width(), min(wanted, room.height() - _FRAME))

    def point_to(self, name: str) -> None:
        """Bring a setting into sight and give it the keyboard, by its name or that of a button."""
        pointing.point_to(
            {
                "scheme": self._scheme,
                "high_contrast": self._contrast,
                "language": self._language,
                "text_size": self._size,
                "reduced_motion": self._still,
                "weights_folder": self._choose,
                "offline": self._offline,
                "device": self._device,
                "half_precision": self._half,
                "kept_mb": self._kept,
                "clear": self._clear,
                "forget": self._forget,
            }[name]
        )

    def show_kept(self, size: int) -> None:
        """Say how many bytes are kept on disk."""
        self._held.setText(fmt.memory(size))

    def answer(self, text: str) -> None:
        """Say what came of a button, until the window is shown anew."""
        self._told.setText(text)

    def show_values(self, shown: Shown) -> None:
        """Show what counts now; no signal."""
        self._shown = shown
        self._scheme.set_value(shown.scheme)
        self._language.set_value(shown.language)
        self._size.set_value(shown.text_size)
        self._still.setChecked(shown.reduced_motion)
        self._contrast.setChecked(shown.high_contrast)
        self._path.setText(shown.folder_in_use or shown.weights_folder or tr("known in a moment"))
        self._default.setEnabled(bool(shown.weights_folder))
        self._show.setEnabled(bool(shown.folder_in_use))
        self._offline.setChecked(shown.offline)
        self._fill_devices(shown)
        self._half.setChecked(shown.half_precision and not shown.half_problem)
        self._half.setEnabled(not shown.half_problem)
        self._half.setToolTip(shown.half_problem or tr("Gradients are always exact"))
        self._kept.set_scale(*shown.kept_range, 128, "MB", whole=True)
        self._kept.set_value(shown.kept_mb)

    def _fill_devices(self, shown: Shown) -> None:
        self._device.clear()
        for place, one in enumerate(shown.devices):
            self._device.addItem(one.title, one.name)
            if one.problem:
                self._device.model().item(place).setEnabled(False)
                self._device.setItemData(place, one.problem, Qt.ItemDataRole.ToolTipRole)
        self._device.setCurrentIndex(self._device.findData(shown.device))
        self._device.setEnabled(bool(shown.devices))

    def tell(self, name: str, value: object) -> None:
        """Tell that the user changed a setting."""
        self.edited.emit(name, value)

    @Slot(int)
    def _on_device(self, place: int) -> None:
        self.tell("device", self._device.itemData(place))

    @Slot()
    def _on_default(self) -> None:
        self.tell("weights_folder", "")


def _tell(tell: Callable[[str, object], None], name: str, value: object) -> None:
    tell(name, value)


def _row(title: str, *controls: QWidget, help_: str = "") -> QWidget:
    """Put a label before controls; a toggle has its explanation beside it."""
    body = QWidget()
    row = QHBoxLayout(body)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.INSIDE)
    label = Label(title, "body", "text2")
    label.setFixedWidth(_LABELS)
    label.setVisible(bool(title))
    if controls:
        label.setBuddy(controls[0])
    row.addWidget(label)
    for place, control in enumerate(controls):
        wide = not isinstance(control, Toggle | Button | NumberBox)
        row.addWidget(control, int(wide and place == 0))
    if help_:
        row.addWidget(Label(help_, "caption", "text3"))
    if not isinstance(controls[0], ElidedLabel | Segmented | ComboBox):
        row.addStretch(1)
    return body

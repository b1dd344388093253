"""What the settings mean: each change takes effect at once and is remembered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnviz_gui.app.computing import Computing
from cnnviz_gui.app.kept_on_disk import KeptOnDisk
from cnnviz_gui.app.networks import Networks
from cnnviz_gui.app.settings import LEAST_KEPT_MB, MOST_KEPT_MB, Settings
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.places import keep_window
from cnnviz_gui.panels.settings_window import SettingsWindow, Shown
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr


class Preferences(QObject):
    """The window of settings, and what a change in it does.

    Parameters
    ----------
    dress
        Is called with a colour scheme to change to.
    reset, forget
        Put the layout back; forget what was opened lately.
    """

    changed = Signal()
    """There is something to save."""

    def __init__(
        self,
        window: QWidget,
        state: AppState,
        settings: Settings,
        networks: Networks,
        computing: Computing,
        *,
        dress: Callable[[theme.Scheme], None],
        reset: Callable[[], None],
        forget: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._parent = window
        self._state = state
        self._settings = settings
        self._networks = networks
        self._computing = computing
        self._dress = dress
        self._reset = reset
        self._forget = forget
        self._disk = KeptOnDisk(self)
        self._disk.measured.connect(self._on_measured)
        self._disk.cleared.connect(self._on_cleared)
        self.window: SettingsWindow | None = None
        theme.set_reduced_motion(settings.reduced_motion)
        state.share(offline=settings.offline)
        state.observe(self._on_state_changed)

    @Slot()
    def show(self) -> None:
        """Open the window, or bring it to the front."""
        if self.window is None:
            self.window = SettingsWindow(self._parent)
            keep_window(self.window, "settings")
            self.window.edited.connect(self.edit)
            self.window.folder_wanted.connect(self._on_folder_wanted)
            self.window.show_wanted.connect(self._on_show_wanted)
            self.window.reset_wanted.connect(self._on_reset)
            self.window.forget_wanted.connect(self._on_forget)
            self.window.clear_wanted.connect(self._disk.clear)
        self._draw()
        self.window.answer("")
        self._disk.measure()
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    @Slot(str)
    def show_setting(self, name: str) -> None:
        """Open the window, at a setting by a name of ``SettingsWindow.point_to`` if not empty."""
        self.show()
        if self.window is not None and name:
            self.window.point_to(name)

    @Slot(str, object)
    def edit(self, name: str, value: object) -> None:
        """Change a setting and let it take effect."""
        match name:
            case "scheme":
                self._dress(value)  # type: ignore[arg-type]  # the window offers schemes only
            case "device":
                self._computing.choose(str(value))
            case "half_precision":
                self._computing.choose_half(bool(value))
            case _:
                setattr(self._settings, name, value)
        if name == "reduced_motion":
            theme.set_reduced_motion(bool(value))
        elif name == "high_contrast":
            theme.set_high_contrast(bool(value))
        elif name == "offline":
            self._state.share(offline=bool(value))
            self._networks.set_offline(bool(value))
        elif name == "weights_folder":
            self._networks.use_folder(str(value))
        self.changed.emit()
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"computing", "starting"}:
            self._draw()

    def _draw(self) -> None:
        if self.window is None:
            return
        settings, computing = self._settings, self._state.shared.computing
        self.window.show_values(
            Shown(
                scheme=settings.scheme,
                reduced_motion=settings.reduced_motion,
                high_contrast=settings.high_contrast,
                language=settings.language,
                text_size=settings.text_size,
                weights_folder=settings.weights_folder,
                folder_in_use=self._networks.folder(),
                offline=settings.offline,
                device=settings.device,
                devices=self._computing.devices(),
                half_precision=settings.half_precision,
                half_problem=computing.half_problem if computing else "",
                kept_mb=settings.kept_mb,
                kept_range=(LEAST_KEPT_MB, MOST_KEPT_MB),
            )
        )

    @Slot()
    def _on_folder_wanted(self) -> None:
        path = QFileDialog.getExistingDirectory(
            self.window, tr("Folder of the weights"), self._networks.folder()
        )
        if path:
            self.edit("weights_folder", path)

    @Slot()
    def _on_reset(self) -> None:
        self._reset()

    @Slot()
    def _on_forget(self) -> None:
        self._forget()
        self._answer(tr("Forgotten"))

    @Slot()
    def _on_show_wanted(self) -> None:
        self._answer(self._networks.open_folder())

    @Slot(object)
    def _on_measured(self, size: int) -> None:
        if self.window is not None:
            self.window.show_kept(size)

    @Slot(object)
    def _on_cleared(self, size: int) -> None:
        self._answer(tr("{size} cleared", size=fmt.memory(size)))

    def _answer(self, text: str) -> None:
        """Say it where the button is: the main window is behind."""
        if self.window is not None:
            self.window.answer(text)

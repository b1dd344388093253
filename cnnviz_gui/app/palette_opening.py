"""What opens the command palette, and what it asks others for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction

from cnnviz_gui.app import palette_commands, palette_places
from cnnviz_gui.app.main_window import MainWindow
from cnnviz_gui.app.networks import Networks
from cnnviz_gui.app.palette import Command, Palette
from cnnviz_gui.app.stage_commands import StageCommands
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr


class PaletteOpening(StageCommands):
    """Handlers of the actions that open the palette, by name; see ``actions.SPECS``."""

    settings_wanted = Signal(str)
    """The one to be led to, empty for none."""
    chapter_wanted = Signal(str)
    search_wanted = Signal(str)
    """The manual is to be searched for words."""
    _networks: Networks

    def __init__(self, window: MainWindow, state: AppState) -> None:
        super().__init__(window, state)
        self._window = window
        self._palette = Palette(window)
        self._palette.chosen.connect(self._on_command)
        self.devices: Callable[[], list[QAction]] = list
        """Returns the choices of where to compute."""
        self.marked: Callable[[], AbstractContextManager[None]] = nullcontext
        """Disables the actions that would do nothing, while what it returns is entered."""

    @Slot()
    def on_palette(self) -> None:
        """Open the command palette."""
        with self.marked():
            offered = palette_commands.all_of(
                self._state,
                self.actions,
                self._networks.open_entry,
                self.devices(),
                palette_commands.submenus(self._window.menuBar()),
            )
        offered += palette_places.all_of(
            self._state,
            self._window,
            self._gallery.open,
            self.settings_wanted.emit,
            self.chapter_wanted.emit,
        )
        otherwise = functools.partial(palette_places.in_manual, self.search_wanted.emit)
        self._palette.open_with(offered, otherwise=otherwise)
        if not self._networks.listing.known:
            self._networks.listing.when_known(self._add_networks)

    def _add_networks(self) -> None:
        """Offer the networks too, in a palette that was opened before they were known."""
        if self._palette.isVisible():
            self._palette.add(palette_commands.networks(self._state, self._networks.open_entry))

    @Slot()
    def on_compare(self) -> None:
        """Offer the networks to compare with, once they are known."""
        self._networks.listing.when_known(self._offer_to_compare)

    def _offer_to_compare(self) -> None:
        offered = palette_commands.to_compare(self._state, self._controller.choose_second)
        if offered:
            self._palette.open_with(offered, tr("Compare with which network?"))

    @Slot(object)
    def _on_command(self, command: Command) -> None:
        command.run()

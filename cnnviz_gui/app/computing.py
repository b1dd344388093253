"""Where to compute: the menu of devices, and what is remembered of the choice."""

from __future__ import annotations

import functools
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from cnnviz_gui.app.settings import Settings
from cnnviz_gui.core import device
from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.core.result import DeviceInUse
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

AUTOMATIC = DeviceFacts("auto", tr("Automatic"))
_ALONE = tr("This machine has no other device.")
_HALF = tr("Predictions, embeddings and feature maps; gradients are always exact")


class Computing(QObject):
    """Offers the devices in a submenu and at the status strip, and asks for the one chosen.

    Parameters
    ----------
    parent
        The menu in which the submenu stands, at the end.
    use
        Is called with the name of a device and whether half precision is wanted.
    """

    changed = Signal()
    """There is something to save."""

    def __init__(
        self,
        parent: QMenu,
        state: AppState,
        settings: Settings,
        use: Callable[[str, bool], None],
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._settings = settings
        self._use = use
        parent.addSeparator()
        self.menu = parent.addMenu(tr("Compute on"))
        self.menu.setToolTipsVisible(True)
        self.menu.setEnabled(False)
        self._group: QActionGroup | None = None
        self.half = QAction(tr("Half precision for predictions"), self)
        self.half.setCheckable(True)
        self.half.triggered.connect(self.choose_half)
        state.observe(self._on_state_changed)

    def devices(self) -> tuple[DeviceFacts, ...]:
        """Return what can be chosen, the automatic choice first; nothing before the start."""
        computing = self._state.shared.computing
        return () if computing is None else (AUTOMATIC, *computing.devices)

    def entries(self) -> list[QAction]:
        """Return the entries of the menu that choose a device."""
        return [] if self._group is None else self._group.actions()

    def choose(self, name: str) -> None:
        """Compute on a device from here on, and remember it."""
        self._settings.device = name
        self._ask()

    @Slot(bool)
    def choose_half(self, wanted: bool) -> None:
        """Compute what needs no gradient in half precision, or no longer."""
        self._settings.half_precision = wanted
        self._ask()

    def _ask(self) -> None:
        self.changed.emit()
        self._use(self._settings.device, self._settings.half_precision)

    @Slot(object)
    def offer(self, at: QPoint) -> None:
        """Open the menu above a place of the screen."""
        if self.menu.isEnabled():
            self.menu.popup(at - QPoint(0, self.menu.sizeHint().height()))

    def _on_state_changed(self, changes: Changes) -> None:
        if "computing" in changes:
            self._fill()

    def _fill(self) -> None:
        computing = self._state.shared.computing
        if computing is None:
            return
        self.menu.clear()
        if self._group is not None:
            self._group.deleteLater()
        self._group = QActionGroup(self.menu)
        alone = len(computing.devices) == 1
        current = self._current(computing)
        for one in self.devices():
            action = self._group.addAction(one.title.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(one.name == current)
            action.setEnabled(not alone and not one.problem)
            problem = f"{one.problem[:1].upper()}{one.problem[1:]}." if one.problem else ""
            action.setToolTip(_ALONE if alone else problem)
            action.triggered.connect(functools.partial(self._on_chosen, one.name))
            self.menu.addAction(action)
        if alone:
            self.menu.addAction(_ALONE).setEnabled(False)
        self.menu.addSeparator()
        self.menu.addAction(self.half)
        self.half.setChecked(computing.half)
        self.half.setEnabled(not computing.half_problem)
        self.half.setToolTip(computing.half_problem or _HALF)
        self.menu.setEnabled(True)

    def _current(self, computing: DeviceInUse) -> str:
        """Return the choice in force; where it cannot be used, what is used in its place."""
        wanted = meant = self._settings.device
        if wanted == AUTOMATIC.name:
            usable = (one.name for one in computing.devices if not one.problem)
            meant = next((name for name in usable if name != "cpu"), "cpu")
        return wanted if meant == computing.device else computing.device

    def memory(self) -> tuple[int, int] | None:
        """Return (used, all there is) of the accelerator in use in bytes, None on the CPU."""
        computing = self._state.shared.computing
        return None if computing is None else device.memory(computing.device)

    def free(self) -> int | None:
        """Return the bytes that can still be had where one computes, None before that is known."""
        computing = self._state.shared.computing
        if computing is None:
            return None
        import torch

        from cnnviz_gui.core import shortage

        return shortage.free(torch.device(computing.device))

    def _on_chosen(self, name: str, checked: bool = False) -> None:
        self.choose(name)

"""Blinking: the clean picture and the adversarial one in the same place, in turns."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from cnnviz_gui.core.result import AttackResult
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import IconButton
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

_INTERVAL_MS = 450
"""Each picture stays so long: what differs is seen to jump, and nothing flashes."""
_MARGIN = 10
_TIP = tr("Let the clean picture take this place in turns, so that what differs jumps")
_HELD = tr("Hold: the clean picture takes this place")


class BlinkButton(IconButton):
    """Stands in the corner of the adversarial picture; ``Display.blinking`` says whether it blinks.

    With reduced motion nothing alternates by itself: the clean picture stays while the button is
    held down, or until the keys are pressed again.
    """

    turned = Signal()
    """``clean`` has changed."""

    def __init__(self, state: AppState, over: ImagePane) -> None:
        super().__init__("eye", _TIP, tr("Blink clean and adversarial"), boxed=True, parent=over)
        self._state = state
        self.clean = False
        """The clean picture is to be shown now."""
        self._result: AttackResult | None = None
        self._timer = QTimer(self, interval=_INTERVAL_MS)
        self._timer.timeout.connect(self._on_tick)
        self.setCheckable(True)
        self.clicked.connect(self._on_clicked)
        self.pressed.connect(self._on_pressed)
        self.released.connect(self._on_released)
        over.surface.installEventFilter(self)
        theme.notifier.changed.connect(self._follow)
        state.observe(self._on_state_changed)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the lower right corner of the picture."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            place = watched.geometry().adjusted(0, 0, -_MARGIN, -_MARGIN)
            place.setTopLeft(place.bottomRight() - self.rect().bottomRight())
            self.move(place.topLeft())
        return False

    def set_result(self, result: AttackResult | None) -> None:
        """Stand over the picture of an attack; another one is seen itself before its clean one."""
        if result is not self._result and self._timer.isActive():
            self._timer.start()
            self._turn(False)
        self._result = result
        self.setVisible(result is not None)

    def stop(self) -> None:
        """Blink no more; the adversarial picture stays."""
        self._state.show(blinking=False)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop what nobody sees."""
        super().hideEvent(event)
        self._timer.stop()
        self.stop()

    @Slot(bool)
    def _on_clicked(self, checked: bool) -> None:
        if theme.duration(1):
            self._state.show(blinking=checked)

    @Slot()
    def _on_pressed(self) -> None:
        if not theme.duration(1):
            self._state.show(blinking=True)

    @Slot()
    def _on_released(self) -> None:
        if not theme.duration(1):
            self.stop()

    def _on_state_changed(self, changes: Changes) -> None:
        if "blinking" in changes:
            self._follow()

    @Slot()
    def _follow(self) -> None:
        moves = bool(theme.duration(1))
        wanted = self._state.display.blinking and not self.isHidden()
        key_tip(self, _TIP if moves else _HELD, "blink")
        self.setChecked(wanted)
        if wanted and moves:
            self._timer.start()
        else:
            self._timer.stop()
        self._turn(wanted)

    @Slot()
    def _on_tick(self) -> None:
        self._turn(not self.clean)

    def _turn(self, clean: bool) -> None:
        if clean != self.clean:
            self.clean = clean
            self.turned.emit()

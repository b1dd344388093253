"""A picture with a title: zoomed, linked with others, taken out of the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, QVariantAnimation, Signal, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.panels import pane_title, picture_paint, take_out, theme
from cnnviz_gui.panels.colour_bar import ColourBar
from cnnviz_gui.panels.controls import BusyArc, EmptyState, painting
from cnnviz_gui.panels.convert import with_alpha
from cnnviz_gui.panels.direction import as_data
from cnnviz_gui.panels.image_surface import ImageSurface
from cnnviz_gui.panels.pane_title import DETAILS_ROW, TITLE_ROW
from cnnviz_gui.panels.pane_words import PaneState, ToldPane
from cnnviz_gui.panels.zoom import Zoom
from cnnviz_gui.texts import tr

__all__ = ["TITLE_ROW", "ColourBar", "ImagePane", "PaneState"]

_KEY_FACTOR = 1.25
_KEY_SHARE = 0.1
_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class ImagePane(ToldPane):
    """A picture with its title row; GUI thread only.

    Wheel: zoom about the cursor, from fit to 64 times. Drag: pan, or at fit (or with Ctrl) take the
    picture out. Double click, 0: fit. Plus, minus, arrows: zoom and pan.
    """

    hovered = Signal(object)
    """``(x, y)``, the pixel under the cursor, or None."""
    clicked = Signal(object)
    """``(x, y)``, the pixel clicked."""
    failed = Signal(object)
    """An ``OutputError``: the picture could not be written."""
    save_wanted = Signal(object)
    """The words that make the name of the file which the picture is to be written to."""
    zoomed = Signal(object)
    """The ``Zoom`` chosen by hand here."""
    pointed = Signal(object)
    """Where the cursor is, as shares of width and height, or None; for linked panes."""

    def __init__(
        self, title: str = "", *, background: str = "stage", parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        as_data(self)
        self._titled = bool(title)
        self.told: Callable[[], bytes] = bytes
        """Returns what the picture is to carry when it leaves the window; nothing by itself."""
        self.of: Callable[[], str] = str
        """Returns the name of the photograph that the picture is made of; empty for none."""
        self._linked: list[ImagePane] = []
        self._side = 0
        self.surface = ImageSurface(background, self)
        self._busy = BusyArc(16, self)
        self._message = EmptyState("image", "", parent=self)
        # A sentence must never widen a picture; it wraps at whatever width there is.
        self._message.sentence.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self._delay = QTimer(self, singleShot=True, interval=theme.LOADING_AFTER_MS)
        self._fade = QVariantAnimation(self)
        self._connect()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_title(title)
        self.set_state("empty", at_once=True)

    def _connect(self) -> None:
        self.surface.hovered.connect(self._on_hovered)
        self.surface.zoomed.connect(self._on_zoomed)
        self.surface.clicked.connect(self._on_clicked)
        self.surface.drag_wanted.connect(self._on_drag_wanted)
        self.surface.menu_wanted.connect(self._on_menu_wanted)
        self._delay.timeout.connect(self._show_state)
        self._fade.valueChanged.connect(self._on_faded)
        theme.notifier.changed.connect(self._on_theme_changed)

    # What is shown

    def set_title(self, title: str) -> None:
        """Name the picture, at the left above it."""
        self._title = title
        self._tell()
        self.update()

    def set_caption(self, caption: str | Sequence[picture_paint.Run]) -> None:
        """Say more at the right above the picture: text, or pieces (text, token, strong)."""
        self._caption = ((caption, "text3", False),) if isinstance(caption, str) else caption
        self._tell()
        self.update()

    def set_details(self, details: str | None) -> None:
        """Say yet more in a line of its own under the title; None gives the line up."""
        if details == self._details:
            return
        if (details is None) != (self._details is None):
            self._details = details
            self._place()
            self.updateGeometry()
        self._details = details
        self._tell()
        self.update()

    def set_side(self, side: int) -> None:
        """Let the picture be so wide at most, at the left: the titles have the whole pane."""
        if side != self._side:
            self._side = side
            self._place()

    def set_edge(self, token: str | None) -> None:
        """Draw a line under the picture: ``"clean"``, ``"adversarial"`` or none."""
        self.surface.edge = token
        self.surface.viewport().update()

    def set_image(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show another picture; the zoom stays unless the size changes.

        Parameters
        ----------
        pixels
            uint8 (H, W, 3) or (H, W, 4), copied; None: none. The state becomes done or empty.
        """
        old = self._pixels
        self._pixels = None if pixels is None else with_alpha(pixels)
        self.surface.set_pixels(self._pixels)
        if old is not None and self._pixels is not None and old.shape != self._pixels.shape:
            self.surface.fit()
        self.set_state("empty" if pixels is None else "done")
        self.update()

    def image(self) -> NDArray[np.uint8] | None:
        """Return what is shown, uint8 (H, W, 4)."""
        return self._pixels

    def set_readout(self, readout: Callable[[int, int], str] | None) -> None:
        """Say what the chip beside the crosshair tells of pixel (x, y); by default its place.

        A read-out of its own, unless empty, is also shown when the cursor is on a linked pane.
        """
        self.surface.readout = readout

    def set_smooth(self, smooth: bool, up_to: float = 8.0) -> None:
        """Enlarge linearly (as from the start) or repeat pixels, as always beyond ``up_to``."""
        self.surface.set_smooth(smooth, up_to)

    # States

    def state(self) -> PaneState:
        """Return the state set last."""
        return self._state

    def set_state(self, state: PaneState, message: str = "", *, at_once: bool = False) -> None:
        """Say how the picture stands to what is wanted; nothing changes its place.

        Parameters
        ----------
        state
            ``loading`` and ``stale`` are shown only if they last 150 ms. ``failed``, ``stopped``
            and ``stale`` keep the last picture, dimmed.
        message
            A sentence for ``empty`` and ``failed``.
        at_once
            Do not wait the 150 ms.
        """
        if state == self._state and message == self._message.sentence.text() and not at_once:
            return
        self._state, self._sentence, policy = state, message, Qt.FocusPolicy
        self.setFocusPolicy(policy.NoFocus if state == "empty" else policy.StrongFocus)
        icon = "warning-circle" if state == "failed" else "image"
        self._message.set_state(icon, message)
        self._message.sentence.setToolTip(message)  # a small picture may have no room for it
        if state == "failed":
            self._message.icon.set_icon(icon, "error")
        self._tell()
        if state in ("loading", "stale") and not at_once:
            self._delay.start()
        else:
            self._delay.stop()
            self._show_state()

    @Slot()
    def _show_state(self) -> None:
        waiting = self._state in ("loading", "stale")
        self.surface.covered = self._state == "loading"
        self.surface.veiled = self._state == "failed"
        if waiting:
            self._busy.start()
        else:
            self._busy.stop()
        self._busy.setVisible(waiting)
        said = bool(self._message.sentence.text())
        self._message.setVisible(said and self._state in ("empty", "failed"))
        self._fade_to(theme.STALE_OPACITY if self._state in ("stale", "stopped", "failed") else 1.0)
        self._place()

    def _fade_to(self, opacity: float) -> None:
        self._fade.stop()
        # A new picture appears at once: pictures cut, only growing old is gradual.
        if opacity == 1.0 or not theme.duration(1) or not self.isVisible():
            self.surface.set_faded(opacity)
            return
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(opacity)
        self._fade.setDuration(theme.duration(theme.STALE_MS))
        self._fade.start()

    # Links

    def link(self, *panes: ImagePane) -> None:
        """Share zoom and cursor with other panes, both ways."""
        for pane in panes:
            if pane is not self and pane not in self._linked:
                self._join(pane)
                pane._join(self)
                pane.surface.set_zoom(self.surface.zoom)

    def unlink(self) -> None:
        """Share nothing any more."""
        for pane in self._linked:
            pane._part(self)
            self.zoomed.disconnect(pane._on_linked_zoomed)
            self.pointed.disconnect(pane._on_linked_pointed)
        self._linked.clear()

    def _join(self, pane: ImagePane) -> None:
        self._linked.append(pane)
        self.zoomed.connect(pane._on_linked_zoomed)
        self.pointed.connect(pane._on_linked_pointed)

    def _part(self, pane: ImagePane) -> None:
        self._linked.remove(pane)
        self.zoomed.disconnect(pane._on_linked_zoomed)
        self.pointed.disconnect(pane._on_linked_pointed)

    @Slot(object)
    def _on_linked_zoomed(self, zoom: Zoom) -> None:
        self.surface.set_zoom(zoom)

    @Slot(object)
    def _on_linked_pointed(self, share: tuple[float, float] | None) -> None:
        frame = self.surface.frame
        spot = share and (int(share[0] * frame.width), int(share[1] * frame.height))
        self.surface.set_cursor(spot)

    @Slot(object)
    def _on_zoomed(self, zoom: Zoom) -> None:
        self.zoomed.emit(zoom)

    @Slot(object)
    def _on_hovered(self, spot: tuple[int, int] | None) -> None:
        frame = self.surface.frame
        self.hovered.emit(spot)
        self.pointed.emit(spot and ((spot[0] + 0.5) / frame.width, (spot[1] + 0.5) / frame.height))

    @Slot(object)
    def _on_clicked(self, spot: tuple[int, int]) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.clicked.emit(spot)

    # Leaving the window

    def copy(self) -> None:
        """Put the whole picture on the clipboard."""
        if self._pixels is not None:
            take_out.copy(self._pixels)

    def save_as(self) -> None:
        """Let who feeds the pane ask for a name and write the whole picture."""
        if self._pixels is not None:
            self.save_wanted.emit(take_out.name_of(self.of(), self._title))

    @Slot()
    def _on_drag_wanted(self) -> None:
        if self._pixels is not None:
            name = take_out.name_of(self.of(), self._title)
            self._try(take_out.drag, self, self._pixels, name, self.told())

    def _try(self, write: Callable[..., object], *arguments: object) -> None:
        try:
            write(*arguments)
        except OutputError as error:
            self.failed.emit(error)

    def menu(self) -> QMenu:
        """Return the menu of the picture."""
        menu = QMenu(self)
        menu.addAction(tr("Copy picture"), self.copy).setEnabled(self._pixels is not None)
        menu.addAction(tr("Save picture…"), self.save_as).setEnabled(self._pixels is not None)
        menu.addSeparator()
        menu.addAction(tr("Fit"), self.surface.fit).setEnabled(not self.surface.zoom.at_fit)
        return menu

    @Slot(object)
    def _on_menu_wanted(self, at: QPoint) -> None:
        menu = self.menu()
        menu.exec(at)
        menu.deleteLater()

    # Events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with plus, minus and 0, move with the arrows, open the menu."""
        steps = {
            Qt.Key.Key_Left: (1, 0),
            Qt.Key.Key_Right: (-1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.surface.zoom_by(_KEY_FACTOR)
        elif key == Qt.Key.Key_Minus:
            self.surface.zoom_by(1 / _KEY_FACTOR)
        elif key == Qt.Key.Key_0:
            self.surface.fit()
        elif key == Qt.Key.Key_Menu:
            self._on_menu_wanted(self.mapToGlobal(self.rect().center()))
        elif key in steps and not self.surface.zoom.at_fit:
            x, y = steps[key]
            rect = self.surface.picture_rect()
            self.surface.pan_by(x * _KEY_SHARE * rect.width(), y * _KEY_SHARE * rect.height())
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring where the keyboard brought the focus."""
        super().focusInEvent(event)
        self._set_ring(event.reason() in _KEYBOARD)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self._set_ring(False)

    def _set_ring(self, ringed: bool) -> None:
        self.surface.ringed = ringed
        self.surface.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the picture under its title."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        top = self.title_height()
        place = QRect(0, top, self.width(), max(1, self.height() - top))
        self._message.setGeometry(place)
        self.surface.setGeometry(0, top, self._side or place.width(), place.height())
        seen = self.surface.picture_rect().toRect()
        self._busy.move(seen.right() - 24, top + seen.top() + 10)
        self._busy.raise_()
        self.surface.viewport().update()

    def title_row(self) -> QRect:
        """Return where title and caption stand: over the picture at fit, wider if they need it."""
        frame = self.surface.frame
        widths = (self.width(), self.surface.width(), round(frame.width * frame.fit))
        return pane_title.place(*widths, self._title, self._caption)

    def title_height(self) -> int:
        """Return the height of title and details; none for a pane made without a title."""
        details = 0 if self._details is None else DETAILS_ROW
        return TITLE_ROW + details if self._titled else 0

    def sizeHint(self) -> QSize:
        """Return a size at which one sees something."""
        return QSize(320, 320 + self.title_height())

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(64, 64 + self.title_height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the title row."""
        if self.title_height():
            said = (self._title, self._caption, self._details)
            pane_title.write(painting.begin(self), self.title_row(), *said)

    @Slot(object)
    def _on_faded(self, opacity: float) -> None:
        self.surface.set_faded(opacity)

    @Slot()
    def _on_theme_changed(self) -> None:
        self.update()
        self.surface.refresh_theme()

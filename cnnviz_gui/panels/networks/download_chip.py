"""A download that runs, as quiet text in the status strip; a click shows its network."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.downloads import DownloadState, amount, telling
from cnnviz_gui.texts import tr

_BAR = 48
_GLYPH = 14


class DownloadChip(Keyed, QAbstractButton):
    """Name and part done of the download that runs, or of one that failed; else nothing."""

    wanted = Signal(object)
    """The name of the network, when it is clicked."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._shown: DownloadState | None = None
        self._seen: DownloadState | None = None
        """The failure that was looked at: it is told no longer."""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._on_clicked)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if "downloads" in changes:
            self._draw()

    def _draw(self) -> None:
        downloads = self._state.shared.downloads
        telling_first = sorted(downloads, key=lambda one: one.phase != "running")
        told = (d for d in telling_first if d.phase in ("running", "failed"))
        one = next((d for d in told if d != self._seen), None)
        self._shown = one
        self.setVisible(one is not None)
        if one is None:
            return
        before = self.sizeHint()
        self.setText(f"{one.title} {self._part(one)}".strip())
        said = tr("failed") if one.phase == "failed" else f"{amount(one)}, {telling(one)}"
        painting.name(
            self,
            tr("Download of {title}: {said}", title=one.title, said=said),
            f"{one.title}: {said}",
        )
        if self.sizeHint() != before:
            self.updateGeometry()
        self.update()

    @staticmethod
    def _part(one: DownloadState) -> str:
        if one.phase == "failed":
            return tr("failed")
        return "" if one.fraction is None else fmt.share(one.fraction)

    def _on_clicked(self) -> None:
        if self._shown is not None:
            failed = self._shown.phase == "failed"
            self._seen = self._shown if failed else None
            self.wanted.emit(self._shown.name)
            self._draw()

    def sizeHint(self) -> QSize:
        """Return room for icon, text and bar."""
        width = painting.width_of(self.text(), "caption")
        return QSize(width + _GLYPH + _BAR + 4 * theme.INSIDE, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon, text and bar, and a box under the hand."""
        one = self._shown
        if one is None:
            return
        painter = painting.begin(self)
        if self.underMouse():
            painting.box(painter, self.rect(), theme.R_CONTROL, "hover")
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)
        failed = one.phase == "failed"
        token = "error" if failed else "text2"
        glyph = QRect(theme.INSIDE, (self.height() - _GLYPH) // 2, _GLYPH, _GLYPH)
        name = "warning-circle" if failed else "download-simple"
        icons.paint(painter, glyph, name, theme.color(token))
        left = glyph.right() + 7
        room = QRect(left, 0, self.width() - left, self.height())
        width = painting.text(painter, room, self.text(), "caption", token)
        if not failed:
            bar = QRect(left + width + theme.INSIDE, self.height() // 2 - 2, _BAR, 5)
            painting.bar(painter, bar.toRectF(), one.fraction or 0.0, "accent")

"""The patches of a folder that excite the channel most."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.layer_results import ChannelPatches
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import BusyArc, Button, IconButton, Label, SectionHeader
from cnnviz_gui.panels.layers.patch_grid import PatchGrid
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.state import dossier_view, edits_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import ntr, tr

_CONCERNS = frozenset(
    {
        "facts",
        "stage",
        "layer",
        "channel",
        "map_order",
        "layer_folder",
        "patches_of",
        "finding.layer",
        "finding.patches",
    }
)
_PLACE = frozenset({"facts", "layer", "channel", "layer_folder", "finding.layer"})
_REST_MS = 1000
"""So long a channel stays in use before its patches are looked for."""
_SHARED = tr("also for statistics")
_INVITATION = tr("Choose a folder of pictures to see which parts of them excite this channel most.")


class PatchBox(QWidget):
    """Folder, progress, patches."""

    folder_wanted = Signal()
    again = Signal(object)
    """The lane to go on with."""
    opened = Signal(object)
    """The ``ImageRef`` of a picture to open."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rested)
        self._head = SectionHeader(tr("Strongest patches"), " ", level=2)
        self.folder = Button("", "folder-open")
        self.folder.let_elide()
        self.folder.clicked.connect(self.folder_wanted)
        self._busy = BusyArc()
        self.go_on = IconButton("arrow-clockwise", tr("Look through the folder again"))
        self.go_on.clicked.connect(self._on_again)
        self.said = Label("", "caption", "text2", wrap=True)
        self.grid = PatchGrid()
        self.grid.chosen.connect(self._on_chosen)
        self._drawn: ChannelPatches | None = None
        row = QHBoxLayout()
        row.setSpacing(theme.INSIDE)
        row.addWidget(self.folder, 1)
        row.addWidget(self._busy)
        row.addWidget(self.go_on)
        body = QVBoxLayout()
        body.setContentsMargins(theme.PADDING, 0, theme.PADDING, 0)
        body.setSpacing(theme.INSIDE)
        add_layout(body, row)
        body.addWidget(self.said)
        body.addWidget(self.grid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, theme.GAP)
        column.setSpacing(0)
        column.addWidget(self._head)
        add_layout(column, body)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Begin to wait when the section comes into sight: it paints nothing of its own."""
        super().paintEvent(event)
        if self._unsought() is not None and not self._rest.isActive():
            self._rest.start()

    def _unsought(self) -> tuple[str, int] | None:
        """Return layer and channel in use, if their patches are not looked for yet."""
        place = edits_view.here(self._state) if self._state.selection.layer_folder else None
        return None if place == self._state.selection.patches_of else place

    @Slot()
    def _on_rested(self) -> None:
        """Look through the folder if the section is seen; later, when it comes into sight."""
        place = self._unsought()
        seen = self.isVisible() and not self.visibleRegion().isEmpty()
        if place is not None and seen:
            self._state.select(patches_of=place)

    @Slot()
    def _on_again(self) -> None:
        place = self._unsought()
        if place is not None:
            self._state.select(patches_of=place)
        self.again.emit("patches")

    @Slot(object)
    def _on_chosen(self, path: str) -> None:
        self.opened.emit(ImageRef(path=path))

    def _on_state_changed(self, changes: Changes) -> None:
        if not changes & _CONCERNS or self._state.selection.stage != "layers":
            return
        if changes & _PLACE:
            self._rest.start()
        self._draw()

    @Slot()
    def _draw(self) -> None:
        folder, finding = self._state.selection.layer_folder, self._state.finding("patches")
        self._head.caption.setText(_SHARED if folder else "")
        self.folder.setText(PurePath(folder).name or folder or tr("Choose a folder…"))
        what = tr("The folder whose pictures are looked through, here and by the statistics")
        self.folder.setToolTip(f"{what}\n{folder}".strip())
        of = dossier_view.dossier(self._state)
        found = dossier_view.patches(self._state, of) if of is not None and folder else None
        sought = bool(folder) and self._unsought() is None
        working = sought and finding.status in ("loading", "partial", "stale")
        stopped = sought and finding.halted
        self._busy.setVisible(working)
        self._busy.start() if working else self._busy.stop()
        if working and found is not None and found.total:
            self._busy.set_fraction(found.looked_at / found.total)
        self.go_on.setVisible(bool(folder) and not working)
        hint = tr("Continue") if stopped else tr("Look through the folder again")
        self.go_on.setToolTip(hint)
        self.go_on.setAccessibleName(hint)
        if not folder:
            said = _INVITATION
        elif sought and finding.problem is not None:
            said = f"{finding.problem.message} {finding.problem.advice}".strip()
        else:
            said = "" if found is None else _said(found, stopped=stopped, working=working)
            said = tr("Stopped.") if stopped and found is None else said
        self.said.setText(said)
        self.said.setVisible(bool(said))
        self.said.setToolTip("\n".join(f"{path}: {why}" for path, why in _skipped(found)))
        self.grid.setVisible(bool(folder) and (found is not None or self.grid.count() > 0))
        self.grid.set_stale(found is None)
        if found is not None and found is not self._drawn:
            self._drawn = found
            self.grid.set_patches(found.patches)


def _skipped(found: ChannelPatches | None) -> tuple[tuple[str, str], ...]:
    return () if found is None else found.skipped


def _said(found: ChannelPatches, *, stopped: bool, working: bool) -> str:
    looked, total = fmt.count(found.looked_at), fmt.count(found.total)
    if stopped:
        said = [tr("Stopped at {done} of {total}.", done=looked, total=total)]
    elif working:
        said = [tr("{done} of {total} pictures.", done=looked, total=total)]
    elif found.patches:
        said = [
            ntr(
                "The best of {total} picture, one patch of each.",
                "The best of {total} pictures, one patch of each.",
                found.total,
                total=total,
            )
        ]
    else:
        said = [tr("None of the {total} pictures excites it.", total=total)]
    if found.skipped:
        said.append(tr("{count} cannot be read.", count=fmt.count(len(found.skipped))))
    if found.truncated:
        said.append(tr("The folder has more; the first are looked at."))
    return " ".join(said)

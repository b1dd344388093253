"""The picture as the network's last numbers, and the pictures of a folder most like it by them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import (
    BusyArc,
    Button,
    ElidedLabel,
    EmptyState,
    FailureCard,
    IconButton,
    Label,
    Notice,
)
from cnnviz_gui.panels.embedding_card import EmbeddingCard
from cnnviz_gui.panels.export import Export
from cnnviz_gui.panels.image_pane import ImagePane
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.neighbour_grid import NeighbourGrid
from cnnviz_gui.panels.page import lay_out, same, show_problem
from cnnviz_gui.panels.pane_feed import PaneFeed
from cnnviz_gui.panels.pane_row import PaneRow
from cnnviz_gui.panels.similar_export import given
from cnnviz_gui.panels.stage import DropShade
from cnnviz_gui.state import similar_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.heatmap_view import enlarged, seen
from cnnviz_gui.state.similar_view import ShownNearest
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import NearestImages

_CONCERNS = frozenset(
    {
        "facts",
        "image",
        "stage",
        "similar_folder",
        "finding.predict",
        "finding.embed",
        "finding.nearest",
    }
)
_SHARE, _LEAST, _MOST = 0.3, 226, 330
"""Width of the left side, by that of the page and in pixels."""
_ANOTHER = tr("Choose another folder, or drop one here.")
_DROP = tr("Drop a folder to look in, or a picture to open.")
_CHOOSE = tr("Choose the folder to look in; it can be dropped here too")
_INVITATION = tr(
    "Choose a folder of pictures, or drop one here, to see which are most like this one."
)


class SimilarPage(QWidget):
    """Picture and embedding at the left, the nearest pictures of a folder at the right."""

    again = Signal(object)
    """The lane to compute again."""
    folder_wanted = Signal()
    """The user wants to choose a folder."""
    dropped = Signal(object)
    """Paths that were dropped on the page and are no folder to look in."""
    opened = Signal(object)
    """The ``ImageRef`` of a picture to open."""
    save_embedding_wanted = Signal()
    save_table_wanted = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setAcceptDrops(True)
        self._folder = Button("", "folder-open")
        self._folder.clicked.connect(self.folder_wanted)
        self._count = ElidedLabel("", "caption", "text2")
        self._refresh = IconButton("arrow-clockwise", tr("Look through the folder again"))
        self._refresh.clicked.connect(self._on_again)
        self._table = Button(tr("Save the table…"), "table")
        self._table.setToolTip(tr("Paths and similarities as CSV"))
        self._table.clicked.connect(self.save_table_wanted)
        self._photo = PaneFeed(ImagePane(tr("Photograph")), state, input_only=True)
        self._card = EmbeddingCard()
        self._card.save.clicked.connect(self.save_embedding_wanted)
        self._order = ElidedLabel(tr("cosine of the embeddings"), "caption", "text3")
        self._busy = BusyArc()
        self._grid = NeighbourGrid()
        self._grid.chosen.connect(self._on_chosen)
        self._empty = EmptyState("folders", "", "")
        self._empty.acted.connect(self.folder_wanted)
        self._skipped = ElidedLabel("", "caption", "text3")
        self._skipped.setIndent(theme.RING + theme.RING_GAP)
        self._stopped = Notice()
        self._stopped.acted.connect(self._on_again)
        self._failure = FailureCard()
        self._failure.remedied.connect(self._on_failed_again)
        for ends in (self._stopped, self._empty, self._failure):
            ends.heirs = (self._grid,)
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        self._left = QWidget()
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(theme.GAP)
        self._row = PaneRow((self._photo.pane,))
        left.addWidget(self._row, 100)
        left.addWidget(self._card)
        left.addStretch(1)
        edge = theme.RING + theme.RING_GAP  # of the grid, which leaves room for its ring
        head = QHBoxLayout()
        head.setContentsMargins(edge, 0, edge, 0)
        head.addWidget(Label(tr("Nearest pictures"), "title"))
        head.addStretch(1)
        head.addWidget(self._busy)
        head.addWidget(self._order)
        found = QWidget()
        right = QVBoxLayout(found)
        right.setContentsMargins(0, 3, 0, 0)
        right.setSpacing(theme.INSIDE)
        add_layout(right, head)
        right.addWidget(self._stopped)
        right.addWidget(self._grid, 1)
        right.addWidget(self._skipped)
        self._right = QStackedWidget()
        self._right.addWidget(self._empty)
        self._right.addWidget(found)
        sides = QHBoxLayout()
        sides.setSpacing(theme.PADDING)
        sides.addWidget(self._left)
        sides.addWidget(self._right, 1)
        body = lay_out(self, (self._folder, self._count, self._refresh), (self._table,))
        body.addWidget(self._failure)
        add_layout(body, sides, 1)
        self._shade = DropShade(self, "folders", _DROP)

    def fit(self) -> None:
        """Show the photograph whole."""
        self._photo.pane.surface.fit()

    def export(self) -> Export | None:
        """Return the embedding with its request, and what was found as one picture."""
        return given(self._state)

    @Slot(object)
    def _on_chosen(self, path: str) -> None:
        self.opened.emit(ImageRef(path=path))

    @Slot()
    def _on_again(self) -> None:
        self.again.emit("nearest")

    @Slot()
    def _on_failed_again(self) -> None:
        for lane in ("embed", "nearest"):
            if self._state.finding(lane).problem is not None:
                self.again.emit(lane)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "similar":
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state = self._state
        self._folder.setText(similar_view.folder_name(state) or tr("Choose a folder…"))
        self._folder.setToolTip("\n".join((state.selection.similar_folder, _CHOOSE)).strip())
        picture, embedding = seen(state), similar_view.shown_embedding(state)
        if picture is None:
            self._photo.clear("loading")
        else:
            self._photo.show("done", same, picture)
            size = f"{picture.shape[1]} {fmt.TIMES} {picture.shape[0]}"
            self._photo.pane.set_caption(" · ".join(filter(None, (size, enlarged(state)))))
        self._card.show_embedding(embedding, stale=not state.finding("embed").current)
        failed = next(
            (f for f in map(state.finding, ("embed", "nearest")) if f.problem is not None),
            state.finding("nearest"),
        )
        show_problem(self._failure, failed)
        self._draw_found(similar_view.shown_nearest(state))

    def _draw_found(self, shown: ShownNearest | None) -> None:
        finding, folder = self._state.finding("nearest"), self._state.selection.similar_folder
        self._refresh.setVisible(bool(folder))
        self._table.setEnabled(shown is not None and shown.current)
        self._count.setText("" if shown is None else similar_view.count(self._state, shown))
        stopped = finding.halted
        nothing = shown is not None and shown.complete and not shown.result.neighbours
        if not folder:
            self._empty.set_state("folders", _INVITATION, tr("Choose a folder…"))
        elif nothing and shown is not None:
            self._empty.set_state(
                "warning-circle", _unreadable(shown.result), tr("Choose a folder…")
            )
        elif shown is None and finding.problem is not None:
            self._empty.set_state("folders", _ANOTHER, tr("Choose a folder…"))
        else:
            self._right.setCurrentIndex(1)
            self._draw_grid(shown, stopped)
            return
        self._right.setCurrentIndex(0)

    def _draw_grid(self, shown: ShownNearest | None, stopped: bool) -> None:
        self._stopped.setVisible(stopped)
        working = self._state.finding("nearest").at_work
        self._busy.start() if working else self._busy.stop()
        if stopped:
            at = tr("Stopped before the first picture.")
            if shown is not None and shown.current:  # what answers another one does not count
                looked, total = shown.result.looked_at, shown.result.total
                at = tr("Stopped at {done} of {total}.", done=looked, total=total)
            self._stopped.set_stopped(at)
        if shown is None:
            self._skipped.setVisible(False)
            self._grid.set_neighbours((), places=0 if stopped else 12)
            self._grid.set_stale(False)
            return
        result = shown.result
        running = not shown.complete and not stopped and shown.current
        places = min(shown.request.count, result.total) if running else 0
        self._grid.set_neighbours(result.neighbours, shown.request.image.path, places)
        self._grid.set_stale(not shown.current)
        self._skipped.setVisible(bool(result.skipped))
        self._skipped.setText(similar_view.skipped(result))
        self._skipped.set_tooltip("\n".join(f"{path}: {why}" for path, why in result.skipped))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the picture its share, and keep it square."""
        super().resizeEvent(event)
        width = min(max(round(_SHARE * self.width()), _LEAST), _MOST)
        self._left.setFixedWidth(width)
        self._row.setMaximumHeight(width + self._photo.pane.title_height())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a single file or folder; all else is the window's."""
        if event.source() is None and len(_local(event)) == 1:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._shade.cover()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show the page again."""
        self._shade.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look in a folder; hand anything else on."""
        self._shade.hide()
        paths = _local(event)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if len(paths) == 1 and Path(paths[0]).is_dir():
            self._state.select(similar_folder=paths[0])
        else:
            self.dropped.emit(paths)


def _local(event: QDropEvent) -> list[str]:
    """Return the files and folders that are dragged."""
    return [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]


def _unreadable(result: NearestImages) -> str:
    if result.total == 1:
        return tr(
            "The only picture in this folder cannot be read: {reason}",
            reason=result.skipped[0][1],
        )
    return tr("None of the {total} pictures in this folder can be read.", total=result.total)

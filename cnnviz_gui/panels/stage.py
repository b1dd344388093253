"""The middle of the window: tabs, and the page of the chosen one."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Chip, EmptyState, IconButton, Notice, TabBar, painting
from cnnviz_gui.state import trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.app_state import Notice as Told
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.selection import STAGES

_MOMENT_MS = 6000
"""A notice that only informs goes by itself after so long."""
_TITLES = {
    "layers": "Layers",
    "features": "Features",
    "heatmaps": "Heatmaps",
    "attack": "Attack",
    "plane": "Decision plane",
    "similar": "Similar",
}


class Stage(QWidget):
    """Tabs with tools at the right, a notice where there is one, and the pages.

    The pages come after the first paint, through ``add_page``; until then the stage says what the
    program is doing.
    """

    open_wanted = Signal()
    fit_wanted = Signal()
    export_wanted = Signal()
    remedy_wanted = Signal(object)
    """What the notice offers: the ``ImageRef`` to open, or the ``SaveAdversarial`` to do."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "stage")
        self.tabs = TabBar("Views")
        for name in STAGES:
            self.tabs.addTab(_TITLES[name])
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.link = IconButton("link", "Link zoom and cursor of the pictures (Ctrl+L)", "Link")
        self.link.setCheckable(True)
        self.link.clicked.connect(self._on_link_clicked)
        fit = IconButton("arrows-in", "Fit the pictures (Ctrl+0)", "Fit")
        fit.clicked.connect(self.fit_wanted)
        export = IconButton("export", "Save the picture (Ctrl+S)", "Save the picture")
        export.clicked.connect(self.export_wanted)
        self._told: Told | None = None
        self._notice = Notice(closable=True)
        self._notice.acted.connect(self._on_remedy)
        self._notice.dismissed.connect(self._on_dismissed)
        self._moment = QTimer(self)
        self._moment.setSingleShot(True)
        self._moment.setInterval(_MOMENT_MS)
        self._moment.timeout.connect(self._on_dismissed)
        self._pages = QStackedWidget()
        self._made: dict[str, QWidget] = {}
        self._empty = EmptyState("image", "", "Open a picture")
        self._empty.acted.connect(self.open_wanted)
        self._pages.addWidget(self._empty)
        self.doubt = Chip("warning", "", "warning")
        self._lay_out((self.doubt, self.link, fit, export))
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self, tools: tuple[QWidget, ...]) -> None:
        bar = _TabLine()
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.INSIDE, 0, theme.INSIDE, 0)
        row.setSpacing(4)
        row.addWidget(self.tabs)
        row.addStretch(1)
        for tool in tools:
            row.addWidget(tool)
        notice = QVBoxLayout()
        notice.setContentsMargins(theme.PADDING, theme.INSIDE, theme.PADDING, 0)
        notice.addWidget(self._notice)
        self._notice_place = QWidget()
        self._notice_place.setLayout(notice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self._notice_place)
        column.addWidget(self._pages, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a notice that floats at the foot."""
        super().resizeEvent(event)
        self._place_notice()

    def _place_notice(self) -> None:
        """Let a notice that goes by itself float over the page: what is looked at must not jump."""
        notice, place = self._state.shared.notice, self._notice_place
        floats = notice is not None and _passes(notice)
        column = self.layout()
        if floats and column.indexOf(place) >= 0:
            column.removeWidget(place)
        elif not floats and column.indexOf(place) < 0:
            column.insertWidget(1, place)
        if floats:
            high = place.layout().totalHeightForWidth(self.width())
            place.setGeometry(0, self.height() - high - theme.PADDING, self.width(), high)
            place.raise_()

    def add_page(self, name: str, page: QWidget) -> None:
        """Put a page in, by the name of its tab."""
        self._pages.addWidget(page)
        self._made[name] = page
        self._draw()

    @property
    def page(self) -> QWidget:
        """The page in view."""
        return self._pages.currentWidget()

    @Slot(int)
    def _on_tab_changed(self, place: int) -> None:
        self._state.select(stage=STAGES[place])

    @Slot(bool)
    def _on_link_clicked(self, checked: bool) -> None:
        self._state.show(linked=checked)

    @Slot()
    def _on_remedy(self) -> None:
        notice = self._state.shared.notice
        if notice is not None and notice.remedy_ref is not None:
            self.remedy_wanted.emit(notice.remedy_ref)

    @Slot()
    def _on_dismissed(self) -> None:
        self._state.share(notice=None)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"stage", "image", "starting", "start_problem", "notice", "linked", "facts"}:
            self._draw()

    def _draw(self) -> None:
        shared, selection = self._state.shared, self._state.selection
        place = STAGES.index(selection.stage)
        self.tabs.setCurrentIndex(place)
        self.link.setChecked(self._state.display.linked)
        self.doubt.set_chip("warning", trust.mark(shared.facts), "warning")
        self.doubt.setToolTip(trust.warning(shared.facts))
        self.doubt.setVisible(bool(trust.mark(shared.facts)))
        self._draw_notice()
        page = self._made.get(selection.stage)
        if selection.image is not None and page is not None:
            self._pages.setCurrentWidget(page)
            return
        self._pages.setCurrentIndex(0)
        if shared.start_problem:
            self._empty.set_state("warning-circle", shared.start_problem)
        elif shared.starting:
            self._empty.set_state("clock", f"{shared.starting}…")
        else:
            self._empty.set_state(
                "image", "Drop a photograph here, or paste one.", "Open a picture"
            )

    def _draw_notice(self) -> None:
        notice = self._state.shared.notice
        self._notice_place.setVisible(notice is not None)
        if notice is self._told:
            return
        self._told = notice
        self._moment.stop()
        if notice is None:
            return
        if _passes(notice):
            self._moment.start()
        kinds = {"info": "info", "warning": "warning", "error": "error"}
        self._notice.set_notice(
            notice.text, kind=kinds.get(notice.level, "info"), action=notice.remedy
        )
        self._notice.setToolTip(notice.details)
        self._notice.show()  # the one before may have been closed
        self._place_notice()


def _passes(notice: Told) -> bool:
    """Tell whether a notice only informs, so that it goes by itself."""
    return notice.level == "info" and not notice.remedy


class _TabLine(QWidget):
    """The ground of tabs and tools, with a line along its whole foot."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.HEADER)
        theme.notifier.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground and line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("window"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))


class DropShade(QWidget):
    """Covers the window, or a page, while something that could be taken is dragged over it."""

    def __init__(
        self,
        parent: QWidget,
        icon: str = "image",
        sentence: str = "Drop to see what the network sees.",
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.addWidget(EmptyState(icon, sentence))
        self.hide()

    def cover(self) -> None:
        """Lie over the whole parent."""
        parent = self.parentWidget()
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what lies below and frame the window in the accent."""
        painter = QPainter(self)
        ground = theme.color("stage")
        ground.setAlphaF(0.88)
        painter.fillRect(self.rect(), ground)
        inner = self.rect().adjusted(theme.PADDING, theme.PADDING, -theme.PADDING, -theme.PADDING)
        painting.ring(painter, inner, theme.R_CARD)

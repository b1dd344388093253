"""The middle of the window: tabs, and the page of the chosen one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Chip, EmptyState, IconButton, TabBar, painting
from cnnviz_gui.panels.key_tip import follow_keys, key_tip
from cnnviz_gui.panels.notices import Notices
from cnnviz_gui.panels.page_room import PageRoom, Pages
from cnnviz_gui.state import trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.state.selection import STAGES
from cnnviz_gui.texts import tr

_TITLES = {
    "layers": tr("Layers"),
    "features": tr("Features"),
    "heatmaps": tr("Heat maps"),
    "attack": tr("Attack"),
    "plane": tr("Decision plane"),
    "similar": tr("Similar"),
}


class Stage(QWidget):
    """Tabs with tools at the right, and the pages.

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
        self.tabs = TabBar(tr("Views"))
        for name in STAGES:
            self.tabs.addTab(_TITLES[name])
        self._name_keys()
        follow_keys(self._name_keys)
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.link = IconButton("link", tr("Link"))
        key_tip(self.link, tr("Link zoom and cursor of the pictures"), "toggle_link")
        self.link.setCheckable(True)
        self.link.clicked.connect(self._on_link_clicked)
        fit = IconButton("arrows-in", tr("Fit"))
        key_tip(fit, tr("Fit the pictures"), "fit")
        fit.clicked.connect(self.fit_wanted)
        export = IconButton("export", tr("Save the picture"))
        key_tip(export, tr("Save the picture"), "save_picture")
        export.clicked.connect(self.export_wanted)
        self._pages = Pages()
        self._made: dict[str, QWidget] = {}
        self._empty = EmptyState("image", "", tr("Open a picture"))
        self._empty.acted.connect(self.open_wanted)
        self._pages.addWidget(self._empty)
        self.doubt = Chip("warning", "", "warning")
        column = self._lay_out((self.doubt, self.link, fit, export))
        self.notices = Notices(state, column)
        self.notices.remedy_wanted.connect(self.remedy_wanted)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self, tools: tuple[QWidget, ...]) -> QVBoxLayout:
        bar = _TabLine()
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.INSIDE, 0, theme.INSIDE, 0)
        row.setSpacing(4)
        row.addWidget(self.tabs)
        row.addStretch(1)
        for tool in tools:
            row.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(PageRoom(self._pages), 1)
        return column

    def add_page(self, name: str, page: QWidget) -> None:
        """Put a page in, by the name of its tab."""
        self._pages.addWidget(page)
        self._made[name] = page
        self._draw()

    @property
    def page(self) -> QWidget:
        """The page in view."""
        return self._pages.currentWidget()

    def _name_keys(self) -> None:
        for place, name in enumerate(STAGES):
            self.tabs.setTabToolTip(place, f"{_TITLES[name]}{KEYS.hint(f'show_{name}')}")

    @Slot(int)
    def _on_tab_changed(self, place: int) -> None:
        self._state.select(stage=STAGES[place])

    @Slot(bool)
    def _on_link_clicked(self, checked: bool) -> None:
        self._state.show(linked=checked)

    def _on_state_changed(self, changes: Changes) -> None:
        drawn = {"stage", "image", "pending_image", "starting", "start_problem", "linked", "facts"}
        if changes & drawn:
            self._draw()

    def _draw(self) -> None:
        shared, selection = self._state.shared, self._state.selection
        place = STAGES.index(selection.stage)
        self.tabs.setCurrentIndex(place)
        self.link.setChecked(self._state.display.linked)
        self.doubt.set_chip("warning", trust.mark(shared.facts), "warning")
        self.doubt.setToolTip(trust.warning(shared.facts))
        self.doubt.setVisible(bool(trust.mark(shared.facts)))
        page = self._made.get(selection.stage)
        if selection.image is not None and page is not None:
            self._pages.setCurrentWidget(page)
            return
        self._pages.setCurrentIndex(0)
        if shared.start_problem:
            self._empty.set_state("warning-circle", shared.start_problem)
        elif shared.starting:
            self._empty.set_state("clock", f"{shared.starting}…")
        elif shared.pending_image:
            self._empty.set_state("clock", tr("Reading {file}", file=shared.pending_image))
        else:
            self._empty.set_state(
                "image", tr("Drop a photograph here, or paste one."), tr("Open a picture")
            )


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
        sentence: str = tr("Drop to see what the network sees."),
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

"""The window: where everything stands, and how it is brought back after a restart.

It is painted first and furnished after: what its panels import takes longer than an empty window,
so nothing of them is imported here at module level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QMainWindow,
    QScrollArea,
    QStatusBar,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from cnnviz_gui.panels.places import PLACES, as_bytes, as_text, bring_in_sight
from cnnviz_gui.panels.tokens import DARK, LIGHT
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz_gui.app.focus_keeping import FocusKeeper
    from cnnviz_gui.panels.stage import DropShade
    from cnnviz_gui.state.app_state import AppState

_LAYOUTS = {Qt.LayoutDirection.LeftToRight: 1, Qt.LayoutDirection.RightToLeft: 2}
"""Version of what is remembered of the docks: one that was mirrored fits none that is not."""
_LEAST = QSize(780, 440)
"""A screen of 1600 x 1000 with letters of twice the size has 800 x 500."""
_USUAL = QSize(1440, 900)
_BARS = 168
"""Height that five bars need, dense; the chooser of the target stands below them."""
_LOW = 560
"""A window lower than this has no room for them over the parameters."""
_CLOSE = {
    "layers": tr("Close layers"),
    "prediction": tr("Close prediction"),
    "parameters": tr("Close parameters"),
}
_WITH_NOTICES = ("layers", "parameters", "prediction")
"""Docks in which notices stand, in the first that is open: what is in them scrolls."""


class MainWindow(QMainWindow):
    """Bars, docks and stage. Knows neither engine nor controller.

    Made empty, in the colours it will have, and filled by ``furnish``.
    """

    painted = Signal()
    """The window was painted for the first time."""
    dropped = Signal(object)
    """An ``incoming.Offer``."""
    closing = Signal()
    """The user closes the window; whoever listens stops the work first."""

    def __init__(self, scheme: str = "system") -> None:
        super().__init__()
        self.setWindowTitle("CNN explorer")
        self.setMinimumSize(_LEAST)
        self._painted = False
        self._shade: DropShade | None = None
        self._focus: FocusKeeper | None = None
        self._pristine = QByteArray()
        self.may_close: Callable[[], bool] = lambda: True
        """Asks the user where something would be lost."""
        self.docks: dict[str, QDockWidget] = {}
        hints = QGuiApplication.styleHints()
        light = scheme == "light" or (
            scheme == "system" and hints.colorScheme() == Qt.ColorScheme.Light
        )
        tokens = LIGHT if light else DARK
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, tokens.color("stage"))
        palette.setColor(QPalette.ColorRole.WindowText, tokens.color("text2"))
        self.setPalette(palette)
        starting = QLabel(tr("Starting…"))
        starting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setCentralWidget(starting)

    def furnish(self, state: AppState) -> None:
        """Put bars, docks and stage in; the theme must be applied."""
        from cnnviz_gui.app.dock_watch import DockWatch
        from cnnviz_gui.panels import theme
        from cnnviz_gui.panels.layers.layer_dock import LayerDock
        from cnnviz_gui.panels.prediction_panel import PredictionPanel
        from cnnviz_gui.panels.stage import DropShade, Stage
        from cnnviz_gui.panels.status_strip import StatusStrip
        from cnnviz_gui.panels.top_bar import TopBar

        self.state = state
        self.setPalette(QPalette())
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.top_bar = TopBar(state)
        self.stage = Stage(state)
        self.layers = LayerDock(state)
        self.prediction = PredictionPanel(state)
        self.status = StatusStrip(state)
        self._watch = DockWatch(self, self.status.panels)
        bar = QToolBar(tr("Network and pictures"))
        bar.setObjectName("top-bar")
        bar.setMovable(False)
        bar.addWidget(self.top_bar)
        bar.toggleViewAction().setEnabled(False)
        theme.surface(bar, "window")
        self.addToolBar(bar)
        self.setCentralWidget(self.stage)
        strip = QStatusBar()
        strip.setSizeGripEnabled(False)
        strip.addWidget(self.status, 1)
        strip.setContentsMargins(0, 0, 0, 0)
        strip.layout().setContentsMargins(0, 0, 0, 0)
        self.setStatusBar(strip)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.add_dock("layers", tr("Layers"), self.layers, left, theme.LEFT_DOCK)
        self.add_dock("prediction", tr("Prediction"), self.prediction, right, theme.RIGHT_DOCK)
        self.stage.notices.standing.connect(self.layers.hold_rows)
        self._bars().setMinimumHeight(_BARS)
        self._shade = DropShade(self)
        self.stage.setFocus()

    def add_dock(
        self, name: str, title: str, panel: QWidget, area: Qt.DockWidgetArea, width: int
    ) -> QDockWidget:
        """Put a panel into a dock; one with a ``header`` of its own brings its title bar.

        What it has as its ``foot`` stands below the notices, which therefore never move it: at the
        foot of the dock, or right below a panel that is not to be higher than what it holds.
        """
        from cnnviz_gui.app.dock_watch import Dock
        from cnnviz_gui.panels import direction, theme
        from cnnviz_gui.panels.controls import DockHeader, IconButton

        dock = Dock(title)
        dock.setObjectName(f"dock-{name}")
        header = getattr(panel, "header", None) or DockHeader(title)
        said = _CLOSE[name]
        close = IconButton("x", tr("{close}; the View menu brings it back", close=said), said)
        close.clicked.connect(dock.close)
        header.add_tool(close)
        dock.setTitleBarWidget(header)
        inside = QWidget()
        theme.surface(inside, "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_scrolled(panel), 1)
        self.stage.notices.add_home(_WITH_NOTICES.index(name), dock, column)
        foot = getattr(panel, "foot", None)
        if foot is not None:
            column.addWidget(foot)
            column.addStretch()
        dock.setWidget(inside)
        dock.setMinimumWidth(width - 40)
        self.addDockWidget(direction.side(area), dock)
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        self.docks[name] = dock
        self._watch.add(dock)
        return dock

    def remember_pristine(self) -> None:
        """Note the arrangement to which ``reset_layout`` goes back."""
        self._pristine = self.saveState(_LAYOUTS[self.layoutDirection()])

    def reset_layout(self) -> None:
        """Put every dock, and all else that the hand moved, back to where it was."""
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self.restoreState(self._pristine, _LAYOUTS[self.layoutDirection()])
        PLACES.forget()

    def layout_text(self) -> tuple[str, str]:
        """Return geometry and arrangement as text."""
        docks = self.saveState(_LAYOUTS[self.layoutDirection()])
        return as_text(self.saveGeometry()), as_text(docks)

    def restore_geometry(self, geometry: str) -> None:
        """Come back where the window was, if that is still on a screen; else in the usual size."""
        if not (geometry and self.restoreGeometry(as_bytes(geometry)) and self._on_a_screen()):
            screen = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(_USUAL.boundedTo(screen.size() - QSize(40, 40)))
            self.move(screen.center() - self.rect().center())

    def restore_layout(self, layout: str) -> None:
        """Bring the docks back; after ``show``, because floating docks come back dead before it."""
        if layout:
            self.restoreState(as_bytes(layout), _LAYOUTS[self.layoutDirection()])
            self._bring_docks_in_sight()

    def _bring_docks_in_sight(self) -> None:
        """Let no floating dock stand where there is no screen any more."""
        for dock in self.docks.values():
            if dock.isFloating():
                bring_in_sight(dock)

    def _on_a_screen(self) -> bool:
        frame = self.frameGeometry()
        return any(s.availableGeometry().intersects(frame) for s in QGuiApplication.screens())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell of the first paint, once it is over."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shade over the whole window; where that is low, let the bars scroll."""
        super().resizeEvent(event)
        if self._shade is not None and self._shade.isVisible():
            self._shade.cover()
        if "prediction" in self.docks:
            self._bars().setMinimumHeight(_BARS if self.height() >= _LOW else 0)

    def _bars(self) -> QScrollArea:
        """Return what of the predictions is seen whatever stands below it, unless all is low."""
        return self.docks["prediction"].findChild(QScrollArea)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take what could be a picture, unless it is dragged out of this very window."""
        from cnnviz_gui.app import incoming

        if event.source() is None and incoming.offered(event.mimeData()):
            event.acceptProposedAction()
            if self._shade is not None:
                self._shade.cover()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Take it anywhere on the window."""
        if event.source() is None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show the window again."""
        if self._shade is not None:
            self._shade.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over what was dropped."""
        from cnnviz_gui.app import incoming

        if self._shade is not None:
            self._shade.hide()
        if event.source() is not None:
            event.ignore()
            return
        event.acceptProposedAction()
        self.dropped.emit(incoming.read(event.mimeData()))

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go through the parts as they stand, from the bar above to the line below.

        Qt asks this too where what has the focus goes.
        """
        if self._focus is None:
            from cnnviz_gui.app.focus_keeping import FocusKeeper

            self._focus = FocusKeeper(self)
        return self._focus.go_on(back=not forward)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the work be stopped first, unless the user would rather wait for it."""
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)


def _scrolled(panel: QWidget) -> QScrollArea:
    """Let a dock be lower than its panel wants to be."""
    from cnnviz_gui.panels import theme
    from cnnviz_gui.panels.controls.scrolling import FittingArea

    scroll = FittingArea(panel)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is inside of it takes the keys
    theme.surface(scroll, "panel")
    return scroll

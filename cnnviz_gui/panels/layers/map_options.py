"""How the maps are drawn: order, scale, colours, up-sampling."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import ComboBox, IconButton
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes

_ORDERS = (
    ("strength", "Strength", "By the mean of each map"),
    ("maximum", "Maximum", "By the largest value of each map"),
    ("index", "Number", "By the number of the channel"),
    ("contribution", "Contribution", "By gradient times activation for the target class"),
    ("moved", "Moved", "By how far the attack moved each map; clean and adversarial side by side"),
)
_MENU = (
    ("map_scale", "Scale", (("common", "One scale for all"), ("own", "A scale for each"))),
    (
        "map_colours",
        "Colours",
        (("viridis", "Viridis"), ("inferno", "Inferno"), ("grey", "Grey")),
    ),
    (
        "map_upsampling",
        "Over the photograph",
        (("nearest", "Cell by cell"), ("bilinear", "Smooth (bilinear)")),
    ),
)
_NO_ATTACK = "Run an attack first: it moves the maps."


class MapOptions(QWidget):
    """The order in a list, the rest in a menu."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._order = ComboBox("Order of the maps")
        for place, (value, word, tip) in enumerate(_ORDERS):
            self._order.addItem(icons.icon("sort-descending"), word, value)
            self._order.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._order.setFixedWidth(148)
        self._order.activated.connect(self._on_order)
        self._more = IconButton(
            "sliders-horizontal", "Scale, colours and up-sampling", "View options", boxed=True
        )
        self._more.clicked.connect(self._on_more)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.INSIDE)
        row.addWidget(self._order)
        row.addWidget(self._more)
        state.observe(self._on_state_changed)
        self._draw()

    def offer_pictures(self, offer: bool) -> None:
        """Offer what concerns pictures, or not where a layer gives none."""
        self._more.setVisible(offer)

    def menu(self) -> QMenu:
        """Return the menu of all settings but the order, those in use checked."""
        menu = QMenu(self)
        for name, title, choices in _MENU:
            menu.addSection(title)
            group = QActionGroup(menu)
            for value, word in choices:
                action = menu.addAction(word)
                action.setCheckable(True)
                action.setChecked(getattr(self._state.display, name) == value)
                action.setData((name, value))
                group.addAction(action)
        menu.triggered.connect(self._on_triggered)
        return menu

    @Slot()
    def _on_order(self) -> None:
        self._state.show(map_order=self._order.currentData())

    @Slot()
    def _on_more(self) -> None:
        menu = self.menu()
        corner = self._more.mapToGlobal(QPoint(self._more.width(), self._more.height() + 4))
        menu.exec(corner - QPoint(menu.sizeHint().width(), 0))
        menu.deleteLater()

    @Slot(object)
    def _on_triggered(self, action: object) -> None:
        name, value = action.data()  # type: ignore[attr-defined]
        self._state.show(**{name: value})

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"map_order", "attack_started"}:
            self._draw()

    def _draw(self) -> None:
        order, started = self._state.display.map_order, self._state.selection.attack_started
        place = self._order.findData("moved")
        self._order.model().item(place).setEnabled(started)
        tip = _ORDERS[place][2] if started else _NO_ATTACK
        self._order.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._order.setCurrentIndex(self._order.findData(order))
        self._order.setToolTip(next(tip for value, _, tip in _ORDERS if value == order))

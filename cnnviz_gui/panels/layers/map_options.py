"""How the maps are drawn: order, scale, colours, up-sampling."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import ComboBox, IconButton, Segmented
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import MAP_COLOURS, MAP_SCALES, UPSAMPLINGS
from cnnviz_gui.state.map_orders import NO_ATTACK
from cnnviz_gui.texts import tr

_ORDERS = (
    ("strength", tr("Strength"), tr("By the mean of each map")),
    ("maximum", tr("Maximum"), tr("By the largest value of each map")),
    ("index", tr("Number"), tr("By the number of the channel")),
    ("contribution", tr("Contribution"), tr("By gradient times activation for the target class")),
    ("moved", tr("Moved by attack"), tr("By how far the attack moved each map")),
)
ORDERS = {value: word for value, word, _ in _ORDERS}
"""What each order is called."""
_MENU = (
    (
        "map_scale",
        tr("Scale"),
        tuple(MAP_SCALES.items()),
    ),
    (
        "map_colours",
        tr("Colours"),
        tuple(MAP_COLOURS.items()),
    ),
    (
        "map_upsampling",
        tr("Over the photograph"),
        tuple(UPSAMPLINGS.items()),
    ),
)
_PICTURES = (
    (False, tr("Clean"), tr("The maps of the clean image")),
    (True, tr("Both"), tr("The maps of the clean and of the adversarial image, side by side")),
)
_LOW = 22
"""It stands in the line of a heading."""


class MapOptions(QWidget):
    """The order in a list, the rest in a menu."""

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._order = ComboBox(tr("Order of the maps"))
        for place, (value, word, tip) in enumerate(_ORDERS):
            self._order.addItem(icons.icon("sort-descending"), word, value)
            self._order.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._order.setFixedWidth(172)
        self._order.activated.connect(self._on_order)
        self._more = IconButton(
            "sliders-horizontal",
            tr("Scale, colours and up-sampling"),
            tr("View options"),
            boxed=True,
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
        order = self._order.currentData()
        # What was moved is seen beside where it was; the switch takes it away again.
        beside = order == "moved" or self._state.display.maps_beside
        self._state.show(map_order=order, maps_beside=beside)

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
        tip = _ORDERS[place][2] if started else NO_ATTACK
        self._order.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._order.setCurrentIndex(self._order.findData(order))
        self._order.setToolTip(next(tip for value, _, tip in _ORDERS if value == order))


class PictureSwitch(Segmented):
    """Whether the maps of the adversarial image stand beside the clean ones."""

    def __init__(self, state: AppState) -> None:
        super().__init__([(value, word) for value, word, _ in _PICTURES], tr("Images"))
        self._state = state
        self.setFixedHeight(_LOW)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.chosen.connect(self._on_picture)
        state.observe(self._on_state_changed)
        self._draw()

    @Slot(object)
    def _on_picture(self, beside: bool) -> None:
        self._state.show(maps_beside=beside)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"maps_beside", "attack_started"}:
            self._draw()

    def _draw(self) -> None:
        started = self._state.selection.attack_started
        self.setEnabled(started)
        self.setToolTip("" if started else NO_ATTACK)
        for button, (_, _, tip) in zip(self.buttons(), _PICTURES, strict=True):
            button.setToolTip(tip if started else NO_ATTACK)
        self.set_value(started and self._state.display.maps_beside)

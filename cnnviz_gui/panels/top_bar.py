"""The bar over everything: network, pictures, find an action, theme, help, settings."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.panels import icons, theme
from cnnviz_gui.panels.controls import ElidedLabel, IconButton, painting
from cnnviz_gui.panels.controls.keys import Keyed
from cnnviz_gui.panels.image_strip import ImageStrip, entry_of
from cnnviz_gui.panels.key_tip import follow_keys, key_tip
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.second_chip import SecondChip
from cnnviz_gui.state import trust
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.state.network_title import title_while_opening
from cnnviz_gui.texts import tr, within

_NAME = 96
"""Least width of the picture's name; where it is narrow, the strip scrolls."""
_NETWORK = 150
_FIND, _FIND_WORDS = 220, tr("Find an action")


class TopBar(QWidget):
    """What is looked at, and ways to everything else."""

    network_wanted = Signal()
    palette_wanted = Signal()
    theme_wanted = Signal()
    help_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        theme.surface(self, "window")
        self.setFixedHeight(theme.TOP_BAR)
        self.network = NetworkButton(state)
        self.second = SecondChip(state)
        self.strip = ImageStrip(state)
        self._name = ElidedLabel("", "strong", "text1", mode=Qt.TextElideMode.ElideMiddle)
        self._name.setMinimumWidth(_NAME)
        self._caption = ElidedLabel("", "caption", "text3")
        find = FindButton()
        theme_button = IconButton("moon", tr("Light or dark"), tr("Change between light and dark"))
        help_button = IconButton("question", tr("Manual"), tr("Help"))
        key_tip(help_button, tr("Manual"), "show_manual")
        settings = IconButton("gear", tr("Settings"))
        key_tip(settings, tr("Settings"), "settings")
        self.network.clicked.connect(self.network_wanted)
        find.clicked.connect(self.palette_wanted)
        theme_button.clicked.connect(self.theme_wanted)
        help_button.clicked.connect(self.help_wanted)
        settings.clicked.connect(self.settings_wanted)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._caption)
        words.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.network)
        row.addWidget(self.second)
        row.addSpacing(theme.GAP)
        row.addWidget(self.strip)
        add_layout(row, words, 1)
        row.addWidget(find)
        for button in (theme_button, help_button, settings):
            row.addWidget(button)
        state.observe(self._on_state_changed)
        self._draw()

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"image", "strip", "facts", "pending_image"}:
            self._draw()

    def _draw(self) -> None:
        shared, image = self._state.shared, self._state.selection.image
        entry = entry_of(self._state, image)
        hint = tr("drop an image anywhere")
        if shared.pending_image:
            self._caption.setText(tr("reading {name}", name=shared.pending_image))
            if entry is None:
                self._name.setText(shared.pending_image)
        elif entry is None:
            self._name.setText(tr("No picture"))
            self._caption.setText(hint)
        if entry is not None:
            self._name.setText(entry.title)
            parts = [entry.caption] if entry.caption else []
            if shared.facts is not None:
                parts.append(tr("centre crop {size}", size=shared.facts.input_size))
            if not shared.pending_image:
                self._caption.setText(" · ".join([*parts, hint]))


class NetworkButton(Keyed, QAbstractButton):
    """Name and key figures of the network; a click opens the catalogue."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.setFixedHeight(theme.HEADER)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        state.observe(self._on_state_changed)
        self._describe()

    def sizeHint(self) -> QSize:
        """Return the width of the dock below."""
        return QSize(theme.LEFT_DOCK - 2 * theme.GAP, theme.HEADER)

    def minimumSizeHint(self) -> QSize:
        """Return room for the beginning of a name."""
        return QSize(_NETWORK, theme.HEADER)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & {"facts", "pending_model", "starting", "catalogue"}:
            self._describe()
            self.update()

    def _texts(self) -> tuple[str, str, str]:
        """Return title, caption and the caption's colour."""
        shared = self._state.shared
        if shared.pending_model is not None:
            return title_while_opening(shared.pending_model, shared), tr("opening"), "text3"
        if shared.facts is None:
            return tr("No network"), within(shared.starting) or tr("choose one"), "text3"
        facts = shared.facts
        size = f"{facts.input_size} {fmt.TIMES} {facts.input_size}"
        mark = trust.mark(facts)
        weights = mark or facts.weights
        caption = f"{fmt.short(facts.parameters)} · {size} · {weights}"
        return facts.title, caption, "warning" if mark else "text3"

    def _describe(self) -> None:
        title, caption, _ = self._texts()
        self.setAccessibleName(tr("Network: {title}, {caption}", title=title, caption=caption))
        facts = self._state.shared.facts
        notes = facts.notes if facts is not None else ()
        key_tip(
            self, tr("Choose a network"), "choose_network", "".join(f"\n{note}" for note in notes)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon, two lines and the arrow."""
        painter = painting.begin(self)
        title, caption, tone = self._texts()
        over = self.underMouse() or self.isDown()
        fill = "hover" if over else "raised"
        painting.box(painter, self.rect(), theme.R_CONTROL, fill, "edge")
        middle = (self.height() - 16) // 2
        icons.paint(painter, QRect(12, middle, 16, 16), "cube", theme.color("accent"))
        width = self.width() - 40 - 30
        metrics = self.fontMetrics()
        title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, width)
        painting.text(painter, QRect(40, 4, width, 18), title, "title", "text1")
        painting.text(painter, QRect(40, 20, width, 16), caption, "tick", tone)
        arrow = QRect(self.width() - 26, middle, 14, 16)
        icons.paint(painter, arrow, "caret-down", theme.color("text3"))
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)


class FindButton(Keyed, QAbstractButton):
    """Looks like a search field and opens the command palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("Find an action"))
        key_tip(self, tr("Find an action by its name"), "palette")
        follow_keys(self._on_keys_changed)

    def _on_keys_changed(self) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for lens, words and the key."""
        return QSize(_FIND, theme.CONTROL)

    def minimumSizeHint(self) -> QSize:
        """Return room for the lens, which says enough."""
        return QSize(36, theme.CONTROL)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lens, words and the key, as far as there is room."""
        painter = painting.begin(self)
        fill = "hover" if self.underMouse() else "raised"
        painting.box(painter, self.rect(), theme.R_CONTROL, fill, "edge")
        icons.paint(painter, QRect(10, 6, 16, 16), "magnifying-glass", theme.color("text3"))
        words = painting.width_of(_FIND_WORDS, "body")
        if self.width() >= 34 + words + 6:
            room = QRect(34, 0, words + 2, self.height())
            painting.text(painter, room, _FIND_WORDS, "body", "text2")
        keys = KEYS.of("palette")
        said = KEYS.native(keys[0]).replace("+", " ") if keys else ""
        width = painting.width_of(said, "tick") + 12
        if said and self.width() >= 34 + words + width + 12:
            key = QRect(self.width() - width - 6, 5, width, self.height() - 10)
            painting.box(painter, key, theme.R_TILE, "panel", "line")
            painting.text(painter, key, said, "tick", "text2", Qt.AlignmentFlag.AlignHCenter)
        if self.hasFocus():
            painting.ring(painter, self.rect(), theme.R_CONTROL)

"""Colours, type, sizes and motion of the window: the one place for them.

Everything else asks here, at the moment it paints, so that a change of scheme needs no more than a
repaint. GUI thread only.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, Literal, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QScrollBar, QWidget

from cnnviz_gui.panels import direction, spoken
from cnnviz_gui.panels.tokens import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Theme

Scheme = Literal["system", "light", "dark"]
FontRole = Literal["name", "title", "strong", "body", "caption", "tick", "caps", "mono"]

FAMILY: Final = "Inter"
_Made = TypeVar("_Made")
_of_typeface: list[Callable[[], None]] = []
"""Forget what was made of the typeface that there was."""

# The 4 px grid.
INSIDE: Final = 8
GAP: Final = 12
PADDING: Final = 16

# Heights, widths.
MENU: Final = 28
TOP_BAR: Final = 56
HEADER: Final = 40
TOOL_ROW: Final = 48
CONTROL: Final = 28
ROW: Final = 25
STATUS: Final = 32
LEFT_DOCK: Final = 280
RIGHT_DOCK: Final = 296
LABEL_COLUMN: Final = 80
ICON: Final = 16

# Radii.
R_TILE: Final = 4
R_CONTROL: Final = 6
R_CARD: Final = 8

RING: Final = 2
RING_GAP: Final = 1

# Milliseconds.
BAR_MS: Final = 120
STALE_MS: Final = 200
STALE_OPACITY: Final = 0.45
LOADING_AFTER_MS: Final = 150

_FONTS: Final[dict[str, tuple[int, QFont.Weight]]] = {
    "name": (14, QFont.Weight.DemiBold),
    "title": (13, QFont.Weight.DemiBold),
    "strong": (13, QFont.Weight.Medium),
    "body": (13, QFont.Weight.Normal),
    "caption": (12, QFont.Weight.Normal),
    "tick": (11, QFont.Weight.Normal),
    "caps": (11, QFont.Weight.DemiBold),
    "mono": (12, QFont.Weight.Normal),
}


class _Notifier(QObject):
    """Says that the colours have changed; connect a bound method of a widget."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.theme = DARK
        self.scheme: Scheme = "system"
        self.reduced_motion = False
        self.high_contrast = False

    def on_system_changed(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            _show(app, _wanted(app))


notifier: Final = _Notifier()


def current() -> Theme:
    """Return the theme in use."""
    return notifier.theme


def scheme() -> Scheme:
    """Return what was asked for last: a scheme of our own or the system's."""
    return notifier.scheme


def color(token: str) -> QColor:
    """Return a token of the theme in use as a colour."""
    return notifier.theme.color(token)


def apply(app: QApplication, scheme: Scheme = "system") -> None:
    """Dress the application: style, palette, typeface and style sheet; may be called again.

    The palette is always ours, because many platforms ignore a colour scheme that a program asks
    for; the request is made all the same, for the title bar where the platform draws one.
    """
    hints = app.styleHints()
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    if not app.property("cnnviz_dressed"):
        app.setProperty("cnnviz_dressed", True)
        app.setStyle("Fusion")
        load_typeface()
        app.setFont(font("body"))
        direction.dress(app)
        spoken.begin()
        hints.colorSchemeChanged.connect(notifier.on_system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(notifier.on_system_changed)
    notifier.scheme = scheme
    hints.setColorScheme(wanted.get(scheme, Qt.ColorScheme.Unknown))
    _show(app, _wanted(app))


def set_high_contrast(high: bool) -> None:
    """Take colours of high contrast, or those of the scheme; the system's own wish counts too."""
    notifier.high_contrast = high
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property("cnnviz_dressed"):
        _show(app, _wanted(app))


def set_reduced_motion(reduced: bool) -> None:
    """Turn all animation off or on."""
    notifier.reduced_motion = reduced


def duration(milliseconds: int) -> int:
    """Return how long an animation lasts: nothing where motion is to be reduced."""
    return 0 if notifier.reduced_motion else milliseconds


def load_typeface() -> None:
    """Load Inter from the program's own files; without it the system's typeface serves."""
    from cnnviz_gui import resources

    for weight in ("Regular", "Medium", "SemiBold"):
        QFontDatabase.addApplicationFont(str(resources.path(f"fonts/Inter-{weight}.otf")))
    for forget in _of_typeface:
        forget()


def font(role: FontRole = "body") -> QFont:
    """Return the font for a role, with figures of equal width."""
    return QFont(_font(role))


def of_typeface(make: Callable[..., _Made]) -> Callable[..., _Made]:
    """Make a thing once for a typeface, and anew where Inter takes the place of the system's."""
    kept = functools.cache(make)
    _of_typeface.append(kept.cache_clear)
    return kept


@of_typeface
def _font(role: str) -> QFont:
    size, weight = _FONTS[role]
    if role == "mono":
        made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    else:
        made = QFont(FAMILY) if FAMILY in QFontDatabase.families() else QFont()
        made.setFeature(QFont.Tag("tnum"), 1)
        made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setPixelSize(size)
    made.setWeight(weight)
    if role == "caps":
        made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
        made.setCapitalization(QFont.Capitalization.AllUppercase)
    return made


def surface(widget: QWidget, token: str) -> None:
    """Fill a widget with ``stage``, ``window``, ``panel``, ``raised`` or ``card``."""
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
    widget.setProperty("surface", token)


def _wanted(app: QApplication) -> Theme:
    """Return the colours that the scheme asked for and the contrast ask for."""
    theme = {"light": LIGHT, "dark": DARK}.get(notifier.scheme) or _of_system(app)
    if not (notifier.high_contrast or _system_wants_contrast(app)):
        return theme
    return DARK_CONTRAST if theme.dark else LIGHT_CONTRAST


def _of_system(app: QApplication) -> Theme:
    return LIGHT if app.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


def _system_wants_contrast(app: QApplication) -> bool:
    hints = app.styleHints()  # held: what it hands out goes with it
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def _show(app: QApplication, theme: Theme) -> None:
    from cnnviz_gui.panels import style_sheet

    if theme is notifier.theme and app.styleSheet():
        return  # another window opens: to dress all widgets anew takes long
    notifier.theme = theme
    bars = [one for one in app.allWidgets() if isinstance(one, QScrollBar) and one.value()]
    scrolled = [(bar, bar.value()) for bar in bars]
    app.setStyleSheet("")  # Qt dresses a widget anew once for each of its ancestors, save from none
    app.setPalette(_palette(theme))
    app.setStyleSheet(style_sheet.build(theme))
    for bar, value in scrolled:  # rows were lower without a style sheet, and the end came sooner
        bar.setValue(value)
    notifier.changed.emit()


def _palette(theme: Theme) -> QPalette:
    roles = QPalette.ColorRole
    tokens = {
        roles.Window: "window",
        roles.WindowText: "text1",
        roles.Base: "panel",
        roles.AlternateBase: "window",
        roles.Text: "text1",
        roles.Button: "raised",
        roles.ButtonText: "text1",
        roles.BrightText: "error",
        roles.ToolTipBase: "raised",
        roles.ToolTipText: "text1",
        roles.PlaceholderText: "text3",
        roles.Highlight: "selected",
        roles.HighlightedText: "text1",
        roles.Accent: "accent",
        roles.Link: "accent",
        roles.LinkVisited: "accent",
        roles.Light: "line_strong",
        roles.Midlight: "line",
        roles.Mid: "line",
        roles.Dark: "line_strong",
        roles.Shadow: "stage",
    }
    palette = QPalette()
    for role, token in tokens.items():
        palette.setColor(role, theme.color(token))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("disabled"))
    return palette

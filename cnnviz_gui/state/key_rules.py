"""Which keys can work: what is typed and what every window needs is refused or warned of.

Keys are texts such as ``Ctrl+Shift+S``, the modifiers in Qt's order.
"""

from __future__ import annotations

import sys

from cnnviz_gui.state.keys import KEYS
from cnnviz_gui.texts import tr

_MODIFIERS = ("Ctrl", "Shift", "Alt", "Meta")
_EVERYWHERE = frozenset(
    {"Space", "Return", "Enter", "Tab", "Backtab", "Backspace", "Left", "Right", "Up", "Down"}
)
"""Keys that press, choose and move in all that can have the focus."""
_MOVING = frozenset({"Home", "End", "PgUp", "PgDown", "Ins", "Del"})
_SYSTEM = frozenset({"Alt+Tab", "Alt+Shift+Tab", "Alt+Shift+Backtab", "Alt+F4", "Ctrl+Alt+Del"})
_SYSTEM_OF_MAC = frozenset(  # where the key Command is Qt's Ctrl, and Control its Meta
    {
        *("Ctrl+Tab", "Ctrl+Shift+Tab", "Ctrl+Shift+Backtab", "Ctrl+H", "Ctrl+Alt+H"),
        *("Ctrl+Space", "Ctrl+Alt+Space", "Ctrl+Alt+Esc"),
        *("Ctrl+Shift+3", "Ctrl+Shift+4", "Ctrl+Shift+5"),
        *(f"Meta+{key}" for key in ("Left", "Right", "Up", "Down")),
    }
)
_STOPPING = frozenset({"cancel", "cancel_all"})
_EDITING = frozenset(
    {
        *(f"Ctrl+{key}" for key in ("A", "C", "V", "X", "Z", "Y", "Backspace", "Del", "Ins")),
        *(f"{how}+{key}" for how in ("Ctrl", "Ctrl+Shift") for key in ("Left", "Right")),
        *(f"{how}+{key}" for how in ("Ctrl", "Ctrl+Shift", "Shift") for key in ("Home", "End")),
        *("Ctrl+Shift+Z", "Shift+Ins", "Shift+Del"),
    }
)


def split(key: str) -> tuple[frozenset[str], str]:
    """Return the modifiers of a key and the key without them."""
    head, _, base = key.rpartition("+") if not key.endswith("+") else (key[:-2], "", "+")
    return frozenset(head.split("+")) if head else frozenset(), base


def advice() -> str:
    """Return the modifiers, as this system calls them, that no field types with."""
    if _on_mac():
        return KEYS.modifier("Ctrl")
    return tr("{one} or {other}", one=KEYS.modifier("Ctrl"), other=KEYS.modifier("Alt"))


def refusal(action: str, key: str) -> str:
    """Return why an action cannot have a key, a sentence; empty where it can."""
    held, base = split(key)
    named, held_with = KEYS.native(key), advice()
    if not base or base in _MODIFIERS:
        return tr("That is no key by itself: press another one with it.")
    if key in (_SYSTEM_OF_MAC if _on_mac() else _SYSTEM):
        return tr("The system takes {key} before the program sees it.", key=named)
    if base == "Esc" and action not in _STOPPING:
        return tr("Escape closes windows and stops jobs: it can do nothing else.")
    if held <= {"Shift"} and len(base) == 1:
        return tr(
            "{key} is typed into fields: hold {modifier} with it.", key=named, modifier=held_with
        )
    if held <= {"Shift"} and base in _EVERYWHERE:
        return tr(
            "{key} works in every list, field and picture: hold {modifier} with it.",
            key=named,
            modifier=held_with,
        )
    return ""


def warning(key: str, letters: dict[str, str]) -> str:
    """Return what else a key does that can be used all the same; empty for nothing.

    Parameters
    ----------
    letters
        By the letter that opens it with Alt, the title of each menu.
    """
    held, base = split(key)
    named = KEYS.native(key)
    if _on_mac() and "Alt" in held and held <= {"Alt", "Shift"} and len(base) == 1:
        return tr(
            "{key} types another letter where the cursor stands in a field: only there.",
            key=named,
        )
    if held == {"Alt"} and base in letters:
        return tr(
            "{key} opens the menu {menu}, which has no letter then.",
            key=named,
            menu=letters[base],
        )
    if not held and base in _MOVING:
        return tr(
            "{key} moves in lists, plots and grids, which do not hear it any more then.",
            key=named,
        )
    if key in _EDITING:
        return tr(
            "{key} edits text where the cursor stands in a field: only there, as before.",
            key=named,
        )
    return ""


def _on_mac() -> bool:
    return sys.platform == "darwin"

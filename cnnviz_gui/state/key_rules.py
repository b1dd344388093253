"""Which keys can work: what is typed and what every window needs is refused or warned of.

Keys are texts such as ``Ctrl+Shift+S``, the modifiers in Qt's order.
"""

from __future__ import annotations

import sys

from cnnviz_gui.state.keys import KEYS

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
    return " or ".join(KEYS.modifier(one) for one in (("Ctrl",) if _on_mac() else ("Ctrl", "Alt")))


def refusal(action: str, key: str) -> str:
    """Return why an action cannot have a key, a sentence; empty where it can."""
    held, base = split(key)
    named, hold = KEYS.native(key), f"hold {advice()} with it."
    if not base or base in _MODIFIERS:
        return "That is no key by itself: press another one with it."
    if key in (_SYSTEM_OF_MAC if _on_mac() else _SYSTEM):
        return f"The system takes {named} before the program sees it."
    if base == "Esc" and action not in _STOPPING:
        return "Escape closes windows and stops jobs: it can do nothing else."
    if held <= {"Shift"} and len(base) == 1:
        return f"{named} is typed into fields: {hold}"
    if held <= {"Shift"} and base in _EVERYWHERE:
        return f"{named} works in every list, field and picture: {hold}"
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
        return f"{named} types another letter where the cursor stands in a field: only there."
    if held == {"Alt"} and base in letters:
        return f"{named} opens the menu {letters[base]}, which has no letter then."
    if not held and base in _MOVING:
        return f"{named} moves in lists, plots and grids, which do not hear it any more then."
    if key in _EDITING:
        return f"{named} edits text where the cursor stands in a field: only there, as before."
    return ""


def _on_mac() -> bool:
    return sys.platform == "darwin"

"""What a new session begins with: just what the next start of the program would."""

from __future__ import annotations

from cnnviz_gui.app.keeping import REMEMBERED
from cnnviz_gui.state import settings_fields
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.selection import Display, Selection
from cnnviz_gui.state.settings_fields import Values


def values(state: AppState) -> Values:
    """Return every field of selection and display: the network in use, no picture, no second."""
    usual = settings_fields.values(Selection(), Display())
    present = settings_fields.values(state.selection, state.display)
    kept = (REMEMBERED | {"sweep_maximum"}) & usual.keys()
    return usual | {name: present[name] for name in kept}

"""What of a session is work: what was set, begun and kept, not what was merely opened."""

from __future__ import annotations

from typing import Final

from cnnviz_gui.state import session_file, settings_fields
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.settings_fields import OF_SELECTION, Values

_NO_WORK: Final = frozenset(
    {
        *("folder", "folder_nested", "layer_folder", "similar_folder"),
        *("stage", "cell", "input_channel", "heatmap_step", "folder_words"),
        "sweep_maximum",  # it follows epsilon, and does not come back with it
    }
)
"""Folders that were opened, where the user was, what was pointed at."""
_WORK: Final = tuple(name for name in session_file.KEPT if name in OF_SELECTION - _NO_WORK)


def work(state: AppState) -> Values:
    """Return what is compared to tell whether anything was done: how it is drawn does not count."""
    values = settings_fields.values(state.selection, state.display)
    return {name: values[name] for name in _WORK} | {"kept": state.shared.kept_features}

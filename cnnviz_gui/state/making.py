"""When pictures are made: what a change of the hand begins, and what waits to be asked for.

==================  ===================================  ==================================
the picture is      what it can go on with changes       what it cannot go on with changes
==================  ===================================  ==================================
being made          it goes on from the one on screen    the other one is begun
paused or finished  Continue goes on from the one there  Start begins the other one
not begun           Start begins it                      Start begins it
==================  ===================================  ==================================

What is being made in sight stays being made, and nothing else begins by itself: not where the
choice is made on another page, nor once the picture is done, was stopped or has failed. Another
network ends all that was being made. The same holds for a sheet, which goes on with nothing: it
depends on network and layer alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnviz_gui.state.finding import Finding
from cnnviz_gui.state.selection import Display, Selection

SHEET = frozenset({"model", "layer"})
"""What a sheet depends on."""
PICTURE = SHEET | {
    *("second", "image", "channel", "cell", "target"),
    *("feature_target", "feature_negative", "feature_aim", "feature_second", "feature_weight"),
    *("feature_pictures", "feature_parameters", "feature_spectrum"),
}
"""What a picture depends on."""
_PICTURE_LANES = ("feature", "feature-second")


def settled(
    selection: Selection, display: Display, findings: Mapping[str, Finding], changes: dict[str, Any]
) -> dict[str, Any]:
    """Return changes of the selection with what must wait after them.

    Where they say themselves that something starts, it does.
    """
    changed = {name for name, value in changes.items() if value != getattr(selection, name)}
    settled = dict(changes)
    if changed & PICTURE and not _makes(selection, display, findings, "picture"):
        settled.setdefault("feature_started", False)
    if changed & SHEET and not _makes(selection, display, findings, "sheet"):
        settled.setdefault("sheet_started", False)
    return settled


def _makes(
    selection: Selection, display: Display, findings: Mapping[str, Finding], view: str
) -> bool:
    """Tell whether what a view of the page shows is being made in sight."""
    in_sight = selection.stage == "features" and display.feature_view == view
    started = selection.sheet_started if view == "sheet" else selection.feature_started
    lanes = ("feature-sheet",) if view == "sheet" else _PICTURE_LANES
    at_work = any(findings.get(lane, Finding()).at_work for lane in lanes)
    return in_sight and started and at_work

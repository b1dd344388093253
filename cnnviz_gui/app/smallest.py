"""What follows a search for the smallest epsilon: the slider goes there, and it is told."""

from __future__ import annotations

from PySide6.QtCore import QObject

from cnnviz_gui.core.border_results import BordersResult
from cnnviz_gui.core.request import Request
from cnnviz_gui.state import border_view
from cnnviz_gui.state.app_state import AppState, Notice
from cnnviz_gui.state.border_plan import ENDED, SMALLEST_LANE, smallest_request
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.finding import Finding

_CONCERNS = frozenset(
    {
        *("model", "image", "target", "attack_method", "attack_parameters", "smallest_of"),
        *("finding.predict", f"finding.{SMALLEST_LANE}"),
    }
)


class SmallestEpsilon(QObject):
    """Ends ``Selection.smallest_of`` when its answer is there, or another attack is in use."""

    def __init__(self, state: AppState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._begun: Request | None = None
        """The search that has been seen at work: one that ended before is none of this one's."""
        state.observe(self._on_state_changed, at_once=True)

    def _on_state_changed(self, changes: Changes) -> None:
        if not changes & _CONCERNS:
            return
        state = self._state
        finding, asked = state.finding(SMALLEST_LANE), state.selection.smallest_of
        if asked is None:
            self._begun = None
        elif asked != smallest_request(state):
            state.select(smallest_of=None)
        elif finding.at_work and finding.asked == asked:
            self._begun = asked
        elif finding.status in ENDED and self._begun == asked:
            state.select(smallest_of=None)
            self._tell_problem(finding)
        elif finding.status == "done" and finding.request == asked:
            self._take(finding)

    def _tell_problem(self, finding: Finding) -> None:
        if finding.problem is not None:
            text = f"{finding.problem.message} {finding.problem.advice}".strip()
            self._state.share(notice=Notice(text, "error"))

    def _take(self, finding: Finding) -> None:
        """Put the slider where the search ended."""
        found = finding.value
        if isinstance(found, BordersResult):
            changes = border_view.at_smallest(self._state, found)
            self._state.select(smallest_of=None, **changes)
            level = "info" if changes else "warning"
            said = border_view.smallest_said(self._state, found)
            self._state.share(notice=Notice(said, level))

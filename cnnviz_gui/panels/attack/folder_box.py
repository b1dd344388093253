"""The attacks on a folder: how many pictures hold, and where each of them gives way."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent

from cnnviz_gui.core.attack_folder_results import AttackRow
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.attack.folder_tools import AttackFolderTools
from cnnviz_gui.panels.attack.robust_chart import RobustChart
from cnnviz_gui.panels.controls import Label
from cnnviz_gui.panels.folder.rows_box import RowsBox
from cnnviz_gui.state import attack_folder_view, folder_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.attack_folder_view import LANE, ShownAttacks
from cnnviz_gui.texts import tr

_READY = tr("Nothing is computed before you begin.")


class FolderBox(RowsBox, AttackBox):
    """Choices, the curve, tiles or table, and what was not attacked."""

    one_attack = False
    known = attack_folder_view
    concerns = frozenset(
        {"attack_folder", "attack_method", "attack_parameters", "target", "epsilon_unit"}
    )
    invitation = tr(
        "Open a folder of pictures, or drop one here, to see how many of them withstand an attack."
    )
    giving_way = ("after-probability", "l2", "lasting", "probability", "truth", "after")
    long_word = True
    tools: AttackFolderTools

    def __init__(self, state: AppState) -> None:
        super().__init__(state, AttackFolderTools(state))
        self.tools.started.connect(self._on_start)
        self.tools.start.heirs = (self.tools.stop, self.pane)
        self.tools.clean.clicked.connect(self._draw)
        self.chart = RobustChart()
        self.verdict = Label("", "body", "text1", wrap=True)
        self._begin(self.chart, self.verdict)

    def _footer(self, shown: ShownAttacks) -> str:
        return f"{super()._footer(shown)} · {attack_folder_view.verdict(shown)}"

    def _open(self, shown: ShownAttacks, row: AttackRow) -> None:
        """Show one attack large, with the epsilon at which the picture gave way."""
        self._state.select(**attack_folder_view.opening(self._state, shown, row))
        self._state.show(attack_view="picture")
        self.opened.emit(self._state.selection.attack_awaited)

    @Slot()
    def _on_start(self) -> None:
        asked = attack_folder_view.wanted(self._state)
        if asked is not None:
            self._state.select(attack_folder=asked)

    def _startable(self) -> bool:
        return attack_folder_view.startable(self._state)

    def _draw_above(self, shown: ShownAttacks | None) -> None:
        """Draw the curve, and what it says."""
        points = () if shown is None else attack_folder_view.curve(shown)
        for widget in (self.chart, self.verdict):
            widget.setVisible(bool(points))
        if shown is not None and points:
            self.chart.set_points(
                points,
                attack_folder_view.title(self._state, shown),
                attack_folder_view.keeps(shown),
                (attack_folder_view.axis(shown), attack_folder_view.upwards(shown)),
                stale=not shown.current,
            )
            self.verdict.setText(attack_folder_view.verdict(shown))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the pictures."""
        self.chart.fit_into(self.height())
        super().resizeEvent(event)

    def _draw_beginning(self) -> None:
        """Say what a start would do, too."""
        if self._state.selection.folder and not folder_view.running(self._state, LANE):
            self.pane.invite(f"{attack_folder_view.plan_of(self._state)} {_READY}")
        else:
            super()._draw_beginning()

    def _small(self, row: AttackRow) -> bytes:
        return (self.tools.clean.isChecked() and row.clean) or row.thumbnail

"""Defences against the attack, each a row; the attack that knows them; its gradients checked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.core.params import Value
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.attack.box import AttackBox
from cnnviz_gui.panels.attack.defence_lines import room_of
from cnnviz_gui.panels.attack.defence_row import DefenceRowView, TableHead
from cnnviz_gui.panels.attack.masking_card import MaskingCard
from cnnviz_gui.panels.controls import EmptyState, FailureCard, Label, Notice
from cnnviz_gui.panels.controls.scrolling import SteadyArea
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.layouts import add_layout
from cnnviz_gui.panels.page import show_problem
from cnnviz_gui.state import defence_plan, defence_view, resting
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.defence_plan import KNOWN_LANE, LANE, MASKING_LANE
from cnnviz_gui.texts import tr

_CONCERNS = frozenset(
    {
        *("facts", "image", "target", "stage", "methods", "attack_view", "attack_method"),
        *("attack_parameters", "attack_started", "attack_scaled", "attack_scale"),
        *("defences_off", "defence_parameters", "adaptive", "knowing_parameters"),
        *("finding.predict", "finding.attack"),
        *(f"finding.{LANE}", f"finding.{KNOWN_LANE}", f"finding.{MASKING_LANE}"),
    }
)
_NARROW = 800
"""Below this width rows have no pictures."""
_INVITATION = tr(
    "Press Attack to see which defences undo it, and whether it breaks them once it knows."
)
_PART = tr("These are not all defences yet: wait for the rest before you keep their request.")


class DefenceBox(AttackBox):
    """The warning, the table, what all defences detect together, and the checks."""

    view = "defences"

    def __init__(self, state: AppState) -> None:
        super().__init__(state)
        self.rows: dict[str, DefenceRowView] = {}
        self.empty = EmptyState("shield-check", _INVITATION)
        self.warning = Notice(kind="warning")
        self.warning.acted.connect(self._on_all)
        self.head = TableHead()
        self.joint = Label("", "caption", "text2", wrap=True)
        self.checks = MaskingCard()
        self._failures = {lane: FailureCard() for lane in (LANE, KNOWN_LANE, MASKING_LANE)}
        for lane, card in self._failures.items():
            card.remedied.connect(partial(self.again.emit, lane))
        self._stopped = Notice()
        self._stopped.acted.connect(self._on_continue)
        self._table = QVBoxLayout()
        self._stack = QStackedWidget()
        self._area = SteadyArea()
        self._area.setAccessibleName(tr("Defences"))
        self._inner = QWidget()
        for ends in (self._stopped, self.warning, *self._failures.values()):
            ends.heirs = (self._inner,)
        self._lay_out()
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(0, 0, theme.INSIDE, 0)
        column.setSpacing(theme.GAP)
        self._table.setSpacing(0)
        self._table.addWidget(self.head)
        column.addWidget(self._failures[LANE])
        column.addWidget(self._stopped)
        column.addWidget(self.warning)
        column.addWidget(self._failures[KNOWN_LANE])
        add_layout(column, self._table)
        column.addWidget(self.joint)
        column.addWidget(self._failures[MASKING_LANE])
        column.addWidget(self.checks)
        column.addStretch(1)
        theme.surface(self._inner, "window")
        self._area.setWidget(self._inner)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._area)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._stack)

    def export(self) -> Export | None:
        """Return the table as a picture, its distances, and the request."""
        import numpy as np

        from cnnviz_gui.panels.convert import from_qimage

        request, result = self._state.finding(LANE).request, defence_view.shown_result(self._state)
        if result is None or request is None or not self._state.finding(LANE).current:
            return None
        figures = [(row.clean.distance, row.adversarial.distance) for row in result.rows]
        picture = from_qimage(self._inner.grab().toImage())
        name = stem("defences", result.clean.label)
        missing = result.expected - len(result.rows)
        return Export(
            name,
            picture,
            np.array(figures, np.float32),
            request,
            unlike=_PART if missing else "",
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the pictures out where there is little room."""
        super().resizeEvent(event)
        if (event.size().width() < _NARROW) != (event.oldSize().width() < _NARROW):
            self._draw()

    @Slot()
    def _on_all(self) -> None:
        names = tuple(use.method for use in defence_plan.chosen(self._state))
        self._know(names)

    @Slot()
    def _on_continue(self) -> None:
        for lane in resting.in_sight(self._state):  # with the attack itself, which they begin with
            self.again.emit(lane)

    @Slot(object)
    def _on_known(self, name: str) -> None:
        self._know((name,))

    def _know(self, names: tuple[str, ...]) -> None:
        """Let the attack know defences; what was stopped or failed is begun again."""
        before = defence_plan.adaptive(self._state)
        changes = defence_plan.with_known(self._state, names)
        if before is not None and changes.get("adaptive") == before:
            self.again.emit(KNOWN_LANE)
        elif changes:
            self._state.select(**changes)

    @Slot(object, object)
    def _on_switched(self, name: str, on: bool) -> None:
        self._state.select(**defence_plan.switched(self._state, name, on))

    @Slot(object, object, object)
    def _on_changed(self, name: str, parameter: str, value: Value) -> None:
        changes = defence_plan.with_value(self._state, name, parameter, value)
        if changes:
            self._state.select(**changes)

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self.in_sight():
            self._draw()

    @Slot()
    def _draw(self) -> None:
        state, narrow = self._state, self.width() < _NARROW
        started = state.selection.attack_started
        self._stack.setCurrentWidget(self._area if started else self.empty)
        for lane, card in self._failures.items():
            show_problem(card, state.finding(lane))
        halt, lanes = defence_view.stopped(state)
        self._stopped.setVisible(bool(halt))
        if halt:
            self._stopped.set_stopped(halt)
        text, action = defence_view.warning(state)
        self.warning.set_notice(text, kind="warning", action=action)
        rows = defence_view.rows(state)
        names = room_of(said for row in rows for said in (row.clean, row.adversarial))
        self.head.draw(names, narrow=narrow)
        for row in rows:
            name = row.method.name
            if name not in self.rows:
                self.rows[name] = view = DefenceRowView(row)
                view.switched.connect(self._on_switched)
                view.changed.connect(self._on_changed)
                view.known.connect(self._on_known)
                self._table.addWidget(view)
            self.rows[name].draw(row, names, narrow=narrow)
        said = defence_view.joint(state) or defence_view.progress(state)
        self.joint.setText(said)
        self.joint.set_tone("text2" if state.finding(LANE).current else "text3")
        self.joint.setVisible(bool(said))
        finding = state.finding(MASKING_LANE)
        result = defence_view.shown_checks(state)
        self.checks.set_result(
            result,
            stale=not finding.current,
            working=finding.at_work,
            stopped=MASKING_LANE in lanes,
        )

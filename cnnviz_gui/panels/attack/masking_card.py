"""Whether the gradients of the attack can be trusted: each check in a line."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from cnnviz_gui.core import defence_words
from cnnviz_gui.core.masking_results import Check, MaskingResult
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import Card, IconLabel, Label
from cnnviz_gui.texts import tr

_ICONS = {
    "passed": ("check-circle", "success"),
    "failed": ("warning", "warning"),
    "not run": ("minus-circle", "text3"),
}
_STATES = {"passed": tr("Passed"), "failed": tr("Failed"), "not run": tr("Not run")}
_TITLE_WIDTH = 212
_TOP = Qt.AlignmentFlag.AlignTop


class MaskingCard(Card):
    """The checks of one attack, its verdict below."""

    def __init__(self) -> None:
        super().__init__(tr("Can this result be trusted?"), " ")
        self.setAccessibleName(tr("Signs of masked gradients"))
        self.verdict = Label("", "caption", "text2", wrap=True)
        self._lines: list[tuple[IconLabel, Label, Label, Label]] = []
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GAP)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(1, _TITLE_WIDTH)
        self._grid.setColumnStretch(3, 1)
        self.body.addWidget(inner)
        self.body.addWidget(self.verdict)

    def set_result(
        self, result: MaskingResult | None, *, stale: bool, working: bool, stopped: bool
    ) -> None:
        """Show the checks that are there."""
        checks = result.checks if result is not None else ()
        expected = result.expected if result is not None else 0
        while len(self._lines) < len(checks):
            self._add_line()
        for place, line in enumerate(self._lines):
            there = place < len(checks)
            for widget in line:
                widget.setVisible(there)
            if there:
                _fill(line, checks[place], stale)
        said = defence_words.verdict(result) if result is not None else ""
        self.verdict.setText(said)
        self.verdict.set_tone("text3" if stale else "text2")
        self.verdict.setVisible(bool(said))
        counted = {"done": 0 if stale else len(checks), "total": expected or 7}
        caption = tr("seven signs of masked gradients")
        if stopped:
            caption = tr("stopped at {done} of {total} checks", **counted)
        elif working:
            caption = tr("{done} of {total} checks", **counted)
        self.caption.setText(caption)

    def _add_line(self) -> None:
        place = len(self._lines)
        line = (
            IconLabel("info", size=14),
            Label("", "body", "text1"),
            Label("", "caption", "text3"),
            Label("", "caption", "text2", wrap=True),
        )
        for column, widget in enumerate(line):
            self._grid.addWidget(widget, place, column, _TOP)
        self._lines.append(line)


def _fill(line: tuple[IconLabel, Label, Label, Label], check: Check, stale: bool) -> None:
    icon, title, state, found = line
    name, token = _ICONS[check.state]
    icon.set_icon(name, "text3" if stale else token)
    title.setText(check.title)
    title.set_tone("text3" if stale else "text1")
    state.setText(_STATES[check.state])
    found.setText(f"{check.found} {check.advice}".strip())
    found.set_tone("text3" if stale else "text2")

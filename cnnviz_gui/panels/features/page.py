"""The page of made pictures: one that sharpens live, or a small one of every channel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.save_work import Film
from cnnviz_gui.panels.controls import (
    Button,
    ElidedLabel,
    FailureCard,
    IconButton,
    Notice,
    Segmented,
)
from cnnviz_gui.panels.export import Export, stem
from cnnviz_gui.panels.features import picture_box, pixels, sheet_export
from cnnviz_gui.panels.features.picture_box import PictureBox
from cnnviz_gui.panels.features.sheet_box import SheetBox
from cnnviz_gui.panels.key_tip import key_tip
from cnnviz_gui.panels.page import lay_out, show_problem
from cnnviz_gui.state import feature_cost, feature_view, kept_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.choice_words import FEATURE_VIEWS
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    from cnnviz_gui.core.result import ByteArray

_CONCERNS = picture_box.CONCERNS | {
    *("sheet_started", "finding.feature-sheet", "finding.feature-kept"),
}
_NAME = 150
"""So much of what is pictured is always seen."""
_HALF_GROWN = tr(
    "A picture that grows can be made again only after all its steps. Continue it first."
)


class FeaturePage(QWidget):
    """Tools, and the view in use below."""

    again = Signal(object)
    """The lane to go on with."""
    back_wanted = Signal()
    """The settings of the kept pictures are to be those in use again."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.views = Segmented(tuple(FEATURE_VIEWS.items()), tr("View"))
        self.views.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.views.setToolTip(tr("One picture, or a small one of every channel of the layer"))
        self.views.chosen.connect(self._on_view)
        self._name = ElidedLabel("", "name")
        self._said = ElidedLabel("", "caption", "text3")
        self.pixels = IconButton(
            "grid-four", tr("Show the pixels, without smoothing"), tr("Pixels")
        )
        self.pixels.setCheckable(True)
        self.pixels.clicked.connect(self._on_pixels)
        self.keep = IconButton("push-pin", "", tr("Keep beside"))
        self.keep.setCheckable(True)
        self.keep.clicked.connect(self._on_keep)
        self.back = IconButton(
            "arrow-u-up-left",
            tr("Take the settings of the kept picture back"),
            tr("Take the kept settings back"),
        )
        key_tip(self.back, self.back.toolTip(), "feature_back")
        self.back.clicked.connect(self.back_wanted)
        self.anew = Button(tr("Start again"), "arrow-counter-clockwise")
        self.anew.setToolTip(tr("Begin from the start once more, with the next seed"))
        self.anew.clicked.connect(self._on_anew)
        self.more = Button("", "plus")
        self.more.clicked.connect(self._on_more)
        self.pause = Button(tr("Pause"), "pause")
        key_tip(self.pause, tr("Stop here and keep what is there"), "make_feature")
        self.pause.clicked.connect(self._on_pause)
        self.start = Button(tr("Start"), "play", "primary")
        self.start.clicked.connect(self.go_on)
        self._failure = FailureCard()
        self._failure.remedied.connect(self.go_on)
        self._free: Callable[[], int | None] | None = None
        self._warning = Notice()
        self._stack = QStackedWidget()
        self.picture = PictureBox(state)
        self.picture.begun.connect(self.go_on)
        self.picture.kept.back_wanted.connect(self.back_wanted)
        self.picture.kept.drop_wanted.connect(self._on_keep)
        self._stack.addWidget(self.picture)
        self._sheet: SheetBox | None = None
        tools = (self.back, self.keep, self.pixels, self.anew, self.more, self.pause, self.start)
        body = lay_out(self, (self.views, self._name, self._said), tools)
        body.addWidget(self._failure)
        body.addWidget(self._warning)
        body.addWidget(self._stack, 1)
        self.pause.heirs = (self.start, self._stack)
        for begins in (self.start, self.anew, self.more, self._failure, self.picture.empty):
            begins.heirs = (self.pause, self._stack)
        state.observe(self._on_state_changed)
        self._draw()

    def watch_memory(self, free: Callable[[], int | None]) -> None:
        """Warn of what is larger than the bytes that ``free`` says there are, before it begins."""
        self._free = free
        self._draw()

    def fit(self) -> None:
        """Show the pictures whole."""
        self.picture.fit()

    @property
    def sheet(self) -> SheetBox:
        """The sheet, made when it is wanted first."""
        if self._sheet is None:
            self._sheet = SheetBox(self._state)
            self._sheet.opened.connect(self._on_opened)
            self._sheet.begun.connect(self.go_on)
            self._sheet.empty.heirs = (self.pause, self._stack)
            self._stack.addWidget(self._sheet)
        return self._sheet

    def export(self) -> Export | None:
        """Return the pictures, the numbers behind them, and the request that gives them again."""
        if self._state.display.feature_view == "sheet":
            return sheet_export.given(self._state)
        found = feature_view.shown(self._state)
        if found is None:
            return None
        request, result = found.request, found.result
        parameters, whole = request.parameters, result.done == request.parameters.steps
        if not parameters.grows:  # else the number of steps decides on more than the end
            parameters = dataclasses.replace(parameters, steps=result.done)
        drawn = pixels.side_by_side(result)
        return Export(
            stem(str(request.model), result.of),
            drawn,
            result.pictures,
            dataclasses.replace(request, parameters=parameters),
            _film(result.film, drawn.shape[0]),
            unlike=_HALF_GROWN if parameters.grows and not whole else "",
        )

    # The hand

    @Slot(object)
    def _on_view(self, view: str) -> None:
        self._state.show(feature_view=view)

    @Slot(bool)
    def _on_pixels(self, checked: bool) -> None:
        self._state.show(feature_pixels=checked)

    @Slot()
    def _on_keep(self) -> None:
        self._state.share(**kept_view.toggled(self._state))
        self._draw_kept()  # also where nothing came of it: the hand has pressed the button in

    @Slot()
    def go_on(self) -> None:
        """Begin, or go on where the user stopped; what was computed is not computed again."""
        for lane in feature_view.halted(self._state):
            self.again.emit(lane)
        self._state.select(**feature_view.switched(self._state, True))

    @Slot()
    def _on_pause(self) -> None:
        self._state.select(**feature_view.switched(self._state, False))

    @Slot()
    def _on_anew(self) -> None:
        self._state.select(**feature_view.anew(self._state))

    @Slot()
    def _on_more(self) -> None:
        self._state.select(**feature_view.longer(self._state))

    @Slot()
    def _on_opened(self) -> None:
        self._state.select(stage="layers")

    # Drawing

    def _on_state_changed(self, changes: Changes) -> None:
        if changes & _CONCERNS and self._state.selection.stage == "features":
            self._draw()

    def _draw(self) -> None:
        state = self._state
        in_sheet = state.display.feature_view == "sheet"
        self.views.set_value(state.display.feature_view)
        self._stack.setCurrentWidget(self.sheet if in_sheet else self.picture)
        phase = feature_view.sheet_phase(state) if in_sheet else feature_view.whole_phase(state)
        lane = "feature-sheet" if in_sheet else "feature"
        wanted = feature_view.wanted_sheet(state) if in_sheet else feature_view.wanted(state)
        # Of two networks the second may still be at work where the first failed.
        failed = (phase if in_sheet else feature_view.phase(state)) == "failed"
        if failed:
            show_problem(self._failure, state.finding(lane))
        self._failure.setVisible(failed)
        self.pixels.setChecked(state.display.feature_pixels)
        self._draw_kept()
        more = feature_view.more(state)
        self.more.setText(ntr("{n} step", "{n} steps", more))
        takes = feature_cost.time_of_more(state, more) if phase == "done" else ""
        what = ntr("Go on from here for {n} more step", "Go on from here for {n} more steps", more)
        self.more.setToolTip(f"{what}: {takes}" if takes else what)
        self.more.setAccessibleName(ntr("{n} more step", "{n} more steps", more))
        self.start.setEnabled(wanted is not None)
        self.start.setText(tr("Continue") if phase == "paused" else tr("Start"))
        what = tr("Go on where it stopped") if phase == "paused" else tr("Make it")
        cost = self._cost(phase)[0]
        key_tip(self.start, what, "make_feature", f": {cost}" if cost else "")
        self._draw_words(phase, in_sheet)
        self._draw_warning(phase)
        self._show_tools(phase, in_sheet)

    def _show_tools(self, phase: feature_view.Phase, in_sheet: bool) -> None:
        """Show what can be done now; what cannot goes first.

        Whatever is shown asks for its room at once, and the docks would give way for good.
        """
        kept, single = self._state.shared.kept_features is not None, not in_sheet
        shown = {
            self.back: single and kept,
            self.keep: single,
            self.pixels: single,
            self.anew: single and phase in ("paused", "done"),
            self.more: single and phase == "done" and feature_view.more(self._state) > 0,
            self.pause: phase == "running",
            self.start: phase in ("idle", "paused"),
        }
        for tool, visible in sorted(shown.items(), key=lambda one: one[1]):
            tool.setVisible(visible)

    def _draw_warning(self, phase: feature_view.Phase) -> None:
        free = self._free() if self._free is not None and phase in ("idle", "paused") else None
        needs = feature_cost.memory_needed(self._state) if free is not None else 0
        said = feature_cost.too_large(needs, free) if free is not None else ""
        self._warning.set_notice(said, kind="warning")
        self._warning.setVisible(bool(said))

    def _draw_kept(self) -> None:
        kept = self._state.shared.kept_features is not None
        what = (
            tr("Keep the picture no longer") if kept else tr("Keep the picture beside the next one")
        )
        key_tip(self.keep, what, "feature_keep")
        self.keep.setChecked(kept)
        self.keep.setEnabled(kept or kept_view.to_keep(self._state) is not None)

    def _draw_words(self, phase: feature_view.Phase, in_sheet: bool) -> None:
        facts, wanted = self._state.shared.facts, feature_view.wanted(self._state)
        sheet = feature_view.wanted_sheet(self._state)
        if in_sheet:
            self._name.setText(sheet.layer if sheet is not None else "")
            self._said.set_texts(*self._cost(phase))
        else:
            labels = facts.labels if facts is not None else ()
            self._name.setText(kept_view.subject(wanted, labels) if wanted is not None else "")
            self._said.set_texts(*self._progress(phase))
        self._name.setMinimumWidth(min(self._name.sizeHint().width(), _NAME))

    def _progress(self, phase: feature_view.Phase) -> tuple[str, ...]:
        """Return how far the picture is, then the same more briefly."""
        lane = feature_view.slowest(self._state)
        found, advance = feature_view.shown(self._state, lane), self._state.finding(lane).advance
        if found is None or not found.current:
            return self._cost(phase)
        done, asked = found.result.done, feature_view.wanted(self._state, lane)
        if phase == "running" and advance is not None and advance.seconds_left is not None:
            return (fmt.time_left(advance.seconds_left), "")
        if phase != "paused" or asked is None:
            return self._cost(phase)
        if asked.before != found.request.before:  # a control was changed since
            said = [tr("goes on from step {done}", done=done), tr("from step {done}", done=done)]
        else:
            counted = {"done": done, "total": asked.parameters.steps}
            said = [
                tr("stopped at {done} of {total}", **counted),
                tr("{done} of {total}", **counted),
            ]
        more = [
            tr("{said} · {cost} to come", said=said[0], cost=cost)
            for cost in self._cost(phase)
            if cost
        ]
        return (*more, *said)

    def _cost(self, phase: feature_view.Phase) -> tuple[str, ...]:
        """Return about how long it will take, before it begins or goes on."""
        return (feature_cost.time_needed(self._state) if phase in ("idle", "paused") else "", "")


def _film(shots: ByteArray, whole: int) -> Film | None:
    """Return the animation (F, h, w, 3) of a picture ``whole`` pixels high; None of no shots."""
    if not len(shots):
        return None
    high = shots.shape[1]
    less = (
        tr("It is {high} pixels high, the picture itself {whole}.", high=high, whole=whole)
        if high < whole
        else ""
    )
    return Film.of(shots, less)

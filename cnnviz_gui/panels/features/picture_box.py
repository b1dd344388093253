"""The pictures of an ascent, live, beside those that are kept, with the curve of the answer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import EmptyState
from cnnviz_gui.panels.features import pixels
from cnnviz_gui.panels.features.arrangement import Arrangement
from cnnviz_gui.panels.features.curve_box import CurveBox
from cnnviz_gui.panels.features.kept_panes import KeptPanes
from cnnviz_gui.panels.features.pane_grid import PaneGrid
from cnnviz_gui.panels.image_pane import ImagePane, PaneState
from cnnviz_gui.panels.pane_feed import PaneFeed, link_all
from cnnviz_gui.state import comparison_view, feature_plan, feature_view, feature_words, kept_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.feature_requests import Unit
    from cnnviz_gui.core.feature_results import FeaturePictures
    from cnnviz_gui.panels.picture_paint import Run

CONCERNS = frozenset(
    {
        "facts",
        "second_facts",
        "second",
        "image",
        "stage",
        "layer",
        "channel",
        "cell",
        "target",
        "linked",
        *feature_plan.CHOICES,
        "feature_pixels",
        "feature_preset",
        "kept_features",
        "finding.predict",
        "finding.feature",
        "finding.feature-second",
    }
)
_START = tr(
    "A picture sharpens here step by step, with the curve of its answer."
    " Nothing is computed until you start."
)
_CONTINUE = tr("Continue makes the picture. Nothing is computed until you do.")


class PictureBox(QWidget):
    """Pictures, and the curve where it leaves them most room."""

    begun = Signal()
    """The first picture is wanted."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._feeds: dict[tuple[str, int], PaneFeed] = {}
        self.kept = KeptPanes(state, self)
        self.grid = PaneGrid()
        self.curve = CurveBox()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.empty = EmptyState("sparkle", _START, tr("Start"))
        self.empty.action.setToolTip(tr("Make it"))
        self.empty.acted.connect(self.begun)
        self._stack = QStackedWidget()
        self._stack.addWidget(Arrangement(self.grid, self.curve))
        self._stack.addWidget(self.empty)
        column.addWidget(self._stack)
        theme.notifier.changed.connect(self._draw)
        state.observe(self._on_state_changed)
        self._draw()

    def fit(self) -> None:
        """Show the pictures whole."""
        for pane in self.grid.panes():
            pane.surface.fit()

    def _on_state_changed(self, changes: Changes) -> None:
        selection, display = self._state.selection, self._state.display
        in_sight = selection.stage == "features" and display.feature_view == "picture"
        if changes & CONCERNS and in_sight:
            self._draw()

    def _feed(self, lane: str, place: int) -> PaneFeed:
        """Return what shows a picture, made when it is wanted first."""
        if (lane, place) not in self._feeds:
            self._feeds[lane, place] = PaneFeed(ImagePane(tr("Picture")), self._state)
        return self._feeds[lane, place]

    @Slot()
    def _draw(self) -> None:
        kept = self.kept.draw()
        feeds = [feed for lane in kept_view.lanes(self._state) for feed in self._draw_lane(lane)]
        for feed in self._feeds.values():
            if feed not in feeds:
                feed.clear()  # what is not in sight keeps no result alive
        used = tuple(feed.pane for feed in feeds)
        for pane in (*kept, *used):
            pane.set_smooth(not self._state.display.feature_pixels, math.inf)
        self.grid.set_panes(*filter(None, (kept, used)))
        link_all((*kept, *used), self._state.display.linked)
        self._draw_curve()
        self._stack.setCurrentIndex(self._nothing_yet())

    def _nothing_yet(self) -> bool:
        """Tell whether nothing was started that could be shown, though it can be."""
        state = self._state
        idle = feature_view.whole_phase(state) == "idle" and not feature_view.why_none(state)
        there = (feature_view.shown(state, lane) for lane in kept_view.lanes(state))
        return idle and state.shared.kept_features is None and not any(there)

    def _draw_curve(self) -> None:
        found = feature_view.shown(self._state)
        if found is None:
            self.curve.clear()
        else:
            result, stale = found.result, feature_view.gives_way(self._state)
            self.curve.set_curve(result.curve, result.steps, answer=result.answer, stale=stale)
        same = kept_view.comparable(self._state)
        if same is None:
            self.curve.set_kept(None)
        else:
            self.curve.set_kept(same.result.curve, same.result.answer)
        self.curve.set_words(*feature_words.of_answer(self._state))

    def _draw_lane(self, lane: str) -> list[PaneFeed]:
        """Draw the pictures of one network; return their feeds."""
        found, phase = feature_view.shown(self._state, lane), feature_view.phase(self._state, lane)
        wanted = feature_view.wanted(self._state, lane)
        count = wanted.pictures if wanted is not None else 1
        if found is not None:
            count = len(found.result.pictures)
        feeds = [self._feed(lane, place) for place in range(count)]
        titles = self._titles(lane, count)
        for place, (feed, title) in enumerate(zip(feeds, titles, strict=True)):
            feed.pane.set_title(title)
            details = self._details(lane, count, place)
            feed.pane.set_details(details)
            unlike = feature_view.why_unlike(self._state) if lane == "feature-second" else ""
            feed.pane.setToolTip("\n".join(filter(None, (details, unlike))))
            if found is None:
                instead, why = self._instead(lane, phase)
                feed.clear(instead, why if not place else "")  # said once
                feed.pane.set_caption("")
                continue
            waits = feature_view.gives_way(self._state, lane)
            state: PaneState = "failed" if phase == "failed" else "stale" if waits else "done"
            feed.show(state, pixels.one, found.result, place)
            told = found.unlike or self._reached(found.result)
            feed.pane.set_caption(told if not place else "")
        return feeds

    def _titles(self, lane: str, count: int) -> list[str]:
        shared, wanted = self._state.shared, feature_view.wanted(self._state, lane)
        facts = shared.second_facts if lane == "feature-second" else shared.facts
        network = facts.title if facts is not None else ""
        if wanted is None:
            return [network] * count
        labels = facts.labels if facts is not None else ()
        first = _short(wanted.units[0], labels)
        if wanted.aim == "blend" and count > 1:
            one_layer = len({unit.layer for unit in wanted.units}) == 1
            first, last = (
                _short(unit, labels) if one_layer else unit.described(labels)
                for unit in wanted.units
            )
            along = [
                tr("{share:.0f} % of the way", share=100 * stop / (count - 1))
                for stop in range(count)
            ]
            return [first, *along[1:-1], last]
        if count > 1:
            return [first, *(tr("another {place}", place=place) for place in range(1, count))]
        if comparison_view.comparing(self._state):
            return [comparison_view.names(self._state)[lane == "feature-second"]]
        said = kept_view.subject(wanted, labels)
        unit = wanted.units[0]
        named = said == unit.layer  # a layer is written as the network writes it
        return [said if named else said[:1].upper() + said[1:]]

    def _reached(self, result: FeaturePictures) -> tuple[Run, ...]:
        """Return a caption; beside a kept picture the curve alone tells of the steps."""
        kept = self._state.shared.kept_features is not None
        said = pixels.reached(result)
        return said[-1:] if kept and not comparison_view.comparing(self._state) else said

    def _details(self, lane: str, count: int, place: int) -> str | None:
        """Return what is pictured of each of two networks, and what was kept otherwise."""
        kept = self._state.shared.kept_features is not None
        wanted = feature_view.wanted(self._state, lane)
        if count > 1 or wanted is None or not comparison_view.comparing(self._state):
            told = kept_view.told_of_used(self._state, lane)
            return (told if not place else "") if kept else None
        shared = self._state.shared
        facts = shared.second_facts if lane == "feature-second" else shared.facts
        words = [kept_view.subject(wanted, facts.labels if facts is not None else ())]
        if kept:
            words.append(kept_view.told_of_used(self._state, lane))
        return " · ".join(filter(None, words))

    def _instead(self, lane: str, phase: feature_view.Phase) -> tuple[PaneState, str]:
        """Return what stands in the place of a picture that is not there yet."""
        second = lane == "feature-second"
        why = feature_view.why_no_second(self._state) if second else ""
        why = why or feature_view.why_none(self._state)
        if why:
            return "empty", why
        if phase == "running":
            return "loading", ""
        if phase == "failed":
            problem = self._state.finding(lane).problem
            return "failed", problem.message if problem is not None else ""
        paused = feature_view.whole_phase(self._state) == "paused"
        return "empty", _CONTINUE if paused else _START


def _short(unit: Unit, labels: tuple[str, ...]) -> str:
    """Return what answers, where there is little room: the layer stands above all pictures."""
    if unit.layer and unit.channel is not None and unit.cell is None:
        return tr("channel {channel}", channel=unit.channel)
    return unit.described(labels)

"""Changes of settings can be taken back, and made again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import settings_fields, step_words
from cnnviz_gui.state.app_state import FOLLOWS, AppState
from cnnviz_gui.state.at_hand import AtHand
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.selection import Stage
from cnnviz_gui.state.settings_fields import (
    OF_DISPLAY,
    OF_PICTURES,
    OF_SELECTION,
    SETTINGS,
    STRIP,
    Values,
)

_MOST = 200
_WATCHED = OF_SELECTION | OF_DISPLAY | {"pending_model", "pending_second", STRIP}
_PAUSE = 1.0
"""Seconds after which a slider's next move counts as another step."""
_TOGETHER = 0.02
"""Seconds within which changes of different settings come of one act of the hand."""


class Opener(Protocol):
    """Opens what the settings of another time need; what was asked comes later, or fails."""

    def first(self, model: ModelRef) -> None:
        """Open the network in use."""

    def second(self, model: ModelRef | None) -> None:
        """Open the network to compare with, or end the comparison."""

    def picture(self, image: ImageRef) -> None:
        """Take a picture that was open before; no other one that is being read comes after it."""

    def strip(self, refs: tuple[ImageRef, ...]) -> None:
        """Let these pictures be at hand, and no others; what is being read comes too late."""


@dataclass(slots=True)
class _Step:
    before: Values
    """Of what changed, with what followed from it."""
    after: Values
    names: tuple[str, ...]
    """The settings among it."""
    word: str
    axes: frozenset[str]
    """Along which a slider went; none where a choice was made."""
    stage: Stage
    """The page on which it was done."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A step that waits for a network."""

    step: _Step
    back: bool
    goal: Values


class SettingsHistory:
    """All changes of settings there were; it watches the state itself.

    A drag of a slider is one step, and so is what the hand changes at once. What followed from a
    change goes with it. A step to another network is taken once that network is ready, so nothing
    of one network ever comes to another.
    """

    def __init__(
        self,
        state: AppState,
        opener: Opener,
        clock: Callable[[], float] = time.monotonic,
        taken: Callable[[str, str, bool], None] = lambda word, value, back: None,
    ) -> None:
        """Begin without a step.

        ``taken`` hears of each step once it is taken, which may be later than it was asked for:
        what was changed, what it led to, often empty, and whether it was taken back.
        """
        self._state = state
        self._opener = opener
        self._clock = clock
        self._taken = taken
        self._strip, self._at_hand = state.shared.strip, AtHand.of(state.shared.strip)
        self._now = self._values()
        self._before: list[_Step] = []
        self._after: list[_Step] = []
        self._when = 0.0
        self._sealed = True
        self.held = False
        """A button of the mouse is down: however slowly a slider is drawn, it is one step."""
        self._awaited: _Awaited | None = None
        self._going = False
        self._started = state.selection.image is not None
        """The first picture is there: those that come with the start are no step."""
        state.observe(self._on_state_changed, at_once=True)

    @property
    def undone_next(self) -> str:
        """What would be taken back, in a word or two; empty for nothing."""
        return self._before[-1].word if self._before else ""

    @property
    def redone_next(self) -> str:
        """What would be made again."""
        return self._after[-1].word if self._after else ""

    @property
    def awaiting(self) -> bool:
        """Whether a step waits for a network."""
        return self._awaited is not None

    def value_next(self, *, back: bool) -> str:
        """Return what the next step, ``back`` or forth, leads to: ``4 / 255``; often empty."""
        steps = self._before if back else self._after
        if not steps:
            return ""
        ends = [self._now | steps[-1].after, self._now | steps[-1].before]
        old, new = ends if back else reversed(ends)
        return step_words.value(steps[-1].names, old, new, self._state)

    def _values(self) -> Values:
        if self._state.shared.strip is not self._strip:  # it may have thousands of pictures
            self._strip = self._state.shared.strip
            self._at_hand = AtHand.of(self._strip)
        of_hand = settings_fields.values(self._state.selection, self._state.display)
        return of_hand | {STRIP: self._at_hand}

    def seal(self) -> None:
        """Let the next change be another step."""
        self._sealed = True

    def clear(self) -> None:
        """Forget all steps: what is shown from here on is another piece of work."""
        self._before, self._after, self._awaited = [], [], None
        self._now = self._values()

    def undo(self) -> None:
        """Take the last change back."""
        if self._before:
            self._begin(self._before[-1], back=True)

    def redo(self) -> None:
        """Make again what was taken back last."""
        if self._after:
            self._begin(self._after[-1], back=False)

    def _begin(self, step: _Step, *, back: bool) -> None:
        goal = {name: self._now[name] for name in SETTINGS}
        goal |= step.before if back else step.after
        self._awaited = _Awaited(step, back, goal)
        self._go_on()

    def _go_on(self) -> None:
        """Open what the awaited step needs, one after the other, then take it."""
        awaited, chosen = self._awaited, self._state.selection
        if awaited is None or self._going:
            return
        goal = awaited.goal
        self._going = True
        try:
            if chosen.model != goal["model"]:
                self._opener.first(goal["model"])
            if self._state.selection.model == goal["model"] and chosen.second != goal["second"]:
                self._opener.second(goal["second"])
            chosen = self._state.selection
            if (chosen.model, chosen.second) == (goal["model"], goal["second"]):
                self._awaited = None
                self._take(awaited)
        finally:
            self._now = self._values()
            self._going = False

    def _take(self, awaited: _Awaited) -> None:
        step, goal = awaited.step, dict(awaited.goal)
        value = self.value_next(back=awaited.back)
        source, other = (self._before, self._after)[:: 1 if awaited.back else -1]
        other.append(source.pop())
        self._sealed = True
        goal["stage"] = settings_fields.page(step.names, step.stage, self._state.selection.stage)
        at_hand = goal.pop(STRIP, None)
        if isinstance(at_hand, AtHand):
            self._opener.strip(at_hand.refs)
        if goal["image"] is not None and goal["image"] != self._state.selection.image:
            self._opener.picture(goal["image"])
        self._state.bring_back(goal)
        self._taken(step.word, value, awaited.back)

    def _on_state_changed(self, changes: Changes) -> None:
        if self._going or changes.isdisjoint(_WATCHED):
            return
        if self._awaited is not None and self._awaits(changes):
            return
        before = self._now
        self._now = self._values()
        if not self._started:
            self._started = self._now["image"] is not None
            before = before | {name: self._now[name] for name in OF_PICTURES}
        names = settings_fields.changed(before, self._now)
        if self._state.shared.facts is None or not names:
            return
        differing = [name for name in self._now if before[name] != self._now[name]]
        old = {name: before[name] for name in differing}
        new = {name: self._now[name] for name in differing}
        if FOLLOWS not in changes:
            self._awaited = None  # the hand was quicker
            self._note(names, old, new)
        elif self._before and not self._after:
            _merge(self._before[-1], old, new)

    def _awaits(self, changes: Changes) -> bool:
        """Go on with a step that waits for a network; return whether the change belongs to it."""
        shared, chosen, awaited = self._state.shared, self._state.selection, self._awaited
        assert awaited is not None
        wanted, second = awaited.goal["model"], awaited.goal["second"]
        if "model" in changes and chosen.model != wanted:
            return False  # the user has chosen another one meanwhile
        if changes & {"model", "second"}:
            self._now = self._values()
            if chosen.model == wanted and chosen.second in (None, second):
                self._go_on()
            return True
        pending = shared.pending_model or shared.pending_second
        if changes & {"pending_model", "pending_second"} and pending is None:
            self._awaited = None  # it cannot be opened, or was stopped: why is told already
        return False

    def _note(self, names: tuple[str, ...], old: Values, new: Values) -> None:
        when, last = self._clock(), self._before[-1] if self._before else None
        before = {**self._now, **old}
        axes = settings_fields.slid(names, before, self._now)
        close = when - self._when
        self._when, sealed, self._sealed = when, self._sealed, False
        self._after = []
        if last is not None and not sealed:
            slides = bool(axes & last.axes) and (self.held or close < _PAUSE)
            pictures = OF_PICTURES & {*names} and OF_PICTURES & {*last.names}
            beside = close < _TOGETHER and not set(names) & set(last.names) and not pictures
            if slides or beside or _brought(last, names, new):
                _merge(last, old, new)
                last.axes = last.axes | axes if slides else frozenset()
                self._rename(last)
                return
        word = settings_fields.word(names, before, self._now)
        step = _Step(old, new, names, word, axes, self._state.selection.stage)
        self._before = [*self._before[1 - _MOST :], step]

    def _rename(self, last: _Step) -> None:
        """Call a step by all that it changes by now; one that changes nothing any more is none."""
        before, after = self._now | last.before, self._now | last.after
        last.names = settings_fields.changed(before, after)
        if last.names:
            last.word = settings_fields.word(last.names, before, after)
        else:
            self._before.pop()
            self._sealed = True


def _brought(last: _Step, names: tuple[str, ...], new: Values) -> bool:
    """Tell whether a picture comes into use that the last step has put at hand."""
    if last.names != (STRIP,) or names[0] != "image" or new["image"] is None:
        return False
    added = {*last.after[STRIP].paths} - {*last.before[STRIP].paths}
    return new["image"].path in added


def _merge(step: _Step, old: Values, new: Values) -> None:
    """Let a change be part of a step."""
    step.before = old | step.before
    step.after = step.after | new

"""Turns what is selected into requests and what comes back into findings.

Lives in the GUI thread. Everything it does is a reaction: to a change of the state, it submits the
requests that ``state.plan`` names and that were not asked yet; to an event of the engine, it writes
what was found into the state.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from cnnviz_gui.app import asking, lanes
from cnnviz_gui.app.gallery import Gallery
from cnnviz_gui.app.worker import Ready
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import Attack, Forget, ModelRef, OpenModel, Request, UseDevice
from cnnviz_gui.core.result import DeviceInUse, OpenedModel, Result
from cnnviz_gui.engine import events
from cnnviz_gui.engine.engine import Engine
from cnnviz_gui.state import attack_lanes, attack_view, pass_cost, prediction_view
from cnnviz_gui.state.app_state import Activity, AppState, Notice
from cnnviz_gui.state.bulletin import Changes
from cnnviz_gui.state.comparison_plan import SECOND_LANES
from cnnviz_gui.state.finding import Advance, Finding, Problem
from cnnviz_gui.state.heatmap_plan import takes_long
from cnnviz_gui.state.history import History
from cnnviz_gui.state.labels import describe
from cnnviz_gui.texts import tr

_REST_MS = 80
"""How long a slider must rest before the place it stands at is computed: what is computed of places
that it only passes by is shown to nobody, and takes the time of what shows them."""


class Controller(QObject):
    """Between state and engine."""

    def __init__(self, state: AppState, engine: Engine, gallery: Gallery) -> None:
        super().__init__()
        self._state = state
        self._engine = engine
        self._gallery = gallery
        self._history = History()
        self._asked: dict[str, Request] = {}
        """By lane; what waits for an attack that the user stopped is not among it."""
        self._running: dict[str, Activity] = {}
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._reconcile)
        state.observe(self._on_state_changed, at_once=True)
        engine.happened.connect(self._on_event)

    def choose_model(self, model: ModelRef) -> None:
        """Make a network ready; the one in use stays until it is."""
        second = self._state.selection.second
        if model == second:
            self.swap_networks()
            return
        self._state.share(pending_model=model, notice=None)
        request = OpenModel(model=model, beside=second)
        self._state.found("model", Finding().waiting(request))
        self._submit("model", request)

    def choose_second(self, model: ModelRef) -> None:
        """Make a network ready to be compared with the one in use, on the same picture."""
        selection, shared = self._state.selection, self._state.shared
        if model in (selection.model, shared.pending_model):
            text = tr("That network is in use already. Choose another one to compare it with.")
            self._state.share(notice=Notice(text))
            return
        self._state.share(pending_second=model, notice=None)
        self._submit("second-model", OpenModel(model=model, beside=selection.model))

    @Slot()
    def stop_comparing(self) -> None:
        """Go back to one network; what the second one takes up is free again."""
        self._engine.cancel("second-model")
        if self._state.selection.second is None:
            return
        self._drop_second()
        self._submit("second-model", OpenModel(model=self._state.selection.model))

    @Slot()
    def swap_networks(self) -> None:
        """Let the second network be the first and the first the second; both are ready."""
        if self._state.selection.second is None:
            return
        self._engine.cancel("model")
        self._leave(lanes.PLANNED)
        self._state.swap_networks()

    def _submit(self, lane: str, request: Request) -> None:
        shared = self._state.shared
        behind = lanes.SLOW_BEHIND if takes_long(request, shared.methods) else ""
        self._engine.submit(lane, request, describe(request, shared), behind=behind)

    @Slot()
    def cancel(self) -> None:
        """Stop the job the status strip shows, and what takes turns with it or asks the same."""
        activity = self._state.shared.activity
        if activity is None:
            return
        for lane in lanes.stopped_with(activity.lane):
            self._engine.cancel(lane)

    @Slot(object)
    def halt(self, lane: str) -> None:
        """Stop the job of a lane; what it found stays."""
        self._engine.cancel(lane)

    @Slot()
    def cancel_all(self) -> None:
        """Stop every job, running and waiting."""
        self._engine.cancel_all()

    @Slot()
    def compute_again(self) -> None:
        """Ask anew for everything on screen, whatever is known of it."""
        self._history.clear()
        wanted = asking.wanted(self._state)
        if any(self._waits(lane, request) for lane, request in wanted.items()):
            self._asked.pop("attack", None)  # in sight or not, it is computed now
        self._asked = {
            lane: asked
            for lane, asked in self._asked.items()
            if lane not in wanted and self._halted(lane)
        }
        self._submit("forget", Forget())
        self._soon.start(0)

    @Slot(object)
    def resume(self, lane: str) -> None:
        """Ask again what was stopped, failed or may have changed in a lane, as its problem says."""
        finding = self._state.finding(lane)
        if self._waits(lane, finding.asked):
            self._asked.pop("attack", None)
        asked, problem = self._asked.pop(lane, None), finding.problem
        if asked is not None:
            self._history.forget(asked)
        if problem is not None and problem.offer == "cpu":
            self.use_device("cpu")
        else:
            self._soon.start(0)

    def give(self, lane: str, request: Request, result: Result, *, whole: bool) -> None:
        """Put an answer kept elsewhere into a lane, in place of what is worked on there."""
        self._leave((lane,))
        finding = Finding().waiting(request).partial(request, result)
        if whole:
            self._history.keep(request, result)
        self._state.found(lane, finding.finished(request, result) if whole else finding.stopped())

    def free(self, of: Callable[[Request], bool]) -> None:
        """Stop what is asked ``of`` something that was closed, and forget what was found of it."""
        self._history.forget_all(of)
        self._leave(tuple(lane for lane in lanes.PLANNED if self._state.finding(lane).about(of)))

    def use_device(self, name: str, half: bool = False) -> None:
        """Compute elsewhere from here on; what is under way begins anew there, nothing else."""
        for lane in lanes.PLANNED:
            halted = self._state.finding(lane).halted
            if not halted and self._asked.pop(lane, None) is not None:
                self._forget(lane)
        self._submit("device", UseDevice(device=name, half=half))
        self._soon.stop()  # nothing more is asked of the old device

    def stop(self) -> None:
        """Ask for nothing more: the window closes."""
        self._engine.happened.disconnect(self._on_event)
        self._soon.stop()

    def _on_state_changed(self, changes: Changes) -> None:
        for lane, begun in lanes.RESUMED.items():
            if begun in changes and self._halted(lane):
                self._asked.pop(lane, None)
        if changes & asking.ASKING:
            self._soon.start(_REST_MS if changes <= asking.UNDER_HAND else 0)

    @Slot()
    def _reconcile(self) -> None:
        """Submit what is wanted and was not asked; stop what is wanted no longer."""
        if prediction_view.rival_outlived(self._state):
            self._state.follow(against=None)
        wanted = asking.wanted(self._state)
        resting = self._resting_attack()
        rests = wanted.get("attack", resting) == resting  # else another one is asked now
        for lane in lanes.PLANNED:
            request = wanted.get(lane)
            if request is None:
                if not self._halted(lane) and self._asked.pop(lane, None) is not None:
                    self._forget(lane)
            elif self._asked.get(lane) != request:
                self._ask(lane, request, rests=rests and self._waits(lane, request))

    def _halted(self, lane: str) -> bool:
        """Tell whether the user stopped a lane, which then waits to be told to go on."""
        return lane in lanes.RESUMED and self._state.finding(lane).halted

    def _resting_attack(self) -> Attack | None:
        """Return the attack that the user stopped, or never began, until it goes on."""
        if attack_view.waits(self._state):
            return prediction_view.wanted_attack(self._state)
        attack = self._asked.get("attack")
        return attack if isinstance(attack, Attack) and self._halted("attack") else None

    def _waits(self, lane: str, request: Request | None) -> bool:
        """Tell whether a request of a lane would compute an attack that rests."""
        if lane == attack_lanes.ATTACK:  # one that was stopped is not asked a second time
            return attack_view.waits(self._state)
        attack = self._resting_attack()
        return attack is not None and attack_lanes.computes(lane, request, attack)

    def _let_wait(self) -> None:
        """Let what has no answer yet go on with the attack it waits for: that alone was stopped."""
        for lane in attack_lanes.ALL:
            if self._waits(lane, self._asked.get(lane)) and not self._state.finding(lane).current:
                self._asked.pop(lane, None)

    def _ask(self, lane: str, request: Request, *, rests: bool) -> None:
        finding = self._state.finding(lane)
        known = self._history.get(request)
        waiting = finding.waiting(request)
        if known is None and rests:
            self._asked.pop(lane, None)
            if not (finding.halted and finding.asked == request):
                self._forget(lane)
                self._deliver(lane, waiting.stopped())
            return
        self._asked[lane] = request
        if known is not None:
            self._forget(lane)
            self._deliver(lane, finding.finished(request, known))
            return
        self._state.found(lane, waiting)
        self._end(lane)
        self._submit(lane, request)

    def _forget(self, lane: str) -> None:
        """Stop a job nobody waits for, without a word; what it found so far stays, marked stale."""
        self._engine.forget(lane)
        self._end(lane)
        finding = self._state.finding(lane)
        if finding.at_work:
            self._state.found(lane, finding.waiting())

    @Slot(object)
    def _on_event(self, event: events.Event) -> None:
        match event:
            case events.Starting():
                self._state.share(starting=event.text)
            case events.Ready():
                self._on_ready(event)
            case events.StartFailed():
                problem = _problem(event.failure)
                text = f"{problem.message} {problem.advice}".strip()
                self._state.share(start_problem=text, starting="")
            case events.Started():
                self._begin(Activity(event.label, event.lane))
            case events.Progress():
                self._advance(event)
            case events.Partial():
                self._on_partial(event)
            case events.Finished():
                self._on_finished(event)
            case events.Failed():
                self._on_failed(event)
            case events.Stopped():
                self._end(event.lane)
                self._deliver(event.lane, self._state.finding(event.lane).stopped())
                self._let_wait()
                self._gallery.on_stopped(event.request)
                if event.lane in lanes.PENDING:
                    self._state.share(**{lanes.PENDING[event.lane]: None})

    def _on_ready(self, event: events.Ready) -> None:
        ready = event.payload
        assert isinstance(ready, Ready)
        self._state.share(methods=ready.methods, device=ready.device, starting="")
        if ready.computing is not None:
            self._state.share(computing=ready.computing)

    def _take_device(self, computing: DeviceInUse) -> None:
        before = self._state.shared.computing
        if before is None or before.device != computing.device:
            pass_cost.forget_paces(self._state, self._history.results())
        self._state.share(device=computing.description, computing=computing)
        if computing.note:
            self._state.share(notice=Notice(computing.note, "warning"))

    def _on_partial(self, event: events.Partial) -> None:
        if isinstance(event.value, Result):
            finding = self._state.finding(event.lane).partial(event.request, event.value)
            self._deliver(event.lane, finding)
            self._gallery.on_partial(event.request, event.value)

    def _on_finished(self, event: events.Finished) -> None:
        self._end(event.lane)
        request, result = event.request, event.result
        if isinstance(request, OpenModel) and isinstance(result, OpenedModel):
            self._on_opened(event.lane, request, result.facts)
            return
        if event.lane in lanes.PLANNED and request.lasting:
            self._history.keep(request, result)
        if isinstance(result, DeviceInUse):
            self._take_device(result)
        self._deliver(event.lane, self._state.finding(event.lane).finished(request, result))
        self._gallery.on_finished(request, result)

    def _on_opened(self, lane: str, request: OpenModel, facts: ModelFacts) -> None:
        model, selection = request.model, self._state.selection
        if lane == "model":
            self._history.clear()
            if model == selection.second:
                self._drop_second()
            self._leave(lanes.OF_FIRST)
            self._state.found("model", Finding())
            self._state.use_network(model, facts)
        elif model in (selection.model, selection.second):
            self._state.share(pending_second=None)
        else:
            self._leave(SECOND_LANES)
            self._state.use_second(model, facts)
        self._keep_together(request)

    def _keep_together(self, opened: OpenModel) -> None:
        """Tell the worker which two are compared where another choice came in between."""
        selection, pending = self._state.selection, self._state.shared.pending_second
        first, second = selection.model, selection.second
        told = {opened.model, opened.beside} == {first, second}
        if second is not None and pending is None and not told:
            self._submit("second-model", OpenModel(model=second, beside=first))

    def _drop_second(self) -> None:
        self._leave(SECOND_LANES)
        self._state.use_second(None, None)

    def _leave(self, several: tuple[str, ...]) -> None:
        """Stop and forget what was asked in some lanes."""
        for lane in several:
            self._asked.pop(lane, None)
            self._forget(lane)
            self._state.found(lane, Finding())

    def _on_failed(self, event: events.Failed) -> None:
        self._end(event.lane)
        problem = _problem(event.failure)
        self._deliver(event.lane, self._state.finding(event.lane).failed(problem))
        if event.lane in lanes.PENDING:
            text = f"{problem.message} {problem.advice}".strip()
            notice = Notice(text, "error", problem.details)
            self._state.share(**{lanes.PENDING[event.lane]: None}, notice=notice)
        if problem.offer == "lost":  # the worker goes on on the CPU already
            self.use_device("cpu")
            self._state.share(notice=Notice(f"{problem.message} {problem.advice}", "warning"))
        self._gallery.on_failed(event.request, problem)

    def _deliver(self, lane: str, finding: Finding) -> None:
        """Write a finding of a planned lane, or why a network cannot be opened.

        The others report through their own channels.
        """
        if lane in lanes.PLANNED or lane == "model":
            self._state.found(lane, finding)
        awaited = lane in lanes.AWAITED and finding.status == "done"
        if lane == "device" or (awaited and not self._soon.isActive()):
            self._soon.start(0)

    def _begin(self, activity: Activity) -> None:
        self._running.pop(activity.lane, None)  # so that it comes last
        self._running[activity.lane] = activity
        self._show_activity()

    def _end(self, lane: str) -> None:
        self._running.pop(lane, None)
        self._show_activity()

    def _advance(self, event: events.Progress) -> None:
        before = self._running.get(event.lane)
        if before is None:
            return
        activity = Activity(before.text, event.lane, event.done, event.total, event.seconds_left)
        self._running[event.lane] = activity
        self._show_activity()
        advance = Advance(event.done, event.total, event.seconds_left)
        self._deliver(event.lane, self._state.finding(event.lane).advanced(advance))

    def _show_activity(self) -> None:
        """Show the job that began last: the one inside the others is the one waited for."""
        activity = next(reversed(self._running.values()), None)
        # One that has begun is between two of its turns.
        waiting = [job for job in self._engine.waiting() if job.lane.name not in self._running]
        self._state.share(activity=activity, waiting=len(waiting))


def _problem(failure: events.Failure) -> Problem:
    return Problem(failure.message, failure.advice, failure.offer, failure.details)

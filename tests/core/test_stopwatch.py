"""The seconds of a job are its own, not those of the jobs that ran inside its steps."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cnnviz_gui.core import stopwatch
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.request import Attack, ImageRef, ModelRef, Predict, Request, Sweep
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.stopwatch import Stopwatch

QUIET = NullContext()


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(stopwatch, "perf_counter", made)
    return made


@pytest.fixture
def attack(network: ModelRef, picture: ImageRef, make_params: Callable) -> Attack:
    parameters = make_params("attack", "pgd", epsilon=2.0, steps=3)
    return Attack(model=network, image=picture, method="pgd", parameters=parameters)


@pytest.fixture
def urgent(network: ModelRef, picture: ImageRef) -> Predict:
    return Predict(model=network, image=picture)


class Slow(NullContext):
    """Lets time pass at each of its checks, then cancels or runs another job."""

    def __init__(
        self, clock: Clock, inside: Callable[[], object] | None = None, cancel: bool = False
    ) -> None:
        self._clock, self._inside, self._cancel = clock, inside, cancel

    def check(self) -> None:
        self._clock.passes(100)
        if self._inside is not None:
            self._inside()
        if self._cancel:
            raise Cancelled


@pytest.mark.parametrize("whole", ["attack", "sweep"])
@pytest.mark.parametrize("ending", ["done", "cancelled", "nested"])
def test_a_more_urgent_job_inside_a_step_is_not_counted(
    session: Session,
    attack: Attack,
    urgent: Predict,
    recorder: type,
    clock: Clock,
    whole: str,
    ending: str,
) -> None:
    execute(urgent, session, QUIET)  # reads the picture, so that all further steps are of the job

    def third() -> object:
        return execute(urgent, session, Slow(clock))

    def step() -> None:
        clock.passes(1)
        context = Slow(clock, third if ending == "nested" else None, ending == "cancelled")
        try:
            execute(urgent, session, context)
        except Cancelled:
            clock.passes(1)

    asked: Request = attack if whole == "attack" else Sweep(attack=attack, maximum=2.0, points=3)
    watching = recorder(inside=step)
    result = execute(asked, session, watching)
    each = 2 if ending == "cancelled" else 1
    assert watching.steps and clock.now > 1100
    assert result.seconds == pytest.approx(each * len(watching.steps))


def test_a_job_inside_another_counts_its_own_seconds(
    session: Session, urgent: Predict, clock: Clock
) -> None:
    found: list[float] = []

    def inner() -> None:
        if not found:
            found.append(0)
            found[0] = execute(urgent, session, Slow(clock)).seconds

    outer = execute(urgent, session, Slow(clock, inner))
    assert found[0] >= 100 and outer.seconds >= 100
    assert found[0] + outer.seconds == clock.now - 1000


def test_a_part_that_is_measured_alone_counts_for_the_whole_too(clock: Clock) -> None:
    watch = Stopwatch()
    with watch.job() as whole:
        part = watch.start()
        clock.passes(3)
        assert part() == 3
        clock.passes(4)
        assert whole() == 7

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before the first import of Qt

from collections.abc import Callable

import pytest

from cnnviz_gui.core.request import ImageRef, ModelRef, Predict, Request
from cnnviz_gui.engine.desk import Desk
from cnnviz_gui.engine.events import Event
from cnnviz_gui.engine.mailbox import Lane, Mailbox, lanes_in_order
from cnnviz_gui.engine.outbox import Outbox
from cnnviz_gui.engine.runner import Execute, Kit, Runner


def ask_for(number: int) -> Request:
    return Predict(model=ModelRef(name="net"), image=ImageRef(path="a.png"), top=number)


class Bench:
    """Mailbox, runner, outbox and desk in one thread, with a clock that stands still."""

    def __init__(self, execute: Execute, turns: tuple[str, ...] = ()) -> None:
        self.now = 100.0
        self.woken = 0
        self.mailbox = Mailbox(lanes_in_order("predict", "heatmap", "sweep", turns=turns))
        self.outbox = Outbox(self._wake)
        self.desk = Desk(self.mailbox, self.outbox)
        self.runner = Runner(
            lambda say: Kit(execute, "session", "facts"),
            self.mailbox,
            self.outbox,
            clock=lambda: self.now,
        )
        self.runner.prepare()
        self.outbox.drain()

    def _wake(self) -> None:
        self.woken += 1

    def submit(self, lane: str, number: int = 1) -> int:
        return self.desk.submit(lane, ask_for(number), lane.capitalize())

    def run_all(self) -> None:
        while (job := self.mailbox.take(timeout=0)) is not None:
            self.runner.run_job(job)

    def collect(self) -> list[Event]:
        return list(self.desk.collect())


@pytest.fixture(scope="session")
def ask() -> Callable[[int], Request]:
    return ask_for


@pytest.fixture(scope="session")
def bench() -> Callable[[Execute], Bench]:
    return Bench


@pytest.fixture(scope="session")
def lanes() -> tuple[Lane, ...]:
    return lanes_in_order("predict", "heatmap", "sweep")

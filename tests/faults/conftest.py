"""The running program, without a screen, and a hand on what its worker computes."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PATIENCE_MS = 60_000


class Meddler:
    """Stands between the engine and the computation, which is the real one."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.before: Callable[[Any, Any], None] = lambda request, ctx: None

    def start(self, say: Callable[[str], None]) -> Any:
        from cnnviz_gui.app import worker
        from cnnviz_gui.engine.runner import Kit

        kit = worker.start(say)
        self._execute = kit.execute
        return Kit(self.execute, kit.session, kit.payload)

    def execute(self, request: Any, session: Any, ctx: Any) -> Any:
        self.asked.append(request)
        self.before(request, ctx)
        return self._execute(request, session, ctx)


class Program:
    """The explorer and what a test asks of it."""

    def __init__(self, folder: Path, meddler: Meddler, qtbot: Any) -> None:
        from cnnviz_gui.app.explorer import Explorer

        self.meddler = meddler
        self.explorer = Explorer(
            folder / "config" / "settings.json", folder / "cache", start=meddler.start
        )
        self.state, self.window = self.explorer.state, self.explorer.window
        self.gallery, self.commands = self.explorer.gallery, self.explorer.commands
        self._qtbot = qtbot
        qtbot.addWidget(self.window)
        self.explorer.show()
        self.wait(lambda: self.state.finding("heatmap").status == "done")

    def wait(self, what: Callable[[], object]) -> None:
        self._qtbot.waitUntil(lambda: bool(what()), timeout=PATIENCE_MS)

    def settle(self) -> None:
        """Wait until all that follows from the last action is done, also what it leads to."""
        for _ in range(2):
            self._qtbot.wait(1)  # a question about what is selected is asked in the next round
            self.wait(lambda: not self.explorer.engine.busy and not self.state.shared.pending_image)

    def explain(self) -> Any:
        """Compute the heat map anew and return it: the proof that everything still works."""
        self.state.select(stage="heatmaps", target=None)
        self.explorer.controller.compute_again()
        self._qtbot.wait(1)
        self.wait(lambda: self.state.finding("heatmap").status == "done")
        self.settle()
        finding = self.state.finding("heatmap")
        assert finding.request.image == self.state.selection.image
        assert finding.value.map.max() > 0
        return finding.value.map


@pytest.fixture
def meddler() -> Meddler:
    return Meddler()


@pytest.fixture
def program(qtbot: Any, tmp_path: Path, meddler: Meddler) -> Program:
    return Program(tmp_path / "home of the program", meddler, qtbot)


@pytest.fixture(scope="session")
def image_faults() -> list[Any]:
    """The files of ``test_image_faults``: each has a name, bytes and what must come of it."""
    faults: list[Any] = runpy.run_path(str(Path(__file__).with_name("test_image_faults.py")))[
        "FAULTS"
    ]
    return faults

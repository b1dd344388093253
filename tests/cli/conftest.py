import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cnnviz_gui import resources
from cnnviz_gui.cli import commands, main
from cnnviz_gui.core import registry
from cnnviz_gui.core.params import Params, Scale, choice, flag, number


@dataclass(frozen=True, slots=True)
class ProbeParams(Params):
    norm: str = choice("linf", {"linf": "L∞", "l2": "L2"}, help="How size is measured.")
    budget: float = number(
        4,
        0,
        64,
        help="Largest change.",
        unit="255ths",
        depends_on="norm",
        scales={"linf": Scale(4, 0, 64, 1, "255ths"), "l2": Scale(3, 0, 20, 0.1)},
    )
    step_count: int = number(10, 1, 500, help="Steps, 50 % of them useful.")
    random_start: bool = flag(True, help="Start anywhere in the ball.")
    seed: int = number(0, 0, 2**31 - 1, help="Of the start.", role="seed")


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> str:
    """A method with a parameter of every kind, which nothing ever runs."""
    method = registry.Method(
        kind="attack",
        name="probe",
        title="Probe",
        summary="Has one parameter of every kind.",
        formula="x + δ",
        paper="Nobody 2026",
        params=ProbeParams,
        needs=lambda facts: "",
        uses_layer=False,
        run=lambda *args: None,
    )
    registry.load_methods()
    monkeypatch.setitem(registry._METHODS, ("attack", "probe"), method)
    return "probe"


@pytest.fixture
def cat() -> str:
    return str(resources.path("samples/chelsea.png"))


@pytest.fixture(scope="session")
def shared_session() -> Callable[[], Any]:
    """Open a session at the first call and keep it."""
    return functools.cache(commands.open_session)


@dataclass
class Ran:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


Cnnviz = Callable[..., Ran]


@pytest.fixture
def cnnviz(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    shared_session: Callable[[], Any],
) -> Cnnviz:
    """Run the command in this process, with one network kept between the runs."""

    def run(*argv: str | Path) -> Ran:
        monkeypatch.setattr(commands, "open_session", shared_session)
        status = main([str(word) for word in argv])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run

"""What the end of the program waits for, and with what status it goes."""

import importlib
import sys

import pytest

from cnnviz_gui.app import ending
from cnnviz_gui.state.app_state import AppState


class Engine:
    def __init__(self, stops):
        self.stops, self.waited = stops, []

    def shutdown(self, timeout_ms):
        self.waited.append(timeout_ms)
        return self.stops


@pytest.fixture
def shared():
    state = AppState()
    state.share(starting="")
    return state.shared


@pytest.mark.parametrize(
    ("importing", "stops", "others", "said"),
    [
        (False, True, True, (True, 1)),
        (False, False, True, (False, 1)),
        (True, False, True, (False, 0)),
        (True, False, False, (False, 1)),
        (True, True, True, (True, 0)),
    ],
)
def test_only_a_worker_that_imports_may_be_left_behind(importing, stops, others, said):
    engine, asked = Engine(stops), []

    def stop(timeout_ms):
        asked.append(timeout_ms)
        return others

    assert ending.stop_all([stop, stop], engine, importing=importing) == said
    assert len(asked) == 2, "also where the first has not ended"
    assert (engine.waited[0] < 1000) == importing


def test_the_import_of_a_job_is_seen(shared, tmp_path, monkeypatch):
    (tmp_path / "slow_to_come.py").write_text("import sys\nseen = sys.look()\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(ending, "SLOW_TO_IMPORT", "slow_to_come")
    monkeypatch.setattr(sys, "look", lambda: ending.imports(shared), raising=False)
    assert not ending.imports(shared)
    assert importlib.import_module("slow_to_come").seen
    assert not ending.imports(shared)
    state = AppState()
    state.share(starting="Loading PyTorch")
    assert ending.imports(state.shared)

"""The script that draws the pictures ends where there will be none."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

from cnnviz_gui.core.request import Forget
from cnnviz_gui.core.result import Result
from cnnviz_gui.state.finding import Finding, Problem

SCRIPT = Path(__file__).parents[2] / "packaging" / "make_pictures.py"


@pytest.fixture
def guide():
    spec = importlib.util.spec_from_file_location("make_pictures", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made = script.Guide.__new__(script.Guide)
    made.found = Finding().waiting(Forget())
    made.state = SimpleNamespace(finding=lambda lane: made.found)
    made.explorer = SimpleNamespace(engine=SimpleNamespace(busy=False))
    made.rest = lambda seconds: None
    made.app = SimpleNamespace(processEvents=lambda: pytest.fail("it would wait"))
    return made


def test_it_goes_on_once_a_lane_is_done(guide):
    guide.found = guide.found.finished(Forget(), Result())
    guide.done("plane")


def test_it_ends_at_once_with_the_reason_where_a_lane_failed(guide):
    guide.found = guide.found.failed(Problem("The attack found nothing."))
    with pytest.raises(SystemExit, match=r"plane: The attack found nothing\."):
        guide.done("plane")


def test_it_ends_at_once_where_a_lane_was_stopped(guide):
    guide.found = guide.found.stopped()
    with pytest.raises(SystemExit, match="plane was stopped"):
        guide.done("plane")

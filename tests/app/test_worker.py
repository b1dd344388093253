"""What surrounds every job of the worker."""

import sys
import types

import pytest

from cnnviz_gui.app import worker
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.request import Forget
from cnnviz_gui.core.result import Forgotten


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_job_imports_is_passed_over_by_the_collector_from_then_on(monkeypatch, fails):
    kept = []
    monkeypatch.setattr(worker, "_keep_imports", lambda: kept.append(True))
    monkeypatch.setitem(sys.modules, "torchvision", None)
    del sys.modules["torchvision"]

    def execute(request, session, ctx):
        sys.modules["torchvision"] = types.ModuleType("torchvision")
        if fails:
            raise ModelError("The weights are gone.")
        return Forgotten()

    for _ in range(2):
        try:
            worker._execute(execute, Forget(), None, NullContext())
        except ModelError:
            assert fails
    assert kept == [True]

"""Isolation for every test, and a check that no test of a window leaves anything running.

The environment is settled here at import, before anything imports Qt or torch.
"""

from __future__ import annotations

import gc
import os
import shutil
import sys
import tempfile
import traceback
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HOW = "run `CNNVIZ_WINDOW_TESTS=1 xvfb-run -a python -m pytest -m window`"
PASSED = pytest.StashKey[bool]()


def _asks_for_windows(arguments: list[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(one == "-mwindow" or (one, two) == ("-m", "window") for one, two in pairs)


DEMANDED = os.environ.get("CNNVIZ_WINDOW_TESTS") == "1"
WINDOWS = DEMANDED or (bool(os.environ.get("DISPLAY")) and _asks_for_windows(sys.argv))
os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if WINDOWS else "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # many small steps are slowest with many threads

HOME = Path(tempfile.mkdtemp(prefix="cnnviz-tests-"))
for _variable, _folder in {
    "HOME": "home",
    "USERPROFILE": "home",
    "APPDATA": "config",
    "LOCALAPPDATA": "data",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "runtime",
}.items():
    (HOME / _folder).mkdir(mode=0o700, exist_ok=True)
    os.environ[_variable] = str(HOME / _folder)
os.environ.pop("TORCH_HOME", None)


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(HOME, ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanting = [item for item in items if item.get_closest_marker("window")]
    if not wanting:
        return
    if os.environ["QT_QPA_PLATFORM"] != "xcb":
        reason = f"drives a real window on an X server: {HOW}"
    else:
        from cnnviz_gui.app import preflight

        reason = preflight.check()
        if reason and DEMANDED:
            raise pytest.UsageError(f"The window tests were demanded, but: {reason}")
    if reason:
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.when == "call":
        item.stash[PASSED] = report.passed
    return report


class Started:
    """Remembers which objects of one Qt class were started, and where."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.where: weakref.WeakKeyDictionary[object, str] = weakref.WeakKeyDictionary()
        self._original: Callable[..., None] = cls.start

    def __enter__(self) -> Started:
        original, where = self._original, self.where

        def start(started: object, *arguments: object) -> None:
            frame = traceback.extract_stack(limit=2)[0]
            where[started] = f"{frame.filename}:{frame.lineno}"
            original(started, *arguments)

        self.cls.start = start
        return self

    def __exit__(self, *_: object) -> None:
        self.cls.start = self._original

    def still(self, active: Callable[[object], bool]) -> dict[object, str]:
        from shiboken6 import isValid

        return {one: at for one, at in self.where.items() if isValid(one) and active(one)}


def _orphans() -> dict[int, object]:
    """Return the parentless top-level widgets by address."""
    from PySide6.QtWidgets import QApplication
    from shiboken6 import getCppPointer

    return {
        getCppPointer(widget)[0]: widget
        for widget in QApplication.topLevelWidgets()
        if widget.parent() is None and widget.metaObject().className() != "QTipLabel"
    }


def _delete_what_waits() -> None:
    from PySide6.QtCore import QCoreApplication, QEvent

    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a passed test that leaves a running QThread, an active QTimer or a window behind.

    Applies to tests that use ``qapp`` or ``qtbot``; what was left is stopped, so that the tests
    after it are judged on their own.
    """
    if "qapp" not in request.fixturenames:
        yield
        return
    from PySide6.QtCore import QThread, QTimer

    request.getfixturevalue("qapp")
    before = set(_orphans())
    with Started(QThread) as threads, Started(QTimer) as timers:
        yield
        _delete_what_waits()
    if set(_orphans()) - before:
        gc.collect()  # a window that only a cycle keeps alive is not left behind
        _delete_what_waits()
    faults = []
    for thread, where in threads.still(QThread.isRunning).items():
        faults.append(f"a running {type(thread).__name__}, started at {where}: stop it and wait")
        thread.quit()
        thread.wait(2000)
    for timer, where in timers.still(QTimer.isActive).items():
        faults.append(f"an active {type(timer).__name__}, started at {where}: stop it")
        timer.stop()
    for address, widget in _orphans().items():
        if address not in before:
            name = widget.objectName()
            faults.append(
                f"the window {type(widget).__name__} {name!r}: give it to qtbot.addWidget"
            )
            widget.close()
            widget.deleteLater()
    _delete_what_waits()
    if faults and request.node.stash.get(PASSED, False):
        pytest.fail("the test left behind " + "; ".join(faults), pytrace=False)

"""Isolation for every test, a check that no test of a window leaves anything running, a web server.

The environment is settled here at import, before anything imports Qt or torch.
"""

from __future__ import annotations

import gc
import http.server
import os
import shutil
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HOW = "run them as README.md says under Develop"
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


def pytest_collection_finish() -> None:
    """Spare the collector all that was imported, as the program does: it halves some tests."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    gc.unfreeze()
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


class WebServer:
    """What a server on the loopback does, whatever it is asked for; and what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.data = b""
        self.ranges = True
        self.cuts: list[int] = []
        """Bytes to send before hanging up, one an answer; then all."""
        self.stall_at: int | None = None
        self.status = 0
        self.kind = "application/octet-stream"
        self.length: int | None = None
        """A wrong Content-Length."""
        self.announce = True
        self.range_total: int | None = None
        """A wrong total in Content-Range."""
        self.location = ""
        self.tag = '"one"'
        self.asked: list[tuple[str | None, str | None]] = []
        """Range and If-Range of each request."""
        self.served = 0
        self.go_on = threading.Event()


class _Handler(http.server.BaseHTTPRequestHandler):
    server_does: WebServer

    def do_GET(self) -> None:
        does = self.server_does
        wanted = self.headers["Range"]
        does.asked.append((wanted, self.headers["If-Range"]))
        if does.location:
            self.send_response(302)
            self.send_header("Location", does.location)
            self.end_headers()
        elif does.status:
            self.send_error(does.status)
        elif wanted and does.ranges and self.headers["If-Range"] in (None, does.tag):
            self._range(int(wanted.removeprefix("bytes=").rstrip("-")))
        else:
            self._body(200, does.data)

    def _range(self, start: int) -> None:
        does = self.server_does
        size = len(does.data) if does.range_total is None else does.range_total
        if start >= len(does.data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._body(206, does.data[start:], f"bytes {start}-{len(does.data) - 1}/{size}")

    def _body(self, status: int, body: bytes, content_range: str = "") -> None:
        does = self.server_does
        self.send_response(status)
        self.send_header("Content-Type", does.kind)
        if does.tag:
            self.send_header("ETag", does.tag)
        if content_range:
            self.send_header("Content-Range", content_range)
        if does.announce:
            self.send_header("Content-Length", str(does.length or len(body)))
        self.end_headers()
        end = min(does.cuts.pop(0) if does.cuts else len(body), len(body))
        for at in range(0, end, 50_000):
            if does.stall_at is not None and at >= does.stall_at:
                does.go_on.wait(20)
                return
            piece = body[at : min(at + 50_000, end)]
            self.wfile.write(piece)
            does.served += len(piece)

    def log_message(self, *arguments: Any) -> None:
        pass


class _Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, request: Any, address: Any) -> None:
        """The client hangs up on purpose."""


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    """A real HTTP server at ``address`` that sends ``data`` and misbehaves as it is told."""
    does = WebServer()
    handler = type("Handler", (_Handler,), {"server_does": does})
    server = _Quiet(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    does.address = f"http://127.0.0.1:{server.server_port}"
    yield does
    does.go_on.set()
    server.shutdown()
    thread.join()
    server.server_close()

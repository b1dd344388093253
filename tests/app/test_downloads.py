"""The queue of downloads with a stand-in for the line, and with the real downloader on loopback."""

import hashlib
import threading

import pytest

from cnnviz_gui.app.downloads import Downloads
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.result import Downloaded
from cnnviz_gui.engine.runner import Kit
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.downloads import find

MB = 1_000_000


class Line:
    """Sends 100 MB in steps of one; waits where it is told to, breaks where it is told to."""

    def __init__(self):
        self.asked = []
        self.here = {}
        self.hold_at = None
        self.break_at = None
        self.held = threading.Event()
        self.go_on = threading.Event()

    def start(self, say):
        return Kit(self.execute, None)

    def execute(self, request, session, ctx):
        name = request.name
        self.asked.append(name)
        for done in range(self.here.get(name, 0), 101):
            ctx.step(done * MB, 100 * MB)
            self.here[name] = done
            if done == self.break_at:
                self.break_at = None
                self._linger(done, ctx)
                raise ModelError("The server cut the connection.", "Try again: the rest follows.")
            if done == self.hold_at:
                self.hold_at = None
                self.held.set()
                while not self.go_on.wait(0.01):
                    ctx.step(done * MB, 100 * MB)
        return Downloaded(name=name, path=name, size=100 * MB)

    def _linger(self, done, ctx):
        """Try again for a while, as the real one does; reports come 30 times a second at most."""
        for _ in range(10):
            self.go_on.wait(0.02)
            ctx.step(done * MB, 100 * MB)


class Bench:
    def __init__(self):
        self.line = Line()
        self.state = AppState()
        entry = CatalogueEntry("a", "Net A", "Nets", 1, "download", 224, None, None, 100.0)
        self.state.share(catalogue=(entry,))
        self.downloads = Downloads(self.state, self.line.start)
        self.arrived = []
        self.downloads.arrived.connect(lambda name, opens: self.arrived.append((name, opens)))

    def of(self, name):
        return find(self.state.shared.downloads, name)


@pytest.fixture
def bench(qtbot):
    made = Bench()
    yield made
    made.line.go_on.set()
    assert made.downloads.close(5000)


def test_what_has_come_whole_is_announced_with_the_wish_to_open_it(bench, qtbot):
    bench.downloads.fetch("a", True)
    assert bench.of("a").title == "Net A"
    qtbot.waitUntil(lambda: bench.arrived == [("a", True)])
    assert bench.state.shared.downloads == ()


def test_the_worker_starts_with_the_first_download(bench, qtbot):
    assert bench.downloads._engine is None
    bench.downloads.fetch("a", False)
    assert bench.downloads._engine is not None


def test_one_runs_and_the_others_wait_in_order(bench, qtbot):
    bench.line.hold_at = 5
    for name in ("a", "b", "c"):
        bench.downloads.fetch(name, False)
    qtbot.waitUntil(bench.line.held.is_set)
    phases = [(one.name, one.phase) for one in bench.state.shared.downloads]
    assert phases == [("a", "running"), ("b", "waiting"), ("c", "waiting")]
    bench.line.go_on.set()
    qtbot.waitUntil(lambda: len(bench.arrived) == 3)
    assert bench.line.asked == ["a", "b", "c"]


def test_progress_stands_in_the_state(bench, qtbot):
    bench.line.hold_at = 40
    bench.downloads.fetch("a", False)
    qtbot.waitUntil(bench.line.held.is_set)
    qtbot.waitUntil(lambda: bench.of("a").done == 40 * MB)
    assert bench.of("a").total == 100 * MB
    assert bench.of("a").fraction == pytest.approx(0.4)


def test_a_cancelled_download_keeps_what_has_come_and_goes_on_from_there(bench, qtbot):
    bench.line.hold_at = 40
    bench.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: bench.of("a").done == 40 * MB)
    bench.downloads.cancel("a")
    qtbot.waitUntil(lambda: bench.of("a").phase == "stopped")
    assert bench.of("a").done == 40 * MB
    bench.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: bench.arrived == [("a", True)])
    assert bench.line.asked == ["a", "a"]


def test_a_waiting_download_that_is_cancelled_is_gone(bench, qtbot):
    bench.line.hold_at = 5
    bench.downloads.fetch("a", False)
    bench.downloads.fetch("b", False)
    qtbot.waitUntil(bench.line.held.is_set)
    bench.downloads.cancel("b")
    assert bench.of("b") is None
    bench.line.go_on.set()
    qtbot.waitUntil(lambda: bench.arrived == [("a", False)])
    assert bench.line.asked == ["a"]


def test_a_failure_is_told_in_its_place_and_the_next_one_runs(bench, qtbot):
    bench.line.break_at = 30
    bench.downloads.fetch("a", False)
    bench.downloads.fetch("b", False)
    qtbot.waitUntil(lambda: bench.arrived == [("b", False)])
    failed = bench.of("a")
    assert failed.phase == "failed"
    assert failed.problem.message == "The server cut the connection."
    assert failed.problem.advice == "Try again: the rest follows."
    assert failed.done == 30 * MB
    bench.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: bench.arrived == [("b", False), ("a", True)])
    assert bench.state.shared.downloads == ()


def test_the_wish_to_open_can_come_later(bench, qtbot):
    bench.line.hold_at = 5
    bench.downloads.fetch("a", False)
    qtbot.waitUntil(bench.line.held.is_set)
    bench.downloads.fetch("a", True)
    assert bench.of("a").opens
    bench.line.go_on.set()
    qtbot.waitUntil(lambda: bench.arrived == [("a", True)])
    assert bench.line.asked == ["a"]


def test_closing_stops_a_download_that_runs(bench, qtbot):
    bench.line.hold_at = 5
    bench.downloads.fetch("a", False)
    qtbot.waitUntil(bench.line.held.is_set)
    assert bench.downloads.close(2000)
    assert bench.arrived == []


def test_a_line_that_falls_silent_has_no_speed(bench, qtbot):
    bench.line.hold_at = 40
    bench.downloads._stall.setInterval(10)
    bench.downloads.fetch("a", False)
    qtbot.waitUntil(lambda: bench.of("a").done == 40 * MB)
    qtbot.waitUntil(lambda: bench.of("a").speed is None)
    assert bench.of("a").phase == "running"


# With the real downloader, from a server of the loopback


@pytest.fixture
def real(qtbot, web_server, tmp_path, monkeypatch):
    from cnnviz_gui.core import web
    from cnnviz_gui.core.models import download
    from cnnviz_gui.core.models.download_failures import Wanted

    web_server.data = bytes(range(256)) * 12_000
    name = f"net-{hashlib.sha256(web_server.data).hexdigest()[:8]}.pth"
    target = tmp_path / "cache" / name
    size = len(web_server.data)
    wanted = Wanted("Net A", f"{web_server.address}/{name}", target, size)
    monkeypatch.setattr(download, "_wanted", lambda name: wanted)
    monkeypatch.setattr(download, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(web, "refusal", lambda url: "")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    made = Bench()
    made.downloads = Downloads(made.state)
    made.downloads.arrived.connect(lambda name, opens: made.arrived.append((name, opens)))
    made.server, made.target, made.size = web_server, target, size
    yield made
    web_server.go_on.set()
    assert made.downloads.close(5000)


def test_a_file_arrives_whole_under_its_name(real, qtbot):
    real.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: real.arrived == [("a", True)], timeout=20_000)
    assert real.target.read_bytes() == real.server.data


def test_a_line_cut_again_and_again_fails_and_the_next_try_fetches_the_rest(real, qtbot):
    real.server.cuts = [1_000_000, 10_000, 10_000, 10_000, 10_000]
    real.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: getattr(real.of("a"), "phase", "") == "failed", timeout=20_000)
    failed = real.of("a")
    assert failed.problem.message
    assert failed.problem.advice
    assert not real.target.exists()
    real.server.cuts = []
    real.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: real.arrived == [("a", True)], timeout=20_000)
    assert real.server.asked[-1][0].startswith("bytes=1")
    assert real.target.read_bytes() == real.server.data


def test_a_download_cancelled_while_the_server_stalls_is_resumed(real, qtbot):
    real.server.stall_at = 1_500_000
    real.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: getattr(real.of("a"), "done", 0) >= 1_500_000, timeout=20_000)
    real.downloads.cancel("a")
    qtbot.waitUntil(lambda: real.of("a").phase == "stopped")
    real.server.stall_at = None
    real.server.go_on.set()
    real.downloads.fetch("a", True)
    qtbot.waitUntil(lambda: real.arrived == [("a", True)], timeout=20_000)
    assert real.server.asked[-1][0] == "bytes=1500000-"
    assert real.target.read_bytes() == real.server.data

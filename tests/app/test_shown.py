"""The window on a module from Python: who waits for it, and what it leaves behind."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import textwrap
import weakref
from types import SimpleNamespace

import pytest
from platformdirs import user_config_path
from PySide6.QtCore import QThread
from torch import nn

import cnnviz_gui
from cnnviz_gui.app import shown
from cnnviz_gui.core.errors import CnnvizError, ModelError
from cnnviz_gui.core.models import given

SIDE = 32


def small(classes: int = 3) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes)
    )


@pytest.fixture
def show(qtbot):
    """Show and wait until the first heat map is there."""

    def open_one(module=None, **options):
        cnnviz_gui.show(module or small(), input_size=SIDE, **options)
        explorer = shown._kept[-1]
        qtbot.waitUntil(lambda: explorer.complete, timeout=60_000)
        found = explorer.state.finding
        qtbot.waitUntil(lambda: found("heatmap").status in ("done", "failed"), timeout=60_000)
        return explorer

    yield open_one
    for explorer in list(shown._kept):
        explorer.window.close()
    qtbot.waitUntil(lambda: not shown._kept, timeout=20_000)


def test_where_an_application_runs_the_window_comes_at_once(show, qtbot):
    explorer = show(labels=["a", "b", "c"], title="Mine")
    window = explorer.window
    assert window.isVisible()
    assert window.windowTitle() == "Mine – CNN explorer"
    assert explorer.state.shared.facts.labels == ("a", "b", "c")
    assert explorer.state.finding("heatmap").status == "done"
    qtbot.waitUntil(lambda: explorer.networks.listing.known, timeout=60_000)
    assert explorer.state.shared.catalogue[0].title == "Mine"
    assert given.entries()


def test_what_was_found_out_is_said(show, qtbot):
    module = nn.Sequential(small(), nn.Softmax(1))
    explorer = show(module)
    assert "gives probabilities" in explorer.state.shared.notice.text
    qtbot.waitUntil(lambda: "gives probabilities" in explorer.window.top_bar.network.toolTip())


def test_the_module_is_not_among_the_recent_networks(show, qtbot):
    explorer = show()
    assert explorer.settings.recent_networks == []
    explorer._recent.forget_networks()
    assert explorer.settings.recent_networks == []
    explorer.window.close()
    stored = json.loads(
        (user_config_path("cnnviz-gui", appauthor=False) / "settings.json").read_text()
    )
    assert not any(name.startswith("given:") for name in stored["recent_networks"])


def test_a_second_call_opens_a_second_window(show):
    first, second = show(title="First"), show(small(5), title="Second")
    assert first.window is not second.window
    assert first.state.shared.facts.title == "First"
    assert len(second.state.shared.facts.labels) == 5
    first.window.close()
    assert second.window.isVisible()
    titles = [entry.title for entry in given.entries()]
    assert titles == ["Second"]


def test_a_closed_window_leaves_nothing(show, qtbot):
    explorer = show()
    network = weakref.ref(next(iter(given._given.values())).network)
    kept = weakref.ref(explorer)
    explorer.window.close()
    qtbot.waitUntil(lambda: not shown._kept)
    assert explorer.stopped
    assert not given.entries()
    del explorer
    gc.collect()
    gc.collect()  # a second time: Qt let go of what it held only while the first went on
    assert kept() is None
    assert network() is None


def test_the_pictures_that_are_given_are_opened(show, tmp_path):
    from PIL import Image

    path = tmp_path / "mine.png"
    Image.new("RGB", (40, 40), "red").save(path)
    assert show(images=[path]).state.selection.image.path == str(path)
    assert show(images=str(path)).state.selection.image.path == str(path)


def test_the_process_of_another_is_never_ended(show, monkeypatch):
    explorer = show()
    monkeypatch.setattr(os, "_exit", lambda status: pytest.fail("the process was ended"))
    shutdown = explorer.engine.shutdown
    monkeypatch.setattr(explorer.engine, "shutdown", lambda ms: shutdown(ms) and False)
    explorer.window.close()
    assert not explorer.stopped
    shown._let_go(explorer)
    assert explorer in shown._kept
    explorer.stopped = True
    shown._let_go(explorer)
    assert not shown._kept


@pytest.mark.parametrize(
    ("module", "options"),
    [
        (3, {}),
        (nn.Conv2d(3, 4, 3), {}),
        (small(), {"labels": ["a"]}),
        (small(), {"input_size": 1}),
        (small(), {"channels": 2}),
    ],
)
def test_what_cannot_be_shown_opens_no_window(module, options, qapp):
    with pytest.raises(ModelError) as caught:
        cnnviz_gui.show(module, **{"input_size": SIDE} | options)
    assert caught.value.message
    assert not shown._kept
    assert not given.entries()


def test_another_qt_in_the_process_is_told(monkeypatch, qapp):
    monkeypatch.setitem(sys.modules, "PyQt6.QtCore", SimpleNamespace())
    with pytest.raises(CnnvizError, match="PyQt6 is loaded"):
        cnnviz_gui.show(small(), input_size=SIDE)
    assert not given.entries()


@pytest.mark.parametrize(
    ("shell", "runs"),
    [
        (None, False),
        (SimpleNamespace(active_eventloop=None), False),
        (SimpleNamespace(active_eventloop="tk"), False),
        (SimpleNamespace(active_eventloop="qt"), True),
        (SimpleNamespace(active_eventloop="qt6"), True),
    ],
)
def test_a_notebook_that_runs_qt_is_recognised(shell, runs, monkeypatch, qapp):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert QThread.currentThread().loopLevel() == 0
    assert shown._loop_runs() == runs


# In processes of their own

BEGIN = """
import torch, sys
from torch import nn
import cnnviz_gui
from PySide6.QtCore import QEventLoop, QTimer

network = nn.Sequential(
    nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
).train()
started = QEventLoop.exec

def exec(loop, *flags):
    def look():
        from cnnviz_gui.app import shown
        explorer = shown._kept[-1]
        if explorer.complete and explorer.state.shared.facts is not None:
            ready(explorer)
        else:
            QTimer.singleShot(20, look)
    QTimer.singleShot(0, look)
    return started(loop, *flags)

QEventLoop.exec = exec
"""


def run(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=dict(os.environ, QT_QPA_PLATFORM="offscreen") | environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_script_waits_until_the_window_is_closed_and_goes_on():
    done = run(
        BEGIN
        + """
def ready(explorer):
    print("open", explorer.state.shared.facts.title)
    explorer.window.close()

for title in ("first", "second"):
    print("returned", cnnviz_gui.show(network, input_size=32, title=title))
print(network.training)
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "open first",
        "returned None",
        "open second",
        "returned None",
        "True",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process of its own")
def test_ctrl_c_closes_the_window_and_interrupts_the_script():
    done = run(
        BEGIN
        + """
import os, signal

def ready(explorer):
    os.kill(os.getpid(), signal.SIGINT)

try:
    cnnviz_gui.show(network, input_size=32)
except KeyboardInterrupt:
    print("interrupted", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["interrupted True"]


def test_the_package_imports_neither_qt_nor_torch():
    done = run("import sys, cnnviz_gui\nprint(*sorted({n.partition('.')[0] for n in sys.modules}))")
    assert not set(done.stdout.split()) & {"torch", "PySide6", "numpy", "msgspec", "PIL"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_a_sentence_is_raised():
    done = run(
        """
        from torch import nn
        import cnnviz_gui
        from cnnviz_gui.core.errors import CnnvizError
        network = nn.Sequential(nn.Flatten(), nn.Linear(3072, 3))
        try:
            cnnviz_gui.show(network, input_size=32)
        except CnnvizError as error:
            print(error.message)
        """,
        QT_QPA_PLATFORM="xcb",
        DISPLAY="",
    )
    assert done.returncode == 0, done.stderr
    assert "display" in done.stdout.lower() or "lib" in done.stdout

"""Closing the window while a sweep runs: within two seconds, in order, whatever closes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.window

PROGRAM = """
import sys
from cnnviz_gui.app import bootstrap, explorer

class Told(explorer.Explorer):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.state.observe(self.tell)

    def tell(self, changes):
        points = getattr(self.state.finding("sweep").value, "points", ())
        if "finding.predict" in changes and self.state.finding("predict").status == "done":
            print("predicted", flush=True)
        if "finding.sweep" in changes and points:
            print("sweeping", flush=True)

explorer.Explorer = Told
sys.exit(bootstrap.run())
"""


def xdotool(*command):
    ran = subprocess.run(["xdotool", *command], check=True, timeout=60, capture_output=True)
    return ran.stdout.decode().split()


@pytest.fixture
def program(tmp_path):
    folders = {f"XDG_{kind}_HOME": str(tmp_path / kind) for kind in ("CONFIG", "CACHE", "STATE")}
    settings = tmp_path / "CONFIG" / "cnnviz-gui" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"stage": "attack", "parameters": {"attack:pgd": {"steps": 3}}}')
    path = os.pathsep.join((str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")))
    ran = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **folders, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield ran, settings
    if ran.poll() is None:
        ran.kill()
    ran.communicate()


def heard(ran, word):
    for line in ran.stdout:
        if line.strip() == word:
            return
    pytest.fail(f"ended before {word}: {ran.stderr.read()}")


@pytest.mark.parametrize("how", ["alt+F4", "interrupt"])
def test_closing_during_a_sweep_takes_two_seconds_at_most(program, how):
    ran, settings = program
    heard(ran, "predicted")
    window = xdotool("search", "--sync", "--onlyvisible", "--name", "^CNN explorer$")[0]
    keys = ("ctrl+4", "ctrl+Return")
    xdotool("windowfocus", "--sync", window, "key", "--delay", "500", *keys)
    heard(ran, "sweeping")
    began = time.monotonic()
    if how == "interrupt":
        ran.send_signal(signal.SIGINT)
    else:
        xdotool("key", how)
    _, said = ran.communicate(timeout=30)
    took = time.monotonic() - began
    assert ran.returncode == 0, said
    assert said == ""
    assert took < 2.0
    assert '"geometry": "A' in settings.read_text()

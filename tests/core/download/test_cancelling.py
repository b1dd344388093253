"""Cancelling never waits for a server or a network."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.models.download_failures import Wanted

DATA = np.random.default_rng(0).bytes(3_000_000)


def test_cancelling_keeps_what_came_and_only_the_rest_is_fetched_later(
    wanted: Wanted, does: Any, get: Any, watcher: Any, part: Path
) -> None:
    does.stall_at = 1_000_000
    with pytest.raises(Cancelled):
        get(wanted, watcher(stop_when=lambda done: done >= 1_000_000))
    kept = part.stat().st_size
    assert kept == 1_000_000 and not wanted.target.exists()
    does.stall_at, does.served = None, 0
    ctx = watcher()
    get(wanted, ctx)
    assert wanted.target.read_bytes() == DATA and not part.exists()
    assert does.asked[-1][0] == f"bytes={kept}-"
    assert does.served == len(DATA) - kept
    assert ctx.steps[0][0] == kept, "what is here counts from the start"


@pytest.mark.parametrize("stall_at", [0, 400_000])
def test_cancelling_does_not_wait_for_a_stalled_server(
    wanted: Wanted, does: Any, stall_at: int, get: Any, watcher: Any
) -> None:
    does.stall_at = stall_at
    began = time.monotonic()
    ctx = watcher(stop_when=lambda done: done >= stall_at and time.monotonic() > began + 0.3)
    with pytest.raises(Cancelled):
        get(wanted, ctx)
    assert time.monotonic() - ctx.stopped_at < 0.5


def test_cancelling_does_not_wait_for_a_look_up(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch, get: Any, watcher: Any
) -> None:
    hold = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hold.wait(20) and [])
    began = time.monotonic()
    ctx = watcher(stop_when=lambda done: time.monotonic() > began + 0.2)
    with pytest.raises(Cancelled):
        get(wanted, ctx)
    assert time.monotonic() - ctx.stopped_at < 0.5
    hold.set()


def test_progress_is_told_often_while_nothing_comes(
    wanted: Wanted, does: Any, get: Any, watcher: Any
) -> None:
    does.stall_at = 0
    times: list[float] = []
    ctx = watcher(stop_when=lambda done: bool(times.append(time.monotonic())) or len(times) > 10)
    with pytest.raises(Cancelled):
        get(wanted, ctx)
    gaps = sorted(later - sooner for sooner, later in itertools.pairwise(times))
    assert gaps[len(gaps) // 2] < 0.1


def test_the_thread_that_reads_ends_with_the_download(
    wanted: Wanted, does: Any, get: Any, watcher: Any
) -> None:
    does.stall_at = 400_000
    with pytest.raises(Cancelled):
        get(wanted, watcher(stop_when=lambda done: done >= 400_000))
    readers = [thread for thread in threading.enumerate() if thread.name == "web"]
    for thread in readers:
        thread.join(5)
        assert not thread.is_alive()

"""Memory that was freed goes back to the system."""

import sys

import numpy as np
import psutil
import pytest

from cnnviz_gui.core import garbage

MB = 10**6


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others give it back themselves")
def test_memory_that_was_freed_is_given_back():
    process = psutil.Process()
    blocks = [np.ones(8000) for _ in range(1600)]  # small ones: each alone the library would keep
    kept = blocks[::200]
    held = process.memory_info().rss
    del blocks
    garbage.give_back()
    assert process.memory_info().rss < held - 80 * MB
    assert all(block.all() for block in kept)


def test_where_nothing_can_be_given_back_nothing_is_done(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(garbage.ctypes, "CDLL", None)
    garbage.give_back()

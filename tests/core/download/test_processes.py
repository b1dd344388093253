"""One file, two processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cnnviz_gui.core.models.download_failures import Wanted

DATA = np.random.default_rng(0).bytes(3_000_000)


OTHER = """
import sys, threading
from pathlib import Path
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.models import download
from cnnviz_gui.core.models.download_failures import Wanted

stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()

class Context:
    told = False
    def check(self):
        if stop.is_set():
            raise Cancelled
    def step(self, done, total):
        if done >= 400_000 and not self.told:
            self.told = True
            print("torch" in sys.modules, flush=True)
        self.check()

try:
    wanted = Wanted("ResNet-50", sys.argv[1], Path(sys.argv[2]))
    download.fetch(wanted, Context(), refuse=lambda url: "")
except Cancelled:
    pass
"""


@pytest.fixture
def other_process(wanted: Wanted, does: Any) -> Iterator[subprocess.Popen[str]]:
    """Another process that has fetched the beginning and waits for the rest."""
    does.stall_at = 400_000
    command = [sys.executable, "-c", OTHER, wanted.url, str(wanted.target)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "False\n", "it needs no torch"
        yield process
        process.kill()


def test_two_processes_do_not_write_one_file(
    wanted: Wanted, does: Any, other_process: subprocess.Popen[str], get: Any, failure: Any
) -> None:
    assert "another window" in failure(wanted).message
    other_process.communicate(timeout=20)
    assert other_process.returncode == 0
    does.stall_at = None
    assert get(wanted) == len(DATA), "the lock went with the process"
    assert does.asked[-1][0] == "bytes=400000-"


def test_a_killed_process_leaves_what_it_fetched_and_no_lock(
    wanted: Wanted, does: Any, other_process: subprocess.Popen[str], get: Any
) -> None:
    other_process.kill()
    other_process.wait(20)
    does.stall_at = None
    assert get(wanted) == len(DATA) and does.served == len(DATA)

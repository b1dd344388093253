"""Process settings: made only where the user made none, and harmless where they do not apply."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch

from cnnviz_gui.core import device


def test_spinning_is_limited_where_the_user_set_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    device.prepare_process()
    assert os.environ["GOMP_SPINCOUNT"] == "10000"


@pytest.mark.parametrize("name", ["OMP_WAIT_POLICY", "GOMP_SPINCOUNT"])
def test_the_users_choice_stays(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "7")
    device.prepare_process()
    assert os.environ[name] == "7"
    assert ("GOMP_SPINCOUNT" in os.environ) == (name == "GOMP_SPINCOUNT")


@pytest.mark.skipif(sys.platform != "linux", reason="only there has a thread a niceness of its own")
@pytest.mark.parametrize(("before", "after"), [(7, 12), (17, 19)])
def test_what_computes_gives_way_in_a_program_that_is_nice_itself(before: int, after: int) -> None:
    seen = []

    def compute() -> None:
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, before)
        device.give_way()
        seen.append(os.getpriority(os.PRIO_PROCESS, thread))

    one = threading.Thread(target=compute)
    one.start()
    one.join()
    assert seen == [after]


def test_preparing_the_process_imports_no_torch() -> None:
    code = (
        "import sys; from cnnviz_gui.core import device; device.prepare_process();"
        "device.release_memory(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_preparing_torch_sets_threads_and_says_so() -> None:
    before = torch.get_num_threads()
    try:
        device.prepare_torch(threads=1)
        assert torch.get_num_threads() == 1
        cpu = torch.device("cpu")
        assert device.describe(cpu) == "CPU, 1 thread"
        torch.set_num_threads(2)
        assert device.describe(cpu) == "CPU, 2 threads"
    finally:
        torch.set_num_threads(before)


def test_without_glibc_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.platform, "libc_ver", lambda: ("", ""))
    assert device.keep_memory() is False
    device.release_memory()

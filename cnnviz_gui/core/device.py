"""Where tensors live, how many threads compute, and how the process keeps its memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# glibc's mallopt, malloc.h
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_INT_MAX = 2**31 - 1

_NICE = 5


def prepare_process() -> None:
    """Set what must be set before torch is imported; imports no torch.

    OpenMP's threads wait for work by spinning. Unbounded, they take a core from whoever else needs
    it, and stalls of a second follow; a short spin costs nothing measurable. A choice made by the
    user is left alone.
    """
    if "OMP_WAIT_POLICY" not in os.environ and "GOMP_SPINCOUNT" not in os.environ:
        os.environ["GOMP_SPINCOUNT"] = "10000"


def give_way() -> None:
    """Let other threads of this process go first when processors are scarce.

    For a thread that computes, before its first operation: threads of OpenMP inherit it. Only Linux
    can do so here; elsewhere, or where it is refused, nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)


def prepare_torch(threads: int | None = None) -> torch.device:
    """Set threads and memory policy of this process, and choose the device.

    Parameters
    ----------
    threads
        Threads inside one operation; None leaves torch's own choice, the number of cores.
    """
    import torch

    if threads is not None:
        torch.set_num_threads(max(1, threads))
    # convolutions in TF32 keep ten bits of mantissa: too few for gradient maps
    torch.backends.cudnn.allow_tf32 = False
    keep_memory()
    return best_device()


def best_device() -> torch.device:
    """Return the accelerator where there is one that computes in float32, else the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe() -> str:
    """Return the device in a few words, ``CPU, 2 threads``."""
    import torch

    device = best_device()
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'' if threads == 1 else 's'}"


def keep_memory() -> bool:
    """Keep freed memory in the process instead of returning it on every call; glibc only.

    glibc maps each large tensor anew and gives it back when it is freed, so that every pass pays
    tens of thousands of page faults; kept memory makes batched passes about twice as fast.
    ``release_memory`` gives it back after a large job.

    Returns
    -------
    bool
        Whether the C library understood.
    """
    libc = _glibc()
    if libc is None:
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _INT_MAX), (_M_ARENA_MAX, 1))
    taken = [libc.mallopt(option, value) for option, value in settings]
    return taken == [1, 1, 1]


def release_memory() -> None:
    """Give freed memory back to the system, of the C library and of an accelerator."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _glibc() -> ctypes.CDLL | None:
    if platform.libc_ver()[0] != "glibc":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None

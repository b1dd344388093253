"""Where tensors live, how many threads compute, and how the process keeps its memory."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import functools
import os
import platform
import sys
import threading
import warnings
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.texts import ntr, tr

if TYPE_CHECKING:
    import torch

# glibc's mallopt, malloc.h
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_INT_MAX = 2**31 - 1

_NICE = 5
"""How much nicer a thread that computes is than the one that started it."""
_TENSOR_CORES = (7, 0)
"""The first compute capability that multiplies float16 faster than float32."""
_LOST: dict[str, str] = {}
"""Why accelerators that worked once are not used any more, by name."""


def prepare_process() -> None:
    """Set what must be set before torch is imported; imports no torch.

    OpenMP's threads wait for work by spinning. Unbounded, they take a core from whoever else needs
    it, and stalls of a second follow; a short spin costs nothing measurable. A choice made by the
    user is left alone.
    """
    if "OMP_WAIT_POLICY" not in os.environ and "GOMP_SPINCOUNT" not in os.environ:
        os.environ["GOMP_SPINCOUNT"] = "10000"
    # What Apple's GPU cannot compute, the CPU does; otherwise the job would fail.
    os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def give_way() -> None:
    """Let other threads of this process go first when processors are scarce.

    For a thread that computes, before its first operation: threads of OpenMP inherit it. Only Linux
    can do so here; elsewhere, or where it is refused, nothing happens.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            thread = threading.get_native_id()
            nice = os.getpriority(os.PRIO_PROCESS, thread) + _NICE  # beyond 19 it is 19
            os.setpriority(os.PRIO_PROCESS, thread, nice)


def prepare_torch(threads: int | None = None) -> None:
    """Set threads and memory policy of this process.

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


def found() -> tuple[DeviceFacts, ...]:
    """Return the CPU and each accelerator, those that cannot be used with the reason.

    An accelerator counts only once it has computed something: drivers that are too old, chips that
    this build of PyTorch has no code for and devices that are lost all look well until then.
    """
    return (DeviceFacts("cpu", "CPU"), *_accelerators())


def choose(name: str = "auto") -> tuple[torch.device, str]:
    """Return the device to compute on, and why it is not the one asked for, usually empty.

    Parameters
    ----------
    name
        ``auto`` for the first accelerator that can be used, else the CPU; or a name of ``found``.
    """
    import torch

    cpu = torch.device("cpu")
    if name == "cpu":
        return cpu, ""
    there = _accelerators()
    names = {name, "cuda"} if name == "cuda:0" else {name, "cuda:0"} if name == "cuda" else {name}
    asked = [one for one in there if name == "auto" or one.name in names]
    usable = next((one for one in asked if not one.problem), None)
    if usable is not None:
        return torch.device(usable.name), ""
    if asked:
        return cpu, tr(
            "{title} is not used: {problem}.", title=asked[0].title, problem=asked[0].problem
        )
    return cpu, "" if name == "auto" else tr(
        "There is no {name} on this machine; the CPU is used.", name=name
    )


def lose(device: torch.device) -> None:
    """Count an accelerator as lost for the rest of this process."""
    _LOST[str(device)] = tr("it stopped responding; restart the program to use it again")


def is_lost(device: torch.device) -> bool:
    """Tell whether a device was counted as lost."""
    return str(device) in _LOST


def responds(device: torch.device) -> bool:
    """Tell whether a device still computes."""
    return not _problem(device)


def describe(device: torch.device | None = None) -> str:
    """Return a device in a few words, ``CPU, 2 threads``; without one that of ``auto``."""
    import torch

    device = choose()[0] if device is None else device
    if device.type != "cpu":
        return next((one.title for one in _accelerators() if one.name == str(device)), str(device))
    threads = torch.get_num_threads()
    return ntr("CPU, {n} thread", "CPU, {n} threads", threads)


def half_problem(device: torch.device) -> str:
    """Return why half precision does not pay on a device, empty where it does."""
    import torch

    if device.type == "cpu":
        return tr("The CPU is not faster in half precision.")
    if device.type != "cuda":
        return tr("Half precision is used on NVIDIA and AMD accelerators only.")
    if torch.version.hip is None and torch.cuda.get_device_capability(device) < _TENSOR_CORES:
        return tr("This accelerator is not faster in half precision.")
    return ""


def half_precision(device: torch.device, wanted: bool) -> AbstractContextManager[object]:
    """Compute forward passes in float16 inside the ``with``, where it is wanted and pays.

    Never for gradients: those of small probabilities are lost in it, and signs flip.
    """
    import torch

    if not wanted or half_problem(device):
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.float16)


def memory(name: str) -> tuple[int, int] | None:
    """Return (used by this process, all there is) of an accelerator in bytes; None for the CPU.

    Asks the allocator and waits for nothing, so that any thread may call it.
    """
    if name == "cpu":
        return None
    import torch

    device = torch.device(name)
    try:
        if device.type == "cuda":
            everything = torch.cuda.get_device_properties(device).total_memory
            return torch.cuda.memory_reserved(device), everything
        return torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory()
    except RuntimeError:  # it is lost
        return None


@functools.cache
def _probed() -> tuple[DeviceFacts, ...]:
    return (*_cuda(), *_mps())


def _accelerators() -> tuple[DeviceFacts, ...]:
    return tuple(
        dataclasses.replace(one, problem=_LOST.get(one.name, one.problem)) for one in _probed()
    )


def _cuda() -> list[DeviceFacts]:
    import torch

    if torch.version.cuda is None and torch.version.hip is None:
        return []
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        listed = [
            DeviceFacts(
                "cuda" if count == 1 else f"cuda:{index}",
                torch.cuda.get_device_name(index),
                _problem(torch.device("cuda", index)),
            )
            for index in range(count)
        ]
    if listed:
        return listed
    # A machine without such a device says nothing; one whose driver does not fit does.
    texts = [str(one.message) for one in said]
    why = next((text for text in texts if text.startswith("CUDA initialization")), "")
    return [DeviceFacts("cuda", "CUDA", _reason(why.partition(": ")[2]))] if why else []


def _mps() -> list[DeviceFacts]:
    import torch

    if not torch.backends.mps.is_available():
        return []
    return [DeviceFacts("mps", "Apple GPU", _problem(torch.device("mps")))]


def _problem(device: torch.device) -> str:
    """Add two numbers on a device and return what is wrong with it, usually nothing."""
    import torch

    try:
        one = torch.ones(1, device=device)
        answer = float((one + one).item())
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        return _reason(str(error))
    return "" if answer == 2.0 else tr("it computes 1 + 1 = {answer:g}", answer=answer)


def _reason(said: str) -> str:
    known = {
        "no kernel image": tr("it is too old for this build of PyTorch"),
        "too old": tr("its driver is too old for this build of PyTorch"),
        "driver version is insufficient": tr("its driver is too old for this build of PyTorch"),
        "out of memory": tr("its memory is taken by other programs"),
    }
    line = next((line for line in said.splitlines() if line.strip()), tr("it does not answer"))
    return next((text for part, text in known.items() if part in said.lower()), line.rstrip(". "))


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
    if torch is None:
        return
    with contextlib.suppress(RuntimeError):  # of an accelerator that is lost nothing can be freed
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
        elif torch.backends.mps.is_available():
            torch.mps.empty_cache()


def _glibc() -> ctypes.CDLL | None:
    if platform.libc_ver()[0] != "glibc":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None

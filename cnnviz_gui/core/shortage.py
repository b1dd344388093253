"""What is said when memory runs out, or would: sentences with numbers, and what to do.

On Linux a process that takes more than there is does not fail but is killed, so what is plainly
too much is refused before it begins.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from cnnviz_gui.core import device as device_module
from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.errors import DeviceError
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    import torch

    from cnnviz_gui.core.facts import LayerFacts

WORTH_ASKING = 512 << 20
"""Bytes below which nobody asks how much is free."""
ON_THE_CPU = "cpu"
"""The offer of an error that computing on the CPU would mend."""
LOST = "lost"
"""The same of one after which nothing else is possible, so that it is done already."""
_FLOAT = 4
_PHRASES = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "cannot allocate memory",
    "unable to allocate",
)
_SIZE = r"([\d.]+) ?([KMGT]i?B|bytes)"
_WANTED = re.compile(rf"(?:tried to allocate|unable to allocate) {_SIZE}", re.IGNORECASE)
_FREE = re.compile(rf"of which {_SIZE} is free", re.IGNORECASE)
_UNITS = {"bytes": 1.0, "k": 2.0**10, "m": 2.0**20, "g": 2.0**30, "t": 2.0**40}
_CGROUP = Path("/sys/fs/cgroup")


def explain(error: BaseException, device: torch.device) -> DeviceError | None:
    """Return what to tell of an error of the device: no memory, or no answer; else None.

    A device that does not answer any more is counted as lost.
    """
    said = str(error)
    if is_shortage(error):
        return _too_little(said, device)
    if device.type == "cpu" or device_module.responds(device):
        return None
    title = device_module.describe(device)
    device_module.lose(device)
    line = next((line for line in said.splitlines() if line.strip()), type(error).__name__)
    return DeviceError(
        tr("{title} stopped responding ({reason}).", title=title, reason=line.strip().rstrip(".")),
        tr("Computing goes on on the CPU; restart the program to use the device again."),
        offer=LOST,
    )


def is_shortage(error: BaseException) -> bool:
    """Return whether an error says that memory ran out, of a device or of this machine."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(phrase in said for phrase in _PHRASES)


def require(needs: int, what: str, device: torch.device) -> None:
    """Refuse a computation that needs more memory than there is.

    Parameters
    ----------
    needs
        Bytes.
    what
        Begins the sentence: ``A pass through ResNet-18``.

    Raises
    ------
    DeviceError
        With both numbers.
    """
    if needs < WORTH_ASKING or needs <= free(device):
        return
    device_module.release_memory()  # what this process keeps for later counts as free
    room = free(device)
    if needs > room:
        raise DeviceError(
            tr(
                "{what} needs {needs}, {room} are free.",
                what=what,
                needs=fmt.memory(needs),
                room=fmt.memory(room),
            ),
            _advice(device),
            offer="" if device.type == "cpu" else ON_THE_CPU,
        )


def forward_bytes(layers: Iterable[LayerFacts], images: int = 1) -> int:
    """Return about how many bytes a pass without gradients needs for what lies between layers."""
    largest = max((_numbers(layer) for layer in layers), default=0)
    return 3 * _FLOAT * images * largest  # a layer's input, its output and room to compute


def graph_bytes(layers: Iterable[LayerFacts], images: int = 1) -> int:
    """Return about how many bytes a pass with gradients keeps until it has gone back."""
    return _FLOAT * images * sum(_numbers(layer) for layer in layers if layer.leaf)


def free(device: torch.device) -> int:
    """Return the bytes that can still be had, of the device or, on the CPU, of this machine."""
    if device.type == "cuda":
        import torch

        with contextlib.suppress(RuntimeError):
            kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
            return int(torch.cuda.mem_get_info(device)[0]) + kept
    elif device.type != "cpu":
        held = device_module.memory(str(device))
        if held is not None:
            return max(0, held[1] - held[0])
    return min(int(psutil.virtual_memory().available), _left_to_us())


def _left_to_us() -> int:
    """Return what a container leaves this process, which is killed beyond it."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
        # Pages of files count as used, and are given up when they are needed.
        stat = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        return max(0, int(limit) - used + int(stat.get("inactive_file", 0)))
    except (OSError, ValueError):  # no such file, or a limit called "max"
        return 1 << 62


def _too_little(said: str, device: torch.device) -> DeviceError:
    wanted = _bytes(_WANTED.search(said))
    left = _bytes(_FREE.search(said))
    text = (
        tr("There is not enough memory")
        if device.type == "cpu"
        else tr("There is not enough memory on {device}", device=device_module.describe(device))
    )
    if wanted:
        more = tr("{size} more were needed", size=fmt.memory(wanted))
        room = "" if left is None else tr("{size} are free", size=fmt.memory(left))
        text += ": " + ", ".join(filter(None, (more, room)))
    return DeviceError(
        f"{text}.",
        _advice(device),
        offer="" if device.type == "cpu" else ON_THE_CPU,
    )


def _advice(device: torch.device) -> str:
    if device.type == "cpu":
        return tr("Choose a smaller network, or close other programs.")
    return tr("Choose a smaller network, or compute on the CPU.")


def _bytes(found: re.Match[str] | None) -> float | None:
    if found is None:
        return None
    unit = found[2].lower()
    return float(found[1]) * _UNITS[unit if unit == "bytes" else unit[0]]


def _numbers(layer: LayerFacts) -> int:
    return math.prod(layer.output_shape)

"""Reading safetensors: a header of names and places, then numbers, and nothing that could run."""

from __future__ import annotations

import logging
import struct
from pathlib import Path
from typing import Any

import msgspec
from safetensors import safe_open
from torch import Tensor

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models.checkpoint_file import CheckpointFile, incomplete
from cnnviz_gui.texts import tr

MAX_HEADER = 25_000_000
"""Bytes; the largest classifier needs a hundredth of it."""
_log = logging.getLogger(__name__)
_CHECK_EVERY = 64


def load(file: CheckpointFile, ctx: Context) -> dict[str, Tensor]:
    """Return the tensors, mapped from the file, not read.

    Raises
    ------
    CheckpointError
        The file is cut off, or no valid safetensors.
    Cancelled
        By ``ctx``.
    """
    _refuse_incomplete(file)
    tensors: dict[str, Tensor] = {}
    try:
        with safe_open(file.path, framework="pt", device="cpu") as opened:
            names = opened.keys()
            for number, name in enumerate(names):
                if number % _CHECK_EVERY == 0:
                    ctx.check()
                tensors[name] = opened.get_tensor(name)
    except Exception as error:  # of the library's own class, or of torch for a type it lacks
        _log.info("%s is damaged", file.name, exc_info=True)
        raise _damaged(file.name) from error
    return tensors


def _damaged(name: str) -> CheckpointError:
    return CheckpointError(
        tr("{name} is a damaged safetensors file.", name=name), tr("Fetch it again.")
    )


def _refuse_incomplete(file: CheckpointFile) -> None:
    """Say how much is missing where the header tells; the library checks all else."""
    with Path(file.path).open("rb") as opened:
        start = opened.read(8)
        if len(start) < 8:
            raise incomplete(file.name, file.size)
        (length,) = struct.unpack("<Q", start)
        if length > max(file.size, MAX_HEADER):
            raise _damaged(file.name)
        if 8 + length > file.size:
            raise incomplete(file.name, file.size)
        if length > MAX_HEADER:
            raise CheckpointError(
                tr("{name} lists more tensors than any image classifier has.", name=file.name),
                tr("Choose the weights of a classifier."),
            )
        header = opened.read(length)
    try:
        described = msgspec.json.decode(header, type=dict[str, dict[str, Any]])
        ends = [_end(entry) for name, entry in described.items() if name != "__metadata__"]
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise _damaged(file.name) from error
    whole = 8 + length + max(ends, default=0)
    if whole > file.size:
        raise incomplete(file.name, file.size, whole)


def _end(entry: dict[str, Any]) -> int:
    first, end = msgspec.convert(entry.get("data_offsets"), tuple[int, int])
    if not 0 <= first <= end < 1 << 50:
        raise ValueError
    return end

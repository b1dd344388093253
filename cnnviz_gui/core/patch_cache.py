"""What was found of a folder's pictures at one layer, kept on disk from one scan to the next.

One ``.npz`` a network and layer, named by what both are. Each row is named by the path and the
state of its file, so that a picture that changed is looked at anew. It holds no pickle, and nothing
is lost but time when files of it are deleted or damaged.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.files import write_atomically
from cnnviz_gui.core.kept_files import KeptFiles
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.result import FloatArray

MAX_FILE = 192 << 20
"""Bytes of one layer; the pictures that were looked at first are forgotten beyond it. As many as a
folder may have are remembered of 4096 channels.
"""
MAX_TOTAL = 512 << 20
"""Bytes of all; the layers that were used least lately are forgotten beyond it."""
_FORMAT = 1
_place = KeptFiles("patches", ".npz")
folder, use, clear = _place.folder, _place.use, _place.clear

State = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """The largest value of each channel in one picture, and where it is."""

    values: FloatArray
    """float32 (C,)."""
    cells: Any
    """int32 (C,): row · width + column."""

    @property
    def nbytes(self) -> int:
        """Bytes of both."""
        return int(self.values.nbytes + self.cells.nbytes)


@dataclass(slots=True, eq=False)
class LayerPeaks:
    """What is known of one layer, by path and state of the pictures, the oldest first."""

    name: str
    """Of the file; empty for what is not kept."""
    known: dict[tuple[str, State], Peaks] = field(default_factory=dict)
    state: State | None = None
    """Of the file when it was read or written last."""

    @property
    def nbytes(self) -> int:
        """Bytes of all that is known."""
        return len(self.known) * self._each

    @property
    def _each(self) -> int:
        return next((peaks.nbytes + 256 for peaks in self.known.values()), 0)

    def is_current(self) -> bool:
        """Tell whether the file is as it was left; if so it counts as used now."""
        path = folder() / self.name
        if not self.name or self.state is None or state_of(str(path)) != self.state:
            return False
        self._touch(path)
        return True

    def _touch(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            os.utime(path)
        self.state = state_of(str(path))

    def save(self) -> None:
        """Write what is known, as far as there is room; that it could not be is no failure."""
        if not self.name or not self.known:
            return
        rows = list(self.known.items())[-max(1, MAX_FILE // self._each) :]
        self.state = None
        buffer = io.BytesIO()
        np.savez(
            buffer,
            paths=np.array([os.fsencode(path) for (path, _), _ in rows]),
            states=np.array([state for (_, state), _ in rows], np.int64),
            values=np.stack([peaks.values for _, peaks in rows]),
            cells=np.stack([peaks.cells for _, peaks in rows]),
        )
        with contextlib.suppress(OSError, OutputError):
            folder().mkdir(parents=True, exist_ok=True)
            write_atomically(folder() / self.name, buffer.getvalue())
            self.state = state_of(str(folder() / self.name))
            _place.forget_oldest(folder() / self.name, MAX_TOTAL)


def state_of(path: str) -> State | None:
    """Return size, time of change and number of a file; None where there is none."""
    try:
        state = os.stat(path)  # noqa: PTH116  # a path of any form, never raises but OSError
    except (OSError, ValueError):
        return None
    return state.st_size, state.st_mtime_ns, state.st_ino & (2**63 - 1)


def name_of(model: ModelRef, facts: ModelFacts, layer: str, half: bool) -> str:
    """Return the name of a layer's file; empty of a module given from Python, which has no name."""
    if model.given:
        return ""
    said = (
        _FORMAT,
        msgspec.to_builtins(model),
        facts.weights,
        facts.sha256,
        facts.input_size,
        facts.resize_size,
        facts.interpolation,
        facts.mean,
        facts.std,
        layer,
        half,
    )
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:32] + ".npz"


def load(name: str, shape: tuple[int, ...]) -> LayerPeaks:
    """Return what is known of a layer whose output has this shape."""
    found = LayerPeaks(name)
    if not name:
        return found
    path = folder() / name
    try:
        if path.stat().st_size <= 2 * MAX_FILE:
            found.known = _read(path, shape)
        found._touch(path)
    except FileNotFoundError:
        pass
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, MemoryError):
        with contextlib.suppress(OSError):
            path.unlink()
    return found


def _read(path: Path, shape: tuple[int, ...]) -> dict[tuple[str, State], Peaks]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        paths, states = stored["paths"], stored["states"]
        values, cells = stored["values"], stored["cells"]
    count = len(paths)
    fits = (
        states.shape == (count, 3)
        and values.shape == cells.shape == (count, shape[0])
        and (values.dtype, cells.dtype, paths.dtype.kind) == (np.float32, np.int32, "S")
        and bool(np.isfinite(values).all())
        and bool(((cells >= 0) & (cells < math.prod(shape[1:]))).all())
    )
    if not fits:
        raise ValueError
    known = {}
    for row in range(count):
        text = os.fsdecode(bytes(paths[row]))
        size, changed, number = (int(part) for part in states[row])
        known[text, (size, changed, number)] = Peaks(values[row], cells[row])
    return known

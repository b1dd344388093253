"""Small pictures of channels, kept on disk from one sheet to the next.

A folder a network, layer and choice of parameters, named by what all three are; in it a PNG a
channel, with its activation in a text chunk. It holds no pickle, and nothing is lost but time when
files of it are deleted or damaged.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import math
import os
import shutil
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image, PngImagePlugin

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.feature_requests import FeatureSheet
from cnnviz_gui.core.files import write_atomically
from cnnviz_gui.core.result import ByteArray, frozen

MAX_TOTAL = 256 << 20
"""Bytes of all; the folders that were used least lately are forgotten beyond it."""
_MAX_FILE = 1 << 20
"""No small picture is as large as this."""
_FORMAT = 3
"""Another one where the same request gives other pictures than before."""
_ACTIVATION = "activation"
_folder: list[Path] = []


_DAMAGED = (
    *(OSError, ValueError, SyntaxError, KeyError, EOFError, zlib.error),
    Image.DecompressionBombError,
)
"""What reading a file can fail with that was cut off, altered or made to do harm."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the pictures of one sheet are; nowhere for a module given from Python."""

    place: Path | None
    side: int
    """Of each picture; one of another size is not trusted."""

    def load(self, channel: int) -> tuple[ByteArray, float] | None:
        """Return the picture uint8 (side, side, 3) of a channel and its activation, if kept."""
        if self.place is None:
            return None
        path = self.place / f"{channel}.png"
        try:
            return _read(path, self.side)
        except FileNotFoundError:
            return None
        except _DAMAGED:
            with contextlib.suppress(OSError):
                path.unlink()
            return None

    def save(self, channel: int, picture: ByteArray, activation: float) -> None:
        """Keep a picture; that it could not be is no failure."""
        if self.place is None:
            return
        told = PngImagePlugin.PngInfo()
        told.add_text(_ACTIVATION, repr(activation))
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG", pnginfo=told)
        with contextlib.suppress(OSError, OutputError):
            self.place.mkdir(parents=True, exist_ok=True)
            write_atomically(self.place / f"{channel}.png", buffer.getvalue())

    def touch(self) -> None:
        """Count this folder as used now."""
        if self.place is None:
            return
        with contextlib.suppress(OSError):
            now = time.time_ns()  # finer than what the system would write
            os.utime(self.place, ns=(now, now))

    def tidy(self) -> None:
        """Do the same, and forget other folders where there is no room for all."""
        self.touch()
        if self.place is not None:
            with contextlib.suppress(OSError):
                _forget_oldest(self.place)


def folder() -> Path:
    """Return where the folders are; it need not exist."""
    if _folder:
        return _folder[0]
    from platformdirs import user_cache_path

    return user_cache_path("cnnviz-gui", appauthor=False) / "features"


def use(directory: Path | None) -> None:
    """Keep pictures in another folder from here on; None for the usual one."""
    _folder[:] = [] if directory is None else [directory]


def shelf(request: FeatureSheet, facts: ModelFacts, side: int) -> Shelf:
    """Return where the pictures of a sheet are kept."""
    if request.model.given:
        return Shelf(None, side)
    said = (
        _FORMAT,
        msgspec.to_builtins(request.model),
        facts.weights,
        facts.sha256,
        facts.input_size,
        facts.mean,
        facts.std,
        request.layer,
        request.parameters.values(),
        side,
    )
    name = hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:32]
    return Shelf(folder() / name, side)


def size() -> int:
    """Return the bytes of all pictures that are kept."""
    return sum(_bytes_of(place) for place in _places())


def clear() -> None:
    """Forget all pictures."""
    for place in _places():
        shutil.rmtree(place, ignore_errors=True)


def _read(path: Path, side: int) -> tuple[ByteArray, float]:
    if path.stat().st_size > _MAX_FILE:
        raise ValueError
    with Image.open(path, formats=("PNG",)) as image:
        if image.size != (side, side) or image.mode != "RGB":
            raise ValueError
        pixels = np.asarray(image)  # to its end: a text chunk may follow the pixels
        activation = float(image.info[_ACTIVATION])
    if not math.isfinite(activation):
        raise ValueError
    return frozen(pixels), activation


def _places() -> list[Path]:
    """Return the folders that are ours by their names."""
    try:
        return [place for place in folder().iterdir() if len(place.name) == 32 and place.is_dir()]
    except OSError:
        return []


def _bytes_of(place: Path) -> int:
    total = 0
    with contextlib.suppress(OSError):
        for file in place.iterdir():
            total += file.stat().st_size
    return total


def _forget_oldest(kept: Path) -> None:
    others = [(place.stat().st_mtime_ns, place) for place in _places() if place != kept]
    room = MAX_TOTAL - _bytes_of(kept)
    for _, place in sorted(others, reverse=True):
        room -= _bytes_of(place)
        if room < 0:
            shutil.rmtree(place, ignore_errors=True)

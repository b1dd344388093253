"""What was found of a folder's pictures, kept on disk from one passage to the next.

One file for each folder and question, to which a line is added for each picture: its path, the
state of its file, and its row as JSON. So a passage that is cut off loses at most the picture it
was at, and one that changed is looked at anew. It holds no pickle, and nothing is lost but time
when files of it are deleted or damaged.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import msgspec

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.files import write_atomically
from cnnviz_gui.core.folder.records import FileRow
from cnnviz_gui.core.kept_files import KeptFiles
from cnnviz_gui.core.patch_cache import State

MAX_FILE = 320 << 20
"""Bytes of one file after a passage, beyond which the oldest rows go.

Those of 5000 attacks, of two thumbnails each, take 125 MiB on photographs at 8 / 255 and 260 MiB at
64 / 255, where a thumbnail is all noise.
"""
MAX_TOTAL = 512 << 20
"""Bytes of all; the files that were used least lately are forgotten beyond it."""
_FORMAT = 1
_ENDING = ".rows"
_place = KeptFiles("folders", _ENDING)
folder, use, clear = _place.folder, _place.use, _place.clear
R = TypeVar("R", bound=FileRow)


class _Line(msgspec.Struct, array_like=True):
    """A picture: the bytes of its path, the state of its file, its row without the path."""

    path: bytes
    state: State
    row: msgspec.Raw


class KeptRows(Generic[R]):
    """The rows of one question about one folder, by path.

    Parameters
    ----------
    name
        Of the file; empty for what is not kept on disk.
    kind
        Of the rows.
    """

    def __init__(self, name: str, kind: type[R]) -> None:
        self.name = name
        self.nbytes = 0
        """About the bytes of all rows."""
        self._kind = kind
        self._known: dict[str, tuple[State, R]] = {}
        self._stale = 0
        self._read()

    def get(self, path: str, state: State) -> R | None:
        """Return the row of a picture whose file is as it was, or None."""
        found = self._known.get(path)
        return found[1] if found is not None and found[0] == state else None

    def add(self, rows: Sequence[tuple[State, R]]) -> None:
        """Keep rows; that they could not be written is no failure."""
        if not rows:
            return
        for state, row in rows:
            self._put(state, row)
        if not self.name:
            return
        lines = b"".join(_line(state, row) for state, row in rows)
        with contextlib.suppress(OSError):
            folder().mkdir(parents=True, exist_ok=True)
            with (folder() / self.name).open("ab") as file:
                file.write(lines)

    def tidy(self) -> None:
        """Write the file anew where much of it is out of date, and forget others for want of room.

        To be done at the end of a passage.
        """
        path = folder() / self.name
        if not self.name or not path.exists():
            return
        with contextlib.suppress(OSError, OutputError):
            if self._stale > len(self._known) // 4 or path.stat().st_size > MAX_FILE:
                write_atomically(path, b"".join(self._newest()))
                self._stale = 0
            os.utime(path)
            _place.forget_oldest(path, MAX_TOTAL)

    def _newest(self) -> list[bytes]:
        """Return the lines for which there is room, the oldest first."""
        lines, room = [], MAX_FILE
        for state, row in reversed(self._known.values()):
            line = _line(state, row)
            room -= len(line)
            if room < 0:
                break
            lines.append(line)
        return lines[::-1]

    def _put(self, state: State, row: R) -> None:
        before = self._known.pop(row.path, None)
        if before is not None:
            self._stale += 1
            self.nbytes -= before[1].nbytes
        self._known[row.path] = state, row
        self.nbytes += row.nbytes

    def _read(self) -> None:
        path = folder() / self.name
        if not self.name:
            return
        try:
            # A passage that was cut off has not tidied; what is larger still is not of ours.
            if path.stat().st_size > 2 * MAX_FILE:
                path.unlink()
                return
            with path.open("r+b") as file:
                for line in file:
                    self._take(line)
                if not _ends_a_line(file):
                    file.write(b"\n")  # a line that was cut off must not spoil the next one
        except OSError:
            return

    def _take(self, line: bytes) -> None:
        try:
            read = msgspec.json.decode(line, type=_Line)
            row = msgspec.json.decode(read.row, type=self._kind)
            path = os.fsdecode(read.path)
        except (msgspec.DecodeError, UnicodeError, ValueError):
            self._stale += 1
            return
        self._put(read.state, dataclasses.replace(row, path=path))


def drop(name: str) -> None:
    """Forget one file on disk."""
    with contextlib.suppress(OSError):
        (folder() / name).unlink()


def name_of(question: Any) -> str:
    """Return the name of the file of a question, which is all that its rows depend on, as JSON."""
    said = msgspec.json.encode((_FORMAT, question), order="sorted")
    return hashlib.sha256(said).hexdigest()[:32] + _ENDING


def _line(state: State, row: FileRow) -> bytes:
    line = os.fsencode(row.path), state, dataclasses.replace(row, path="")
    return msgspec.json.encode(line) + b"\n"


def _ends_a_line(file: Any) -> bool:
    if file.seek(0, os.SEEK_END) == 0:
        return True
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")

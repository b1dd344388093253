"""What is asked of a folder, and what comes back of one: plain values. No torch, no numpy."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.result import Result

_PLAIN_BYTES = 1024
"""About what names and numbers of a row take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRef:
    """The pictures of a folder, in natural order."""

    path: str
    nested: bool = False
    """Those in the folders in it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """What was found of one picture; what is asked of a folder adds its own to it."""

    path: str
    width: int = 0
    height: int = 0
    """Upright; 0 of a file that could not be read."""
    problem: str = ""
    """Why nothing was found, one sentence; empty where something was."""
    thumbnail: bytes = b""
    """As JPEG: thousands are kept, and those in sight shown."""

    @property
    def nbytes(self) -> int:
        """About the bytes of all of it."""
        return len(self.thumbnail) + _PLAIN_BYTES


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FolderResult(Result):
    """The rows so far, in the order of the files; a partial result has fewer than ``total``."""

    folder: FolderRef
    rows: tuple[FileRow, ...]
    total: int
    truncated: bool = False
    """The folder holds more than the limit; the rest was left out."""

    @property
    def nbytes(self) -> int:
        """About the bytes of all rows."""
        return sum(row.nbytes for row in self.rows)

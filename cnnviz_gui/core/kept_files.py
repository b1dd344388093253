"""A folder of the cache: where it is, and how it is kept from growing."""

from __future__ import annotations

import contextlib
from pathlib import Path


class KeptFiles:
    """Files of one kind, which may be deleted at any time: nothing is lost with them but time.

    Parameters
    ----------
    name
        Of the folder in the program's cache.
    ending
        Of the files; others are not ours.
    """

    def __init__(self, name: str, ending: str) -> None:
        self._name = name
        self._ending = ending
        self._elsewhere: Path | None = None

    def folder(self) -> Path:
        """Return where the files are; it need not exist."""
        if self._elsewhere is not None:
            return self._elsewhere
        from platformdirs import user_cache_path

        return user_cache_path("cnnviz-gui", appauthor=False) / self._name

    def use(self, directory: Path | None) -> None:
        """Keep files in another folder from here on; None for the usual one."""
        self._elsewhere = directory

    def clear(self) -> None:
        """Forget all of it on disk; what a session holds on to stays until it forgets it."""
        for path in self._files():
            with contextlib.suppress(OSError):
                path.unlink()

    def forget_oldest(self, kept: Path, most: int) -> None:
        """Delete the files that were used least lately, but one, where all have more bytes."""
        files = [(path, path.stat()) for path in self._files() if path != kept]
        files.sort(key=lambda each: each[1].st_mtime_ns, reverse=True)
        room = most - kept.stat().st_size
        for path, state in files:
            room -= state.st_size
            if room < 0:
                path.unlink()

    def _files(self) -> list[Path]:
        return list(self.folder().glob(f"*{self._ending}"))

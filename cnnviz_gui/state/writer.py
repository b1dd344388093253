"""Who writes files: known to whoever asks where one is to go, so that none overtakes another."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Protocol

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.request import Work


class Writer(Protocol):
    """Writes one file after the other, away from the window, and tells what became of each."""

    def due(self) -> Collection[Path]:
        """Return the files that are still to be written."""

    def give_up(self, path: Path) -> None:
        """Write nothing there that was asked for before: something newer is to be there."""

    def put(self, request: Work, facts: ModelFacts | None) -> None:
        """Write a file once all others are written.

        Parameters
        ----------
        facts
            Of the network that made what is saved, for what is to be said of it; None to say
            nothing.
        """

    def told(self) -> bytes:
        """Return what a picture of the page in view is to carry, empty where that is nothing."""


class NoWriter:
    """Stands where nobody writes yet."""

    def due(self) -> Collection[Path]:
        """Return no files."""
        return ()

    def give_up(self, path: Path) -> None:
        """There is nothing to give up."""

    def put(self, request: Work, facts: ModelFacts | None) -> None:
        """Refuse: nobody would write it."""
        raise RuntimeError(f"{type(request).__name__} came before there was who writes it")

    def told(self) -> bytes:
        """Return nothing."""
        return b""

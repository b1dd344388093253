"""What is asked to bring a request back that came with a file: work for the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.named_files import File
from cnnviz_gui.core.request import ModelRef, Request, Work


@dataclass(frozen=True, slots=True)
class Places:
    """Where files are looked for."""

    paths: tuple[str, ...] = ()
    """Files that are known, the likeliest first."""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest(Work):
    """Read a request from a file (JSON); nothing that it asks for is computed."""

    task: ClassVar[str] = "open-request"
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFiles(Work):
    """Look for the files that a request knows by name and checksum."""

    task: ClassVar[str] = "find-files"
    request: Request
    places: Places
    chosen: tuple[tuple[File, str], ...] = ()
    """Files that the user showed, whatever their checksum, and where they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareWeights(Work):
    """Tell whether a network in use has the weights of which something was made."""

    task: ClassVar[str] = "compare-weights"
    model: ModelRef
    weights: str
    """SHA-256 of its tensors, as ``carried.weights_of`` gives it."""

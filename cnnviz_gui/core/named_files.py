"""What a request names: its files and folders, to change them all, and its network."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import PureWindowsPath
from typing import Any, TypeVar

from cnnviz_gui.core.feature_requests import SpectrumRef
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import CheckpointRef, ImageRef, ModelRef

File = ImageRef | CheckpointRef | SpectrumRef | FolderRef
R = TypeVar("R")
F = TypeVar("F", bound=File)


def mapped(value: R, change: Callable[[File], File]) -> R:
    """Return a request, or a part of one, with ``change`` made of every file and folder in it.

    A field that holds the path of a folder as a plain string is given to ``change`` as a
    ``FolderRef``.
    """
    result: Any = value
    if isinstance(value, tuple):
        result = tuple(mapped(one, change) for one in value)
    elif isinstance(value, File):
        result = change(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type | Params):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        changed = {name: _field(name, one, change) for name, one in fields.items()}
        if any(changed[name] is not fields[name] for name in fields):
            result = dataclasses.replace(value, **changed)
    kept: R = result
    return kept


def _field(name: str, value: Any, change: Callable[[File], File]) -> Any:
    if name == "folder" and isinstance(value, str):
        return change(FolderRef(path=value)).path if value else value
    return mapped(value, change)


def files(request: object) -> tuple[File, ...]:
    """Return every file and folder that a request names, each once, in its order."""
    found: dict[File, None] = {}

    def note(file: File) -> File:
        found[file] = None
        return file

    mapped(request, note)
    return tuple(found)


def by_name(request: R) -> R:
    """Return a request that tells no folder: of every path the last part alone."""
    return mapped(request, lambda file: moved(file, name_of(file.path)))


def moved(file: F, path: str) -> F:
    """Return the same file or folder at another path."""
    return dataclasses.replace(file, path=path)


def name_of(path: str) -> str:
    """Return the last part of a path of any system; what is no text in it is replaced."""
    # The windows flavour takes both kinds of slashes, and drives.
    name = PureWindowsPath(path).name.encode("utf-8", "replace").decode()
    return "" if name == ".." else name


def model_of(request: object) -> ModelRef | None:
    """Return the network that a request is about, None for one about no network."""
    for holder in (request, *(getattr(request, name, None) for name in ("heatmap", "attack"))):
        model = getattr(holder, "model", None)
        if isinstance(model, ModelRef):
            return model
    plane = getattr(request, "plane", None)
    return None if plane is None else model_of(plane)

"""What the user answered for a file of weights, kept by the file's checksum.

One small JSON file for each checkpoint. Nothing of a checkpoint itself is kept, and a file that was
damaged or tampered with is set aside and asked for anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.request import CheckpointRef, ModelRef
from cnnviz_gui.texts import tr

MAX_FILES = 200
_MAX_BYTES = 4_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}")
_folder: list[Path] = []


@dataclass(frozen=True, slots=True)
class Answers:
    """What a file of weights does not say."""

    architecture: str
    checkpoint: CheckpointRef
    """Without path and checksum."""


def folder() -> Path:
    """Return where answers are kept; it need not exist."""
    if _folder:
        return _folder[0]
    from platformdirs import user_data_path

    return user_data_path("cnnviz-gui", appauthor=False) / "checkpoints"


def use(directory: Path | None) -> None:
    """Keep answers in another folder from here on; None for the usual one."""
    _folder[:] = [] if directory is None else [directory]


def keep(model: ModelRef) -> str:
    """Remember the answers for the file of a network, if it names the file's checksum.

    Returns
    -------
    A sentence about why they could not be kept; usually empty. The oldest answers beyond
    ``MAX_FILES`` are forgotten.
    """
    from cnnviz_gui.core.files import write_atomically  # numpy comes with it

    asked = model.checkpoint
    if asked is None or not _SHA256.fullmatch(asked.sha256):
        return ""
    answers = Answers(model.name, dataclasses.replace(asked, path="", sha256="", damaged=False))
    data = msgspec.json.format(msgspec.json.encode(answers), indent=2)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        write_atomically(folder() / f"{asked.sha256}.json", data)
        _forget_oldest()
    except (OSError, OutputError) as error:
        return tr("The answers for this file cannot be remembered: {error}", error=error)
    return ""


def recall(sha256: str) -> Answers | None:
    """Return what was answered for the file with this checksum, None where nothing was."""
    path = folder() / f"{sha256}.json"
    if not _SHA256.fullmatch(sha256):
        return None
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError:
        return None
    try:
        if len(data) > _MAX_BYTES:
            raise ValueError
        return msgspec.json.decode(data, type=Answers)
    except (ValueError, RecursionError):  # msgspec's own errors are ValueErrors
        with contextlib.suppress(OSError):
            path.replace(path.with_suffix(".BAK"))
        return None


def with_answers(model: ModelRef, sha256: str) -> ModelRef:
    """Return a network with what was answered for its file, where nothing else is given."""
    answers = recall(sha256)
    if answers is None or model.checkpoint is None:
        return model
    given, before = model.checkpoint, answers.checkpoint
    filled = dataclasses.replace(
        given,
        sha256=sha256,
        labels=given.labels or before.labels,
        mean=given.mean or before.mean,
        std=given.std or before.std,
        input_size=given.input_size or before.input_size,
    )
    return dataclasses.replace(model, name=model.name or answers.architecture, checkpoint=filled)


def _forget_oldest() -> None:
    kept = sorted(folder().glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in kept[MAX_FILES:]:
        path.unlink()

"""Reading a session, on a thread: what is in the file, and what became of its pictures."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.state import session_file
from cnnviz_gui.state.app_state import Notice
from cnnviz_gui.texts import ntr, tr

WINDOWS = os.name == "nt"
_CHUNK = 1 << 20
_BECAME = {
    "lies on another machine and was left out": tr(
        "{name} lies on another machine and was left out"
    ),
    "was moved or deleted": tr("{name} was moved or deleted"),
    "is too large": tr("{name} is too large"),
    "cannot be read": tr("{name} cannot be read"),
    "has changed": tr("{name} has changed"),
}
"""What can become of a picture since the session was saved, and how that is told of it."""
_SHARE = re.compile(r"\\\\(?![?.]\\[A-Za-z]:\\)(?:[?.]\\UNC\\)?[^\\]*\\?[^\\]*")
"""Begins a path of Windows that another machine is asked for; a drive of this one does not."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A session that was read, and whose pictures were looked at."""

    path: str
    raw: Mapping[str, Any]
    lost: Mapping[str, str]
    """Paths of pictures that are not as they were, with what became of them, as in ``_BECAME``."""
    recovered: bool = False
    left_out: tuple[str, ...] = ()
    """Names of the settings that were left out with the files of other machines."""


@dataclass(frozen=True, slots=True)
class Strange:
    """A session that was read and names files of other machines; none was touched."""

    path: str
    raw: Mapping[str, Any]
    shares: tuple[str, ...]
    """Such as ``\\\\host\\share``."""


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why a session could not be read."""

    text: str


def read(path: str, recovered: bool, stop: threading.Event) -> Loaded | Strange | NotRead | None:
    """Read a session and look at its pictures; None where it was told to stop.

    What a run has left is its own work; of any other file another machine is asked for nothing
    before the user agrees.
    """
    name = shown(path)
    try:
        with Path(path).open("rb") as file:
            raw = session_file.decode(file.read(session_file.MAX_BYTES + 1))
    except OSError as error:
        return NotRead(tr("{name} cannot be opened ({reason}).", name=name, reason=error.strerror))
    except RequestError as error:
        return NotRead(tr("{name} cannot be opened. {problem}", name=name, problem=error))
    named = dict.fromkeys(filter(None, map(_share, _strings(raw)))) if WINDOWS else {}
    shares = tuple(share for share in named if share != _share(path))
    if shares and not recovered:
        return Strange(path, raw, shares)
    return _looked(Loaded(path, raw, {}, recovered), stop)


def go_on(found: Strange, agreed: bool, stop: threading.Event) -> Loaded | None:
    """Look at the pictures of a session, at those of other machines where the user agreed."""
    if agreed:
        return _looked(Loaded(found.path, found.raw, {}), stop)
    raw, names = dict(found.raw), []
    settings = raw.get("settings")
    kept = raw["settings"] = dict(settings) if isinstance(settings, dict) else {}
    for place, keys in ((kept, tuple(kept)), (raw, ("model", "second", "kept"))):
        for name in keys:
            if any(_share(text) in found.shares for text in _strings(place.get(name))):
                del place[name]
                names.append(name)
    said = "lies on another machine and was left out"
    paths = [ref.path for ref in session_file.references(raw)]
    lost = {path: said for path in paths if _share(path) in found.shares}
    return _looked(Loaded(found.path, raw, lost, left_out=tuple(names)), stop)


def _looked(loaded: Loaded, stop: threading.Event) -> Loaded | None:
    """Look at each picture once, and return what became of those that are not as they were."""
    wanted: dict[str, set[str]] = {}
    for ref in session_file.references(loaded.raw):
        wanted.setdefault(ref.path, set()).update({ref.sha256} - {""})
    lost = dict(loaded.lost)
    for path in wanted.keys() - lost.keys():
        said = _became(path, wanted[path], stop)
        if stop.is_set():
            return None
        if said:
            lost[path] = said
    return Loaded(loaded.path, loaded.raw, lost, loaded.recovered, loaded.left_out)


def _became(path: str, sums: set[str], stop: threading.Event) -> str:
    """Return what happened to a picture since the session was saved; empty for nothing."""
    from cnnviz_gui.core.image_checks import MAX_BYTES

    digest = hashlib.sha256()
    try:
        if not Path(path).is_file():
            return "was moved or deleted"
        if Path(path).stat().st_size > MAX_BYTES:
            return "is too large"
        with Path(path).open("rb") as file:
            while sums and not stop.is_set() and (data := file.read(_CHUNK)):
                digest.update(data)
    except (OSError, ValueError):
        return "cannot be read"
    return "has changed" if sums - {digest.hexdigest()} else ""


def _share(path: str) -> str:
    """Return what of a path of Windows names another machine; empty for one of this machine."""
    found = _SHARE.match(path.replace("/", "\\"))
    return found.group() if found else ""


def _strings(raw: object) -> Iterator[str]:
    """Yield every text of a JSON value that can be a path."""
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, dict | list):
        for one in raw.values() if isinstance(raw, dict) else raw:
            yield from _strings(one)


def told(loaded: Loaded, missing: str, reset: tuple[str, ...]) -> Notice:
    """Say what was opened, and what of it could not be."""
    opened = tr("Opened {name}.", name=shown(loaded.path))
    said = [tr("Restored the session.") if loaded.recovered else opened]
    if missing:
        said.append(missing)
    if loaded.lost:
        path, what = next(iter(loaded.lost.items()))
        became, others = _BECAME[what].format(name=shown(path)), len(loaded.lost) - 1
        if others:
            said.append(
                ntr(
                    "{became} ({n} more is not as it was); the rest is open.",
                    "{became} ({n} more are not as they were); the rest is open.",
                    others,
                    became=became,
                )
            )
        else:
            said.append(tr("{became}; the rest is open.", became=became))
    if reset:
        listed = ", ".join(reset[:3]) + (", …" if len(reset) > 3 else "")
        said.append(tr("Not valid, and as usual: {names}.", names=listed))
    if loaded.recovered and said[1:]:
        said.append(tr("What the last run left is kept, and offered again at the next start."))
    lost = (_BECAME[what].format(name=path) for path, what in loaded.lost.items())
    details = "\n".join((*lost, *reset))
    return Notice(" ".join(said), "warning" if len(said) > 1 else "info", details)


def shown(path: str) -> str:
    """Return how a file is called in a sentence."""
    from cnnviz_gui.core.files import display_name  # numpy comes with it

    return display_name(path)

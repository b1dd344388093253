"""Requests as files: what ``--request`` writes and pictures carry, and ``cnnviz run`` reads."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz_gui import resources
from cnnviz_gui.cli import checkpoints, features
from cnnviz_gui.core import carried, find_files, image_checks, request_json
from cnnviz_gui.core.border_requests import AttackBorders, Borders
from cnnviz_gui.core.defence_requests import Defences
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.files import write_atomically
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.plane_requests import Plane
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.request import Attack, Embed, Heatmap, ImageRef, Nearest, Predict, Request
from cnnviz_gui.core.restore_work import Places
from cnnviz_gui.core.trust_requests import Trust

if TYPE_CHECKING:
    from cnnviz_gui.core.context import Context
    from cnnviz_gui.core.session import Session

OfPicture = Predict | Heatmap | HeatmapGrid | Attack | Embed | Nearest | Feature | AttackRace
Asked = OfPicture | AttackBorders | Trust | Borders | Plane | Defences


def write(path: str, asked: Asked, session: Session, ctx: Context) -> None:
    """Write a request so that it holds from any folder, and only for this very picture."""
    if isinstance(asked, Trust):
        sealed: Request = dataclasses.replace(asked, heatmap=_sealed(asked.heatmap, session, ctx))
    elif isinstance(asked, Borders | Defences):
        sealed = dataclasses.replace(asked, attack=_sealed(asked.attack, session, ctx))
    elif isinstance(asked, Plane):
        other = asked.other_image
        attack = _sealed(asked.attack, session, ctx)
        across = None if other is None else _exact(other, session, ctx)
        sealed = dataclasses.replace(asked, attack=attack, other_image=across)
    else:
        sealed = _sealed(asked, session, ctx)
    write_atomically(Path(path), sealed.to_json())


def read(path: Path, ctx: Context) -> Request:
    """Read a request, or that of a picture (PNG), whose files are looked for beside it.

    Raises
    ------
    RequestError
        There is no such file, or it holds none; or what a picture was made of is not there.
    """
    text = str(path)
    if text == "-":
        return request_json.from_json(sys.stdin.buffer.read(request_json.MAX_JSON_BYTES + 1))
    if path.suffix.lower() == ".png":
        return _carried(path, ctx)
    try:
        with path.open("rb") as file:
            data = file.read(request_json.MAX_JSON_BYTES + 1)
    except OSError as error:
        raise RequestError(
            f"{path.name} cannot be read: {error.strerror or error}.",
            "Name a request file as written by --request.",
        ) from None
    return request_json.from_json(data)


def _carried(path: Path, ctx: Context) -> Request:
    found = carried.found_in(image_checks.read_file(str(path), ctx).data)
    if found is None:
        raise RequestError(
            f"{path.name} carries no request.", "Pictures that this program saves as PNG do."
        )
    beside, here = path.absolute().parent, Path.cwd()
    samples = tuple(map(str, (*resources.samples(), *resources.digits())))
    places = Places(samples, tuple(dict.fromkeys((str(beside), str(here)))))
    return find_files.located(found.request, places, ctx)


def _sealed(asked: Any, session: Session, ctx: Context) -> Any:
    """Return a request about a picture with its files named from the root, and their checksums."""
    exact = None if asked.image is None else _exact(asked.image, session, ctx)
    if isinstance(asked, Feature):
        asked = features.sealed(asked, session, ctx)
    return dataclasses.replace(asked, model=checkpoints.sealed(asked.model), image=exact)


def _exact(image: ImageRef, session: Session, ctx: Context) -> ImageRef:
    """Return a picture named from the root, with its checksum."""
    path = str(Path(image.path).absolute())
    return dataclasses.replace(image, path=path, sha256=session.picture(image, ctx).sha256)

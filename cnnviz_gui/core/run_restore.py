"""Reading a request from a file, and finding the files it was about."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cnnviz_gui.core import carried, find_files, image_checks
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.files import display_name
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.named_files import File, mapped, moved
from cnnviz_gui.core.restore_results import ComparedWeights, FoundFiles, OpenedRequest
from cnnviz_gui.core.restore_work import CompareWeights, FindFiles, OpenRequest
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def open_request(request: OpenRequest, session: Session, ctx: Context) -> OpenedRequest:
    """Read a request from a file; raises as ``carried.read``, and where it cannot be read."""
    path = Path(request.path)
    try:
        too_long = path.stat().st_size > carried.MOST_BYTES
    except (OSError, ValueError):
        too_long = False  # what is wrong with it, reading says
    if too_long:
        raise RequestError(
            tr(
                "{name} is larger than 1 MB, and no request.",
                name=display_name(path),
            ),
            tr("A request is a small JSON file."),
        )
    data = image_checks.read_file(request.path, ctx).data
    return OpenedRequest(path=request.path, carried=carried.read(data))


def find(request: FindFiles, session: Session, ctx: Context) -> FoundFiles:
    """Return the request with the paths of its files, as far as they are found."""
    chosen = dict(request.chosen)
    missing: list[File] = []
    others: list[str] = []

    def place(file: File) -> File:
        shown = chosen.get(file)
        if shown is not None:
            given = _shown(file, shown, ctx)
            if given != moved(file, shown):
                others.append(file.path)
            return given
        path = find_files.find(file, request.places, ctx)
        if path is None:
            missing.append(file)
            return file
        found = moved(file, path)
        named = isinstance(found, FolderRef) or found.sha256
        return found if named else _shown(found, path, ctx)  # as it is known once it is open

    located = mapped(request.request, place)
    return FoundFiles(
        request=located,
        missing=tuple(dict.fromkeys(missing)),
        others=tuple(dict.fromkeys(others)),
    )


def compare_weights(request: CompareWeights, session: Session, ctx: Context) -> ComparedWeights:
    """Tell whether a network in use has the weights of which something was made."""
    weights = carried.weights_in_use(request.model, session)
    same = weights == request.weights if weights else None
    return ComparedWeights(model=request.model, same=same)


def _shown(file: File, path: str, ctx: Context) -> File:
    """Return a file as it is there, with its own checksum."""
    if isinstance(file, FolderRef):
        return moved(file, path)
    sha256 = find_files.checksum(path, ctx) or ""
    return dataclasses.replace(file, path=path, sha256=sha256)

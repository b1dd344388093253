"""What an exported picture carries: the request it answers, as a text in the PNG.

It names files and folders by their names alone, never where they are: who passes a picture on
passes on nothing about the own machine. What comes back in a picture was written by anybody, so it
is read as strictly as any request, and no path in it is ever opened.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from cnnviz_gui.core import named_files, png_text, request_json
from cnnviz_gui.core.carried_record import Carried
from cnnviz_gui.core.errors import CnnvizError, RequestError
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.request import CheckpointRef, ImageRef, ModelRef, Request
from cnnviz_gui.core.tasks import RESULTS
from cnnviz_gui.core.version import version
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.context import Context
    from cnnviz_gui.core.models.classifier import Classifier
    from cnnviz_gui.core.session import Session

FORMAT = 1
MOST_BYTES = request_json.MAX_JSON_BYTES
_KEYS = frozenset({"format", "program", "network", "weights", "request"})
_LONGEST = 200
"""Characters of what is told of program and network."""


def of(request: Request, session: Session, ctx: Context) -> bytes:
    """Return what a picture of a result is to carry, as JSON.

    Checksums of pictures, and of the network's weights, are found where they are missing; what
    cannot be found any more is left out, and no network is opened for it.
    """
    sealed = exactly(request, session, ctx)
    model = named_files.model_of(request)
    classifier = None if model is None else session.at_hand(model)
    if model is None or classifier is None:
        return written(sealed)
    weights = weights_in_use(model, session)
    return written(sealed, network=classifier.facts.title, weights=weights)


def weights_in_use(model: ModelRef, session: Session) -> str:
    """Return the SHA-256 of the weights of a network, empty where it is not in use."""
    classifier = session.at_hand(model)
    if classifier is None:
        return ""
    key = ("weights", model)
    weights: str = session.recall(key) or weights_of(classifier)
    session.remember(key, weights, len(weights))
    return weights


def written(request: Request, *, network: str = "", weights: str = "") -> bytes:
    """Return the same of a request that is complete, and of what is known of the network."""
    told = {
        "format": FORMAT,
        "program": f"cnnviz-gui {version()}",
        "network": network,
        "weights": weights,
        "request": named_files.by_name(request).to_dict(),
    }
    return msgspec.json.encode(told)


def exactly(request: Request, session: Session, ctx: Context) -> Request:
    """Return a request with the checksums of its pictures and of its files of weights."""

    def seal(file: named_files.File) -> named_files.File:
        if isinstance(file, FolderRef) or file.sha256:
            return file
        try:
            return dataclasses.replace(file, sha256=_sha256(file, session, ctx))
        except CnnvizError:  # it has gone, or cannot be read any more
            return file

    return named_files.mapped(request, seal)


def _sha256(file: Any, session: Session, ctx: Context) -> str:
    if isinstance(file, ImageRef):
        return session.picture(file, ctx).sha256
    # they import torch, which those who only read do not wait for
    from cnnviz_gui.core.features import spectrum_file
    from cnnviz_gui.core.models import checkpoint_file

    if isinstance(file, CheckpointRef):
        return checkpoint_file.examine(file.path, ctx).sha256
    return spectrum_file.read(file, session, ctx).sha256


def weights_of(classifier: Classifier) -> str:
    """Return the SHA-256 of the tensors of a network: their names, shapes and values."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in classifier.stock.state_dict().items():
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        plain = tensor.detach().cpu().contiguous().flatten()
        digest.update(plain.view(torch.uint8).numpy())
    return digest.hexdigest()


def found_in(data: bytes) -> Carried | None:
    """Return what the bytes of a picture carry, None where that is nothing; raises as ``read``."""
    text = png_text.find(data, MOST_BYTES)
    return None if text is None else read(text)


def read(text: bytes) -> Carried:
    """Read what ``written`` gives, or a request by itself; files have no place then.

    Raises
    ------
    CnnvizError
        It is not that, or of another version, or asks for what there is not or for no result.
    """
    if len(text) > MOST_BYTES:
        raise RequestError(
            tr("The request is larger than 1 MB."), tr("A request is a small JSON file.")
        )
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(tr("The request is not valid JSON: {error}.", error=error)) from None
    if isinstance(decoded, dict) and "task" in decoded:  # as "Save the request" writes it
        return Carried(request=_result(decoded))
    if not isinstance(decoded, dict) or decoded.get("format") != FORMAT:
        raise RequestError(
            tr("The request was written by another version of the program."),
            tr("Open it with a newer one."),
        )
    unknown = sorted(set(decoded) - _KEYS)
    if unknown:
        raise RequestError(
            tr("What is told of the request has an unknown key {unknown!r}.", unknown=unknown[0])
        )
    told = {name: decoded.get(name, "") for name in ("program", "network", "weights")}
    for name, value in told.items():
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise RequestError(tr("What is told of the request has no proper {name!r}.", name=name))
    return Carried(request=_result(decoded.get("request")), **told)


def _result(decoded: Any) -> Request:
    """Read a request for a result: a stranger's file is not to forget, fetch or list anything."""
    request = request_json.from_dict(decoded)
    if request.task not in RESULTS:
        raise RequestError(
            tr("No page shows what the request asks for ({task}).", task=request.task),
            tr("Only what gives a result is taken from a picture or an opened file."),
        )
    return named_files.by_name(request)

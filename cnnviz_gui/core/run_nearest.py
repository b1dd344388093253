"""Embedding requests: the vector of one picture, and the pictures of a folder most like it."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from cnnviz_gui.core import embedding, images, listing, preprocess
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.embedding import Head
from cnnviz_gui.core.errors import ImageError, ModelError, RequestError
from cnnviz_gui.core.images import Picture
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Embed, ImageRef, ModelRef, Nearest
from cnnviz_gui.core.result import (
    ByteArray,
    Embedding,
    FloatArray,
    NearestImages,
    Neighbour,
    frozen,
)
from cnnviz_gui.core.session import Session, state_of
from cnnviz_gui.core.together import Together
from cnnviz_gui.texts import tr

SIDE = 160
"""Pixels of a thumbnail's side."""
_MOST = 1000
_STEP_EVERY = 64
_NOT_NUMBERS = tr("the network answers with values that are not numbers")


_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is remembered of a file for one network."""

    vector: FloatArray
    thumbnail: bytes = b""
    """As JPEG: thousands are kept, and a few of them shown."""
    problem: str = ""
    """Why there is no vector; empty where there is one."""


def embed(request: Embed, session: Session, ctx: Context) -> Embedding:
    """Return the vector before the classifier.

    Raises
    ------
    LayerError
        The network has none.
    ModelError
        It is not finite.
    """
    classifier, head = _open(session, request.model, ctx)
    vector = _vector(session, classifier, head, request.model, request.image, ctx)
    return Embedding(layer=head.path, vector=vector)


def run(request: Nearest, session: Session, ctx: Context) -> NearestImages:
    """Return the pictures of a folder whose vectors point most nearly the same way.

    Files that were looked at before with this network and have not changed cost nothing. The best
    so far are shown as they come.

    Raises
    ------
    RequestError
        The count is out of range.
    ImageError
        There is no such folder, or no picture in it.
    """
    if not 1 <= request.count <= _MOST:
        raise RequestError(
            tr("{count} pictures cannot be listed.", count=request.count),
            tr("Choose a number from 1 to {most}.", most=_MOST),
        )
    classifier, head = _open(session, request.model, ctx)
    before = Part(ctx, (0, 0))  # there is no end to see yet
    wanted = _vector(session, classifier, head, request.model, request.image, before)
    listed = listing.in_folder(request.folder, before)
    found = _Found(wanted, request.count, head.path, len(listed.paths), listed.truncated)
    new: list[str] = []
    for number, path in enumerate(listed.paths):
        if number % _STEP_EVERY == 0:
            ctx.step(0, len(listed.paths))
        known = session.recall(_key(request.model, ImageRef(path=path)))
        if isinstance(known, _Known):
            found.add(path, known)
        else:
            new.append(path)
    if new and found.looked_at:
        ctx.partial(found.result())
    looker = _Looker(session, classifier, head, request.model)
    for seen in looker.look(new, found.looked_at, len(listed.paths), ctx):
        for path, known in seen:
            found.add(path, known)
        ctx.partial(found.result())
    return found.result()


def _open(session: Session, model: ModelRef, ctx: Context) -> tuple[Classifier, Head]:
    classifier = session.classifier(model, ctx)
    head = session.recall(("head", model))
    if not isinstance(head, Head):
        head = embedding.find(classifier)
        session.remember(("head", model), head, len(head.path))
    return classifier, head


def _key(model: ModelRef, image: ImageRef) -> _Key:
    """Name a file as it is now; one that is too large is looked at reduced."""
    plain = dataclasses.replace(image, sha256="", reduced=True)
    return ("embedding", model, plain, state_of(image.path))


def _vector(
    session: Session,
    classifier: Classifier,
    head: Head,
    model: ModelRef,
    image: ImageRef,
    ctx: Context,
) -> FloatArray:
    """Return the vector of a picture, float32 (D,), read-only."""
    key = _key(model, image)
    known = session.recall(key)
    if isinstance(known, _Known) and not known.problem:
        return known.vector
    picture = session.picture(image, ctx)
    pixels = session.input(model, image, ctx).to(classifier.device)
    with session.forward_only():
        vector = frozen(embedding.embed(classifier, head, pixels, ctx)[0].cpu().numpy())
    if not np.isfinite(vector).all():
        raise ModelError(
            tr("The network answers with values that are not numbers."),
            tr("Its weights are probably damaged: load them anew, or choose another network."),
        )
    _remember(session, key, _Known(vector, _small(picture)))
    return vector


def _remember(session: Session, key: _Key, known: _Known) -> None:
    session.remember(key, known, known.vector.nbytes + len(known.thumbnail) + len(known.problem))


def _small(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(images.thumbnail(picture, SIDE)).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


_Seen = tuple[str, _Known]
_Waiting = tuple[str, _Key, ByteArray, bytes]
"""Path, key, what the network sees, thumbnail."""


class _Looker:
    """Looks at files a few at a time, as many as are quick together."""

    def __init__(
        self, session: Session, classifier: Classifier, head: Head, model: ModelRef
    ) -> None:
        self._session = session
        self._classifier = classifier
        self._head = head
        self._model = model
        self._together = Together(classifier.device)

    def look(
        self, paths: Sequence[str], done: int, total: int, ctx: Context
    ) -> Iterator[list[_Seen]]:
        """Yield what was found out of each file, batch by batch."""
        waiting: list[_Waiting] = []
        seen: list[_Seen] = []
        for number, path in enumerate(paths, 1):
            ctx.step(done + number - 1, total)
            # Named before it is read: if it changes meanwhile, it is looked at again.
            key = _key(self._model, ImageRef(path=path))
            try:
                part = Part(ctx, (done + number - 1, total))
                picture = images.load(ImageRef(path=path, reduced=True), part)
            except ImageError as error:
                seen.append((path, self._problem(key, error.message)))
            else:
                view = preprocess.network_view(picture, self._classifier.facts)
                waiting.append((path, key, view, _small(picture)))
            if len(waiting) >= self._together.count or number == len(paths):
                for part_of, vectors in self._together.passes(waiting, self._vectors(ctx)):
                    seen += self._seen(part_of, vectors)
                yield seen
                waiting, seen = [], []

    def _problem(self, key: _Key, reason: str) -> _Known:
        known = _Known(np.zeros(0, np.float32), problem=reason)
        _remember(self._session, key, known)
        return known

    def _vectors(self, ctx: Context) -> Callable[[Sequence[_Waiting]], FloatArray]:
        def compute(waiting: Sequence[_Waiting]) -> FloatArray:
            pixels = torch.from_numpy(np.stack([view for _, _, view, _ in waiting]))
            x = pixels.to(self._classifier.device).permute(0, 3, 1, 2).contiguous().float() / 255
            with self._session.forward_only():
                vectors = embedding.embed(self._classifier, self._head, x, ctx)
            return vectors.cpu().numpy()

        return compute

    def _seen(self, waiting: Sequence[_Waiting], vectors: FloatArray) -> list[_Seen]:
        seen: list[_Seen] = []
        for (path, key, _, thumbnail), vector in zip(waiting, vectors, strict=True):
            if np.isfinite(vector).all():
                known = _Known(frozen(vector.copy()), thumbnail)
                _remember(self._session, key, known)
            else:
                known = self._problem(key, _NOT_NUMBERS)
            seen.append((path, known))
        return seen


class _Found:
    """The best so far."""

    def __init__(
        self, wanted: FloatArray, count: int, layer: str, total: int, truncated: bool
    ) -> None:
        self._wanted = _unit(wanted)
        self._count = count
        self._layer = layer
        self._total = total
        self._truncated = truncated
        self._best: list[tuple[float, str, bytes]] = []
        self._skipped: list[tuple[str, str]] = []
        self._shown: dict[str, ByteArray] = {}
        self.looked_at = 0

    def add(self, path: str, known: _Known) -> None:
        """Take one more file."""
        self.looked_at += 1
        if known.problem:
            self._skipped.append((path, known.problem))
            return
        similarity = float(np.clip(self._wanted @ _unit(known.vector), -1.0, 1.0))
        self._best.append((-similarity, path, known.thumbnail))

    def result(self) -> NearestImages:
        """Return the best, the nearest first; those alike by name."""
        self._best.sort()
        del self._best[self._count :]
        self._shown = {
            path: self._shown[path] if path in self._shown else _pixels(thumbnail)
            for _, path, thumbnail in self._best
        }
        return NearestImages(
            layer=self._layer,
            neighbours=tuple(
                Neighbour(path, -distance, self._shown[path]) for distance, path, _ in self._best
            ),
            looked_at=self.looked_at,
            total=self._total,
            skipped=tuple(self._skipped),
            truncated=self._truncated,
        )


def _pixels(thumbnail: bytes) -> ByteArray:
    with Image.open(io.BytesIO(thumbnail), formats=("JPEG",)) as image:
        return frozen(np.asarray(image.convert("RGB")))


def _unit(vector: FloatArray) -> npt.NDArray[np.float64]:
    """Return the vector with length 1; one of zeros, which is like nothing, stays."""
    exact = vector.astype(np.float64)
    length = float(np.linalg.norm(exact))
    return exact / length if length > 0 else exact

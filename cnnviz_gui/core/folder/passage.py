"""A passage through a folder: what it found before is known, and what it finds is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec
import numpy as np
import torch

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.folder import kept, walk
from cnnviz_gui.core.folder.kept import KeptRows
from cnnviz_gui.core.folder.records import FileRow, FolderRef
from cnnviz_gui.core.folder.walk import Question, Seen
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result import ListedImages
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.together import Together

if TYPE_CHECKING:
    from torch import Tensor

R = TypeVar("R", bound=FileRow)
F = TypeVar("F", covariant=True)


class Maker(Protocol[R, F]):
    """Makes rows of pictures, and of the rows what is shown."""

    facts: ModelFacts

    def together(self) -> Together:
        """Return how many pictures pass at once."""

    def rows(self, pictures: Sequence[Seen], ctx: Context) -> Sequence[R]:
        """Return the rows of pictures that pass together."""

    def result(self, rows: tuple[R, ...], listed: ListedImages) -> F:
        """Return what is shown of rows."""


def go_through(
    folder: FolderRef,
    maker: Maker[R, F],
    rows: tuple[str, type[R], bool],
    session: Session,
    ctx: Context,
) -> F:
    """Return what is shown of a row for each picture; raises as ``walk.go_through``.

    Parameters
    ----------
    rows
        What names them, their kind, and whether they are kept beyond the session.
    """
    name, kind, lasting = rows
    key = ("folder", name)
    known = session.recall(key)
    before = known if isinstance(known, KeptRows) else KeptRows(name if lasting else "", kind)
    session.remember(key, before, before.nbytes)
    question = Question(
        maker.rows, lambda path, reason: kind(path=path, problem=reason), maker.result
    )
    try:
        found, listed = walk.go_through(
            folder, question, before, maker.facts, maker.together(), ctx
        )
    finally:
        # a job inside a step may have forgotten them, and forgotten they stay
        if session.recall(key) is before:
            session.remember(key, before, before.nbytes)
    return maker.result(found, listed)


def name_of(plain: Request, facts: ModelFacts) -> str:
    """Return what names the rows of a question about pictures as a network sees them."""
    seen = (facts.weights, facts.sha256, facts.labels, facts.input_size, facts.resize_size)
    return kept.name_of(
        (plain.to_dict(), seen, facts.interpolation, msgspec.to_builtins((facts.mean, facts.std)))
    )


def batch(pictures: Sequence[Seen], device: torch.device) -> Tensor:
    """Return pictures as the network takes them, float32 (N, 3, S, S) in [0, 1]."""
    views = np.stack([one.view for one in pictures])
    x = torch.from_numpy(views).to(device).permute(0, 3, 1, 2)
    return x.contiguous().float() / 255

"""Going through the pictures of a folder: in order, a few at a time, each only once."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Generic, TypeVar

from PIL import Image

from cnnviz_gui.core import images, listing, preprocess
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import Cancelled, ImageError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.folder.kept import KeptRows
from cnnviz_gui.core.folder.records import FileRow, FolderRef
from cnnviz_gui.core.patch_cache import State, state_of
from cnnviz_gui.core.request import ImageRef
from cnnviz_gui.core.result import ByteArray, ListedImages
from cnnviz_gui.core.together import Together

SIDE = 160
"""Pixels of the longer side of a thumbnail."""
_STEP_EVERY = 64
_SHOW_EVERY = 0.25
"""Seconds: each look at the rows so far costs a copy of their list."""

R = TypeVar("R", bound=FileRow)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A picture that was read."""

    path: str
    width: int
    height: int
    view: ByteArray
    """uint8 (S, S, 3): what the network sees of it."""


@dataclass(frozen=True, slots=True)
class Question(Generic[R]):
    """What is asked of every picture of a folder.

    Attributes
    ----------
    look
        From a few pictures to their rows. Its steps are not counted; it may raise.
    unread
        From path and reason to the row of a file that could not be read.
    show
        From the rows so far, in order, and the list of files, to what is shown.
    """

    look: Callable[[Sequence[Seen], Context], Sequence[R]]
    unread: Callable[[str, str], R]
    show: Callable[[tuple[R, ...], ListedImages], object]


def go_through(
    folder: FolderRef,
    question: Question[R],
    rows: KeptRows[R],
    facts: ModelFacts,
    together: Together,
    ctx: Context,
) -> tuple[tuple[R, ...], ListedImages]:
    """Return a row for each picture, and the list of them; what there is is shown on the way.

    Of a file that is as it was, the kept row is taken. Rows are kept as they come, so that what
    was found before a cancel is not looked for again; those of files that cannot be read are not,
    since a right or a drive that is missing changes no file.

    Raises
    ------
    ImageError
        There is no such folder, or no picture in it.
    """
    before = Part(ctx, (0, 0))  # there is no end to see yet
    listed = listing.in_folder(folder.path, before, nested=folder.nested, unread=True)
    walk = _Walk(question, rows, listed, ctx)
    try:
        walk.look_at(walk.new(), facts, together)
    except Cancelled:
        walk.show()  # the last rows too, for they are kept
        raise
    finally:
        rows.tidy()
    return walk.rows(), listed


_New = tuple[int, str, State]
_Waiting = tuple[int, State, Seen]


class _Walk(Generic[R]):
    """The rows so far."""

    def __init__(
        self, question: Question[R], kept: KeptRows[R], listed: ListedImages, ctx: Context
    ) -> None:
        self._question = question
        self._kept = kept
        self._listed = listed
        self._ctx = ctx
        self._found: dict[int, R] = {}
        self._shown = perf_counter()

    def rows(self) -> tuple[R, ...]:
        """Return those in the order of the files."""
        return tuple(self._found[place] for place in sorted(self._found))

    def new(self) -> list[_New]:
        """Take what is known; return what is not."""
        new: list[_New] = []
        for place, path in enumerate(self._listed.paths):
            if place % _STEP_EVERY == 0:
                self._ctx.step(0, len(self._listed.paths))
            # Before it is read: if it changes meanwhile, it is looked at again.
            state = state_of(path) or (0, 0, 0)
            known = self._kept.get(path, state)
            if known is None:
                new.append((place, path, state))
            else:
                self._found[place] = known
        if new and self._found:
            self.show()
        return new

    def look_at(self, new: Sequence[_New], facts: ModelFacts, together: Together) -> None:
        """Read the files and ask about them, as many at once as are quick together."""
        total = len(self._listed.paths)
        waiting: list[_Waiting] = []
        for number, (place, path, state) in enumerate(new, 1):
            done = len(self._found) + len(waiting)
            self._ctx.step(done, total)
            part = Part(self._ctx, (done, total))
            try:
                picture = images.load(ImageRef(path=path, reduced=True), part)
            except ImageError as error:
                self._found[place] = self._question.unread(path, str(error))
            else:
                view = preprocess.network_view(picture, facts)
                waiting.append((place, state, Seen(path, picture.width, picture.height, view)))
            if len(waiting) >= together.count or number == len(new):
                for some, found in together.passes(waiting, self._asking(done)):
                    self._take(some, found)
                waiting = []

    def _asking(self, done: int) -> Callable[[Sequence[_Waiting]], Sequence[R]]:
        part = Part(self._ctx, (done, len(self._listed.paths)))

        def ask(some: Sequence[_Waiting]) -> Sequence[R]:
            return self._question.look([seen for _, _, seen in some], part)

        return ask

    def _take(self, some: Sequence[_Waiting], found: Sequence[R]) -> None:
        self._kept.add(
            [
                (state, row)
                for (_, state, _), row in zip(some, found, strict=True)
                if not row.problem
            ]
        )
        for (place, _, _), row in zip(some, found, strict=True):
            self._found[place] = row
        if perf_counter() - self._shown > _SHOW_EVERY:
            self.show()

    def show(self) -> None:
        """Show the rows so far."""
        self._ctx.partial(self._question.show(self.rows(), self._listed))
        self._shown = perf_counter()


def thumbnail(pixels: ByteArray) -> bytes:
    """Return a small picture of pixels uint8 (H, W, 3) as JPEG, without blurring its colours."""
    small = Image.fromarray(pixels)
    small.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=3.0)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88, subsampling=0)
    return buffer.getvalue()

"""What every command about a folder of pictures does: look through it, and write what was found."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cnnviz_gui.cli import checkpoints
from cnnviz_gui.core import carried
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import Cancelled, OutputError
from cnnviz_gui.core.files import display_name, save_png, write_atomically
from cnnviz_gui.core.folder import kept, sheet
from cnnviz_gui.core.folder import table as table_file
from cnnviz_gui.core.folder.names import relative
from cnnviz_gui.core.folder.records import FileRow, FolderRef, FolderResult
from cnnviz_gui.core.folder.table import Column
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.result_files import check_destination

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz_gui.cli.progress import TerminalContext
    from cnnviz_gui.core.result import ByteArray
    from cnnviz_gui.core.session import Session

F = TypeVar("F", bound=FolderResult)
MOST_LINES = 40
"""Pictures that are listed on a terminal."""


@dataclass(frozen=True, slots=True)
class Passage(Generic[F]):
    """A request about a folder, and what is made of its answer.

    Attributes
    ----------
    run
        Answers it; the last argument is given path and picture of each row as it is made.
    name
        Of its rows on disk.
    columns
        Of the table, beside the file's own.
    caption
        The two lines under a small picture on the page of them.
    footer
        Of that page.
    missing
        Of rows that were known the path, and what makes the picture anew.
    single
        Returns what the picture of a file, given by its path, is told to answer.
    """

    asked: Any
    folder: FolderRef
    kind: type[F]
    run: Callable[..., F]
    name: str
    columns: Sequence[Column[Any]]
    caption: Callable[[Any], tuple[str, str]]
    footer: str
    missing: Callable[[FileRow], Callable[[], ByteArray] | None]
    single: Callable[[str], Request]


def folder_of(arguments: argparse.Namespace) -> FolderRef:
    """Return the folder that the flags name."""
    path = str(Path(arguments.folder).absolute())
    return FolderRef(path=path, nested=arguments.nested)


def check_destinations(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be written before minutes are spent on computing it."""
    if arguments.csv:
        check_destination(arguments.csv)
    if arguments.sheet:
        check_destination(arguments.sheet, ".png")
    if arguments.request:
        check_destination(arguments.request)
    if arguments.save and Path(arguments.save).exists() and not Path(arguments.save).is_dir():
        raise OutputError(
            f"{display_name(arguments.save)} is not a folder.", "Choose the name of a folder."
        )


def compute(
    arguments: argparse.Namespace, passage: Passage[F], session: Session, terminal: TerminalContext
) -> tuple[F, dict[str, str]]:
    """Look through the folder; return the rows, and where the files are that were asked for.

    Ctrl+C stops it, and what was found until then is written too.
    """
    from cnnviz_gui.core.execute import execute  # it imports torch, which help does not wait for

    if not arguments.resume:
        kept.drop(passage.name)
        session.forget_results()
    terminal.begin(f"Looking through {Path(passage.folder.path).name}")
    latest = _Latest(terminal)

    def told(path: str) -> bytes:
        return carried.of(passage.single(path), session, terminal)

    pictures = _Pictures(arguments.save, passage.folder, told) if arguments.save else None

    def handler(request: Request, at: Session, ctx: Context) -> F:
        return passage.run(request, at, ctx, pictures.write if pictures else None)

    try:
        result = execute(passage.asked, session, latest, handler)
    except Cancelled:
        terminal.clear()
        if latest.rows:  # else a table of before would give way to an empty one
            _write(arguments, passage, latest.rows, session, terminal)
        raise
    assert isinstance(result, passage.kind)
    # first, so that a picture that cannot be written costs neither table nor sheet
    written = _write(arguments, passage, result.rows, session, terminal)
    if pictures is not None:
        pictures.complete(passage, result.rows)
        written["pictures"] = arguments.save
    terminal.clear()
    if arguments.request:
        asked = passage.asked
        sealed = dataclasses.replace(asked, model=checkpoints.sealed(asked.model))
        write_atomically(Path(arguments.request), sealed.to_json())
    return result, written


def report(passage: Passage[F], result: F, written: dict[str, str], **more: Any) -> dict[str, Any]:
    """Return what is told of every passage, but for the pictures."""
    asked = passage.asked
    return {
        "model": str(asked.model),
        "method": asked.method,
        **more,
        "parameters": asked.parameters.values(),
        "folder": passage.folder.path,
        "total": result.total,
        "truncated": result.truncated,
        "saved": written,
        "seconds": result.seconds,
    }


class _Latest:
    """The terminal, which also keeps the rows that were shown last."""

    def __init__(self, terminal: TerminalContext) -> None:
        self.rows: tuple[Any, ...] = ()
        self.check = terminal.check
        self.step = terminal.step

    def partial(self, value: object) -> None:
        """Keep the rows."""
        if isinstance(value, FolderResult):
            self.rows = value.rows


class _Pictures:
    """Writes a picture for each file into a folder, in folders like those of the files."""

    def __init__(self, place: str, folder: FolderRef, told: Callable[[str], bytes]) -> None:
        self._told = told
        self._place = Path(place)
        self._folder = folder
        self._written: set[str] = set()

    def write(self, path: str, picture: ByteArray) -> None:
        """Write the picture of a file; one that ends in ``.jpg`` ends in ``.jpg.png``."""
        target = self._target(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"The folder {display_name(target.parent)} cannot be made: {error.strerror}.",
                "Choose another folder.",
            ) from None
        save_png(target, picture, self._told(path))
        self._written.add(path)

    def _target(self, path: str) -> Path:
        name = Path(f"{relative(path, self._folder)}.png")
        return self._place / (name.name if name.is_absolute() else name)

    def complete(self, passage: Passage[Any], rows: Sequence[FileRow]) -> None:
        """Write the pictures of rows that were known, so that none was made of them.

        What lies in the folder may be of another method, so it is written over.
        """
        for row in rows:
            make = None if row.path in self._written else passage.missing(row)
            if make is not None:
                self.write(row.path, make())


def _write(
    arguments: argparse.Namespace,
    passage: Passage[Any],
    rows: Sequence[FileRow],
    session: Session,
    ctx: Context,
) -> dict[str, str]:
    """Write table and sheet where they are asked for, and tell where they are."""
    written: dict[str, str] = {}
    if arguments.csv:
        saved = table_file.save(arguments.csv, passage.folder, rows, passage.columns)
        written["csv"] = str(saved)
    if arguments.sheet:
        told = carried.of(passage.asked, session, ctx)
        page = sheet.contact_sheet(rows, passage.caption, passage.footer)
        written["sheet"] = str(save_png(arguments.sheet, page, told))
    return written

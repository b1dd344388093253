"""What leaves the command: text and JSON on standard output, sentences on standard error."""

from __future__ import annotations

import argparse
import errno
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from cnnviz_gui.core.errors import OutputError
from cnnviz_gui.core.picture_names import is_jpeg

_SUFFIXES = {
    **dict.fromkeys(("save", "figure"), ".png"),
    **{"array": ".npy", "arrays": ".npz", "gif": ".gif", "request": ""},
    **dict.fromkeys(("csv", "steps_table"), ".csv"),
}
"""The options that name files to be written."""


def prepare_streams() -> None:
    """Write UTF-8 whatever the console's code page is, and never fail on a character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines on standard output.

    Raises
    ------
    BrokenPipeError
        Whoever read has gone.
    OutputError
        The disk behind standard output is full, or the like.
    """
    _write("".join(f"{_harmless(line)}\n" for line in lines))


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object on one line; numbers that are not finite become null."""
    _write(msgspec.json.encode(value).decode() + "\n")


def complain(sentence: str) -> None:
    """Print one line on standard error; a closed standard error is no further failure."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"cnnviz: {_harmless(' '.join(sentence.split()))}\n")
        sys.stderr.flush()


def flush_quietly() -> None:
    """Flush standard output; when its reader has gone, keep the interpreter's exit silent."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> list[str]:
    """Return the lines of a table.

    Parameters
    ----------
    header
        The titles of the columns; without any text, no line is made for them.
    rows
        The cells.
    align
        One letter a column: ``l`` or ``r``.
    """
    printed = [tuple(header), *rows] if any(header) else list(rows)
    widths = [max(len(row[i]) for row in printed) for i in range(len(align))] if printed else []

    def line(cells: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if side == "l" else cell.rjust(width)
            for cell, width, side in zip(cells, widths, align, strict=True)
        )
        return "  ".join(padded).rstrip()

    return [line(row) for row in printed]


def _write(text: str) -> None:
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Windows reports a closed pipe as an invalid argument.
        if isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL:
            raise BrokenPipeError from None
        raise OutputError(
            f"Standard output cannot be written: {error.strerror or error}."
        ) from None


def _harmless(text: str) -> str:
    """Replace control characters, which a file name or a label could use to steer the terminal."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) == "Cc" else c for c in text
    )


def check_destinations(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be written before minutes are spent on computing it."""
    from cnnviz_gui.core.result_files import check_destination  # numpy comes with it

    for name, suffix in _SUFFIXES.items():
        path = getattr(arguments, name, None)
        if path:
            lossy = getattr(arguments, "lossy", False) and is_jpeg(path)
            check_destination(path, "" if lossy else suffix)

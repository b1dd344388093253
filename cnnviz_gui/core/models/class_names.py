"""Class names from a file: text with one a line, a table (CSV), or JSON in its usual forms."""

from __future__ import annotations

import csv
import io
import re
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import LabelsError
from cnnviz_gui.core.files import display_name
from cnnviz_gui.core.request import ReadLabels
from cnnviz_gui.core.result import ClassNames
from cnnviz_gui.texts import ntr, tr

MAX_BYTES = 1_000_000
_NO_CONTEXT = NullContext()
_LONGEST = 200
_CHOOSE = tr("Choose a text file with one name a line, a CSV table or a JSON list.")
_WORDNET = re.compile(r"n\d{8}")
# ``3: cat``, ``3 cat``, ``3,cat``, and a line of Python's way to write a dict: ``{3: 'cat',``
_NUMBERED = re.compile(r"\{?\s*(\d{1,6})\s*[:;,\t ]\s*(.+?)\s*")
_QUOTED = re.compile(r"(['\"])(.*)\1\s*[,}]*")
# How tables and settings call what is a name, the likeliest first.
_NAME_COLUMNS = ("name", "label", "class_name", "classname", "class", "category", "title")
_NUMBER_COLUMNS = ("index", "id", "idx", "number", "class_id", "label_id", "class_index", "")
_KEYS = ("id2label", "labels", "classes", "class_names", "names", "categories", "label_names")
_DEEPEST = 3
_FIRST_OF_1001 = ("background", "dummy", "__background__", "unknown")


def run(request: ReadLabels, session: object, ctx: Context) -> ClassNames:
    """Answer a request for class names; it needs no session."""
    return read(request.path, request.classes, ctx)


def read(path: str, classes: int, ctx: Context = _NO_CONTEXT) -> ClassNames:
    """Read as many class names as a network has classes.

    Where the file ends early, numbers follow; what is too much is left out, and ``note`` says so.

    Raises
    ------
    LabelsError
        The file cannot be read, is larger than 1 MB or holds no names.
    """
    ctx.check()
    name = display_name(path)
    text = _decoded(_bytes(path, name))
    found = _from_json(text, name) if text.lstrip()[:1] in ("{", "[") else None
    if found is None:
        found = _from_table(text) if _is_table(path, text) else _from_lines(text)
    labels = [_tidy(label) for label in found]
    if not any(labels):
        raise LabelsError(tr("{name} holds no class names.", name=name), _CHOOSE)
    return _counted(labels, classes)


def _bytes(path: str, name: str) -> bytes:
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise LabelsError(tr("{name} is not a file.", name=name), _CHOOSE)
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or tr("its name is not valid")
        raise LabelsError(
            tr("{name} cannot be read: {reason}.", name=name, reason=reason),
            tr("Choose another file."),
        ) from error
    if len(data) > MAX_BYTES:
        raise LabelsError(
            tr("{name} is larger than 1 MB: these are no class names.", name=name), _CHOOSE
        )
    return data


def _decoded(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with its mark, or Latin-1, which fits anything."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if data.startswith(b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _tidy(label: str) -> str:
    """Return a name as it may be shown: one line, no control characters, of bounded length."""
    visible = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in label)
    return " ".join(visible.split())[:_LONGEST]


def _counted(labels: list[str], classes: int) -> ClassNames:
    """Fit names to the number of classes and say what did not fit."""
    many = ntr("{n} class", "{n} classes", classes)
    notes = []
    if len(labels) == classes + 1 and labels[0].lower() in _FIRST_OF_1001:
        notes.append(
            tr("{label!r}, for which this network has no class, was left out.", label=labels[0])
        )
        labels = labels[1:]
    given = len(labels)
    if given < classes:
        notes.append(
            tr(
                "{classes}, {labels}: showing numbers after {last}.",
                classes=many,
                labels=_names(given),
                last=given - 1,
            )
        )
        labels = [*labels, *(str(index) for index in range(given, classes))]
    elif given > classes:
        left = given - classes
        notes.append(
            ntr(
                "{classes}, {labels}: the last is left out.",
                "{classes}, {labels}: the last {n} are left out.",
                left,
                classes=many,
                labels=_names(given),
            )
        )
        labels = labels[:classes]
    twice = len(labels) - len(set(labels))
    if twice:
        notes.append(
            ntr(
                "{n} label occurs more than once; the numbers of the classes tell them apart.",
                "{n} labels occur more than once; the numbers of the classes tell them apart.",
                twice,
            )
        )
    return ClassNames(labels=tuple(labels), note=" ".join(notes))


def _names(count: int) -> str:
    return ntr("{n} label", "{n} labels", count)


def _from_lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    while lines and lines[-1] in ("", "}"):
        lines.pop()
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    pairs = [(int(match[1]), _unquoted(match[2])) for match in numbered if match is not None]
    if len(pairs) == len(lines) and _is_complete(index for index, _ in pairs):
        return [label for _, label in sorted(pairs)]
    if lines and all(_WORDNET.match(line) and " " in line for line in lines):
        return [line.partition(" ")[2] for line in lines]
    return lines


def _unquoted(text: str) -> str:
    match = _QUOTED.fullmatch(text)
    return match[2] if match is not None else text


def _is_complete(indices: Iterable[int]) -> bool:
    """Tell whether numbers count up from 0 or from 1, in any order."""
    known = sorted(indices)
    return bool(known) and known == list(range(known[0], known[0] + len(known))) and known[0] < 2


def _is_table(path: str, text: str) -> bool:
    if Path(path).suffix.lower() in (".csv", ".tsv"):
        return True
    first = text.partition("\n")[0].lower()
    return any(mark in first for mark in ";\t,") and any(
        word.strip() in (*_NAME_COLUMNS, *_NUMBER_COLUMNS[:-1])
        for word in re.split("[;\t,]", first)
    )


def _from_table(text: str) -> list[str]:
    """Return the column of names, by the column of numbers where there is one."""
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=mark) if any(row)]
    except csv.Error:
        return _from_lines(text)
    width = max(map(len, rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    if not rows:
        return []
    head = [cell.strip().lower() for cell in rows[0]]
    titled = any(cell in (*_NAME_COLUMNS, *_NUMBER_COLUMNS[:-1]) for cell in head)
    body = rows[1:] if titled and len(rows) > 1 else rows
    numbers = _number_column(body)
    named = _name_column(head if titled else [], body, numbers)
    if numbers is None:
        return [row[named] for row in body]
    return [row[named] for row in sorted(body, key=lambda row: int(row[numbers]))]


def _number_column(body: list[list[str]]) -> int | None:
    """Return the first column that counts all rows."""
    for place in range(len(body[0])):
        cells = [row[place].strip() for row in body]
        counts = all(cell.isdecimal() and len(cell) < 7 for cell in cells)
        if counts and _is_complete(map(int, cells)) and len(body[0]) > 1:
            return place
    return None


def _name_column(head: Sequence[str], body: list[list[str]], numbers: int | None) -> int:
    """Return the column called most like a name, else the last one that holds words."""
    known = [title for title in _NAME_COLUMNS if title in head and head.index(title) != numbers]
    if known:
        return head.index(known[0])
    others = [place for place in range(len(body[0])) if place != numbers]

    def is_words(place: int) -> bool:
        cells = [row[place].strip() for row in body]
        return not all(cell.isdecimal() or _WORDNET.fullmatch(cell) for cell in cells)

    return next((place for place in reversed(others) if is_words(place)), others[-1])


def _from_json(text: str, name: str) -> list[str] | None:
    """Return the names in a JSON file; None where it is none, such as a dict of Python."""
    try:
        held = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        if Path(name).suffix.lower() == ".json":
            raise LabelsError(tr("{name} is no valid JSON.", name=name), _CHOOSE) from None
        return None
    found = _names_in(held)
    if found is None:
        raise LabelsError(tr("{name} holds no list of class names.", name=name), _CHOOSE)
    return found


def _names_in(held: Any, depth: int = 0) -> list[str] | None:
    """Return the names in a list, by number, with their number, or under a usual key."""
    if isinstance(held, list):
        found = [_name_in(item) for item in held]
        return None if None in found else [label for label in found if label is not None]
    if not isinstance(held, dict) or not held:
        return None
    if all(key.isdecimal() and len(key) < 7 for key in held):
        ordered = [held[key] for key in sorted(held, key=int)]
        return _names_in(ordered) if _is_complete(map(int, held)) else None
    if all(isinstance(value, int) for value in held.values()):
        complete = _is_complete(held.values())
        return sorted(held, key=lambda label: held[label]) if complete else None
    if depth == _DEEPEST:
        return None
    return next((_names_in(held[key], depth + 1) for key in _KEYS if key in held), None)


def _name_in(item: Any) -> str | None:
    """Return the name in an entry: a text, the last of several, or what is called a name."""
    if isinstance(item, str):
        return item
    if isinstance(item, list) and item and isinstance(item[-1], str):
        return item[-1]
    if isinstance(item, dict):
        return next((item[key] for key in _NAME_COLUMNS if isinstance(item.get(key), str)), None)
    return None

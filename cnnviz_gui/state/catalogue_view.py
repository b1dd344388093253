"""The catalogue as a table: what stands in which column, what sorts before what, what is found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.core.facts import CatalogueEntry
from cnnviz_gui.core.registry import Method
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.downloads import DownloadState, find
from cnnviz_gui.texts import tr

SortKey = float | str
Use = Literal["", "trained", "untrained", "checkpoint", "second"]
HERE = ("embedded", "here")
_ON_TOKENS = frozenset({"ViT"})
"""Families whose layers give no feature maps; those of Swin and MaxViT do."""
_STATES = {
    "embedded": tr("embedded"),
    "here": tr("here"),
    "download": tr("download"),
    "none": tr("none"),
}
_WORDS = re.compile(r"[^\W_]+")
_PHASES = {"waiting": tr("waiting"), "stopped": tr("stopped"), "failed": tr("failed")}
"""What is said of a download that does not run."""
_RANKS = {"embedded": 0.0, "here": 1.0, "download": 3.0, "none": 4.0}


@dataclass(frozen=True, slots=True)
class Row:
    """One network with all that its row shows."""

    entry: CatalogueEntry
    download: DownloadState | None = None
    use: Use = ""
    """How it is in use now; empty where it is not. ``second``: it is compared with the first."""

    @property
    def here(self) -> bool:
        """Whether trained weights are on this machine."""
        return self.entry.weights in HERE


@dataclass(frozen=True, slots=True)
class Column:
    """One column; numbers stand at the right, in the unit that the header names."""

    key: str
    title: str
    unit: str
    text: Callable[[Row], str]
    sort: Callable[[Row], SortKey | None]
    """None for what is missing: it comes last in either order."""
    help: str
    number: bool = False
    largest_first: bool = False
    """The first click on the header puts the largest first."""


def _fixed(value: float | None, scale: float, digits: int) -> str:
    if value is None or value <= 0:
        return fmt.NONE
    least = 10.0**-digits
    shown = value / scale
    return f"< {least:.{digits}f}" if shown < least / 2 else f"{shown:.{digits}f}"


def _accuracy(entry: CatalogueEntry) -> float | None:
    """Return what can be compared down the column: accuracy on ImageNet."""
    return entry.accuracy if entry.accuracy_on == "ImageNet" else None


def _state(row: Row) -> str:
    download = row.download
    if download is None:
        return _STATES[row.entry.weights]
    if download.phase != "running":
        return _PHASES[download.phase]
    fraction = download.fraction
    return tr("connecting") if fraction is None else fmt.share(fraction)


def _rank(row: Row) -> float:
    return 2.0 if row.download is not None else _RANKS[row.entry.weights]


COLUMNS: tuple[Column, ...] = (
    Column(
        "title",
        tr("Network"),
        "",
        lambda row: row.entry.title,
        lambda row: _natural(row.entry.title),
        tr("The network's architecture."),
    ),
    Column(
        "family",
        tr("Family"),
        "",
        lambda row: row.entry.family,
        lambda row: row.entry.family.casefold(),
        tr("Architectures that came with one paper."),
    ),
    Column(
        "year",
        tr("Year"),
        "",
        lambda row: str(row.entry.year) if row.entry.year else fmt.NONE,
        lambda row: row.entry.year,
        tr("Year of the paper that describes the architecture."),
        number=True,
        largest_first=True,
    ),
    Column(
        "input",
        tr("Input"),
        tr("pixels"),
        lambda row: str(row.entry.input_size),
        lambda row: row.entry.input_size,
        tr("Side of the square the network looks at."),
        number=True,
    ),
    Column(
        "parameters",
        tr("Parameters"),
        tr("million"),
        lambda row: _fixed(row.entry.parameters, 1e6, 1),
        lambda row: row.entry.parameters or None,
        tr("Weights and biases."),
        number=True,
    ),
    Column(
        "macs",
        tr("Multiply-adds"),
        tr("billion"),
        lambda row: _fixed(row.entry.macs, 1e9, 2),
        lambda row: row.entry.macs,
        tr("Multiplications with addition for one picture, as published."),
        number=True,
    ),
    Column(
        "accuracy",
        "Top-1",
        "% ImageNet",
        lambda row: _fixed(_accuracy(row.entry), 1.0, 1),
        lambda row: _accuracy(row.entry),
        tr("Share of ImageNet's validation pictures whose class is the best guess, as published."),
        number=True,
        largest_first=True,
    ),
    Column(
        "size",
        tr("Download"),
        "MiB",
        lambda row: _fixed(row.entry.size, 1.0, 1),
        lambda row: row.entry.size,
        tr("Size of the file of weights."),
        number=True,
    ),
    Column(
        "licence",
        tr("Licence"),
        "",
        lambda row: row.entry.licence or fmt.NONE,
        lambda row: row.entry.licence.casefold() or None,
        tr("Licence of the trained weights, as published."),
    ),
    Column(
        "state",
        tr("Weights"),
        "",
        _state,
        _rank,
        tr("Whether trained weights are on this machine."),
    ),
)
KEYS = tuple(column.key for column in COLUMNS)


def rows(state: AppState) -> tuple[Row, ...]:
    """Return the catalogue's rows in its own order."""
    shared, model = state.shared, state.selection.model
    uses: dict[str, Use] = {}
    if shared.second_facts is not None:
        uses[shared.second_facts.name] = "second"
    if shared.facts is not None:
        kind: Use = "untrained" if model.untrained else "trained"
        uses[shared.facts.name] = "checkpoint" if model.checkpoint else kind
    return tuple(
        Row(entry, find(shared.downloads, entry.name), uses.get(entry.name, ""))
        for entry in shared.catalogue
    )


def figures(row: Row) -> list[tuple[str, str] | tuple[str, str, str]]:
    """Return what the card says of a network: (name, value, exact value where it differs)."""
    entry = row.entry
    side = entry.input_size
    said: list[tuple[str, str] | tuple[str, str, str]] = [
        (tr("Input"), tr("{side} × {side} pixels", side=side)),
        (tr("Classes"), fmt.count(entry.classes)),
        (tr("Parameters"), fmt.compact(entry.parameters), fmt.count(entry.parameters)),
    ]
    if entry.macs:
        said.append((tr("Multiply-adds"), fmt.compact(entry.macs), fmt.count(round(entry.macs))))
    if entry.accuracy is not None:
        exact = tr(
            "{accuracy} % on {data}, as published with the weights",
            accuracy=entry.accuracy,
            data=entry.accuracy_on,
        )
        short = tr("{accuracy:.1f} % on {data}", accuracy=entry.accuracy, data=entry.accuracy_on)
        said.append(("Top-1", short, exact))
    if entry.licence:
        said.append((tr("Licence"), tr("{licence}, of the weights", licence=entry.licence)))
    said.append((tr("Weights"), _whereabouts(row), entry.file))
    return said


def _whereabouts(row: Row) -> str:
    match row.entry.weights:
        case "embedded":
            return tr("embedded in the program")
        case "here":
            return tr("on this machine")
        case "download" if row.entry.size:
            return tr("download, {size:.1f} MiB", size=row.entry.size)
        case "download":
            return tr("download")
    return tr("a package of its own") if row.entry.install else tr("none published")


def what_is_lacking(entry: CatalogueEntry, methods: Sequence[Method]) -> str:
    """Return which methods a network will not serve, as far as that is known before it is built.

    Empty where nothing speaks against any.
    """
    if entry.family not in _ON_TOKENS:
        return ""
    titles = ", ".join(method.title for method in methods if method.uses_layer)
    if not titles:
        return tr("Methods that need feature maps do not apply: it sees patches in a row.")
    return tr(
        "Methods that need feature maps ({methods}) do not apply: it sees patches in a row.",
        methods=titles,
    )


def byline(entry: CatalogueEntry) -> str:
    """Return the line under the title: ``ResNet · 2015 · resnet50``."""
    return " · ".join(filter(None, (entry.family, str(entry.year or ""), entry.name)))


def families(entries: Sequence[CatalogueEntry]) -> tuple[str, ...]:
    """Return the families by name."""
    return tuple(sorted({entry.family for entry in entries}, key=str.casefold))


def matches(entry: CatalogueEntry, query: str) -> bool:
    """Tell whether every word of a query occurs in title, name, family or year."""
    words = f"{entry.title} {entry.name} {entry.family} {entry.year or ''}".casefold()
    squeezed = _squeezed(words)
    return all(
        part in words or (_squeezed(part) and _squeezed(part) in squeezed)
        for part in query.casefold().split()
    )


def distance(entry: CatalogueEntry, query: str) -> int:
    """Return how far a network that ``matches`` is from what was typed.

    0 where it is called so, 1 where its name begins so, 2 where words in it begin with those that
    were typed, 3 where they occur only inside of words.
    """
    wanted = _squeezed(query.casefold())
    names = [entry.name.casefold(), entry.title.casefold()]
    squeezed = [_squeezed(name) for name in names]
    if wanted in ("", *squeezed):
        return 0
    if any(name.startswith(wanted) for name in squeezed):
        return 1
    texts = [*names, entry.family.casefold(), str(entry.year or "")]
    parts = filter(None, map(_squeezed, query.casefold().split()))
    begin = all(any(_begins_a_word(text, part) for text in texts) for part in parts)
    return 2 if begin else 3


def best(found: Sequence[CatalogueEntry], query: str) -> int | None:
    """Return the place of the network that a query means, None where there is none."""
    return min(range(len(found)), key=lambda at: distance(found[at], query), default=None)


def _begins_a_word(text: str, part: str) -> bool:
    """Tell whether a word of a text, with those after it, begins with ``part``."""
    words = _WORDS.findall(text)
    return any("".join(words[at:]).startswith(part) for at in range(len(words)))


def _squeezed(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def _natural(title: str) -> str:
    """Return what sorts ResNet-50 before ResNet-101: numbers padded to one length."""
    padded, digits = "", ""
    for letter in title.casefold():
        if letter.isdigit():
            digits += letter
            continue
        padded += digits.zfill(6) if digits else ""
        digits = ""
        padded += letter
    return padded + (digits.zfill(6) if digits else "")

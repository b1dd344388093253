"""What comes back of a request that came with a file."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.carried_record import Carried
from cnnviz_gui.core.named_files import File
from cnnviz_gui.core.request import ModelRef, Request
from cnnviz_gui.core.result import Result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedRequest(Result):
    """A request was read."""

    path: str
    carried: Carried


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FoundFiles(Result):
    """The files of a request, as far as they are at hand."""

    request: Request
    """With the paths of those that were found."""
    missing: tuple[File, ...]
    others: tuple[str, ...]
    """Names of those that the user showed and that are not what the result was made of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedWeights(Result):
    """Whether a network has the weights that were expected."""

    model: ModelRef
    same: bool | None
    """None where the network is not in use any more."""

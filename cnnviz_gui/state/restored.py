"""What is to be chosen so that a request is asked again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from cnnviz_gui.core.attack_bound import epsilon_of, norm_of
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.named_files import File
from cnnviz_gui.core.params import Params, build
from cnnviz_gui.core.registry import Kind
from cnnviz_gui.core.request import Request

Changes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Restored:
    """What is to be chosen for a request, besides network and pictures."""

    selection: Changes
    display: Changes = field(default_factory=dict)
    remembered: dict[tuple[Kind, str], Params] = field(default_factory=dict)
    """Parameters of methods that are used beside the one in use."""


def remembered(kind: Kind, uses: tuple[MethodUse, ...]) -> dict[tuple[Kind, str], Params]:
    """Return the parameters of methods that are used beside the one in use."""
    return {(kind, use.method): usual_epsilon(use.parameters) for use in uses}


def usual_epsilon(parameters: Params) -> Params:
    """Return parameters that were asked for whatever epsilon with one that can be seen."""
    if epsilon_of(parameters) != 0:
        return parameters
    norm = {"norm": norm_of(parameters)} if "norm" in parameters.values() else {}
    usual: dict[str, Any] = {"epsilon": build(type(parameters), norm).values()["epsilon"]}
    return dataclasses.replace(parameters, **usual)


@dataclass(frozen=True, slots=True)
class Restore:
    """A request that came with a file, to be brought back where the user wishes."""

    request: Request
    """Its files have names and no places."""
    folder: str
    """Of the file it came with."""
    weights: str = ""
    """SHA-256 of the network's weights it was made with; empty where that is not known."""
    chosen: tuple[tuple[File, str], ...] = ()
    """Files that the user showed, and where they are."""
    missing: File | None = None
    """The file that is to be shown first."""

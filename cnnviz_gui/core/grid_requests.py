"""What can be asked of several heat maps of one picture at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnviz_gui.core.params import Params
from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodUse:
    """A heat map or an attack with its parameters."""

    method: str
    parameters: Params


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapGrid(Request):
    """Heat maps of a picture: each method for each class at each layer; streams."""

    task: ClassVar[str] = "heatmap-grid"
    model: ModelRef
    image: ImageRef
    methods: tuple[MethodUse, ...]
    """A row each."""
    targets: tuple[int, ...] = ()
    """Class indices, a column each; none for the ``top`` predicted ones."""
    top: int = 3
    against: int | None = None
    """Each class rather than this one; None for each by itself."""
    layers: tuple[str, ...] = ("",)
    """Of several each class has a column at each; an empty name is the recommended one."""
    edits: tuple[ChannelEdit, ...] = ()

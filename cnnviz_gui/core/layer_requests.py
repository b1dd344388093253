"""What can be asked of the inside of a network, layer by layer and channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions(Request):
    """How much each channel of a layer speaks for a class: gradient times activation, summed."""

    task: ClassVar[str] = "contributions"
    model: ModelRef
    image: ImageRef
    layer: str
    target: int | None = None
    """Class index; None for the predicted class."""
    edits: tuple[ChannelEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamineCell(Request):
    """The arithmetic of a convolution at one cell of one of its maps, number by number."""

    task: ClassVar[str] = "examine-cell"
    model: ModelRef
    image: ImageRef
    layer: str
    channel: int
    row: int
    column: int
    edits: tuple[ChannelEdit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectFilters(Request):
    """The weights of a layer as they are looked at: a choice of kernels, or a part of a matrix."""

    task: ClassVar[str] = "inspect-filters"
    model: ModelRef
    layer: str
    view: Literal["whole", "filter", "input"] = "whole"
    """Kernels in colour where they read three channels, all slices of one filter, or one slice of
    every filter, which is also what ``whole`` means where there are no colours.
    """
    index: int = 0
    """The filter or the input channel; one beyond the end means the last."""
    order: Literal["index", "norm"] = "index"
    """Of the rows of a matrix."""
    window: tuple[int, int, int, int] | None = None
    """Of a matrix: top, left, bottom, right, in rows and columns in that order; None for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationStatistics(Request):
    """Distribution, sparsity and dead channels of every layer over several pictures; streams."""

    task: ClassVar[str] = "activation-statistics"
    model: ModelRef
    images: tuple[ImageRef, ...] = ()
    folder: str = ""
    """The pictures in it are taken as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopPatches(Request):
    """The parts of a folder's pictures that excite a channel most; streams."""

    task: ClassVar[str] = "top-patches"
    model: ModelRef
    layer: str
    channel: int
    folder: str
    count: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelClasses(Request):
    """The classes that a channel speaks for and against."""

    task: ClassVar[str] = "channel-classes"
    model: ModelRef
    image: ImageRef
    layer: str
    channel: int
    count: int = 5
    """So many for and so many against."""
    edits: tuple[ChannelEdit, ...] = ()
    """In force before and besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlippingSet(Request):
    """A smallest set found of channels of a layer that, silenced, changes the predicted class."""

    task: ClassVar[str] = "flipping-set"
    model: ModelRef
    image: ImageRef
    layer: str
    edits: tuple[ChannelEdit, ...] = ()
    """In force before and besides."""

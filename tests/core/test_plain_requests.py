"""Requests are plain data, every one: a file can hold them, and two that are alike are equal."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from types import NoneType
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import pytest

from cnnviz_gui import core
from cnnviz_gui.core.request import Request, Work
from cnnviz_gui.core.save_work import CopyDrawing, SaveDrawing, SaveFilm, SaveNumbers, SaveStep

PLAIN = {str, int, float, bool, NoneType}
MODULES = sorted(
    module.name for module in pkgutil.iter_modules(core.__path__) if "request" in module.name
)
REQUESTS = {
    value
    for name in MODULES
    for value in vars(importlib.import_module(f"{core.__name__}.{name}")).values()
    if isinstance(value, type) and issubclass(value, Request)
}


def kinds(hint: Any, within: frozenset[Any] = frozenset()) -> Iterator[Any]:
    """The types of which the values of a type consist."""
    origin = get_origin(hint)
    if origin is Literal:
        yield from map(type, get_args(hint))
    elif origin is not None:
        for one in get_args(hint):
            if one is not Ellipsis:
                yield from kinds(one, within)
    elif dataclasses.is_dataclass(hint):
        for inner in get_type_hints(hint).values():
            if get_origin(inner) is not ClassVar and inner not in within:
                yield from kinds(inner, within | {inner})
    else:
        yield hint


@pytest.mark.parametrize("request_type", sorted(REQUESTS, key=str), ids=lambda one: one.__name__)
def test_a_request_holds_plain_values_only(request_type: type[Request]) -> None:
    assert set(kinds(request_type)) <= PLAIN


@pytest.mark.parametrize("work", [CopyDrawing, SaveDrawing, SaveFilm, SaveNumbers, SaveStep])
def test_what_holds_functions_or_arrays_is_work_but_no_request(work: type[Work]) -> None:
    assert issubclass(work, Work) and not issubclass(work, Request)

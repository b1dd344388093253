"""Requests as an enemy writes them: every field of every task, usual in most and odd in some."""

from __future__ import annotations

import copy
import dataclasses
from random import Random
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from cnnviz_gui.core import request_json
from cnnviz_gui.core.params import Params, Spec, specs
from cnnviz_gui.core.registry import Kind, methods
from cnnviz_gui.core.request import Request

INTEGERS = (0, 1, 2, 5, -1, -300, 84, 255, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**64, 10**400)
FLOATS = (0.0, 0.5, 1.0, 2.0, -1.0, -0.0, 5e-324, 1e-9, 1e308, -1e308)
TEXTS = (
    *("", "c1", "c3", "relu3", "output", "lenet5", "efficientnet-lite0", "given:1", "linf", "l9"),
    *("\0", "a\nb", "é", "x" * 5000, "{name}", "%s", "<b>&", "\u202e", "\ufffe", "NaN"),
    *("/dev/zero", "/dev/stdin", "/proc/self/mem", "COM1", "NUL", "..", ".", "/", "C:\\", "~"),
    *("\\\\host\\share\\a.png", "//host/a.png", "\\\\?\\UNC\\host\\a", "\\\\.\\PhysicalDrive0"),
    *("digit-0.png", "file:///etc/passwd", "https://example.org/a.png", "a" * 64),
)
_LIKELY = (0, 1, 2, 5)
JUNK: tuple[Any, ...] = (
    *(None, True, 1, -7, 10**30, 10**400, 1e308, "x", "\0", "x" * 5000),
    *([], {}, [[]], [None] * 20, [{}], {"": {}}, {"task": "forget"}),
)
"""Of any type, in the place of a value."""
_OWN = frozenset(request_json._PARAMETERS)
"""Tasks whose parameters are not those of a method."""


def request(cls: type[Request], random: Random) -> dict[str, Any]:
    """Return a JSON object of a task, with values that a careless reader would take."""
    made: dict[str, Any] = {"task": cls.task}
    for name, hint, needed in _fields(cls):
        if not needed and random.random() < 0.3:
            continue
        if name == "methods":
            kind = request_json._kind(cls.task)
            made[name] = [_use(kind, random) for _ in range(random.randrange(4))]
        elif name == "parameters" and cls.task not in _OWN:
            made |= _use(request_json._kind(cls.task), random)
        elif name == "model" and random.random() < 0.8:
            made[name] = {"name": "lenet5"}
        elif name not in ("method", "parameters") or name not in made:
            made[name] = _value(hint, random)
    return made


def spoilt(raw: Any, random: Random) -> Any:
    """Put what does not belong there into one place of a JSON object; return the same object."""
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict | list):
            for key in value if isinstance(value, dict) else range(len(value)):
                places.append((value, key))
                walk(value[key])

    walk(raw)
    inside, key = random.choice(places)
    inside[key] = copy.deepcopy(random.choice(JUNK))
    return raw


def value(hint: Any, random: Random) -> Any:
    """Return a JSON value of a type."""
    return _value(hint, random)


def _fields(cls: Any) -> list[tuple[str, Any, bool]]:
    hints = get_type_hints(cls)
    return [
        (one.name, hints[one.name], one.default is dataclasses.MISSING)
        for one in dataclasses.fields(cls)
        if get_origin(hints[one.name]) is not ClassVar
    ]


def _value(hint: Any, random: Random) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return random.choice(args)
    if origin in (Union, UnionType):
        return _value(random.choice(args), random)
    if origin is tuple and args[-1] is Ellipsis:
        return [_value(args[0], random) for _ in range(random.randrange(4))]
    if origin is tuple:
        return [_value(one, random) for one in args]
    plain: dict[Any, tuple[Any, ...]] = {
        NoneType: (None,),
        bool: (True, False),
        int: _LIKELY * 4 + INTEGERS,
        float: _LIKELY * 4 + FLOATS + INTEGERS[:-1],
        str: TEXTS,
    }
    if hint in plain:
        return random.choice(plain[hint])
    if issubclass(hint, Request):
        return request(hint, random)
    if issubclass(hint, Params):
        return _parameters(hint, random)
    return {
        name: _value(inner, random)
        for name, inner, needed in _fields(hint)
        if needed or random.random() < 0.5
    }


def _use(kind: Kind, random: Random) -> dict[str, Any]:
    chosen = random.choice(methods(kind))
    return {"method": chosen.name, "parameters": _parameters(chosen.params, random)}


def _parameters(params: type[Params], random: Random) -> dict[str, Any]:
    return {
        spec.name: random.choice(_usual(spec)) if random.random() < 0.97 else random.choice(JUNK)
        for spec in specs(params)
        if random.random() < 0.4
    }


def _usual(spec: Spec) -> tuple[Any, ...]:
    if spec.kind == "choice":
        return tuple(name for name, _ in spec.choices)
    if spec.kind == "bool":
        return (True, False)
    return (spec.default, spec.minimum, spec.maximum)

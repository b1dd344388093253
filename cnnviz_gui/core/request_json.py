"""Reading a request from JSON: strict, bounded, and no code."""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

import msgspec

from cnnviz_gui.core import params as parameters_module
from cnnviz_gui.core import request_ranges
from cnnviz_gui.core.border_requests import BorderParams
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.features.params import FeatureParams
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.masking_requests import MaskingParams
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.core.race_requests import RaceParams
from cnnviz_gui.core.registry import Kind, method
from cnnviz_gui.core.request import Request
from cnnviz_gui.core.tasks import TASKS
from cnnviz_gui.core.trust_requests import SanityParams, TrustParams
from cnnviz_gui.texts import tr

MAX_JSON_BYTES = 1_000_000
_NESTED = {"attack": "attack", "heatmap": "heatmap", "plane": "plane"}
"""Fields that hold another request, and its task."""
_PARAMETERS: dict[str, type[Params]] = {
    "feature": FeatureParams,
    "feature-sheet": FeatureParams,
    "trust": TrustParams,
    "sanity": SanityParams,
    "plane": PlaneParams,
    "masking": MaskingParams,
    "borders": BorderParams,
    "attack-race": RaceParams,
}
"""Of the tasks whose parameters are not those of a method."""


def from_json(data: bytes) -> Request:
    """Read a request.

    Raises
    ------
    RequestError
        Not JSON, too large, an unknown task or key, or a value of the wrong type or out of the
        range of all such values.
    ParameterError, MethodError
        The method or its parameters are unknown or out of range.
    """
    if len(data) > MAX_JSON_BYTES:
        raise RequestError(
            tr("The request is larger than 1 MB."), tr("A request is a small JSON file.")
        )
    try:
        decoded = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(tr("The request is not valid JSON: {error}.", error=error)) from None
    return from_dict(decoded)


def from_dict(decoded: Any) -> Request:
    """Read a request from its JSON object; raises as ``from_json``."""
    if not isinstance(decoded, dict):
        raise RequestError(tr("A request is a JSON object."))
    fields = dict(decoded)
    task = fields.pop("task", None)
    if task == Feature.task and "begin" in fields:
        fields = _flat(fields)
    if not isinstance(task, str) or task not in TASKS:
        raise RequestError(
            tr("There is no task {task!r}.", task=task),
            tr("Known: {known}.", known=", ".join(TASKS)),
        )
    cls = TASKS[task]
    declared = {f.name: f for f in dataclasses.fields(cls)}
    _refuse_unknown(set(fields), set(declared))
    request_ranges.check_lengths(fields)
    built: dict[str, Any] = {}
    for name in _NESTED.keys() & set(fields):
        if isinstance(fields[name], dict):
            built[name] = _nested(name, fields.pop(name))
    if "methods" in declared and "methods" in fields:
        built["methods"] = _uses(_kind(task), fields.pop("methods"))
    if "before" in declared and "before" in fields:
        built["before"] = _before(fields.pop("before"))
    if "parameters" in declared:
        built["parameters"] = _parameters(task, fields)
    for name, f in declared.items():
        if name in fields:
            built[name] = _converted(name, fields[name], _TYPES[cls.__name__, name])
        elif name not in built and f.default is dataclasses.MISSING:
            raise RequestError(tr("The request has no {name!r}.", name=name))
    made = cls(**built)
    request_ranges.check(made)
    return made


def _nested(name: str, given: dict[str, Any]) -> Request:
    task = _NESTED[name]
    if given.get("task", task) != task:
        raise RequestError(
            tr("The request's {name!r} does not fit: its task is another one.", name=name)
        )
    return from_dict({"task": task} | given)


def _parameters(task: str, fields: dict[str, Any]) -> Params:
    given = fields.pop("parameters", {})
    if not isinstance(given, dict):
        raise RequestError(tr("'parameters' is a JSON object of names and values."))
    if task in _PARAMETERS:
        return parameters_module.build(_PARAMETERS[task], given)
    name = fields.get("method")
    if not isinstance(name, str):
        raise RequestError(tr("The request names no method."))
    return parameters_module.build(method(_kind(task), name).params, given)


def _kind(task: str) -> Kind:
    """Return what the methods of a task are."""
    if task.startswith("defence"):
        return "defence"
    return "heatmap" if task.startswith("heatmap") else "attack"


def _before(given: Any) -> tuple[FeatureParams, ...]:
    """Read the parameters of earlier stages."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise RequestError(tr("'before' is a list of JSON objects of names and values."))
    return tuple(parameters_module.build(FeatureParams, one) for one in given)


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a picture with a list of stages; once each held the one before it."""
    flat = {name: value for name, value in fields.items() if name != "begin"}
    same = flat.keys() - {"parameters", "before"}
    before, begin = [], fields["begin"]
    while isinstance(begin, dict):
        if any(begin.get(name) != flat[name] for name in same):
            raise RequestError(
                tr("The request goes on from a picture of something else."),
                tr("A picture can go on with other parameters alone."),
            )
        before.append(begin.get("parameters", {}))
        begin = begin.get("begin")
    return flat | {"before": before[::-1]}


def _uses(kind: Kind, given: Any) -> tuple[MethodUse, ...]:
    """Read the rows of a grid or a table: objects of a method and its parameters."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise RequestError(tr("'methods' is a list of JSON objects, each with a method."))
    for one in given:
        _refuse_unknown(set(one), {"method", "parameters"})
    fields = [dict(one) for one in given]
    read = [_parameters(kind, one) for one in fields]
    return tuple(
        MethodUse(method=one["method"], parameters=parameters)
        for one, parameters in zip(fields, read, strict=True)
    )


def _refuse_unknown(given: set[str], known: set[str]) -> None:
    unknown = sorted(given - known)
    if unknown:
        raise RequestError(
            tr("The request has an unknown key {unknown!r}.", unknown=unknown[0]),
            tr("Known: {known}.", known=", ".join(sorted(known))),
        )


def _converted(name: str, value: Any, kind: Any) -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(value, dict):
        _refuse_unknown(set(value), {f.name for f in dataclasses.fields(kind)})
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise RequestError(
            tr("The request's {name!r} does not fit: {error}.", name=name, error=error)
        ) from None


def _field_types() -> dict[tuple[str, str], Any]:
    return {
        (cls.__name__, name): hint
        for cls in TASKS.values()
        for name, hint in get_type_hints(cls).items()
    }


_TYPES = _field_types()

"""A session as a file: what is at hand and all that is set, as JSON; read strictly, never run."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast, get_type_hints

import msgspec

from cnnviz_gui.core.errors import CnnvizError, ParameterError, RequestError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.feature_requests import Unit
from cnnviz_gui.core.grid_requests import MethodUse
from cnnviz_gui.core.params import Params, build
from cnnviz_gui.core.registry import Kind, Method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import session_kept, settings_fields
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.state.kept_features import KeptAsked
from cnnviz_gui.state.selection import Display, Selection
from cnnviz_gui.state.session_ranges import RANGES, in_range
from cnnviz_gui.state.settings_fields import SETTINGS, Values
from cnnviz_gui.texts import tr

FORMAT = 1
"""Of the file; one of a higher number is refused."""
SUFFIX = ".cnnviz"
MAX_BYTES = 1_000_000
_MOST_PICTURES = 2000
_MOST_ENTRIES = 2000
"""Of every other list, and of methods with parameters."""
_MOST_NAMED = 100
"""Of what was not valid; who makes a file of more wants to be in the way."""
_REFERENCES: Final = ("model", "second", "image")
_VIEWED: Final = ("stage", "cell", "input_channel", "heatmap_step", "folder_words")
"""What is no setting and yet is where the user was."""
KEPT: Final = (*(name for name in SETTINGS if name not in _REFERENCES), *_VIEWED, "attack_started")
"""The fields in the file. What is not among them was begun by hand, and waits for its button."""
_KINDS: Final[tuple[Kind, ...]] = ("heatmap", "attack")
_OF_METHODS: Final = frozenset(
    f"{kind}_{what}" for kind in _KINDS for what in ("method", "parameters")
)
_OF_NETWORK: Final = (
    *("layer", "channel", "cell", "edits", "target", "against", "input_channel"),
    *("grid_classes", "grid_layers", "plane_class", "folder_class", "feature_second"),
)
_OF_PICTURE: Final = ("truth", "cell", "against", "against_of", "attack_started")
_NAMES: Final[dict[str, Kind]] = {
    "grid_methods": "heatmap",
    "border_attacks": "attack",
    "race_attacks": "attack",
    "defences_off": "defence",
}
"""Fields that hold names of methods."""
_FOLDERS = frozenset({"folder", "layer_folder", "similar_folder"})
Known = Callable[[Kind, str], Method | None]
"""Returns a method by its kind and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a file of a session says, as far as it is valid."""

    pictures: tuple[ImageRef, ...]
    """At hand."""
    values: Values
    """Every field of selection and display; usual where the file does not say."""
    remembered: dict[tuple[Kind, str], Params]
    """The parameters last used with each method."""
    file: str
    """The user's own file, where this is its recovery."""
    reset: tuple[str, ...]
    """Names of what was not valid and is as usual."""
    kept: KeptAsked | None = None
    """Kept pictures, which are to be made again."""


def write(state: AppState, file: str = "") -> bytes:
    """Return the session as indented JSON, UTF-8; ``file`` is the user's own, for a recovery.

    Of very many pictures the first are in it, as many as can be read again.
    """
    document = described(state) | ({"file": file} if file else {})
    document["pictures"] = document["pictures"][:_MOST_PICTURES]
    while len(data := _indented(document)) > MAX_BYTES and document["pictures"]:
        document["pictures"] = document["pictures"][: len(document["pictures"]) // 2]
    return data


def _indented(document: dict[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def described(state: AppState) -> dict[str, Any]:
    """Return the session as a JSON object."""
    values = settings_fields.values(state.selection, state.display)
    references = {name: values[name] for name in _REFERENCES}
    return {
        "format": FORMAT,
        "pictures": [msgspec.to_builtins(entry.ref) for entry in state.shared.strip],
        **{name: msgspec.to_builtins(value) for name, value in references.items()},
        **session_kept.described(state.shared.kept_features, state.shared.kept_asked),
        "settings": {name: msgspec.to_builtins(values[name]) for name in KEPT},
        "parameters": {
            f"{kind}:{name}": parameters.values()
            for (kind, name), parameters in sorted(state.remembered.items())
        },
    }


def decode(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a session.

    Raises
    ------
    RequestError
        Not a session, too large, or of a newer format.
    """
    if len(data) > MAX_BYTES:
        raise RequestError(tr("It is larger than 1 MB, which no session is."))
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RequestError(tr("It is damaged, or no session.")) from None
    number = raw.get("format") if isinstance(raw, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise RequestError(tr("It is no session."))
    if number > FORMAT:
        raise RequestError(
            tr("It was saved by a newer version of the program."), tr("Update this one.")
        )
    return cast(dict[str, Any], raw)


def read(raw: Mapping[str, Any], known: Known, now: AppState) -> Opened:
    """Take what is valid of a session, and name the rest.

    Parameters
    ----------
    raw
        As ``decode`` returns it.
    known
        Of the methods that there are.
    now
        Whose methods are used where those of the file are not known.
    """
    reader = _Reader(known)
    top = {"format", "pictures", *_REFERENCES, "settings", "parameters", "file", "kept"}
    reader.name_others(raw, top)
    settings = reader.mapping("settings", raw.get("settings", {}))
    reader.name_others(settings, set(KEPT))
    values = _usual(now) | reader.methods(settings)
    given = {**settings, **{name: raw[name] for name in _REFERENCES if name in raw}}
    for name in given.keys() & {*KEPT, *_REFERENCES} - _OF_METHODS:
        try:
            values[name] = _value(name, given[name], known)
        except (msgspec.ValidationError, CnnvizError, ValueError):
            reader.reset.append(name)
    values["against_of"] = None if values["against"] is None else values["image"]
    file = raw.get("file", "")
    value = functools.partial(_value, known=known)
    kept = session_kept.taken(raw.get("kept"), value, reader.reset)
    return Opened(
        pictures=reader.pictures(raw.get("pictures", [])),
        values=values,
        remembered=reader.parameters(reader.mapping("parameters", raw.get("parameters", {}))),
        file=file if isinstance(file, str) else "",
        kept=kept,
        reset=tuple(dict.fromkeys(reader.reset))[:_MOST_NAMED],
    )


def references(raw: Mapping[str, Any]) -> tuple[ImageRef, ...]:
    """Return the pictures that a session names and that have a place, the one in use last.

    As many as ``read`` takes: nothing else of a file is to be looked at.
    """
    reader = _Reader(lambda kind, name: None)
    return (*reader.pictures(raw.get("pictures", [])), *reader.pictures([raw.get("image")]))


def fitting(values: Values, facts: ModelFacts) -> tuple[Values, tuple[str, ...]]:
    """Return the fields as they fit a network, and the names of those that did not.

    What is in no network either, such as a negative number of a class, is as usual too.
    """
    usual = settings_fields.values(Selection(), Display())
    classes = len(facts.labels)
    channels = {layer.name: (layer.output_shape or (0,))[0] for layer in facts.layers}
    layer, channel = values["layer"], values["channel"]
    here = channels.get(layer or facts.recommended_layer, 0)
    edits, cell, second = values["edits"], values["cell"], values["feature_second"]
    wrong = {name: not in_range(name, values[name]) for name in RANGES}
    misfits = {
        "layer": bool(layer) and layer not in channels,
        "channel": channel is not None and channel >= here,
        "cell": cell is not None and min(cell) < 0,
        "feature_second": second is not None and not _has(second, channels, classes),
        "edits": any(not 0 <= edit.channel < channels.get(edit.layer, 0) for edit in edits),
        "grid_layers": not channels.keys() >= set(values["grid_layers"]),
        "grid_classes": any(not 0 <= index < classes for index in values["grid_classes"]),
    }
    for name in ("target", "against", "plane_class", "folder_class"):
        misfits[name] = values[name] is not None and values[name] >= classes
    reset = tuple(name for name in wrong | misfits if wrong.get(name) or misfits.get(name))
    return values | {name: usual[name] for name in reset}, reset


def _has(unit: Unit, channels: Mapping[str, int], classes: int) -> bool:
    """Tell whether a network has what is to be pictured: a channel of a layer, or a class."""
    count = channels.get(unit.layer, 0) if unit.layer else classes
    return count > 0 and (unit.channel is None or 0 <= unit.channel < count)


def with_picture(values: Values, image: ImageRef | None) -> Values:
    """Return the fields with another picture, without what belongs to that of the session."""
    if image == values["image"]:
        return values
    usual = settings_fields.values(Selection(), Display())
    return values | {name: usual[name] for name in _OF_PICTURE} | {"image": image}


def without_network(values: Values) -> Values:
    """Return the fields without what belongs to the network of the session."""
    usual = settings_fields.values(Selection(), Display())
    return values | {name: usual[name] for name in _OF_NETWORK}


def of_network(values: Values) -> Values:
    """Return what belongs to the network of the session, alone."""
    return {name: values[name] for name in _OF_NETWORK}


def _usual(now: AppState) -> Values:
    """Return every field as usual, with the methods in use, which must be known ones."""
    usual = settings_fields.values(Selection(), Display())
    present = settings_fields.values(now.selection, now.display)
    kept = {*_OF_METHODS, *_REFERENCES, "feature_preset", "feature_parameters", "sweep_maximum"}
    return usual | {name: present[name] for name in kept}


class _Reader:
    """Reads the parts of a session, and notes what is not valid."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self.reset: list[str] = []

    def name_others(self, given: Mapping[str, Any], names: set[str]) -> None:
        """Note keys that nobody knows."""
        self.reset += sorted(repr(name[:40]) for name in given.keys() - names)

    def mapping(self, name: str, raw: Any) -> Mapping[str, Any]:
        """Return a JSON object; an empty one for anything else."""
        if not isinstance(raw, dict):
            self.reset.append(name)
            return {}
        return raw

    def methods(self, settings: Mapping[str, Any]) -> Values:
        """Return the methods in use with their parameters, as far as they are known."""
        taken: Values = {}
        for kind in _KINDS:
            name = settings.get(f"{kind}_method")
            method = self._known(kind, name) if isinstance(name, str) else None
            if method is None:
                self.reset += [f"{kind}_method"] if name else []
                continue
            taken[f"{kind}_method"] = method.name
            taken[f"{kind}_parameters"] = build(method.params, {})
            try:
                given = settings.get(f"{kind}_parameters") or {}
                taken[f"{kind}_parameters"] = _built(method.params, given)
            except ParameterError:
                self.reset.append(f"{kind}_parameters")
        return taken

    def parameters(self, given: Mapping[str, Any]) -> dict[tuple[Kind, str], Params]:
        """Return what was last used with each method."""
        read: dict[tuple[Kind, str], Params] = {}
        if len(given) > _MOST_ENTRIES:
            self.reset.append("parameters")
        for key, raw in itertools.islice(given.items(), _MOST_ENTRIES):
            kind, _, name = key.partition(":")
            method = self._known(cast(Kind, kind), name)
            try:
                if method is None:
                    raise ParameterError("There is no such method.")
                read[method.kind, method.name] = _built(method.params, raw)
            except ParameterError:
                self.reset.append(tr("parameters of {method}", method=repr(name[:40])))
        return read

    def pictures(self, raw: Any) -> tuple[ImageRef, ...]:
        """Return the pictures at hand that have a place."""
        given = raw[:_MOST_PICTURES] if isinstance(raw, list) else []
        read = []
        for one in given:
            try:
                read.append(_value("image", one, self._known))
            except (msgspec.ValidationError, RequestError, ValueError):
                self.reset.append(tr("a picture"))
        if given is not raw and (not isinstance(raw, list) or len(raw) > len(given)):
            self.reset.append("pictures")
        return tuple({ref.path: ref for ref in read if ref is not None}.values())


def _value(name: str, raw: Any, known: Known) -> Any:
    """Return what a field takes.

    Raises
    ------
    msgspec.ValidationError, ParameterError, RequestError, ValueError
        It is of another type, out of range, or has a key that nobody knows.
    """
    if isinstance(raw, list) and len(raw) > _MOST_ENTRIES:
        raise ValueError(name)
    hint = _hints()[name]
    if isinstance(hint, type) and issubclass(hint, Params):
        return _built(hint, raw)
    if name == "defence_parameters":
        return _uses(raw, known)
    value = msgspec.convert(raw, hint)
    _refuse_more(raw, msgspec.to_builtins(value))
    if not in_range(name, value):
        raise ValueError(name)
    if name in _NAMES and any(known(_NAMES[name], one) is None for one in value):
        raise ValueError(name)
    if name in _FOLDERS and value and not _has_place(value):
        raise ValueError(name)
    if isinstance(value, ImageRef) and not _has_place(value.path):
        raise ValueError(name)
    if isinstance(value, ModelRef):
        file = value.checkpoint
        if value.given or (file is not None and not _has_place(file.path)):
            raise ValueError(name)
    return value


def _has_place(path: str) -> bool:
    """Tell whether a path means the same file wherever the program was started."""
    return "\0" not in path and Path(path).is_absolute()


def _built(params: type[Params], raw: Any) -> Params:
    if not isinstance(raw, dict):
        raise ParameterError("Parameters are a JSON object.")
    try:
        return build(params, raw)
    except (TypeError, ValueError, OverflowError) as error:  # an unhashable value, a huge number
        raise ParameterError(str(error)) from None


def _uses(raw: Any, known: Known) -> tuple[MethodUse, ...]:
    """Return the defences whose parameters are not as usual."""
    read = []
    for one in msgspec.convert(raw, list[dict[str, Any]]):
        method = known("defence", str(one.get("method")))
        if method is None or one.keys() - {"method", "parameters"}:
            raise ValueError("defence_parameters")
        parameters = _built(method.params, one.get("parameters", {}))
        read.append(MethodUse(method=method.name, parameters=parameters))
    return tuple(read)


def _refuse_more(raw: Any, read: Any) -> None:
    """Raise where an object has a key that was not read."""
    if isinstance(raw, dict) and isinstance(read, dict):
        if raw.keys() - read.keys():
            raise ValueError("unknown key")
        for key, value in raw.items():
            _refuse_more(value, read[key])
    elif isinstance(raw, list) and isinstance(read, tuple | list):
        for one, other in zip(raw, read, strict=True):
            _refuse_more(one, other)


@functools.cache
def _hints() -> dict[str, Any]:
    return get_type_hints(Selection) | get_type_hints(Display)

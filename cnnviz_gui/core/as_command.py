"""A request as a line of the command ``cnnviz``, or, where its grammar has none, handed to it."""

from __future__ import annotations

import dataclasses
import json
import operator
import os
import re
import shlex
from collections.abc import Callable
from typing import Any

from cnnviz_gui.core.as_python import folder_name, plain, refuse_given
from cnnviz_gui.core.attack_bound import epsilon_of
from cnnviz_gui.core.attack_folder_requests import AttackFolder
from cnnviz_gui.core.border_requests import AttackBorders, Borders, in_norm
from cnnviz_gui.core.defence_requests import Defences
from cnnviz_gui.core.feature_requests import Feature
from cnnviz_gui.core.features.presets import PRESETS
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.grid_requests import HeatmapGrid, MethodUse
from cnnviz_gui.core.map_folder_requests import HeatmapFolder
from cnnviz_gui.core.params import Params, Value, build, specs
from cnnviz_gui.core.place_requests import SHARE
from cnnviz_gui.core.plane_requests import Plane
from cnnviz_gui.core.race_requests import AttackRace
from cnnviz_gui.core.registry import Kind, method
from cnnviz_gui.core.request import (
    Attack,
    Embed,
    Heatmap,
    ImageRef,
    ModelRef,
    Nearest,
    OpenModel,
    Predict,
    Request,
)
from cnnviz_gui.core.trust_requests import Trust

_MODEL = "efficientnet_lite0"
"""Which the command takes where none is named."""
_BARE = re.compile(r"-{0,2}[a-zA-Z][\w-]*|-|[\w.:\\/][\w.:\\/=-]*")
"""What needs no quotes on Windows; PowerShell cuts a flag in two at a dot."""
_IN_DOUBLE = re.compile(r"[\w.:\\/=,;&()+@#{}\[\]~ -]*[\w.,;&()+@#{}\[\]~ -]")
"""What stands for itself in double quotes; before the last one a backslash would not."""
_SINGLE = re.compile("['\u2018-\u201b]")
"""All that PowerShell takes for a single quote."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


class _NoWords(Exception):
    """The grammar cannot say it."""


def command(request: Request, *, windows: bool | None = None) -> str:
    """Return what to type into a shell for a request; ``windows`` is this system if None.

    Classes are named by index, files as the request names them.

    Raises
    ------
    RequestError
        It is about a module that only this process has.
    """
    refuse_given(request)
    windows = os.name == "nt" if windows is None else windows
    try:
        words = _WORDS.get(type(request), _none)(plain(request))
    except _NoWords:
        return _handed_over(request, windows)
    return _joined(["cnnviz", *words], windows)


def _joined(words: list[str], windows: bool) -> str:
    return " ".join(map(_windows_word, words)) if windows else shlex.join(words)


def _windows_word(word: str) -> str:
    """Return a word as PowerShell takes it; where double quotes do, the command prompt does too."""
    if _BARE.fullmatch(word):
        return word
    if _IN_DOUBLE.fullmatch(word):
        return f'"{word}"'
    return "'" + _SINGLE.sub(r"\g<0>\g<0>", word) + "'"


def _handed_over(request: Request, windows: bool) -> str:
    """Return a line that gives the whole request to ``cnnviz run``, in PowerShell on Windows."""
    text = request.to_json().decode().rstrip("\n")
    line = _joined(["cnnviz", "run", "-", "--out", folder_name(request)], windows)
    if windows:  # what PowerShell hands to a program need not be UTF-8
        text = _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], text)
        return f"@'\n{text}\n'@ | {line}\n"
    return f"{line} <<'END'\n{text}\nEND\n"


def _none(request: Any) -> list[str]:
    raise _NoWords


def _require(fits: bool) -> None:
    if not fits:
        raise _NoWords


class _Seeds:
    """The one seed that the command gives to all that is random."""

    def __init__(self, model: ModelRef, *parameters: Params) -> None:
        found = {p.values()["seed"] for p in parameters if "seed" in p.values()}
        found |= {model.seed} if model.untrained else set()
        _require(len(found) <= 1)
        self.seed = int(next(iter(found), 0))

    @property
    def flags(self) -> list[str]:
        return ["--seed", str(self.seed)] if self.seed else []


def _model(model: ModelRef) -> list[str]:
    _require(model.checkpoint is None)  # labels and normalisation come from files, or answers
    name = str(model)
    return [] if name == _MODEL else ["--model", name]


def _path(path: str) -> str:
    return os.path.join(".", path) if path.startswith("-") else path  # noqa: PTH118


def _image(image: ImageRef | None) -> str:
    _require(image is not None and image == ImageRef(path=image.path))
    assert image is not None
    return _path(image.path)


def _optional(flag: str, value: object) -> list[str]:
    return [] if value is None or value == "" else [flag, str(value)]


def _flags(parameters: Params, given: dict[str, Value] | None = None, **names: str) -> list[str]:
    """Return the flags that give parameters, laid over those ``given`` without any."""
    kind, values = type(parameters), parameters.values()
    given = dict(given or {})
    flags: list[str] = []
    for spec in specs(kind):
        usual = build(kind, given).values()[spec.name]
        value = values[spec.name]
        if spec.name == "seed" or value == usual:
            continue
        given[spec.name] = value
        name = names.get(spec.name, spec.flag)
        if spec.kind == "bool":
            flags.append(name if value else f"--no-{name[2:]}")
        elif str(value).startswith("-"):
            flags.append(f"{name}={value}")
        else:
            flags += [name, str(value)]
    _require(dataclasses.replace(build(kind, given), **_seed(values)) == parameters)
    return flags


def _seed(values: dict[str, Value]) -> dict[str, Value]:
    return {"seed": values["seed"]} if "seed" in values else {}


def _usual(kind: Kind, name: str, seed: int) -> Params:
    """Return the parameters that the command gives to one of several methods."""
    params = method(kind, name).params
    seeded = any(spec.name == "seed" for spec in specs(params))
    return build(params, {"seed": seed} if seeded and seed else {})


def _uses(kind: Kind, uses: tuple[MethodUse, ...], seed: int, same: Callable[..., bool]) -> str:
    """Return the names of methods with commas between, where they have their usual parameters."""
    _require(bool(uses) and all(same(u.parameters, _usual(kind, u.method, seed)) for u in uses))
    _require(len({use.method for use in uses}) == len(uses))
    return ",".join(use.method for use in uses)


def _predict(asked: Predict) -> list[str]:
    _require(asked.attack is None and not asked.edits)
    top = [] if asked.top == 5 else ["--top", str(asked.top)]
    return ["predict", _image(asked.image), *_model(asked.model), *_Seeds(asked.model).flags, *top]


def _of_map(asked: Heatmap | HeatmapFolder) -> list[str]:
    """Return what a map is of: its class, the one against it, its layer."""
    _require(not asked.edits)
    return [
        *_optional("--target", asked.target),
        *_optional("--against", asked.against),
        *_optional("--layer", asked.layer),
    ]


def _heatmap(asked: Heatmap, name: str = "heatmap", *more: Params) -> list[str]:
    _require(asked.attack is None)
    seeds = _Seeds(asked.model, asked.parameters, *more)
    flags = [*_of_map(asked), *_flags(asked.parameters), *seeds.flags]
    return [name, asked.method, _image(asked.image), *_model(asked.model), *flags]


def _trust(asked: Trust) -> list[str]:
    words = _heatmap(asked.heatmap, "trust", asked.parameters)
    return [*words, *_flags(asked.parameters)]


def _grid(asked: HeatmapGrid) -> list[str]:
    _require(not asked.edits)
    seeds = _Seeds(asked.model, *(use.parameters for use in asked.methods))
    named = ",".join(map(str, asked.targets))
    columns = [*_optional("--targets", named), "--top", str(asked.top)]
    layers = [] if asked.layers == ("",) else ["--layers", ",".join(asked.layers)]
    _require(all(asked.layers) or asked.layers == ("",))
    methods = _uses("heatmap", asked.methods, seeds.seed, operator.eq)
    words = ["heatmaps", _image(asked.image), *_model(asked.model), "--methods", methods]
    return [*words, *columns, *_optional("--against", asked.against), *layers, *seeds.flags]


def _folder(folder: FolderRef) -> list[str]:
    return [_path(folder.path), *(["--nested"] if folder.nested else [])]


def _map_folder(asked: HeatmapFolder) -> list[str]:
    share = [] if asked.share == SHARE else ["--share", str(asked.share)]
    flags = [*_of_map(asked), *share, *(["--curves"] if asked.curves else [])]
    seeds = _Seeds(asked.model, asked.parameters)
    words = ["heatmap-folder", asked.method, *_folder(asked.folder), *_model(asked.model), *flags]
    return [*words, *_flags(asked.parameters), *seeds.flags]


def _attack(asked: Attack, name: str = "attack", *more: Params) -> list[str]:
    _require(asked.scale is None or name == "attack")
    seeds = _Seeds(asked.model, asked.parameters, *more)
    aim = [*_optional("--target", asked.target), *_optional("--scale", asked.scale)]
    words = [name, asked.method, _image(asked.image), *_model(asked.model), *aim]
    return [*words, *_flags(asked.parameters), *seeds.flags]


def _attack_folder(asked: AttackFolder) -> list[str]:
    seeds = _Seeds(asked.model, asked.parameters)
    places = ["--epsilons", ",".join(map(str, asked.epsilons))]
    words = ["attack-folder", asked.method, *_folder(asked.folder), *_model(asked.model), *places]
    aim = _optional("--target", asked.target)
    return [*words, *aim, *_flags(asked.parameters), *seeds.flags]


def _plane(asked: Plane) -> list[str]:
    across = asked.parameters.across
    words = _attack(dataclasses.replace(asked.attack, scale=None), "plane", asked.parameters)
    words += _flags(asked.parameters, reach="--range")
    if across == "class":
        words += _optional("--other", asked.other)
    elif across == "image":
        words += ["--other", _image(asked.other_image)]
    return words


def _defences(asked: Defences) -> list[str]:
    words = _attack(dataclasses.replace(asked.attack, scale=None), "defences")
    _require(asked.attack.scale is None and bool(asked.methods))
    for use in asked.methods:
        values, usual = use.parameters.values(), build(type(use.parameters), {}).values()
        other = {name: value for name, value in values.items() if value != usual[name]}
        _require(not any(isinstance(value, bool) for value in other.values()))
        told = ",".join(f"{name.replace('_', '-')}={value}" for name, value in other.items())
        words += ["--defence", f"{use.method}:{told}" if told else use.method]
    return words


def _same_but_epsilon(one: Params, other: Params) -> bool:
    if type(one) is not type(other) or epsilon_of(one) is None:
        return one == other
    changed: dict[str, Any] = {"epsilon": epsilon_of(one)}
    return dataclasses.replace(other, **changed) == one


def _comparable(norm: str) -> Callable[[Params, Params], bool]:
    """Return what tells whether parameters are the usual ones where all are measured alike."""
    return lambda one, usual: _same_but_epsilon(one, in_norm(usual, norm))


def _borders(asked: Borders) -> list[str]:
    attack = asked.attack
    seeds = _Seeds(attack.model, attack.parameters)
    norm = str(attack.parameters.values().get("norm", "linf"))
    usual = in_norm(_usual("attack", attack.method, seeds.seed), norm)
    _require(_same_but_epsilon(attack.parameters, usual))
    words = ["borders", _image(attack.image), *_model(attack.model), "--attack", attack.method]
    norms = [] if norm == "linf" else ["--norm", norm]
    return [*words, *_flags(asked.parameters), *norms, *seeds.flags]


def _attack_borders(asked: AttackBorders) -> list[str]:
    seeds = _Seeds(asked.model, *(use.parameters for use in asked.methods))
    methods = _uses("attack", asked.methods, seeds.seed, _comparable(asked.norm))
    words = ["borders", _image(asked.image), *_model(asked.model), "--attacks", methods]
    norms = [] if asked.norm == "linf" else ["--norm", asked.norm]
    return [*words, *_optional("--target", asked.target), *norms, *seeds.flags]


def _race(asked: AttackRace) -> list[str]:
    seeds = _Seeds(asked.model, *(use.parameters for use in asked.methods))
    methods = _uses("attack", asked.methods, seeds.seed, _comparable(asked.parameters.norm))
    words = ["race", _image(asked.image), *_model(asked.model), "--attacks", methods]
    aim = _optional("--target", asked.target)
    return [*words, *aim, *_flags(asked.parameters), *seeds.flags]


def _embed(asked: Embed | Nearest) -> list[str]:
    words = ["embed", _image(asked.image), *_model(asked.model), *_Seeds(asked.model).flags]
    if isinstance(asked, Nearest):
        words += ["--nearest", _path(asked.folder), "--count", str(asked.count)]
    return words


def _feature(asked: Feature) -> list[str]:
    first = asked.units[0]
    alike = {dataclasses.replace(unit, channel=None) for unit in asked.units}
    _require(len(alike) == 1 and abs(first.weight) == 1 and not asked.before)
    several = asked.aim in ("blend", "differ")
    _require(asked.pictures >= 2 if several else asked.pictures == 1)
    if first.layer:
        words = ["--layer", first.layer]
        channels = [unit.channel for unit in asked.units]
        if channels != [None]:
            _require(None not in channels and len(channels) <= 4)
            words += ["--channel", ",".join(map(str, channels))]
        if first.cell is not None:
            cell = first.cell
            words += ["--cell", cell if isinstance(cell, str) else f"{cell[0]},{cell[1]}"]
    else:
        _require(len(asked.units) == 1 and first.channel is not None)
        words = ["--target", str(first.channel)]
    words += ["--negative"] if first.weight < 0 else []
    words += [] if asked.aim == "excite" else ["--aim", asked.aim]
    words += ["--pictures", str(asked.pictures)] if several else []
    words += [] if asked.image is None else ["--image", _image(asked.image)]
    words += [] if asked.spectrum is None else ["--spectrum", _path(asked.spectrum.path)]
    seeds = _Seeds(asked.model, asked.parameters)
    return ["feature", *words, *_model(asked.model), *_preset(asked), *seeds.flags]


def _preset(asked: Feature) -> list[str]:
    """Return the preset from which the fewest parameters differ, and those that do."""
    begins = asked.image is not None and asked.aim not in ("direction", "imitate")
    found = []
    for preset in PRESETS:
        given = preset.parameters.values() | ({"start": "photograph"} if begins else {})
        given.pop("seed", None)
        named = [] if preset is PRESETS[0] else ["--preset", preset.name]
        if preset.name == "rebuild" and asked.aim == "excite":
            named += ["--aim", "excite"]
        found.append([*named, *_flags(asked.parameters, given)])
    return min(found, key=len)


def _layers(asked: OpenModel) -> list[str]:
    _require(asked.beside is None)
    return ["layers", *_model(asked.model), *_Seeds(asked.model).flags]


_WORDS: dict[type[Request], Callable[[Any], list[str]]] = {
    Predict: _predict,
    Heatmap: _heatmap,
    Trust: _trust,
    HeatmapGrid: _grid,
    HeatmapFolder: _map_folder,
    Attack: _attack,
    AttackFolder: _attack_folder,
    Plane: _plane,
    Defences: _defences,
    Borders: _borders,
    AttackBorders: _attack_borders,
    AttackRace: _race,
    Embed: _embed,
    Nearest: _embed,
    Feature: _feature,
    OpenModel: _layers,
}

"""A request as a short script on this library, which computes, tells and saves the same."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.folder.records import FolderRef
from cnnviz_gui.core.grid_requests import HeatmapGrid
from cnnviz_gui.core.named_files import files, mapped, model_of, name_of
from cnnviz_gui.core.request import Attack, Embed, Heatmap, ImageRef, OpenModel, Predict, Request
from cnnviz_gui.texts import tr

_WIDTH = 88
_INDENT = "    "
_ALWAYS = {
    ("cnnviz_gui.core.context", "NullContext"),
    ("cnnviz_gui.core.device", "prepare_torch"),
    ("cnnviz_gui.core.execute", "execute"),
    ("cnnviz_gui.core.result_files", "save_result"),
    ("cnnviz_gui.core.session", "Session"),
}
_TOLD: dict[type[Request], str] = {
    Predict: 'for score in result.scores:\n    print(f"{score.probability:7.2%}  {score.label}")',
    Heatmap: 'print(f"{result.method} of {result.target.label}, {result.map.shape}")',
    Attack: 'print(f"{result.clean[0].label} -> {result.adversarial[0].label}")',
    Embed: "print(result.vector.shape)",
    OpenModel: 'print(f"{result.facts.title}, {result.facts.parameters:,} parameters")',
}
"""What is printed of a result; of others the time it took."""
_OTHERWISE = 'print(f"{type(result).__name__}, {result.seconds:.2f} s")'


def script(request: Request) -> str:
    """Return a script for a request; what is at its default is left out.

    Files are named as the request names them. Their checksums are not in it: who alters the script
    for another picture need not know of them.

    Raises
    ------
    RequestError
        It is about a module that only this process has.
    """
    refuse_given(request)
    imports = set(_ALWAYS)
    asked = _expression(plain(request), "", imports)
    lines = [
        *_imported(imports),
        "",
        f"request = {asked}",
        "",
        "prepare_torch()",
        "session = Session()",
        "result = execute(request, session, NullContext())",
        _TOLD.get(type(request), _OTHERWISE),
        *_saved(request),
        f"{_INDENT}print(path)",
    ]
    return "\n".join(lines) + "\n"


def refuse_given(request: Request) -> None:
    """Refuse what nobody else could compute.

    Raises
    ------
    RequestError
        It is about a module that only this process has.
    """
    model = model_of(request)
    if model is not None and model.given:
        raise RequestError(
            tr("This network was given from Python, and only this process has it."),
            tr("Save its weights, and open the file."),
        )


def plain(request: Request) -> Request:
    """Return a request without the checksums of its files."""
    return mapped(
        request,
        lambda file: file if isinstance(file, FolderRef) else dataclasses.replace(file, sha256=""),
    )


def folder_name(request: Request) -> str:
    """Return what the folder of a result may be called: ``chelsea-grad-cam``."""
    named = [name_of(one.path) for one in files(request) if isinstance(one, ImageRef | FolderRef)]
    words = [named[0].partition(".")[0]] if named else []
    holders = (request, *(getattr(request, name, None) for name in ("heatmap", "attack", "plane")))
    method = next(filter(None, (getattr(one, "method", "") for one in holders)), "")
    words += [method] if method else []
    words += [] if request.task in ("heatmap", "attack") else [request.task]
    return re.sub(r"[^\w.+-]+", "-", "-".join(words)).strip("-.") or "result"


def _saved(request: Request) -> list[str]:
    """Return the lines that save a result; a map over the picture as the network saw it."""
    given = f"result, request, {_quoted(folder_name(request))}"
    if isinstance(request, Heatmap | HeatmapGrid) and getattr(request, "attack", None) is None:
        seen = ["seen = session.seen(request.model, request.image)"]
        return [*seen, f"for path in save_result({given}, seen=seen):"]
    return [f"for path in save_result({given}):"]


def _imported(imports: set[tuple[str, str]]) -> list[str]:
    lines = []
    for module in sorted({module for module, _ in imports}):
        names = sorted(name for found, name in imports if found == module)
        lines.append(f"from {module} import {', '.join(names)}")
    return lines


def _expression(value: Any, indent: str, imports: set[tuple[str, str]]) -> str:
    """Return what Python reads as ``value``, over several lines where one has no room for it."""
    if isinstance(value, tuple):
        parts = [_expression(one, indent + _INDENT, imports) for one in value]
        return _bracketed("(", parts, ")", indent, last="," if len(parts) == 1 else "")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        imports.add((kind.__module__, kind.__name__))
        parts = [
            f"{name}={_expression(one, indent + _INDENT, imports)}" for name, one in _given(value)
        ]
        return _bracketed(f"{kind.__name__}(", parts, ")", indent)
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    return repr(text) if '"' in text or "\\" in text else f'"{repr(text)[1:-1]}"'


def _bracketed(begin: str, parts: list[str], end: str, indent: str, last: str = "") -> str:
    line = f"{begin}{', '.join(parts)}{last}{end}"
    if "\n" not in line and len(indent) + len(line) <= _WIDTH:
        return line
    inner = "".join(f"{indent}{_INDENT}{part},\n" for part in parts)
    return f"{begin}\n{inner}{indent}{end}"


def _given(value: Any) -> list[tuple[str, Any]]:
    """Return the fields that are not as they would be by themselves."""
    told = [f for f in dataclasses.fields(value) if getattr(value, f.name) != f.default]
    return [(f.name, getattr(value, f.name)) for f in told]

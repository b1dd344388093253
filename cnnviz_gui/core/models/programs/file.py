"""What is in a file of ``torch.export.save``, read as data: zip members, JSON, raw numbers.

``torch.export.load`` runs code out of such a file: it unpickles the sample inputs, custom objects
and some weights, evaluates the sizes with ``sympify``, looks operations up by attribute and loads
shared libraries. None of it is used here. A pickle in the file is never read, and a file with
anything else that needs one is refused.
"""

from __future__ import annotations

import math
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import torch
from torch import Tensor

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models.programs.schema import (
    Config,
    File,
    Graph,
    Meta,
    Node,
    Payload,
    Signature,
    Size,
)
from cnnviz_gui.texts import tr

MAJOR = 8
"""Of the schema that is understood."""
_LARGEST_JSON = 64 << 20
_MOST_MEMBERS = 20_000
_MOST_NODES = 50_000
_CHUNK = 1 << 22
_TRUSTED = tr(
    "Where you trust it, open it from Python with cnnviz_gui.show(torch.export.load(path))."
)
_ANEW = tr("Export it anew with torch.export.save of torch 2.9 or newer.")
_READ_MEMBERS = re.compile(
    r"models/(?P<model>\w+)\.json"
    r"|data/(?P<part>weights|constants)/\w+_(?P=part)_config\.json"
    r"|data/weights/weight_\d+|data/constants/tensor_\d+"
)
_IGNORED_MEMBERS = re.compile(
    r"data/sample_inputs/\w+\.pt|extra/.*|archive_version|archive_format|version|byteorder"
    r"|\.data/\w+|\.format_version|\.storage_alignment"
)
_COMPILED = re.compile(r"data/aotinductor/|.*\.(so|dll|dylib|cubin|ptx|spv|cpp|o|py|pyc)$")
_TYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing:
    """A program as its file describes it."""

    nodes: list[Node]
    weights: dict[str, Tensor]
    """Parameters, buffers and constants by the name the graph has for them."""
    parameters: frozenset[str]
    """Which of those are parameters."""
    given: str
    """Name of the picture in the graph."""
    shape: tuple[int | None, ...]
    """Of the pictures it was exported for; None where any size will do."""
    half: bool
    """It was written for half precision."""
    outputs: tuple[str, ...]
    """Tensors that it returns, in order."""


def read(path: Path, ctx: Context) -> Listing:
    """Read a program.

    Weights are float32 where the file has another floating type.

    Raises
    ------
    CheckpointError
        The file is damaged, holds anything but plain numbers and a graph of operations, or is not
        a program with one picture as its input.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(_members(archive), archive, ctx)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise _damaged(path.name) from error
    except OSError as error:
        reason = error.strerror or tr("the file is damaged")
        raise CheckpointError(
            tr("{name} cannot be read: {reason}.", name=path.name, reason=reason)
        ) from error


def _read(members: dict[str, zipfile.ZipInfo], archive: zipfile.ZipFile, ctx: Context) -> Listing:
    models = [name for name in members if name.startswith("models/")]
    if len(models) != 1:
        raise CheckpointError(
            tr("The file holds {count} programs, where one is expected.", count=len(models)), _ANEW
        )
    name = models[0].removeprefix("models/").removesuffix(".json")
    file = _decoded(File, archive, members, models[0])
    if file.schema_version.major != MAJOR:
        raise CheckpointError(
            tr(
                "The program is of version {version} of torch's format; version {known} is"
                " understood.",
                version=file.schema_version.major,
                known=MAJOR,
            ),
            _ANEW,
        )
    graph, signature = file.graph_module.graph, file.graph_module.signature
    if len(graph.nodes) > _MOST_NODES:
        raise CheckpointError(
            tr("The program has {count} operations; that is too many.", count=len(graph.nodes))
        )
    stored: dict[str, Tensor] = {}
    for part in ("weights", "constants"):
        config = f"data/{part}/{name}_{part}_config.json"
        if config not in members:
            raise CheckpointError(
                tr("The program lacks its weights, or keeps them as a pickle."), _ANEW
            )
        payloads = _decoded(Config, archive, members, config).config
        stored |= _tensors(payloads, f"data/{part}/", archive, members, ctx)
    given = [entry.user_input for entry in signature.input_specs if entry.user_input is not None]
    if len(given) != 1 or given[0].arg.as_tensor is None:
        raise CheckpointError(
            tr("The program takes {count} inputs; it must take one picture.", count=len(given)),
            tr("Wrap the network so that its forward has one argument, and export that."),
        )
    picture = given[0].arg.as_tensor.name
    weights, parameters = _held(signature, stored)
    meta = _picture(graph, picture)
    return Listing(
        nodes=graph.nodes,
        weights=weights,
        parameters=parameters,
        given=picture,
        shape=tuple(size.as_int for size in meta.sizes),
        half=_TYPES.get(meta.dtype) in (torch.float16, torch.bfloat16),
        outputs=tuple(
            exit.user_output.arg.as_tensor.name
            for exit in signature.output_specs
            if exit.user_output is not None and exit.user_output.arg.as_tensor is not None
        ),
    )


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name without the folder they lie in, after looking at every one."""
    infos = archive.infolist()
    if len(infos) > _MOST_MEMBERS:
        raise CheckpointError(
            tr("The file has {count} parts; that is too many for a program.", count=len(infos))
        )
    found: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename.partition("/")[2] or info.filename
        if not _READ_MEMBERS.fullmatch(name) and not _IGNORED_MEMBERS.fullmatch(name):
            raise _foreign(name)
        # torch stores everything as it is; what is packed could unpack to any size
        packed = info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size
        if name in found or packed or info.flag_bits & 1:
            raise CheckpointError(tr("The file is packed in a way that torch never does."), _ANEW)
        found[name] = info
    # parts that overlap would read the same bytes again and again
    if sum(info.file_size for info in infos) > max(archive.start_dir, 0):
        raise CheckpointError(tr("The file is damaged: its parts overlap."), _ANEW)
    return found


def _foreign(name: str) -> CheckpointError:
    if _COMPILED.match(name):
        return CheckpointError(
            tr("The file holds compiled code ({name!r:.80}), which is never loaded.", name=name),
            tr("Save the program itself with torch.export.save."),
        )
    return CheckpointError(
        tr("The file holds {name!r:.80}, which is no part of a plain exported program.", name=name),
        _TRUSTED,
    )


def _decoded(
    kind: type[T], archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str
) -> T:
    if members[name].file_size > _LARGEST_JSON:
        raise CheckpointError(
            tr("The file's {name!r} is larger than 64 MB; no program needs that.", name=name)
        )
    try:
        return msgspec.json.decode(archive.read(members[name]), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CheckpointError(
            tr(
                "The file's {name!r} has something that is not opened from a file: {error}.",
                name=name,
                error=error,
            ),
            _TRUSTED,
        ) from error


def _tensors(
    payloads: dict[str, Payload],
    folder: str,
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    ctx: Context,
) -> dict[str, Tensor]:
    stores: dict[str, bytearray] = {}
    found: dict[str, Tensor] = {}
    for name, payload in payloads.items():
        ctx.check()
        path = folder + payload.path_name
        if payload.use_pickle or payload.tensor_meta is None or path not in members:
            raise CheckpointError(
                tr(
                    "The program keeps {name!r:.80} as an object of Python, not as plain numbers.",
                    name=name,
                ),
                _TRUSTED,
            )
        if path not in stores:
            stores[path] = _bytes(archive, members[path], ctx)
        found[name] = _tensor(name, payload.tensor_meta, stores[path])
    return found


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ctx: Context) -> bytearray:
    store = bytearray()
    with archive.open(info) as file:
        while chunk := file.read(_CHUNK):
            ctx.check()
            store += chunk
    return store


def _tensor(name: str, meta: Meta, store: bytearray) -> Tensor:
    """Return a tensor of what is stored, after checking that it lies inside."""
    kind = _TYPES.get(meta.dtype)
    sizes = [_number(size) for size in meta.sizes]
    strides = [_number(stride) for stride in meta.strides]
    offset = _number(meta.storage_offset)
    if kind is None or len(sizes) != len(strides) or min((*sizes, *strides, offset), default=0) < 0:
        raise CheckpointError(
            tr("The type or shape of the weights {name!r:.80} is not understood.", name=name)
        )
    if math.prod(sizes) == 0:
        return torch.zeros(sizes, dtype=kind)
    needed = offset + 1 + sum((n - 1) * s for n, s in zip(sizes, strides, strict=True))
    if needed * kind.itemsize > len(store) or math.prod(sizes) * kind.itemsize > len(store):
        raise CheckpointError(
            tr("The file is damaged: {name!r:.80} claims more numbers than it has.", name=name)
        )
    whole = torch.frombuffer(store, dtype=kind, count=len(store) // kind.itemsize)
    tensor = whole.as_strided(sizes, strides, offset)
    return tensor.to(torch.float32) if kind.is_floating_point else tensor


def _number(size: Size) -> int:
    return -1 if size.as_int is None else size.as_int


def _held(
    signature: Signature, stored: dict[str, Tensor]
) -> tuple[dict[str, Tensor], frozenset[str]]:
    weights: dict[str, Tensor] = {}
    for entry in signature.input_specs:
        held = entry.parameter or entry.buffer or entry.tensor_constant
        if held is None:
            continue
        name = held.parameter_name or held.buffer_name or held.tensor_constant_name
        if name not in stored:
            raise CheckpointError(
                tr("The program lacks its weights {name!r:.80}.", name=name), _ANEW
            )
        weights[held.arg.name] = stored[name]
    parameters = (entry.parameter for entry in signature.input_specs)
    return weights, frozenset(held.arg.name for held in parameters if held is not None)


def _picture(graph: Graph, name: str) -> Meta:
    if name not in graph.tensor_values:
        raise CheckpointError(tr("The program does not say what it takes."), _ANEW)
    try:
        return msgspec.json.decode(graph.tensor_values[name], type=Meta)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CheckpointError(tr("The program does not say what it takes."), _ANEW) from error


def _damaged(name: str) -> CheckpointError:
    return CheckpointError(
        tr("{name} is damaged: it is not a whole exported program.", name=name),
        tr("Fetch or export it anew."),
    )


def element_type(code: int) -> torch.dtype:
    """Return the type that a number in the file stands for, float32 for every floating type.

    Raises
    ------
    CheckpointError
        It is not one of those that are understood.
    """
    kind = _TYPES.get(code)
    if kind is None:
        raise CheckpointError(
            tr("The program computes with a type of numbers ({code}) not known here.", code=code)
        )
    return torch.float32 if kind.is_floating_point else kind

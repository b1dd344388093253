"""A file of weights as names and tensors, read safely and with what was done to it in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.contexts import Share
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.models import checkpoint_pytorch, checkpoint_safetensors
from cnnviz_gui.core.models.checkpoint_file import CheckpointFile, examine, megabytes
from cnnviz_gui.core.models.pickle_names import SAVE_AGAIN
from cnnviz_gui.texts import tr

_NO_CONTEXT = NullContext()
MAX_TENSORS = 20_000
_MAX_DEPTH = 4
_CHUNK = 1 << 22
# What a training script keeps the weights under; of two with equally many, the first is taken.
_WRAPPERS = (
    *("model_ema", "state_dict_ema", "ema_state_dict", "ema", "params_ema"),
    *("state_dict", "model_state_dict", "model_state", "model", "network", "net"),
    *("module", "params", "weights", "classifier", "backbone", "teacher", "student"),
)
_AVERAGED = frozenset(_WRAPPERS[:5])
# What it keeps beside them.
_BESIDE = ("optim", "scheduler", "scaler", "callbacks", "loops", "hyper", "loss", "criterion")
_ALMOST_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a file, unwrapped, under the names they have in it."""

    file: CheckpointFile
    format: str
    """Such as ``safetensors``, ``PyTorch state dict``, ``exported program``."""
    tensors: dict[str, Tensor]
    """Of plain numbers, on the CPU, often mapped from the file: to be copied before use."""
    notes: tuple[str, ...] = ()
    damage: str = ""
    """What is wrong with the bytes, a sentence; usually empty."""


def read(path: str, ctx: Context = _NO_CONTEXT, expected: str = "") -> Checkpoint:
    """Read a file of weights; nothing in it is run.

    Parameters
    ----------
    expected
        The SHA-256 that the file must have; empty for any.

    Raises
    ------
    CheckpointError
        It cannot be read, is refused, damaged, or holds no weights.
    Cancelled
        By ``ctx``.
    """
    file = examine(path, Share(ctx, 0, 600), expected)
    ctx = Share(ctx, 600, 1000)
    if file.kind == "exported program":
        return Checkpoint(file, file.kind, {})
    if file.kind == "safetensors":
        held: object = checkpoint_safetensors.load(file, ctx)
        damage = ""
    else:
        held, damage = checkpoint_pytorch.load(file, ctx)
    tensors, notes = _unwrapped(held, file.name)
    _refuse_unusable(tensors, file)
    kind = "safetensors" if file.kind == "safetensors" else "PyTorch state dict"
    return Checkpoint(file, kind, tensors, notes, damage)


def not_finite(tensors: Mapping[str, Tensor], ctx: Context = _NO_CONTEXT) -> dict[str, int]:
    """Return how many numbers of each tensor are NaN or infinite, where there are any."""
    total = sum(tensor.numel() for tensor in tensors.values())
    done, found = 0, {}
    for name, tensor in tensors.items():
        count = 0
        if tensor.is_floating_point():
            for part in parts(tensor):
                # a sum is finite only if all of it is, and costs an eighth of looking at each
                if not part.sum(dtype=_wide(part)).isfinite():
                    count += part.numel() - int(part.isfinite().sum())
                done += part.numel()
                ctx.step(done, total)
        if count:
            found[name] = count
    return found


def _wide(tensor: Tensor) -> torch.dtype:
    """Return a type in which a sum of such numbers is as good as never too large."""
    return torch.float64 if tensor.dtype == torch.float64 else torch.float32


def parts(tensor: Tensor) -> tuple[Tensor, ...]:
    """Return pieces of a tensor that take a few milliseconds each."""
    if tensor.numel() <= _CHUNK or tensor.ndim == 0:
        return (tensor,)
    rows = max(1, _CHUNK * len(tensor) // tensor.numel())
    return torch.split(tensor, rows)


def _unwrapped(held: object, name: str) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Return the weights among what a file holds, and how they were found."""
    if not isinstance(held, dict):
        what = tr("a single tensor") if isinstance(held, Tensor) else tr("no names")
        raise CheckpointError(
            tr("{name} holds {what}, so its weights belong to no layer.", name=name, what=what),
            SAVE_AGAIN,
        )
    found = dict(_groups(held, (), set()))
    if not found:
        raise CheckpointError(
            tr("{name} holds no weights.", name=name), tr("Choose a file with a state dict.")
        )
    most = max(len(tensors) for tensors in found.values())
    likely = [path for path, tensors in found.items() if len(tensors) >= _ALMOST_ALL * most]
    path = min(likely, key=_rank)
    if not path:
        return found[path], ()
    place = ".".join(path)
    if _AVERAGED & set(path):
        return found[path], (tr("The averaged weights under {place!r} were used.", place=place),)
    return found[path], (tr("The weights under {place!r} were used.", place=place),)


def _rank(path: tuple[str, ...]) -> tuple[int, int]:
    """Order groups of weights: averaged ones first, then by how usual their wrapper is."""
    known = [_WRAPPERS.index(key) for key in path if key in _WRAPPERS]
    if not path:
        known = [_WRAPPERS.index("state_dict")]
    return min(known, default=len(_WRAPPERS)), len(path)


def _groups(
    held: dict[object, object], path: tuple[str, ...], seen: set[int]
) -> list[tuple[tuple[str, ...], dict[str, Tensor]]]:
    """Return the named tensors at each place of nested dicts, what belongs to training left out.

    The methods of ``dict`` itself are used: those of an object from a file may be covered. Each
    dict is looked at once: a file can hold one in a million places.
    """
    here: dict[str, Tensor] = {}
    found: list[tuple[tuple[str, ...], dict[str, Tensor]]] = []
    seen.add(id(held))
    for key, value in dict.items(held):
        if not isinstance(key, str):
            continue
        if isinstance(value, Tensor):
            here[key] = value
        elif (
            isinstance(value, dict)
            and id(value) not in seen
            and len(path) < _MAX_DEPTH
            and not _is_beside(key)
        ):
            found += _groups(value, (*path, key), seen)
    return [(path, here), *found] if here else found


def _is_beside(key: str) -> bool:
    return any(part in key.lower() for part in _BESIDE)


def _refuse_unusable(tensors: dict[str, Tensor], file: CheckpointFile) -> None:
    """Refuse tensors that are not plain numbers, and more of them than the file can hold."""
    if len(tensors) > MAX_TENSORS:
        raise CheckpointError(
            tr(
                "{name} holds {count:,} tensors, more than any image classifier.",
                name=file.name,
                count=len(tensors),
            ),
            tr("Choose the weights of a classifier."),
        )
    claimed = 0
    for name, tensor in tensors.items():
        if tensor.is_quantized or str(tensor.dtype).startswith(("torch.float8", "torch.float4")):
            raise checkpoint_pytorch.quantised_weights(file.name)
        if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_complex():
            raise CheckpointError(
                tr(
                    "{name!r} in {file} is no plain tensor of real numbers.",
                    name=name,
                    file=file.name,
                ),
                SAVE_AGAIN,
            )
        claimed += tensor.numel() * tensor.element_size()
    if claimed > 4 * file.size + (1 << 26):
        raise CheckpointError(
            tr(
                "The tensors in {name} claim {claimed} where the file holds {held}.",
                name=file.name,
                claimed=megabytes(claimed),
                held=megabytes(file.size),
            ),
            tr("The file is damaged or hostile: do not trust where it came from."),
        )

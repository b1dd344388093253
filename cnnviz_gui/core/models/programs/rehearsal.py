"""An exported program run once without numbers: what it would need is known before it is spent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import Cancelled, CheckpointError, CnnvizError
from cnnviz_gui.core.models.dispatch import Seeing
from cnnviz_gui.core.models.fields import tensors_in
from cnnviz_gui.core.models.programs.program import name_outputs, named
from cnnviz_gui.core.models.programs.steps import Draft
from cnnviz_gui.core.models.trace import multiply_adds
from cnnviz_gui.texts import tr

LARGEST = 1 << 29
"""Numbers in one tensor: 2 GiB of float32."""
_MOST_MACS = 5 * 10**12
"""For one run; a picture costs the largest network of the catalogue a fifth of it."""
_MOST_PIECES = 4096
_META = torch.device("meta")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was found out."""

    shapes: dict[str, tuple[int, ...]]
    """Of every tensor."""
    overwritten: dict[str, str]
    """By operation, the value it changes in place where that can be done by a new value."""
    in_place: frozenset[str]
    """Operations that must really change a value in place: others look at the same numbers."""
    nbytes: int
    """Of all that one run computes, which is what it keeps for its gradient at most."""


class _Limit(Seeing):
    """Refuses tensors that are too large, also those in the middle of an operation.

    It adds up what a run makes, and refuses one that computes without end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.nbytes = 0
        self._macs = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        given = [*tensors_in(args), *tensors_in(kwargs)]
        known = {tensor.untyped_storage()._cdata for tensor in given}
        self._macs += multiply_adds(func.overloadpacket, args, out)
        if self._macs > _MOST_MACS:
            raise CheckpointError(
                tr("The program would compute for hours; no picture needs that."),
                tr("Export the network again, or do not trust where the file came from."),
            )
        for tensor in tensors_in(out):
            if tensor.untyped_storage()._cdata not in known:
                self.nbytes += tensor.nbytes
            if tensor.numel() > LARGEST:
                raise CheckpointError(
                    tr(
                        "The program would need a tensor of {count:.1e} numbers; "
                        "no picture needs that.",
                        count=tensor.numel(),
                    )
                )
        return out


def rehearse(
    made: Iterable[Draft],
    weights: dict[str, Tensor],
    given: str,
    shape: tuple[int, ...],
    ctx: Context,
) -> Rehearsal:
    """Run a program on tensors that have shapes and no numbers.

    Raises
    ------
    CheckpointError
        It does not fit pictures of ``shape``, or asks for more memory than any picture needs.
    """
    values: dict[str, Any] = {name: tensor.to(_META) for name, tensor in weights.items()}
    values[given] = torch.empty(shape, device=_META)
    shapes = {name: tuple(value.shape) for name, value in values.items()}
    overwritten: dict[str, str] = {}
    in_place: set[str] = set()
    with torch.no_grad(), _Limit() as limit:
        for draft in made:
            ctx.check()
            inputs = tuple(values[name] for name in draft.names)
            try:
                _require_few_pieces(draft, values)
                result = draft.template(in_place=True)(inputs, _META)
                name_outputs(draft.outputs, result, values)
            except (CnnvizError, Cancelled):
                raise
            except Exception as error:
                size = " × ".join(map(str, shape))
                said = str(error).partition("\n")[0] or type(error).__name__
                raise CheckpointError(
                    tr(
                        "The program does not fit pictures of {size}: {name} fails.",
                        size=size,
                        name=draft.operator.name,
                    ),
                    tr("It says: {said:.300}", said=said),
                ) from error
            if draft.operator.in_place is not None:
                _note_change(draft, values, weights, overwritten, in_place)
            for name in named(draft.outputs):
                if isinstance(values[name], Tensor):
                    shapes[name] = tuple(values[name].shape)
            for name in draft.last:
                values.pop(name, None)
    return Rehearsal(shapes, overwritten, frozenset(in_place), limit.nbytes)


def _note_change(
    draft: Draft,
    values: dict[str, Any],
    weights: dict[str, Tensor],
    overwritten: dict[str, str],
    in_place: set[str],
) -> None:
    """Tell whether anything that is still needed looks at the numbers that were changed."""
    target = draft.names[0] if draft.names else ""
    changed = values.get(target)
    if not isinstance(changed, Tensor) or not isinstance(draft.outputs, str):
        raise CheckpointError(tr("The program is damaged: it changes what is no tensor."))
    store = changed.untyped_storage()._cdata
    own = {target, draft.outputs, *draft.last}
    others = [
        name
        for name, value in values.items()
        if name not in own and isinstance(value, Tensor) and value.untyped_storage()._cdata == store
    ]
    if not others:
        overwritten[draft.name] = target
    elif target in weights or weights.keys() & set(others):
        raise CheckpointError(tr("The program changes its own weights, so each run would differ."))
    else:
        in_place.add(draft.name)


def _require_few_pieces(draft: Draft, values: dict[str, Any]) -> None:
    """Refuse to cut a tensor into very many, before it is done."""
    arguments, name = draft.arguments, draft.operator.name
    if not isinstance(arguments, dict) or not draft.names:
        return
    tensor = values[draft.names[0]]
    if not isinstance(tensor, Tensor) or name not in ("unbind", "split", "chunk", "tensor_split"):
        return
    dim = arguments.get("dim", 0)
    length = (
        tensor.shape[dim] if isinstance(dim, int) and -tensor.dim() <= dim < tensor.dim() else 0
    )
    pieces = arguments.get("split_size", arguments.get("chunks", arguments.get("sections", 1)))
    if isinstance(pieces, int):
        pieces = math.ceil(length / max(pieces, 1)) if name in ("unbind", "split") else pieces
        if pieces > _MOST_PIECES:
            raise CheckpointError(
                tr(
                    "The program cuts a tensor into {pieces} pieces; that is too many.",
                    pieces=pieces,
                )
            )

"""Programs of ``torch.export.save`` (.pt2), opened without running anything that is in the file.

The file's graph is read as data and computed operation by operation, from a fixed list of torch's
own operations. So a program is a network like any other: its layers can be watched and cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.facts import Channels
from cnnviz_gui.core.models import checkpoint_file, unlisted
from cnnviz_gui.core.models.checkpoint import not_finite
from cnnviz_gui.core.models.checkpoint_file import CheckpointFile
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.output import PICTURES, Examined, examine
from cnnviz_gui.core.models.programs import file as program_file
from cnnviz_gui.core.models.programs.assembly import assemble
from cnnviz_gui.core.models.programs.file import Listing
from cnnviz_gui.core.models.programs.program import Program
from cnnviz_gui.core.models.programs.rehearsal import rehearse
from cnnviz_gui.core.models.programs.steps import Draft, drafts
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.result import CheckpointReport
from cnnviz_gui.texts import tr

FORMAT = "exported program"
_NO_CONTEXT = NullContext()
_MOST_PICTURES = 256


@dataclass(frozen=True, slots=True)
class Loaded:
    """A program that can run."""

    program: Program
    examined: Examined
    channels: Channels
    size: int
    notes: tuple[str, ...]
    problem: str
    """What makes predictions useless; usually empty."""
    tensors: int


def build(
    ref: ModelRef, ctx: Context = _NO_CONTEXT, device: torch.device | None = None
) -> Classifier:
    """Make a network of the program in a file, ``ref.checkpoint``.

    Raises
    ------
    CheckpointError
        The file cannot be read, holds what is not opened from a file, or is no classifier of
        pictures.
    ModelError
        What the reference says of it does not fit.
    """
    checkpoint = ref.checkpoint
    assert checkpoint is not None
    file = checkpoint_file.examine(checkpoint.path, ctx, checkpoint.sha256)
    loaded = load(Path(file.path), checkpoint.input_size, ctx)
    if loaded.problem and not checkpoint.damaged:
        raise CheckpointError(loaded.problem, tr("Use it anyway?"), offer="damaged")
    card = unlisted.card(
        name=Path(file.path).stem,
        title=file.name,
        family="Exported program",
        weights=file.name,
        examined=loaded.examined,
        channels=loaded.channels,
        size=loaded.size,
        labels=checkpoint.labels,
        mean=checkpoint.mean,
        std=checkpoint.std,
        sha256=file.sha256,
        notes=(*loaded.notes, *filter(None, (loaded.problem,))),
    )
    return Classifier(loaded.program, card, device, ctx, loaded.examined.reading)


def report(file: CheckpointFile, ctx: Context = _NO_CONTEXT) -> CheckpointReport:
    """Tell what a program is; raises as ``build``."""
    loaded = load(Path(file.path), None, ctx)
    return CheckpointReport(
        path=file.path,
        sha256=file.sha256,
        format=FORMAT,
        tensors=loaded.tensors,
        parameters=sum(parameter.numel() for parameter in loaded.program.parameters()),
        classes=loaded.examined.classes,
        channels=loaded.channels,
        candidates=(),
        notes=(tr("It takes pictures of {size} × {size} pixels.", size=loaded.size), *loaded.notes),
        problems=(loaded.problem,) if loaded.problem else (),
        expected=unlisted.expected(loaded.size, loaded.channels),
    )


def load(path: Path, size: int | None, ctx: Context) -> Loaded:
    """Read a program and make it a module.

    Parameters
    ----------
    size
        Side of the pictures in pixels; None for what the program was exported for, 224 where it
        takes any.
    """
    listing = program_file.read(path, ctx)
    batch, channels, side = _wanted(listing, size)
    if not listing.outputs:
        raise CheckpointError(
            tr("The program returns no tensor."), tr("Only classifiers can be opened.")
        )
    output = listing.outputs[0]
    made = drafts(listing, output)
    shape = (batch or 1, channels, side, side)
    rehearsal = rehearse(made, listing.weights, listing.given, shape, ctx)
    weights = {name: _as_parameter(name, listing) for name in listing.weights}
    program = assemble(made, rehearsal, weights, listing.given, output, batch).eval()
    ctx.check()
    needs = PICTURES * rehearsal.nbytes // (batch or 1)
    shortage.require(needs, tr("A run of {name}", name=path.name), torch.device("cpu"))
    examined = examine(program, channels, side, ctx)
    bad = not_finite(weights, ctx)
    return Loaded(
        program=program,
        examined=examined,
        channels=channels,
        size=side,
        notes=(*examined.notes, *_notes(listing, made, batch)),
        problem=_problem(path, bad, listing),
        tensors=len(weights),
    )


def _as_parameter(name: str, listing: Listing) -> Tensor:
    tensor = listing.weights[name]
    trained = name in listing.parameters and tensor.is_floating_point()
    return nn.Parameter(tensor, requires_grad=False) if trained else tensor


def _wanted(listing: Listing, size: int | None) -> tuple[int | None, Channels, int]:
    """Return batch, channels and side of the pictures."""
    shape = listing.shape
    if len(shape) != 4 or shape[1] not in (1, 3, 4):
        taken = " × ".join(tr("any") if length is None else str(length) for length in shape)
        raise CheckpointError(
            tr(
                "The program takes a tensor of {shape}, not pictures.", shape=taken or tr("no size")
            ),
            tr("Pictures are N × C × H × W with 1, 3 or 4 channels."),
        )
    batch, channels, *sides = shape
    fixed = {side for side in sides if side is not None}
    if len(fixed) > 1:
        raise CheckpointError(
            tr(
                "The program takes pictures of {height} × {width}; they must be square.",
                height=sides[0],
                width=sides[1],
            ),
            tr("Export it for square pictures."),
        )
    side = next(iter(fixed), size or unlisted.USUAL_SIZE)
    if size is not None and size != side:
        raise CheckpointError(
            tr("The program takes pictures of {side} × {side} pixels and no others.", side=side),
            tr("Set the input size to {side}.", side=side),
        )
    if side not in unlisted.SIZES or not (batch is None or 1 <= batch <= _MOST_PICTURES):
        raise CheckpointError(
            tr(
                "The program takes {batch} pictures of {side} × {side} at a time.",
                batch=batch,
                side=side,
            )
            if batch
            else tr(
                "The program takes any number of pictures of {side} × {side} at a time.", side=side
            ),
            tr("Export it for single pictures."),
        )
    return batch, cast(Channels, channels), side


def _notes(listing: Listing, made: tuple[Draft, ...], batch: int | None) -> list[str]:
    notes = []
    if len(listing.outputs) > 1:
        notes.append(
            tr("It returns {count} values; the first is used.", count=len(listing.outputs))
        )
    if listing.half:
        notes.append(tr("It was exported in half precision and is computed in float32."))
    if any(draft.calmed for draft in made):
        notes.append(
            tr("It was exported in training mode; norms and dropout work as in evaluation.")
        )
    if batch is not None and batch > 1:
        notes.append(
            tr(
                "It was exported for batches of {batch}: one picture costs as much as those.",
                batch=batch,
            )
        )
    return notes


def _problem(path: Path, bad: dict[str, int], listing: Listing) -> str:
    if not bad:
        return ""
    name, count = next(iter(bad.items()))
    return tr(
        "{name!r:.80} in {file} is damaged: {count} of its {total} numbers are NaN or infinite.",
        name=name,
        file=path.name,
        count=count,
        total=listing.weights[name].numel(),
    )

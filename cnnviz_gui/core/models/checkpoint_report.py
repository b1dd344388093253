"""What is said of a file of weights: what was done to it, what is wrong with it, what it holds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Share
from cnnviz_gui.core.errors import CheckpointError
from cnnviz_gui.core.facts import Candidate, Expected
from cnnviz_gui.core.models import catalogue, exported, match, own, remembered
from cnnviz_gui.core.models.architectures import Shapes
from cnnviz_gui.core.models.cards import published
from cnnviz_gui.core.models.checkpoint import Checkpoint, not_finite, read
from cnnviz_gui.core.models.checksum import promised
from cnnviz_gui.core.models.match import Fit
from cnnviz_gui.core.models.other_libraries import library_of
from cnnviz_gui.core.models.pixels import LUMA
from cnnviz_gui.core.request import InspectCheckpoint, ModelRef
from cnnviz_gui.core.result import CheckpointReport
from cnnviz_gui.texts import ntr, tr

Triple = tuple[float, float, float]
_NAMED = 3
"""How many damaged tensors are named one by one."""


def inspect(request: InspectCheckpoint, session: object, ctx: Context) -> CheckpointReport:
    """Answer what a file of weights holds; raises as ``checkpoint.read``."""
    found = read(request.path, Share(ctx, 0, 600))
    if found.format == exported.FORMAT:
        report = exported.report(found.file, ctx)
    else:
        report = _report(found, ctx)
    answers = remembered.recall(found.file.sha256)
    if answers is None:
        return report
    before = dataclasses.replace(
        answers.checkpoint, path=found.file.path, sha256=found.file.sha256, damaged=False
    )
    return dataclasses.replace(report, remembered=before, architecture=answers.architecture)


def classes(model: ModelRef, ctx: Context) -> int | None:
    """Return how many classes the network of ``model.checkpoint`` has, None without a classifier.

    Raises as ``checkpoint.read``.
    """
    asked = model.checkpoint
    assert asked is not None
    found = read(asked.path, ctx, asked.sha256)
    if found.format == exported.FORMAT:
        return exported.report(found.file, ctx).classes
    shapes = shapes_of(found)
    if model.name:
        return _shown_classes(match.fit_to(model.name, shapes, ctx))
    return _shown_classes(next(iter(match.candidates(shapes, ctx)), None))


def _shown_classes(fit: Fit | None) -> int | None:
    """Return the rows of the classifier; a single one is shown as two classes."""
    return max(2, fit.classes) if fit is not None and fit.classes else None


def _report(found: Checkpoint, ctx: Context) -> CheckpointReport:
    known = match.candidates(shapes_of(found), Share(ctx, 600, 600))
    best = known[0] if known else None
    if best is None:
        said: tuple[str, ...] = found.notes
        problems = (str(nothing_fits(found)),)
    else:
        said = notes(found, best)
        problems = (
            *((headless(best),) if best.headless else ()),
            *altered(found, best),
            *not_numbers(found, best, Share(ctx, 600, 1000)),
        )
    parameters = sum(
        tensor.numel()
        for name, tensor in found.tensors.items()
        if tensor.is_floating_point() and not name.endswith(("running_mean", "running_var"))
    )
    return CheckpointReport(
        path=found.file.path,
        sha256=found.file.sha256,
        format=found.format,
        tensors=len(found.tensors),
        parameters=parameters,
        classes=_shown_classes(best),
        channels=None if best is None else best.channels,
        candidates=tuple(_candidate(one) for one in known),
        notes=said,
        problems=problems,
        counters=sum(name.endswith("num_batches_tracked") for name in found.tensors),
    )


def _candidate(one: Fit) -> Candidate:
    return dataclasses.replace(one.candidate(), expected=expected(one))


def expected(chosen: Fit) -> Expected:
    """Return how pictures are made ready for a network where nothing is said of that.

    One that reads grey, of an architecture for colours, has the normalisation of their luma.
    """
    known = chosen.architecture
    usual = published(known.name)
    mean, std = usual.mean, usual.std
    if chosen.channels == 1 and known.channels != 1:
        mean, std = luma(mean), luma(std)
    return Expected(chosen.input_size or usual.input_size, mean, std)


def luma(colours: Triple) -> Triple:
    """Return three times how bright a colour is."""
    grey = sum(share * colour for share, colour in zip(LUMA, colours, strict=True))
    return grey, grey, grey


def shapes_of(found: Checkpoint) -> Shapes:
    """Return names and shapes of the tensors in a file."""
    return {name: tuple(tensor.shape) for name, tensor in found.tensors.items()}


def nothing_fits(found: Checkpoint) -> CheckpointError:
    """Return the failure of a file without any likely network."""
    name, library = found.file.name, library_of(found.tensors)
    if not library:
        return CheckpointError(
            tr(
                "The tensors in {name} resemble none of the networks that are known here.",
                name=name,
            ),
            tr("Open it from Python instead, with cnnviz_gui.show(network)."),
        )
    return CheckpointError(
        tr(
            "The tensors in {name} resemble none of the networks that are known here: "
            "they have the names of another library, {library}.",
            name=name,
            library=library,
        ),
        tr("Load them there, and open the network from Python with cnnviz_gui.show(network)."),
    )


def headless(chosen: Fit) -> str:
    """Return what a missing classifier means."""
    return tr(
        "The classifier of {title} is missing: features work, predictions mean nothing.",
        title=chosen.architecture.title,
    )


def altered(found: Checkpoint, chosen: Fit) -> tuple[str, ...]:
    """Return what is wrong with the bytes: a checksum in the file, or the one that is published."""
    said = [found.damage] if found.damage else []
    path = Path(found.file.path)
    published = path.name in _published(chosen.architecture.name)
    if published and not found.file.sha256.startswith(promised(path)):
        said.append(
            tr(
                "{name} is not what was published under this name: it was damaged or altered.",
                name=found.file.name,
            )
        )
    return tuple(said)


def _published(name: str) -> set[str]:
    """Return the names of the files in which weights of a network are published."""
    if own.find(name) is not None:
        return set()
    members = catalogue.torchvision_models().get_model_weights(name)
    return {str(member.url).rpartition("/")[2] for member in members}


def not_numbers(found: Checkpoint, chosen: Fit, ctx: Context) -> tuple[str, ...]:
    """Return which weights of the network are NaN or infinite."""
    used = {name: found.tensors[there] for name, there in chosen.names.items()}
    counts = not_finite(used, ctx)
    said = [
        ntr(
            "{name} holds {n} number that is not finite.",
            "{name} holds {n} numbers that are not finite.",
            count,
            name=name,
        )
        for name, count in list(counts.items())[:_NAMED]
    ]
    if len(counts) > _NAMED:
        said.append(tr("So do {count} more tensors.", count=len(counts) - _NAMED))
    return tuple(said)


def notes(found: Checkpoint, chosen: Fit) -> tuple[str, ...]:
    """Return what was done to the weights, and what they are for, a sentence each."""
    title, said = chosen.architecture.title, list(found.notes)
    if chosen.view.prefix:
        said.append(tr("The prefix {prefix!r} was removed.", prefix=chosen.view.prefix))
    if chosen.classifier:
        said.append(
            tr(
                "{layer!r} serves as the classifier.",
                layer=chosen.classifier.removesuffix(".weight"),
            )
        )
    types = {found.tensors[there].dtype for there in chosen.names.values()} - {torch.float32}
    converted = sorted(str(one).removeprefix("torch.") for one in types if one.is_floating_point)
    if converted:
        said.append(
            tr("Weights in {types} were converted to float32.", types=tr(" and ").join(converted))
        )
    if chosen.auxiliary:
        said.append(tr("The auxiliary heads, which serve training only, were left out."))
    left = len(chosen.unexpected) + chosen.beside
    if left:
        said.append(
            ntr(
                "{n} tensor that has no place in {title} was left out.",
                "{n} tensors that have no place in {title} were left out.",
                left,
                title=title,
            )
        )
    if chosen.input_size is not None:
        said.append(tr("It was trained on pictures of {size} × {size}.", size=chosen.input_size))
    if chosen.channels != chosen.architecture.channels and chosen.channels is not None:
        kinds = {
            1: tr("It reads grey pictures."),
            3: tr("It reads pictures in colour."),
            4: tr("It reads a fourth channel."),
        }
        other = tr("It reads {count} channels.", count=chosen.channels)
        said.append(kinds.get(chosen.channels, other))
    if chosen.classes == 1:
        said.append(tr("Its one output is read as two classes."))
    return tuple(said)

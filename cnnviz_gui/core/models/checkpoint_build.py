"""From a file of weights to a network."""

from __future__ import annotations

import dataclasses
import math
from typing import cast, get_args

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.contexts import Share
from cnnviz_gui.core.errors import CheckpointError, ModelError
from cnnviz_gui.core.facts import Channels
from cnnviz_gui.core.models import architectures, exported, imagenet, match
from cnnviz_gui.core.models.cards import published
from cnnviz_gui.core.models.checkpoint import Checkpoint, parts, read
from cnnviz_gui.core.models.checkpoint_pytorch import quantised_weights
from cnnviz_gui.core.models.checkpoint_report import (
    altered,
    expected,
    headless,
    not_numbers,
    notes,
    nothing_fits,
    shapes_of,
)
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.match import Fit
from cnnviz_gui.core.models.output import Reading
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.models.trace import trace
from cnnviz_gui.core.request import CheckpointRef, ModelRef
from cnnviz_gui.texts import tr

_NO_CONTEXT = NullContext()
_SIZES = range(8, 2049)
Triple = tuple[float, float, float]


def build(
    ref: ModelRef, ctx: Context = _NO_CONTEXT, device: torch.device | None = None
) -> Classifier:
    """Build the network of ``ref.checkpoint``, of the architecture named or of the likeliest.

    Raises
    ------
    CheckpointError
        The file cannot be read, has changed, fits no network, or its weights are missing or no
        numbers; ``offer`` is ``"damaged"`` where setting that field would open it all the same.
    ModelError
        There is no network of that name, or what else is said of the file does not fit.
    """
    asked = ref.checkpoint
    assert asked is not None
    found = read(asked.path, Share(ctx, 0, 600), asked.sha256)
    if found.format == exported.FORMAT:
        return exported.build(ref, ctx, device)
    shapes, still = shapes_of(found), Share(ctx, 600, 600)
    known = match.candidates(shapes, still) if not ref.name else ()
    if not ref.name and not known:
        raise nothing_fits(found)
    chosen = match.fit_to(ref.name, shapes, still) if ref.name else known[0]
    if not chosen.fitting or not (chosen.exact or asked.damaged):
        raise _misfit(found, chosen, shapes, still)
    wrong = (*altered(found, chosen), *not_numbers(found, chosen, Share(ctx, 600, 800)))
    if wrong and not asked.damaged:
        raise CheckpointError(
            wrong[0], tr("Fetch it again, or use it all the same."), offer="damaged"
        )
    card = _card(asked, found, chosen, wrong)
    network = architectures.make(
        chosen.architecture.name, _classes(asked, chosen), card.channels, chosen.input_size
    )
    _require_size(network, card, asked, chosen)
    _fill(network, found, chosen, Share(ctx, 800, 1000))
    reading = Reading("logit" if chosen.classes == 1 else "logits")
    return Classifier(network, card, device, ctx, reading)


def _misfit(
    found: Checkpoint, chosen: Fit, shapes: architectures.Shapes, ctx: Context
) -> CheckpointError:
    """Return why the weights are not those of the chosen network, and of which they may be."""
    title = chosen.architecture.title
    better = next(iter(match.candidates(shapes, ctx)), chosen)
    if not better.fitting:
        return nothing_fits(found)
    likely = better.architecture.title
    if not chosen.fitting:
        return CheckpointError(
            tr(
                "{name} looks like {likely}; nothing in it fits {title}.",
                name=found.file.name,
                likely=likely,
                title=title,
            ),
            tr("Open it as {likely}.", likely=likely),
        )
    if better.architecture.name != chosen.architecture.name and better.likeness > chosen.likeness:
        return CheckpointError(
            tr(
                "{name} looks like {likely}; only {fitting} of {total} tensors fit {title}.",
                name=found.file.name,
                likely=likely,
                fitting=chosen.fitting,
                total=chosen.total,
                title=title,
            ),
            tr("Open it as {likely}.", likely=likely),
            offer="damaged",
        )
    missing, misshapen, left = map(len, (chosen.missing, chosen.misshapen, chosen.unexpected))
    counts = (
        (missing, tr("{count} missing", count=missing)),
        (misshapen, tr("{count} of another shape", count=misshapen)),
        (left, tr("{count} left over", count=left)),
    )
    first = (*chosen.missing, *chosen.misshapen, *chosen.unexpected)[0]
    differences = ", ".join(said for count, said in counts if count)
    return CheckpointError(
        tr(
            "{name} looks like {title}: {fitting} of {total} tensors fit; "
            "{differences}, first {first!r}.",
            name=found.file.name,
            title=title,
            fitting=chosen.fitting,
            total=chosen.total,
            differences=differences,
            first=first,
        ),
        tr("Choose another network, or open it with random weights where they differ."),
        offer="damaged",
    )


def _classes(asked: CheckpointRef, chosen: Fit) -> int:
    """Return how many rows the classifier has, also where the file has none."""
    return chosen.classes or len(asked.labels) or 1000


def _card(asked: CheckpointRef, found: Checkpoint, chosen: Fit, problems: tuple[str, ...]) -> Card:
    known = chosen.architecture
    usual = published(known.name)
    channels = chosen.channels or known.channels
    if channels not in get_args(Channels):
        raise CheckpointError(
            tr(
                "The network in {name} reads {channels} channels, and pictures have three.",
                name=found.file.name,
                channels=channels,
            ),
            tr("Choose a network for pictures."),
        )
    usually = expected(chosen)
    size = asked.input_size or usually.input_size
    if size not in _SIZES:
        raise ModelError(
            tr("Pictures of {size} × {size} pixels are not shown to a network.", size=size),
            tr("Choose a size from {least} to {most}.", least=_SIZES.start, most=_SIZES.stop - 1),
        )
    random = "" if chosen.headless else _random(chosen)
    lacking = headless(chosen) if chosen.headless else random
    return dataclasses.replace(
        usual,
        trained=not random,
        weights=tr("{name}, partly random", name=found.file.name) if random else found.file.name,
        input_size=size,
        resize_size=round(usual.resize_size * size / usual.input_size),
        mean=_checked("mean", asked.mean or usually.mean),
        std=_checked("std", asked.std or usually.std),
        labels=_labels(asked, max(2, _classes(asked, chosen)), known.title),
        channels=cast(Channels, channels),
        sha256=found.file.sha256,
        notes=(*notes(found, chosen), *((lacking,) if lacking else ()), *problems),
        headless=known.classifier[0] in (*chosen.missing, *chosen.misshapen),
    )


def _random(chosen: Fit) -> str:
    """Return the note that tensors keep random values; empty where none does."""
    lacking = len(chosen.missing) + len(chosen.misshapen)
    if not lacking:
        return ""
    return tr(
        "{lacking} of {total} tensors do not fit and have random values.",
        lacking=lacking,
        total=chosen.total,
    )


def _labels(asked: CheckpointRef, classes: int, title: str) -> tuple[str, ...]:
    if asked.labels and len(asked.labels) != classes:
        raise ModelError(
            tr(
                "{title} has {classes} classes here, but {given} names are given.",
                title=title,
                classes=classes,
                given=len(asked.labels),
            ),
            tr("Give one name per class, in the order of the network's outputs."),
        )
    if asked.labels:
        return asked.labels
    if classes == 1000:
        return imagenet.labels()
    return tuple(str(index) for index in range(classes))


def _checked(what: str, triple: Triple) -> Triple:
    if not all(math.isfinite(value) and (what == "mean" or value > 0) for value in triple):
        raise ModelError(
            tr("The {what} {triple} is no normalisation.", what=what, triple=triple),
            tr("Give three numbers, one for each colour; those of std are above 0."),
        )
    return triple


def _fill(network: nn.Module, found: Checkpoint, chosen: Fit, ctx: Context) -> None:
    """Put the weights of a file into a network without numbers; what does not fit is random."""
    generator = torch.Generator().manual_seed(0)
    wanted = [(name, t) for name, t in network.state_dict().items() if t.is_meta]
    for number, (name, shape) in enumerate((name, tensor.shape) for name, tensor in wanted):
        ctx.step(number, len(wanted))
        there = found.tensors.get(chosen.names.get(name, ""))
        if there is not None and there.shape == shape:
            if not there.is_floating_point():
                raise quantised_weights(found.file.name)
            value = _copied(there, ctx)
        else:
            value = _random_values(name, shape, generator)
        place, _, leaf = name.rpartition(".")
        module = network.get_submodule(place)
        parameter = isinstance(getattr(module, leaf), nn.Parameter)
        setattr(module, leaf, nn.Parameter(value, requires_grad=False) if parameter else value)


def _copied(tensor: Tensor, ctx: Context) -> Tensor:
    """Return float32 of its own, contiguous: the file behind the tensor may change or vanish."""
    target = torch.empty(tensor.shape)
    for to, of in zip(parts(target), parts(tensor.detach()), strict=True):
        ctx.check()
        to.copy_(of)
    return target


def _random_values(name: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Return what a network of its own begins with: small weights, norms that change nothing."""
    if len(shape) > 1:
        spread = 1 / math.sqrt(math.prod(shape[1:]))
        return torch.empty(shape).normal_(0, spread, generator=generator)
    still = name.endswith(("bias", "running_mean"))
    return torch.zeros(shape) if still else torch.ones(shape)


def _require_size(network: nn.Module, card: Card, asked: CheckpointRef, chosen: Fit) -> None:
    """Refuse a size of pictures that the network cannot take, and tell which it wants."""
    wanted = chosen.input_size or published(chosen.architecture.name).input_size
    if asked.input_size in (None, wanted):
        return
    try:
        trace(network, card.input_size, card.channels)
    except Exception as error:  # every network refuses in its own way
        raise ModelError(
            tr(
                "{title} with these weights takes pictures of {wanted} × {wanted} pixels, not"
                " of {size} × {size}.",
                title=card.title,
                wanted=wanted,
                size=card.input_size,
            ),
            tr("Set the input size to {wanted}.", wanted=wanted),
        ) from error

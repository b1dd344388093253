"""Modules given from Python by ``cnnviz_gui.show``: kept in this process under a name of their own.

The registry is written by whoever shows a module and read by the worker; both only ever replace or
look up one entry.
"""

from __future__ import annotations

import copy
import itertools
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.facts import CatalogueEntry, Channels
from cnnviz_gui.core.models import unlisted
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.output import Examined, examine, first_tensor
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.request import GIVEN, ModelRef
from cnnviz_gui.texts import tr

_NO_CONTEXT = NullContext()
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_HOOKED = tr("It brings hooks of its own, which run with it.")


@dataclass(frozen=True, slots=True)
class _Given:
    network: nn.Module
    card: Card
    examined: Examined


_given: dict[str, _Given] = {}
_numbers = itertools.count(1)


class OneByOne(nn.Module):
    """A network that takes one picture at a time, made to take any number."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self._hooked = _hooked(network)

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network gives for each picture, in one tensor."""
        # its forward, lest it were a layer of itself; unless its own hooks belong to what it does
        run = self.network if self._hooked else self.network.forward
        return torch.cat([first_tensor(run(picture)) for picture in torch.split(x, 1)])


def register(
    module: object,
    *,
    labels: Sequence[str] | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    input_size: int = 224,
    resize_size: int | None = None,
    channels: int | None = None,
    title: str | None = None,
) -> ModelRef:
    """Keep a copy of a module, after a try with noise, and return the name it is opened by.

    The module itself is not altered, nor kept.

    Raises
    ------
    ModelError
        It is no module, cannot be copied, takes no pictures of that size, or returns no logits; or
        what is said of it does not fit.
    """
    network = _copy(module, input_size)
    title = title or type(_inner(module)).__name__
    if input_size not in unlisted.SIZES:
        raise ModelError(
            tr(
                "Pictures of {size} × {size} pixels cannot be shown.",
                size=input_size,
            ),
            tr(
                "Give an input_size from {least} to {most}.",
                least=unlisted.SIZES[0],
                most=unlisted.SIZES[-1],
            ),
        )
    if isinstance(labels, str):
        raise ModelError(tr("The labels are one text."), tr("Give a list with one text per class."))
    reads = _channels(network, channels)
    with torch.random.fork_rng(devices=[]):
        network, examined = _examined(network, reads, input_size)
    name = f"{GIVEN}{next(_numbers)}"
    notes = [*examined.notes, *([_HOOKED] if any(map(_hooked, network.modules())) else [])]
    card = unlisted.card(
        name=name,
        title=title,
        family=tr("From Python"),
        weights=tr("from Python"),
        examined=examined,
        channels=reads,
        size=input_size,
        resize=resize_size,
        labels=labels or (),
        mean=mean,
        std=std,
        notes=notes,
    )
    _given[name] = _Given(network, card, examined)
    return ModelRef(name=name)


def forget(ref: ModelRef) -> None:
    """Drop a module; networks that were built of it stay."""
    _given.pop(ref.name, None)


def title(ref: ModelRef) -> str:
    """Return what a given module is called."""
    return _given[ref.name].card.title


def build(
    ref: ModelRef, ctx: Context = _NO_CONTEXT, device: torch.device | None = None
) -> Classifier:
    """Make a network of a given module.

    Raises
    ------
    ModelError
        It was given to another process, or its window was closed.
    """
    found = _given.get(ref.name)
    if found is None:
        raise ModelError(
            tr(
                "This is about a module that was shown from Python; it is gone with the window"
                " it was shown in."
            ),
            tr("Show it again, or save its weights or the exported program and open that file."),
        )
    network = found.network
    if device is not None and device.type != "cpu":
        network = copy.deepcopy(network)  # the one kept here must outlive the device
    return Classifier(network, found.card, device, ctx, found.examined.reading)


def entries() -> tuple[CatalogueEntry, ...]:
    """Return the given modules as entries of the catalogue."""
    return tuple(_entry(name, one) for name, one in list(_given.items()))


def _entry(name: str, one: _Given) -> CatalogueEntry:
    return CatalogueEntry(
        name=name,
        title=one.card.title,
        family=one.card.family,
        parameters=sum(parameter.numel() for parameter in one.network.parameters()),
        weights="here",
        input_size=one.card.input_size,
        accuracy=None,
        macs=None,
        size=None,
        classes=one.examined.classes,
    )


def _inner(module: object) -> object:
    """Return what a compiled or a parallel module was made from."""
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return _inner(module.module)
    original = getattr(module, "_orig_mod", None)
    return module if original is None else _inner(original)


def _copy(module: object, size: int) -> nn.Module:
    inner = _inner(module)
    export = sys.modules.get("torch.export")  # whoever has such a program has imported it
    if export is not None and isinstance(inner, export.ExportedProgram):
        return _program(inner, size)
    if not isinstance(inner, nn.Module):
        raise ModelError(
            tr("A network is shown, and this is of type {kind}.", kind=type(module).__name__),
            tr("Give a torch.nn.Module."),
        )
    if isinstance(inner, torch.jit.ScriptModule):
        raise ModelError(
            tr("The module is TorchScript, whose layers cannot be watched."),
            tr("Give the module that it was made from."),
        )
    try:
        twin = copy.deepcopy(inner)
        return twin.to("cpu").float().eval().requires_grad_(False)
    except Exception as error:  # whatever its own classes do when they are copied
        said = str(error).partition("\n")[0]
        raise ModelError(
            tr(
                "The module cannot be copied: {kind}: {said:.300}",
                kind=type(error).__name__,
                said=said,
            ),
            tr("Make it anew, load its state dict into it, and show it before it has run."),
        ) from error


def _program(program: Any, size: int) -> nn.Module:
    """Return a program with layers, or in one piece where it does what none from a file may."""
    from cnnviz_gui.core.models import exported

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.pt2")
        try:
            torch.export.save(program, path)
            return exported.load(path, size, NullContext()).program
        except Exception:  # its module says in its own words what it cannot do
            whole = copy.deepcopy(program.module())
            return cast(nn.Module, whole).to("cpu").eval().requires_grad_(False)


def _channels(network: nn.Module, given: int | None) -> Channels:
    """Return what is said, or what the first convolution reads."""
    convolutions = (part for part in network.modules() if isinstance(part, nn.Conv2d))
    first = next(convolutions, None)
    reads = given if given is not None else 3 if first is None else first.in_channels
    if reads not in (1, 3, 4):
        raise ModelError(
            tr("The network reads {channels} channels, and pictures have three.", channels=reads),
            tr("Networks for 1 (grey), 3 or 4 channels can be shown."),
        )
    return cast(Channels, reads)


def _examined(network: nn.Module, channels: Channels, size: int) -> tuple[nn.Module, Examined]:
    """Try a network with two pictures, and with one at a time where it takes no more."""
    try:
        return network, examine(network, channels, size, _NO_CONTEXT)
    except ModelError:
        alone = OneByOne(network)
        try:
            return alone, examine(alone, channels, size, _NO_CONTEXT)
        except ModelError:
            pass
        raise


def _hooked(part: nn.Module) -> bool:
    return any(getattr(part, kind, None) for kind in _HOOKS)

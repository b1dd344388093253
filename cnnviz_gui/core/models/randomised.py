"""A copy of a network whose weights become random, from the layer nearest the classes down."""

from __future__ import annotations

import copy
import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card, PixelNetwork
from cnnviz_gui.texts import tr

_NORMS = (
    nn.modules.batchnorm._BatchNorm,
    nn.LayerNorm,
    nn.GroupNorm,
    nn.RMSNorm,
    nn.modules.instancenorm._InstanceNorm,
)
_LINEAR = (nn.modules.conv._ConvNd, nn.Linear)


@dataclass(frozen=True, slots=True)
class Stage:
    """Layers that become random together."""

    layer: str
    """The lowest of them that is no norm."""
    modules: tuple[str, ...]
    layers: int
    """How many layers are random then, norms not counted."""


class Randomised:
    """A copy of a network, all of it in the memory that one more network takes.

    Raises
    ------
    DeviceError
        There is no room for it.
    """

    def __init__(self, classifier: Classifier, seed: int) -> None:
        title = classifier.facts.title
        shortage.require(classifier.nbytes, tr("A copy of {title}", title=title), classifier.device)
        self._original = classifier
        self._network = copy.deepcopy(_pixels(classifier).network)
        self._generator = torch.Generator().manual_seed(seed)
        self._fresh: set[nn.Module] = set()

    def stages(self, most: int) -> tuple[Stage, ...]:
        """Return at most so many stages that make all layers with weights random, from the top.

        The first is the last layer alone, the rest are about equally long.

        Raises
        ------
        MethodError
            The network's layers are not known.
        """
        units = _units(self._original)
        if not units:
            raise MethodError(
                tr(
                    "{title} has no layers with weights that are known.",
                    title=self._original.facts.title,
                ),
                tr("Choose another network."),
            )
        rest = len(units) - 1
        stages = min(most - 1, rest)
        ends = [1 + rest * number // stages for number in range(stages + 1)] if stages else [1]
        made, begun = [], 0
        for end in ends:
            paths = tuple(path for _, unit in units[begun:end] for path in unit)
            made.append(Stage(units[end - 1][0], paths, end))
            begun = end
        return tuple(made)

    def renew(self, stage: Stage, *, everything: bool) -> Classifier:
        """Make a stage random too, and return the network as it is then.

        What was returned before must not be used any more.

        Parameters
        ----------
        everything
            This is the last stage: weights that belong to no layer become random as well.
        """
        with torch.no_grad():
            for path in stage.modules:
                self._renew(self._network.get_submodule(path))
            if everything:
                self._renew(self._network)
        facts, reading = self._original.facts, _pixels(self._original).reading
        card = Card(**{f.name: getattr(facts, f.name) for f in dataclasses.fields(Card)})
        return Classifier(
            self._network,
            card,
            self._original.device,
            reading=reading,
            known=self._original.blueprint,
        )

    def _renew(self, module: nn.Module) -> list[nn.Module]:
        """Draw the weights of a module and of those inside it anew, once; return its norms."""
        norms: list[nn.Module] = []
        for part in module.modules():
            if part in self._fresh:
                continue
            self._fresh.add(part)
            if isinstance(part, _NORMS):
                part.reset_parameters()
                norms.append(part)
                continue
            for name, tensor in part.named_parameters(recurse=False):
                tensor.copy_(self._drawn(part, name, tensor))
        return norms

    def _drawn(self, part: nn.Module, name: str, tensor: Tensor) -> Tensor:
        """Return new values: those He drew for layers, else the old ones in another order."""
        if not isinstance(part, _LINEAR):
            order = torch.randperm(tensor.numel(), generator=self._generator).to(tensor.device)
            return tensor.detach().reshape(-1)[order].reshape(tensor.shape)
        if name != "weight":
            return torch.zeros_like(tensor)
        spread = math.sqrt(2 / max(1, tensor[0].numel()))
        return torch.randn(tensor.shape, generator=self._generator) * spread


def _pixels(classifier: Classifier) -> PixelNetwork:
    stock = classifier.stock
    assert isinstance(stock, PixelNetwork)
    return stock


def _units(classifier: Classifier) -> list[tuple[str, list[str]]]:
    """Return each layer with weights and the norms after it, by module, the last first."""
    units: list[tuple[str, list[str]]] = []
    seen: set[str] = set()
    for row in classifier.facts.layers:
        path = classifier.place(row.name).path
        if not row.leaf or row.operation or not row.parameters or path in seen:
            continue
        seen.add(path)
        if row.role == "norm" and units:
            units[-1][1].append(path)
        else:
            units.append((row.name, [path]))
    return units[::-1]

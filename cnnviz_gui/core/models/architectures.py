"""The networks of the catalogue as names and shapes, and how to make one for given weights.

A network is made here without the values of its weights, so that even the largest costs a fraction
of a second and no memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt
from typing import Any

import torch
from torch import nn

from cnnviz_gui.core.models import catalogue, names, own
from cnnviz_gui.core.models.skeleton import without_weights

Shape = tuple[int, ...]
Shapes = dict[str, Shape]

_PROBE_CLASSES = 997
"""A number of classes that no other axis of any network has, to find the classifier by."""
# Heads that serve training only; trained checkpoints hold them or not.
_AUXILIARY = ("aux1.", "aux2.", "AuxLogits.")
_WITH_AUXILIARY = ("googlenet", "inception_v3")
_POSITIONS = "encoder.pos_embedding"
_PATCHES = "conv_proj.weight"
# Older versions of DenseNet wrote norm.1 where the modules are called norm1, those of the vision
# transformer linear_1 and linear_2 where the layers of a block are numbered.
_DENSENET = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)$")
_TRANSFORMER = re.compile(r"^(encoder\.layers\..*\.mlp)\.linear_([12])\.(.*)$")


@dataclass(frozen=True, slots=True, eq=False)
class Architecture:
    """One network of the catalogue, without weights."""

    name: str
    title: str
    family: str
    shapes: Shapes
    """Of all that is trained as published, the auxiliary heads left out."""
    computed: frozenset[str]
    """Names of what need not be read: counters, and what the network computes for itself."""
    classifier: tuple[str, ...]
    """Names of the tensors whose first axis are the classes, the weight first."""
    stem: str
    """Name of the first convolution's weight."""
    channels: int
    """That it reads as published."""
    aliases: dict[str, str]
    """Our names of tensors by those that others give them."""

    def modern(self, name: str) -> str:
        """Return the name that a tensor of an older or a foreign file has here."""
        if name in self.shapes or name in self.computed:
            return name
        renamed = modern(name)
        return self.aliases.get(renamed, renamed)

    def shape(self, name: str, found: Shape) -> Shape:
        """Return the shape that a tensor has in the network most like the one ``found`` is of.

        The number of classes, of the channels of the picture and of the positions of a vision
        transformer are not the architecture's own.
        """
        wanted = self.shapes[name]
        if len(found) != len(wanted):
            return wanted
        if name in self.classifier and found[0]:
            return (found[0], *wanted[1:])
        if name == self.stem and found[1] in (1, 3, 4):
            return (wanted[0], found[1], *wanted[2:])
        if name == _POSITIONS and found[1] > 1 and isqrt(found[1] - 1) ** 2 == found[1] - 1:
            return (wanted[0], found[1], wanted[2])
        return wanted

    def input_size(self, found: Shapes) -> int | None:
        """Return the side of the picture that positions were learnt for; None without any."""
        if _POSITIONS not in self.shapes or _POSITIONS not in found:
            return None
        positions = self.shape(_POSITIONS, found[_POSITIONS])[1]
        return isqrt(positions - 1) * self.shapes[_PATCHES][-1]


@lru_cache(maxsize=1)
def names_by_kind() -> tuple[tuple[str, ...], ...]:
    """Return all networks of the catalogue, those of one kind together, the smallest first."""
    kinds: dict[str, list[str]] = {}
    for ours in (*own.FIRST, *own.LAST):
        kinds.setdefault(type(ours).__name__, []).append(ours.name)
    for name in sorted(catalogue.torchvision_names(), key=_parameters):
        kinds.setdefault(catalogue.builder(name).__module__, []).append(name)
    return tuple(tuple(members) for members in kinds.values())


@lru_cache(maxsize=256)
def architecture(name: str) -> Architecture:
    """Return names and shapes of a network of the catalogue; a second call is free.

    Raises
    ------
    ModelError
        There is no network of that name.
    """
    ours = own.find(name)
    if ours is None and name not in catalogue.torchvision_names():
        raise catalogue.unknown(name)
    network = _made(name, _PROBE_CLASSES, {}, auxiliary=True)
    state = {
        key: tensor
        for key, tensor in network.state_dict().items()
        if not key.startswith(_AUXILIARY)
    }
    shapes = {key: tuple(tensor.shape) for key, tensor in state.items() if tensor.is_meta}
    classifier = [key for key, shape in shapes.items() if shape[:1] == (_PROBE_CLASSES,)]
    foreign = {} if ours is None else ours.foreign_names()
    stem = next(key for key, shape in shapes.items() if len(shape) == 4)
    return Architecture(
        name=name,
        title=ours.title if ours else names.title(name),
        family=ours.family if ours else names.family(catalogue.builder(name).__module__),
        shapes=_with_classes(shapes, ours.classes if ours else 1000),
        computed=frozenset(state) - frozenset(shapes),
        classifier=tuple(sorted(classifier, key=lambda key: -len(shapes[key]))),
        stem=stem,
        channels=shapes[stem][1],
        aliases={theirs: here for here, theirs in foreign.items()},
    )


def _with_classes(shapes: Shapes, classes: int) -> Shapes:
    return {
        name: (classes, *shape[1:]) if shape[:1] == (_PROBE_CLASSES,) else shape
        for name, shape in shapes.items()
    }


def modern(name: str) -> str:
    """Return the name that torchvision gives today to a tensor of an older file."""
    if ".denselayer" in name:
        return _DENSENET.sub(r"\1\2", name)
    if ".mlp.linear_" in name:
        return _TRANSFORMER.sub(lambda m: f"{m[1]}.{3 * (int(m[2]) - 1)}.{m[3]}", name)
    return name


def is_auxiliary(name: str) -> bool:
    """Tell whether a tensor belongs to a head that serves training only."""
    return name.startswith(_AUXILIARY)


def make(name: str, classes: int, channels: int, input_size: int | None) -> nn.Module:
    """Return a network without values, for weights to be put in.

    Parameters
    ----------
    input_size
        Side of the picture, for a network that learns positions; None for any other.
    """
    options = {"image_size": input_size} if input_size else {}
    network = _made(name, classes, options)
    known = architecture(name)
    if channels != known.channels:
        conv = network.get_submodule(known.stem.rpartition(".")[0])
        assert isinstance(conv, nn.Conv2d)
        shape = (known.shapes[known.stem][0], channels, *known.shapes[known.stem][2:])
        conv.in_channels = channels
        conv.weight = nn.Parameter(torch.empty(shape, device="meta"), requires_grad=False)
        if channels != 3 and hasattr(network, "transform_input"):
            network.transform_input = False  # type: ignore[assignment]  # a plain attribute
    return network


def _made(name: str, classes: int, given: dict[str, int], *, auxiliary: bool = False) -> nn.Module:
    ours = own.find(name)
    options: dict[str, Any]
    build: Callable[..., nn.Module]
    if ours is not None:
        build, options = ours.make, {"classes": classes}
    else:
        build = catalogue.builder(name)
        options = {"weights": None, "num_classes": classes, **given}
        if name in _WITH_AUXILIARY:
            options |= {"aux_logits": auxiliary, "init_weights": False, "transform_input": True}
    return without_weights(build, **options)


def _parameters(name: str) -> tuple[int, str]:
    """Order networks by size as their published weights tell it, and by name."""
    members = catalogue.torchvision_models().get_model_weights(name)
    return min((int(member.meta.get("num_params", 0)) for member in members), default=0), name

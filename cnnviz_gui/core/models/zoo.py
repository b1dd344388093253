"""Building the networks of the catalogue, trained or untrained."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from cnnviz_gui.core.context import Context, NullContext
from cnnviz_gui.core.errors import ModelError
from cnnviz_gui.core.models import (
    architectures,
    cache,
    cards,
    catalogue,
    checkpoint_build,
    given,
    names,
    own,
)
from cnnviz_gui.core.models.blueprint import Blueprint, draw
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.models.skeleton import global_seed, without_weights
from cnnviz_gui.core.models.weights import Reading, fill
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.texts import tr

_NO_CONTEXT = NullContext()
# Trained checkpoints of these hold auxiliary heads, which serve training only.
_WITH_AUXILIARY_HEADS = {"googlenet": ("aux1", "aux2"), "inception_v3": ("AuxLogits",)}

_blueprints: dict[tuple[str, bool, int, int], Blueprint] = {}


def build(
    ref: ModelRef, ctx: Context = _NO_CONTEXT, device: torch.device | None = None
) -> Classifier:
    """Build a network with trained weights that are on this machine, or untrained.

    Nothing is downloaded. The global random state is as before.

    Raises
    ------
    ModelError
        No network of that name, its weights are not here, damaged or altered.
    """
    ctx.check()
    if ref.checkpoint is not None:
        return checkpoint_build.build(ref, ctx, device)
    if ref.given:
        return given.build(ref, ctx, device)
    ours = own.find(ref.name)
    if ours is not None:
        return _build_own(ours, ref, ctx, device)
    if ref.name not in catalogue.torchvision_names():
        raise catalogue.unknown(ref.name)
    if ref.untrained:
        return _build_untrained(ref, ctx, device)
    return _build_trained(ref, ctx, device)


def _blueprint(network: nn.Module, card: Card) -> Blueprint:
    """Return the blueprint of a network of the catalogue, drawn where it is not known yet."""
    key = (card.name, card.trained, card.input_size, len(card.labels))
    if key not in _blueprints:
        _blueprints[key] = draw(network, card)
    return _blueprints[key]


def _build_own(
    ours: own.OwnNetwork, ref: ModelRef, ctx: Context, device: torch.device | None
) -> Classifier:
    if ref.untrained:
        with global_seed(ref.seed):
            network = ours.make()
    else:
        state = ours.state(ctx)
        network = without_weights(ours.make)
        fill(network, state, ours.title, ours.weights_path())
    weights = tr("untrained, seed {seed}", seed=ref.seed) if ref.untrained else ours.origin
    card = cards.published(ours.name, weights=weights, trained=not ref.untrained)
    return Classifier(network, card, device, ctx, known=_blueprint(network, card))


def _options(name: str, member: Any | None, card: Card) -> dict[str, Any]:
    options: dict[str, Any] = {"weights": None, "num_classes": len(card.labels)}
    if member is not None and catalogue.builder(name).__module__.endswith("vision_transformer"):
        # position embeddings belong to one picture size, some weights to a larger one than usual
        options["image_size"] = member.meta["min_size"][0]
    return options


def _build_untrained(ref: ModelRef, ctx: Context, device: torch.device | None) -> Classifier:
    member = catalogue.recommended_weights(ref.name)
    card = cards.published(
        ref.name, weights=tr("untrained, seed {seed}", seed=ref.seed), trained=False
    )
    options = _options(ref.name, member, card)
    if ref.name in _WITH_AUXILIARY_HEADS:
        options |= {"aux_logits": False, "init_weights": True}
    with global_seed(ref.seed):
        network = catalogue.builder(ref.name)(**options)
    return Classifier(network, card, device, ctx, known=_blueprint(network, card))


def _build_trained(ref: ModelRef, ctx: Context, device: torch.device | None) -> Classifier:
    member = catalogue.weights(ref.name)
    title = names.title(ref.name)
    if member is None or not catalogue.weights_file(member).is_file():
        raise ModelError(
            tr("The trained weights of {title} are not on this machine.", title=title),
            tr(
                "Fetch them in the window of networks or with: cnnviz download {name}; or put"
                " {file} into {folder}, or use {name}:untrained for random weights.",
                name=ref.name,
                file=tr("the file") if member is None else catalogue.weights_file(member).name,
                folder=cache.folder(),
            ),
        )
    card = cards.published(ref.name, weights=member.name, member=member)
    options = _options(ref.name, member, card)
    heads = _WITH_AUXILIARY_HEADS.get(ref.name, ())
    if heads:
        options |= {"aux_logits": True, "init_weights": False, "transform_input": True}
    path = catalogue.weights_file(member)
    reading = Reading(path, title)
    network = without_weights(catalogue.builder(ref.name), **options)
    known = _blueprint(network, card)
    found = reading.state(ctx)
    state = {architectures.modern(key): tensor for key, tensor in found.items()}
    fill(network, state, title, path)
    if heads:
        network.aux_logits = False  # type: ignore[assignment]  # a plain attribute, not a tensor
        for head in heads:
            setattr(network, head, None)
    return Classifier(network, card, device, ctx, known=known)

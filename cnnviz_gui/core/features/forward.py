"""A pass from the pixels as far as an objective reads, with its graph, and no further."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress

import torch
from torch import Tensor, nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.features.redirect import has_ceiling, redirected, without_ceiling
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import Enough, cancellable
from cnnviz_gui.core.models.layers import Place, require_maps
from cnnviz_gui.core.models.pixels import PixelNetwork
from cnnviz_gui.core.models.places import at_places
from cnnviz_gui.texts import tr

LOGITS = ""
"""Stands for the logits among the names of layers."""
_REFUSALS = (RuntimeError, ValueError, AssertionError)
"""What networks raise at a picture of a size that they cannot look at."""
Outputs = Mapping[str, Tensor]
"""For each layer (N, C, h, w) or (N, C)."""


def gradient(
    classifier: Classifier,
    image: Tensor,
    layers: Sequence[str],
    objective: Callable[[Outputs], Tensor],
    towards: Sequence[Tensor],
    ctx: Context,
    redirect: bool = False,
    bounded: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Differentiate a function of the outputs of ``layers`` to ``towards``.

    Parameters
    ----------
    image
        float32 (N, 3, H, W), a differentiable function of all of ``towards``.
    objective
        Gives values that are summed.
    bounded
        Keep the ceiling of a ReLU6 at the end of a layer; with several layers it is kept anyway,
        since one may follow another.

    Returns
    -------
    The values, detached, and d sum / d of each of ``towards``.

    Raises
    ------
    LayerError
        No such layer, or its output is neither maps nor a vector.
    MethodError
        The network does not take pictures of this size, or the values do not depend on it.
    """
    network, places = _places(classifier, layers)
    outputs: dict[str, Tensor] = {}
    left = set(places)

    def keep(layer: str, place: Place) -> Callable[[Tensor], None]:
        def act(output: Tensor) -> None:
            # cloned: what follows may work in place
            outputs[layer] = (output.permute(0, 3, 1, 2) if place.channels_end else output).clone()
            left.discard(layer)
            if not left and LOGITS not in layers:
                raise Enough

        return act

    ctx.check()
    with torch.enable_grad(), cancellable(network.asked, ctx) as watch:
        with ExitStack() as stack:
            stack.enter_context(suppress(Enough))
            first = next(iter(places.values()), None)
            if first and len(layers) == 1 and not first.operation and not bounded:
                stack.enter_context(without_ceiling(network.network.get_submodule(first.path)))
            if redirect:
                stack.enter_context(redirected(network.network))
            actions = {place: keep(layer, place) for layer, place in places.items()}
            stack.enter_context(at_places(network.network, actions))
            try:
                outputs[LOGITS] = network(image)
            except _REFUSALS as error:
                if shortage.is_shortage(error):
                    raise
                raise wrong_size(classifier, image.shape[-1]) from error
        classifier.forwards += len(image)
        values = objective(outputs)
        if not values.requires_grad:
            raise MethodError(
                tr(
                    "No gradient passes through {network}: it computes without one.",
                    network=classifier.facts.title,
                ),
                tr("Choose another network."),
            )
        with watch.asking(ctx):
            found = torch.autograd.grad(values.sum(), towards)
    classifier.backwards += len(image)
    return values.detach(), found


def outputs_of(
    classifier: Classifier, image: Tensor, layers: Sequence[str], ctx: Context
) -> Outputs:
    """Return the outputs of ``layers`` without a graph."""
    inner = [layer for layer in layers if layer != LOGITS]
    found = dict(classifier.feature_maps(image, inner, ctx))
    if LOGITS in layers:
        found[LOGITS] = classifier.logits(image, ctx)
    return found


def has_bound(classifier: Classifier, layer: str) -> bool:
    """Tell whether a layer ends in a ReLU6, whose ceiling an ascent for it alone looks beyond."""
    return layer != LOGITS and has_ceiling(_last_of(classifier, layer))


def unbounded(classifier: Classifier, image: Tensor, layer: str, ctx: Context) -> Tensor:
    """Return the output of a layer without the ceiling of the ReLU6 it ends in, where it does."""
    if layer == LOGITS:
        return outputs_of(classifier, image, (layer,), ctx)[layer]
    with without_ceiling(_last_of(classifier, layer)):
        return outputs_of(classifier, image, (layer,), ctx)[layer]


def takes(classifier: Classifier, side: int, layers: Sequence[str], ctx: Context) -> bool:
    """Tell whether a network computes ``layers`` of pictures of ``side`` × ``side`` pixels."""
    blank = torch.full((1, 3, side, side), 0.5, device=classifier.device)
    try:
        outputs_of(classifier, blank, layers, ctx)
    except _REFUSALS as error:
        if shortage.is_shortage(error):
            raise
        return False
    return True


def wrong_size(classifier: Classifier, side: int, *, grows: bool = False) -> MethodError:
    """Return what is said of a picture that is too small, perhaps before it ``grows``."""
    facts = classifier.facts
    if grows:
        return MethodError(
            tr(
                "{network} cannot look at a picture of {side} × {side} pixels, the first octave.",
                network=facts.title,
                side=side,
            ),
            tr("Choose fewer octaves, or a larger size."),
        )
    return MethodError(
        tr(
            "{network} cannot look at a picture of {side} × {side} pixels.",
            network=facts.title,
            side=side,
        ),
        tr("Choose a larger size, such as its own, {size}.", size=facts.input_size),
    )


def _last_of(classifier: Classifier, layer: str) -> nn.Module:
    """Return the module whose output a layer is; one of none where an operation is."""
    place = classifier.place(layer)
    network = classifier.stock
    assert isinstance(network, PixelNetwork)
    return nn.Identity() if place.operation else network.network.get_submodule(place.path)


def _places(classifier: Classifier, layers: Sequence[str]) -> tuple[PixelNetwork, dict[str, Place]]:
    """Return the copy in which all the layers are computed, and where they are."""
    places = {}
    for layer in dict.fromkeys(layers):
        if layer != LOGITS:
            place = classifier.place(layer)
            row = classifier.facts.layer(layer)
            if row is not None:
                require_maps(row)
            places[layer] = place
    replaced = classifier.blueprint.replaced if classifier.facts.folded else frozenset()
    folded_away = any((place.path, place.number) in replaced for place in places.values())
    network = classifier.stock if folded_away else classifier.fast
    assert isinstance(network, PixelNetwork)
    return network, places

"""Feature maps of a layer, and how much each of its channels speaks for a class."""

from __future__ import annotations

import torch
from torch import Tensor

from cnnviz_gui.core import edits as editing
from cnnviz_gui.core import run_attack, subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.heatmaps.score import objective
from cnnviz_gui.core.layer_requests import Contributions
from cnnviz_gui.core.layer_results import ChannelContributions
from cnnviz_gui.core.request import InspectLayer
from cnnviz_gui.core.result import LayerMaps, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def run(request: InspectLayer, session: Session, ctx: Context) -> LayerMaps:
    """Return the maps of a layer for a picture, or for its adversarial image, and its filters.

    Raises
    ------
    LayerError
        No such layer, or its output is neither maps nor a vector.
    RequestError
        The attack is of another picture or network.
    """
    classifier = session.classifier(request.model, ctx)
    weight, bias = classifier.filters(request.layer)
    image = _image(request, session, ctx)
    edits = editing.effective(request.edits)
    with session.forward_only(), classifier.edited(edits, ctx):
        maps = classifier.feature_maps(image, [request.layer], ctx)[request.layer][0].float()
    return LayerMaps(
        layer=request.layer,
        maps=frozen((maps if maps.dim() == 3 else maps[:, None, None]).cpu().numpy()),
        filters=None if weight is None else frozen(weight.cpu().numpy()),
        bias=None if bias is None else frozen(bias.cpu().numpy()),
    )


def _image(request: InspectLayer, session: Session, ctx: Context) -> Tensor:
    attack = request.attack
    if attack is None:
        return session.input(request.model, request.image, ctx)
    if (attack.model, attack.image) != (request.model, request.image):
        raise RequestError(
            tr("The feature maps and the attack are of different pictures or networks."),
            tr("Give both the same picture and network."),
        )
    result = run_attack.run(attack, session, Part(ctx))
    return torch.tensor(result.adversarial_image, device=session.device)[None]


def contributions(request: Contributions, session: Session, ctx: Context) -> ChannelContributions:
    """Return, for each channel, the logit's gradient times the activation, summed over the cells.

    To first order that is what the logit would lose were the channel silenced. Without a target
    the class is the one predicted, by the network with its channels edited.

    Raises
    ------
    LayerError
        No such layer, its output is neither maps nor a vector, or the logits do not depend on it.
    TargetError
        There is no such class.
    """
    facts = session.classifier(request.model, ctx).facts
    subject.require_class(facts, request.target)
    seen = subject.of_picture(session, request.model, request.image, ctx, request.edits)
    target = seen.winner if request.target is None else request.target
    cut = seen.network.cut(seen.image, request.layer, ctx)
    gradient = cut.gradient(objective("logit", target), ctx)
    product = (gradient * cut.features)[0]
    values = product.reshape(len(product), -1).sum(1)
    return ChannelContributions(
        layer=request.layer, target=seen.score(target), values=frozen(values.cpu().numpy().copy())
    )

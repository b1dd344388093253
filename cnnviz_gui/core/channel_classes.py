"""The classes that a channel speaks for and against."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cnnviz_gui.core import edits as editing
from cnnviz_gui.core import embedding, shortage
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.embedding import Head
from cnnviz_gui.core.errors import LayerError, RequestError
from cnnviz_gui.core.layer_requests import ChannelClasses
from cnnviz_gui.core.layer_results import Push, PushedClasses
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ChannelEdit, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

_TOLERANCE = 1e-3
"""Half precision and the order of summation differ by less, a layer that is not linear by more."""


def run(request: ChannelClasses, session: Session, ctx: Context) -> PushedClasses:
    """Return how much each logit grows when every cell of the channel grows by one.

    Where nothing but an average and a linear layer follows, these are the weights of that layer,
    the same for every picture; elsewhere they are the gradient at the picture. The edits in force
    come before: it is the channel as they leave it that grows.

    Raises
    ------
    LayerError
        No such layer or channel, or what the network says does not depend on it.
    RequestError
        The count is less than 1.
    """
    if request.count < 1:
        raise RequestError(
            tr("{count} classes cannot be listed.", count=request.count),
            tr("Choose a number of at least 1."),
        )
    classifier = session.classifier(request.model, ctx)
    row = classifier.facts.layer(request.layer)
    if row is not None and not 0 <= request.channel < row.output_shape[0]:
        raise LayerError(
            tr("{name!r} has no channel {channel}.", name=row.name, channel=request.channel),
            tr("Choose one from 0 to {last}.", last=row.output_shape[0] - 1),
        )
    image = session.input(request.model, request.image, ctx)
    edits = editing.effective(request.edits)
    weight = _linear_weight(request, edits, image, session, classifier, ctx)
    if weight is None:
        amounts = _gradient(request, edits, image, classifier, ctx)
    else:
        amounts = weight[:, request.channel]
    up, down = _pushes(amounts.cpu().double(), classifier.facts.labels, request.count)
    return PushedClasses(
        layer=request.layer,
        channel=request.channel,
        how="gradient" if weight is None else "head",
        up=up,
        down=down,
    )


def _pushes(
    amounts: Tensor, labels: tuple[str, ...], count: int
) -> tuple[tuple[Push, ...], tuple[Push, ...]]:
    order = amounts.argsort(descending=True, stable=True).tolist()
    pushes = [Push(index, labels[index], float(amounts[index])) for index in order]
    up = tuple(push for push in pushes[:count] if push.amount > 0)
    down = tuple(push for push in pushes[::-1][:count] if push.amount < 0)
    return up, down


def _gradient(
    request: ChannelClasses,
    edits: Sequence[ChannelEdit],
    image: Tensor,
    classifier: Classifier,
    ctx: Context,
) -> Tensor:
    """Return how fast each logit (K,) grows with the channel at the picture."""
    try:
        with classifier.edited(edits, ctx):
            return classifier.push(image, request.layer, request.channel, ctx)[0]
    except NotImplementedError:
        pass  # there is code in it that has no derivative in forward mode
    with classifier.edited(edits, ctx):
        cut = classifier.cut(image, request.layer, ctx)
    amounts = cut.logits.new_zeros(cut.logits.shape[1])
    try:
        for index in range(len(amounts)):
            ctx.step(index, len(amounts))
            gradient = cut.gradient(lambda logits, index=index: logits[:, index], ctx)  # type: ignore[misc]
            amounts[index] = gradient[0, request.channel].sum()
    except RuntimeError as error:
        if shortage.is_shortage(error):
            raise
        raise LayerError(
            tr(
                "No gradient passes from what {title} says to {layer!r}.",
                title=classifier.facts.title,
                layer=request.layer,
            ),
            tr("Choose a later layer."),
        ) from error
    return amounts


def _linear_weight(
    request: ChannelClasses,
    edits: Sequence[ChannelEdit],
    image: Tensor,
    session: Session,
    classifier: Classifier,
    ctx: Context,
) -> Tensor | None:
    """Return the weight (K, C) of the head where the layer's averages are all it is given.

    Found by looking: at the picture and at noise the head is given the averages, and the logits
    are what it makes of them.
    """
    head = _head(request.model, session, classifier)
    module = classifier.stock.get_submodule(f"network.{head.path}") if head is not None else None
    row = classifier.facts.layer(request.layer)
    if head is None or not isinstance(module, nn.Linear) or row is None:
        return None
    if module.in_features != row.output_shape[0]:
        return None
    key = ("linear", request.model, request.layer, edits)
    known = session.recall(key)
    if known is None:
        generator = torch.Generator().manual_seed(0)
        noise = torch.rand(image.shape, generator=generator).to(image)
        known = all(
            _averages(classifier, head, module, request.layer, x, edits, ctx)
            for x in (image, noise)
        )
        session.remember(key, known, 1)
    return module.weight.detach() if known else None


def _head(model: ModelRef, session: Session, classifier: Classifier) -> Head | None:
    head = session.recall(("head", model))
    if isinstance(head, Head):
        return head
    try:
        head = embedding.find(classifier)
    except LayerError:  # it has none
        return None
    session.remember(("head", model), head, len(head.path))
    return head


def _averages(
    classifier: Classifier,
    head: Head,
    module: nn.Linear,
    layer: str,
    x: Tensor,
    edits: Sequence[ChannelEdit],
    ctx: Context,
) -> bool:
    with classifier.edited(edits, ctx):
        maps = classifier.feature_maps(x, [layer], ctx)[layer]
    with classifier.edited(edits, ctx):
        given = embedding.embed(classifier, head, x, ctx)
    with classifier.edited(edits, ctx):
        logits = classifier.logits(x, ctx)
    averages = maps.flatten(2).mean(2) if maps.dim() == 4 else maps
    with torch.no_grad():
        said = module(averages)
    return _close(averages, given) and _close(said, logits)


def _close(first: Tensor, second: Tensor) -> bool:
    if first.shape != second.shape:
        return False
    scale = float(second.abs().max())
    return float((first - second).abs().max()) <= _TOLERANCE * scale

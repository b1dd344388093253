"""A picture before a network: what every explanation and every attack starts from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz_gui.core import edits as editing
from cnnviz_gui.core import scores
from cnnviz_gui.core.asked import Asked
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.errors import MethodError, ParameterError, TargetError
from cnnviz_gui.core.facts import ModelFacts, Score
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ChannelEdit, ImageRef, ModelRef
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

WITHOUT_LAYERS = "saliency"
"""The method to offer, and the offer's name, where one that needs layers does not work."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One picture, what the network says of it, and the network to ask more."""

    image: Tensor
    """float32 (1, 3, S, S) in [0, 1]; not to be modified."""
    logits: Tensor
    """float64 (K,) on the CPU, finite."""
    network: Asked

    @property
    def winner(self) -> int:
        """The predicted class."""
        return scores.best(self.logits, 1)[0]

    def score(self, index: int) -> Score:
        """Return one class."""
        return scores.scores(self.logits, [index], self.network.facts.labels)[0]


def of_picture(
    session: Session,
    model: ModelRef,
    image: ImageRef,
    ctx: Context,
    edits: Sequence[ChannelEdit] = (),
    *,
    forward_only: bool = False,
) -> Subject:
    """Return the subject of a picture, before a network with some channels edited.

    Its logits are remembered. ``forward_only`` says that nothing but the logits will be asked,
    which then may be computed in half precision.
    """
    classifier = session.classifier(model, ctx)
    exact = exactly(session, image, ctx)
    seen = session.input(model, image, ctx)
    if not (forward_only and session.half):
        return of_tensor(session, classifier, seen, (model, exact), ctx, edits)
    with session.forward_only():
        return of_tensor(session, classifier, seen, (model, exact, "half"), ctx, edits)


def of_tensor(
    session: Session,
    classifier: Classifier,
    image: Tensor,
    key: object,
    ctx: Context,
    edits: Sequence[ChannelEdit] = (),
) -> Subject:
    """Return the subject of an image (1, 3, S, S); ``key`` names its content and the network."""
    edits = editing.effective(edits)
    key = (key, edits) if edits else key
    logits = session.recall(("logits", key))
    if not isinstance(logits, Tensor):
        with classifier.edited(edits, ctx):
            logits = scores.as_list(classifier.logits(image, ctx))
        session.remember(("logits", key), logits, logits.nbytes)
    return Subject(image, logits, Asked(classifier, image, key, session.cuts, edits))


def exactly(session: Session, image: ImageRef, ctx: Context) -> ImageRef:
    """Return the reference with the checksum of the file, so that it names its content."""
    return dataclasses.replace(image, sha256=session.picture(image, ctx).sha256)


def require(facts: ModelFacts, method: Method, parameters: Params, target: int | None) -> None:
    """Refuse what cannot be computed, before anything is.

    Raises
    ------
    MethodError
        The method does not work on this network, or is an attack and this has one class only.
    ParameterError
        The parameters are those of another method.
    TargetError
        There is no such class.
    """
    if method.kind == "attack":
        require_another_class(facts)
    if not isinstance(parameters, method.params):
        raise ParameterError(
            tr("The parameters given are not those of {title}.", title=method.title),
            tr(
                "It has: {known}.",
                known=", ".join(spec.name for spec in method.specs) or tr("none"),
            ),
        )
    require_class(facts, target)
    if target is not None and not method.targets:
        raise MethodError(
            tr("{title} cannot be driven towards a class.", title=method.title),
            tr("Let the target class be chosen automatically, or choose another attack."),
        )
    reason = method.needs(facts)
    if reason:
        # What needs maps of a layer where there are none has an alternative that needs no layer.
        offer = WITHOUT_LAYERS if method.kind == "heatmap" and method.uses_layer else ""
        raise MethodError(reason, tr("Choose another method or another network."), offer=offer)


def require_class(facts: ModelFacts, target: int | None) -> None:
    """Refuse a class the network does not have; an accelerator would be lost to it.

    Raises
    ------
    TargetError
        There is no such class.
    """
    count = len(facts.labels)
    if target is not None and not 0 <= target < count:
        raise TargetError(
            tr("There is no class {target}.", target=target),
            tr("Choose an index from 0 to {last}.", last=count - 1),
        )


def require_another_class(facts: ModelFacts) -> None:
    """Refuse to attack a network that says the same of every picture.

    Raises
    ------
    MethodError
        It has one class only.
    """
    if len(facts.labels) < 2:
        raise MethodError(
            tr("The network has one class only, which no attack can change."),
            tr("Choose another network."),
        )


def class_tensor(index: int, device: torch.device) -> Tensor:
    """Return int64 (1,)."""
    return torch.tensor([index], device=device)

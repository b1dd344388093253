"""Prediction requests with an attack: whether what fools one network fools another too."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from cnnviz_gui.core import run_attack, scores, subject
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.core.numbers import shape
from cnnviz_gui.core.request import Attack, Predict
from cnnviz_gui.core.result import ByteArray, FloatArray, Transfer, frozen
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def run(request: Predict, attack: Attack, session: Session, ctx: Context) -> Transfer:
    """Return what a network says of the clean and the adversarial image of ``attack``.

    Both images are those that the attack's own network saw, so that they differ by the perturbation
    alone. Where the network takes another size they are resized; the picture as the network itself
    would crop it has no part in this.
    """
    if attack.image != request.image:
        raise RequestError(
            tr("The prediction and its attack are of different pictures."),
            tr("Give both the same one."),
        )
    attacked = run_attack.run(attack, session, Part(ctx))
    source = session.classifier(attack.model, ctx).facts
    classifier = session.classifier(request.model, ctx)
    facts = classifier.facts
    clean, image = (
        resized(array, facts.input_size).to(classifier.device)
        for array in (attacked.clean_image, attacked.adversarial_image)
    )
    exact = subject.exactly(session, attack.image, ctx)
    key: object = (request.model, "as seen by", attack.model, exact)
    before = subject.of_tensor(session, classifier, clean, key, ctx, request.edits)
    key = (request.model, run_attack.exact_fingerprint(attack, session, ctx))
    after = subject.of_tensor(session, classifier, image, key, ctx, request.edits)
    target = attack.target if source.labels == facts.labels else None
    listed = {*scores.best(before.logits, request.top), *scores.best(after.logits, request.top)}
    listed |= set() if target is None else {target}
    return Transfer(
        scores=scores.scores(after.logits, listed, facts.labels),
        clean=scores.scores(before.logits, listed, facts.labels),
        success=after.winner != before.winner if target is None else after.winner == target,
        target=None if target is None else after.score(target),
        resized=_resized(source, facts),
        seen=frozen(_bytes(image)),
    )


def resized(image: FloatArray, size: int) -> Tensor:
    """Return an image (3, H, W) in [0, 1] as float32 (1, 3, size, size) on the CPU.

    Bilinear with antialiasing, as torchvision resizes tensors; an image of that size is not
    touched. On the CPU, so that every device is given the same numbers.
    """
    tensor = torch.tensor(image)[None]
    if tensor.shape[2:] == (size, size):
        return tensor
    return functional.interpolate(
        tensor, (size, size), mode="bilinear", align_corners=False, antialias=True
    ).clamp(0, 1)


def _resized(source: ModelFacts, facts: ModelFacts) -> str:
    if source.input_size == facts.input_size:
        return ""
    before, after = (shape((size, size)) for size in (source.input_size, facts.input_size))
    return tr("resized from {before} to {after}", before=before, after=after)


def _bytes(image: Tensor) -> ByteArray:
    levels: ByteArray = (image[0].permute(1, 2, 0) * 255).round().to(torch.uint8).cpu().numpy()
    return levels

"""Which normalisation a network was trained with: a guess from one picture, and no more.

A file of weights does not say how its pictures were scaled. With the right scale a network tends to
be surer of itself; with a wrong one it may be sure of nonsense.
"""

from __future__ import annotations

import torch
from torch import Tensor

from cnnviz_gui.core import scores
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.models.pixels import LUMA
from cnnviz_gui.core.request import ProbeNormalisation
from cnnviz_gui.core.result import NormalisationGuess, NormalisationProbe
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr

Triple = tuple[float, float, float]
USUAL: tuple[tuple[str, Triple, Triple], ...] = (
    ("ImageNet", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    (tr("−1 to 1"), (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    (tr("0 to 1"), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    (tr("127 and 128, as in TensorFlow"), (127 / 255,) * 3, (128 / 255,) * 3),
    ("CIFAR-10", (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    (tr("0 to 255"), (0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255)),
    (tr("0 to 255 less the mean, as in Caffe"), (0.485, 0.456, 0.406), (1 / 255, 1 / 255, 1 / 255)),
)
GREY: tuple[tuple[str, Triple, Triple], ...] = (
    ("MNIST", (0.1307, 0.1307, 0.1307), (0.3081, 0.3081, 0.3081)),
)
_SAME = 1e-4


def run(request: ProbeNormalisation, session: Session, ctx: Context) -> NormalisationProbe:
    """Let a network look at a picture under each of the usual normalisations and its own.

    Those under which it gives no numbers are left out.

    Raises
    ------
    ModelError, ImageError
        The network or the picture cannot be opened.
    """
    network = session.classifier(request.model, ctx)
    facts = network.facts
    image = session.input(request.model, request.image, ctx)
    mean, std = facts.mean, facts.std
    usual = list(USUAL)
    if facts.channels == 1:  # a network that reads grey uses the first number of its own
        mean, std = (mean[0],) * 3, (std[0],) * 3
        usual = [(title, _luma(one), _luma(other)) for title, one, other in (*GREY, *USUAL)]
    own = mean, std
    if not any(_alike(mean, one) and _alike(std, other) for _, one, other in usual):
        usual.insert(0, (tr("Its own"), mean, std))
    guesses = []
    for number, (title, mean, std) in enumerate(usual):
        ctx.step(number, len(usual))
        logits = network.logits(_rescaled(image, (mean, std), own), ctx)
        values = logits[0].cpu().double()
        if values.isfinite().all():
            best = scores.best(values, 1)
            score = scores.scores(values, best, facts.labels)[0]
            guesses.append(NormalisationGuess(title=title, mean=mean, std=std, score=score))
    guesses.sort(key=lambda guess: -guess.score.probability)
    return NormalisationProbe(guesses=tuple(guesses))


def _rescaled(image: Tensor, wanted: tuple[Triple, Triple], own: tuple[Triple, Triple]) -> Tensor:
    """Return pixels (1, 3, S, S) that the network's own normalisation turns into the wanted ones.

    They lie outside of [0, 1]; nothing but the network sees them.
    """
    (mean, std), (own_mean, own_std) = (
        [torch.tensor(triple, device=image.device).reshape(1, 3, 1, 1) for triple in pair]
        for pair in (wanted, own)
    )
    return (image - mean) / std * own_std + own_mean


def _luma(triple: Triple) -> Triple:
    grey = sum(share * value for share, value in zip(LUMA, triple, strict=True))
    return grey, grey, grey


def _alike(one: Triple, other: Triple) -> bool:
    return all(abs(a - b) < _SAME for a, b in zip(one, other, strict=True))

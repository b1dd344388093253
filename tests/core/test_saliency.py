"""Saliency: the size of the gradient, channel by channel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmaps.saliency import SaliencyParams, saliency
from cnnviz_gui.core.models.classifier import Classifier


def run(classifier: Classifier, image: Tensor, target: int, **given) -> Tensor:
    return saliency(classifier, image, target, "", SaliencyParams(**given), NullContext()).map


@pytest.mark.parametrize("score", ["logit", "probability"])
def test_it_is_the_largest_absolute_gradient_of_the_channels(
    small: Classifier, batch: Tensor, score: str
) -> None:
    leaf = batch[:1].clone().requires_grad_()
    logits = small.fast(leaf)
    value = (logits.softmax(1) if score == "probability" else logits)[0, 3]
    (gradient,) = torch.autograd.grad(value, leaf)
    expected = gradient[0].abs().amax(0)
    assert float(expected.max()) > 0
    assert torch.equal(run(small, batch[:1], 3, score=score), expected)


def test_the_folded_copy_gives_the_gradient_of_the_network_in_float64(
    small: Classifier, batch: Tensor
) -> None:
    leaf = batch[:1].double().requires_grad_()
    state = {k: v.double() for k, v in small.stock.state_dict().items()}
    logits = torch.func.functional_call(small.stock, state, (leaf,))
    (gradient,) = torch.autograd.grad(logits[0, 3], leaf)
    found = run(small, batch[:1], 3).double().flatten()
    assert small.facts.folded
    expected = gradient[0].abs().amax(0).flatten()
    assert float(torch.cosine_similarity(found, expected, dim=0)) >= 0.9999


def test_a_saturated_probability_says_so(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias[4] = 1e4
    value = saliency(
        make_classifier(network),
        batch[:1],
        4,
        "",
        SaliencyParams(score="probability"),
        NullContext(),
    )
    assert not bool(value.map.any())
    assert "saturated" in value.reason

"""The methods that weigh the maps of a layer by their gradients, each against its formula."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method

LAYERS = ("stem", "norm", "act", "conv", "last")
NAMES = ("hires-cam", "layer-cam", "xgrad-cam", "grad-cam-plus-plus")


def run(
    name: str, classifier: Classifier, image: Tensor, target: int, layer: str, **given: Any
) -> HeatmapValue:
    chosen = method("heatmap", name)
    parameters = params.build(chosen.params, given)
    return chosen.run(classifier, image, target, layer, parameters, NullContext())


def by_hand(name: str, maps: Tensor, gradient: Tensor) -> Tensor:
    """The formula in float64, cell by cell, before the ReLU; maps and gradient (C, h, w)."""
    total = torch.zeros(maps.shape[1:], dtype=torch.float64)
    for a, g in zip(maps.double(), gradient.double(), strict=True):
        if name == "hires-cam":
            total += g * a
        elif name == "layer-cam":
            total += g.clamp_min(0) * a
        elif name == "xgrad-cam":
            total += a * ((g * a).sum() / a.sum() if float(a.sum()) else 0)
        else:
            alpha = torch.zeros_like(g)
            open_ = g != 0
            below = 2 * g**2 + a.sum() * g**3 + 1e-6
            alpha[open_] = (g**2)[open_] / below[open_]
            total += a * (alpha * g.clamp_min(0)).sum()
    return total


def looked_at(classifier: Classifier, image: Tensor, target: int, layer: str) -> tuple:
    cut = classifier.cut(image, layer)
    gradient = cut.gradient(lambda logits: logits[:, target])
    return cut.features[0], gradient[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layer", LAYERS)
def test_it_is_the_formula(name: str, layer: str, small: Classifier, batch: Tensor) -> None:
    expected = by_hand(name, *looked_at(small, batch[:1], 3, layer))
    signed = run(name, small, batch[:1], 3, layer, keep_negative=True)
    scale = float(expected.abs().max())
    assert scale > 0
    # where a sum of maps with both signs is close to zero, rounding is enlarged
    tolerance = 1e-3 if layer in ("stem", "norm", "conv") else 1e-5
    assert float((signed.coarse - expected).abs().max()) <= tolerance * scale
    positive = run(name, small, batch[:1], 3, layer)
    assert torch.equal(positive.coarse, signed.coarse.relu())
    assert positive.layer == layer and not positive.signed and signed.signed


@pytest.mark.parametrize("name", NAMES)
def test_permuting_the_classes_permutes_the_maps(
    name: str,
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    small: Classifier,
    batch: Tensor,
) -> None:
    network = raw_network(0)
    order = torch.arange(9, -1, -1)
    with torch.no_grad():
        network.head.weight.copy_(network.head.weight[order].clone())
        network.head.bias.copy_(network.head.bias[order].clone())
    a = run(name, small, batch[:1], 2, "last").map
    b = run(name, make_classifier(network), batch[:1], 7, "last").map
    assert torch.allclose(a, b, rtol=1e-5, atol=1e-7)


def test_after_an_average_and_one_linear_layer_hires_cam_is_grad_cam(
    small: Classifier, batch: Tensor
) -> None:
    a = run("hires-cam", small, batch[:1], 2, "last", keep_negative=True).coarse
    b = run("grad-cam", small, batch[:1], 2, "last", keep_negative=True).coarse
    c = run("xgrad-cam", small, batch[:1], 2, "last", keep_negative=True).coarse
    assert torch.allclose(a, b, rtol=1e-5, atol=1e-7) and torch.allclose(b, c, rtol=1e-4, atol=1e-6)


def test_hires_cam_before_a_linear_layer_adds_up_to_the_logit(
    make_classifier: Callable[[nn.Module], Classifier], batch: Tensor
) -> None:
    """Without an average in between, Grad-CAM does not."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=4), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 64, 10)
    )
    classifier = make_classifier(network)
    logit = float(classifier.logits(batch[:1])[0, 4]) - float(network[3].bias[4])
    found = run("hires-cam", classifier, batch[:1], 4, "1", keep_negative=True).coarse
    assert float(found.sum()) == pytest.approx(logit, rel=1e-4)
    other = run("grad-cam", classifier, batch[:1], 4, "1", keep_negative=True).coarse
    assert abs(float(other.sum()) - logit) > 0.1 * abs(logit)


def test_xgrad_cam_adds_up_to_gradient_times_activation(small: Classifier, batch: Tensor) -> None:
    maps, gradient = looked_at(small, batch[:1], 3, "act")
    found = run("xgrad-cam", small, batch[:1], 3, "act", keep_negative=True).coarse
    assert float(found.sum()) == pytest.approx(float((maps * gradient).sum()), rel=1e-4)


def test_without_damping_a_scaled_score_gives_the_scaled_map_of_the_paper(
    small: Classifier, batch: Tensor
) -> None:
    """alpha = 1 / (2 + g ΣA), however small g is."""
    maps, gradient = (t.double() for t in looked_at(small, batch[:1], 3, "last"))
    sums = maps.sum((1, 2), keepdim=True)
    alpha = torch.where(gradient == 0, 0.0, 1 / (2 + sums * gradient))
    expected = ((alpha * gradient.relu()).sum((1, 2), keepdim=True) * maps).sum(0)
    found = run("grad-cam-plus-plus", small, batch[:1], 3, "last", damping="none").coarse
    assert float((found - expected).abs().max()) <= 1e-5 * float(expected.max())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layer", ["pool", "flat", "head"])
def test_a_layer_without_space_is_refused(
    name: str, layer: str, small: Classifier, batch: Tensor
) -> None:
    with pytest.raises(LayerError, match="cannot say where"):
        run(name, small, batch[:1], 3, layer)


@pytest.mark.parametrize("name", [*NAMES, "grad-cam"])
def test_a_blank_map_says_why(
    name: str,
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight[2] = -network.head.weight[2].abs()
        network.head.weight[3] = 0
    against = make_classifier(network)
    gradients = name in ("layer-cam", "grad-cam-plus-plus")  # only the positive count
    expected = (
        "class 2 rises with nothing"
        if gradients
        else "speaks against class 2. Keep negative values"
    )
    assert expected in run(name, against, batch[:1], 2, "last").reason
    assert "does not change with 'last'" in run(name, against, batch[:1], 3, "last").reason
    with torch.no_grad():
        network.conv.weight.zero_()
        network.conv.bias.fill_(-1)
    dead = make_classifier(network)
    found = run(name, dead, batch[:1], 5, "last")
    assert "all maps of 'last' are zero" in found.reason
    assert not bool(found.map.any()) and bool(torch.isfinite(found.map).all())


@pytest.mark.parametrize("name", ["xgrad-cam", "grad-cam-plus-plus"])
def test_it_says_that_it_is_made_for_maps_behind_a_relu(
    name: str, small: Classifier, batch: Tensor
) -> None:
    assert "negative values" in run(name, small, batch[:1], 3, "conv").notes[0]
    assert run(name, small, batch[:1], 3, "last").notes == ()

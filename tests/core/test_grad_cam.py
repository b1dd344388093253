"""Grad-CAM: the formula, exactly, at every layer with space; and a reason where it is blank."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.params import specs

LAYERS = ("stem", "norm", "act", "conv", "last")


def run(classifier: Classifier, image: Tensor, target: int, layer: str, **given) -> HeatmapValue:
    return grad_cam(classifier, image, target, layer, GradCamParams(**given), NullContext())


def by_hand(classifier: Classifier, image: Tensor, target: int, layer: str, score: str) -> Tensor:
    """The formula in float64, on the network layer by layer."""
    pixel = classifier.stock
    x = (image.double() - pixel.mean.double()) / pixel.std.double()
    maps = None
    for name, module in pixel.network.named_children():
        x = torch.func.functional_call(
            module, {k: v.double() for k, v in module.state_dict().items()}, (x,)
        )
        if name == layer:
            maps = x = x.detach().requires_grad_()
            x = x.clone()
    y = (x.softmax(1) if score == "probability" else x)[0, target]
    (gradient,) = torch.autograd.grad(y, maps)
    return (gradient.mean((2, 3), keepdim=True) * maps).sum(1)[0].detach()


@pytest.mark.parametrize("score", ["logit", "probability"])
@pytest.mark.parametrize("layer", LAYERS)
def test_it_is_the_formula(small: Classifier, batch: Tensor, layer: str, score: str) -> None:
    expected = by_hand(small, batch[:1], 3, layer, score)
    signed = run(small, batch[:1], 3, layer, score=score, keep_negative=True)
    scale = float(expected.abs().max())
    assert scale > 0
    assert float((signed.coarse - expected).abs().max()) <= 1e-5 * scale
    positive = run(small, batch[:1], 3, layer, score=score)
    assert torch.equal(positive.coarse, signed.coarse.relu())
    assert signed.signed and not positive.signed


def test_of_the_probability_without_relu_it_is_the_heat_map_of_the_lecture(
    small: Classifier, batch: Tensor
) -> None:
    """sum over i of sum(dp / dA_i) * A_i; the mean instead of the sum is a factor of all cells."""
    cut = small.cut(batch[:1], "last")
    gradient = cut.gradient(lambda logits: logits.softmax(1)[:, 3])[0]
    lecture = sum(each.sum() * maps for each, maps in zip(gradient, cut.features[0], strict=True))
    found = run(small, batch[:1], 3, "last", score="probability", keep_negative=True).coarse
    cells = gradient.shape[1] * gradient.shape[2]
    assert torch.allclose(cells * found, lecture, rtol=1e-5, atol=1e-5 * float(lecture.abs().max()))
    (said,) = (spec.help for spec in specs(GradCamParams) if spec.name == "keep_negative")
    assert "lecture" in said


def test_a_layer_before_an_in_place_relu_is_exact(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
) -> None:
    network = raw_network(0)
    expected = by_hand(make_classifier(raw_network(0)), batch[:1], 3, "conv", "logit")
    assert network.last.inplace
    found = run(make_classifier(network), batch[:1], 3, "conv", keep_negative=True).coarse
    assert bool((expected < 0).any())
    assert torch.allclose(found.double(), expected, rtol=0, atol=1e-5 * float(expected.abs().max()))


def test_with_one_linear_layer_after_pooling_it_is_cam_over_the_number_of_cells(
    small: Classifier, batch: Tensor
) -> None:
    maps = small.feature_maps(batch[:1], ["last"])["last"][0]
    cam = torch.einsum("k,khw->hw", small.module("head").weight[7], maps)
    found = run(small, batch[:1], 7, "last", keep_negative=True).coarse
    cells = maps.shape[1] * maps.shape[2]
    assert torch.allclose(found * cells, cam, rtol=0, atol=1e-5 * float(cam.abs().max()))


def test_permuting_the_classes_permutes_the_maps(
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
    permuted = make_classifier(network)
    a = run(small, batch[:1], 2, "conv").map
    b = run(permuted, batch[:1], 7, "conv").map
    assert torch.allclose(a, b, rtol=1e-6, atol=1e-7)


def test_a_mirrored_picture_gives_the_mirrored_map(
    make_classifier: Callable[[nn.Module, int], Classifier],
    raw_network: Callable[[int], nn.Sequential],
) -> None:
    """On a network whose kernels are symmetric, for a side that strides divide symmetrically."""
    network = raw_network(0)
    with torch.no_grad():
        for conv in (network.stem, network.conv):
            conv.weight.copy_((conv.weight + conv.weight.flip(3)) / 2)
    classifier = make_classifier(network, 33)
    image = torch.rand(1, 3, 33, 33, generator=torch.Generator().manual_seed(2))
    there = run(classifier, image, 1, "conv", keep_negative=True).map
    back = run(classifier, image.flip(3), 1, "conv", keep_negative=True).map.flip(1)
    assert torch.allclose(there, back, rtol=0, atol=1e-6 * float(there.abs().max()))


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "nearest"])
def test_cells_become_pixels(small: Classifier, batch: Tensor, mode: str) -> None:
    found = run(small, batch[:1], 3, "conv", upsampling=mode)
    corners = {} if mode == "nearest" else {"align_corners": False}
    expected = functional.interpolate(found.coarse[None, None], (32, 32), mode=mode, **corners)
    assert torch.equal(found.map, expected[0, 0].relu())
    assert float(found.map.min()) >= 0
    if mode == "nearest":
        assert torch.equal(found.map[::2, ::2], found.coarse)


@pytest.mark.parametrize("layer", ["pool", "flat", "head"])
def test_a_layer_without_space_is_refused(small: Classifier, batch: Tensor, layer: str) -> None:
    with pytest.raises(LayerError, match="cannot say where") as caught:
        run(small, batch[:1], 3, layer)
    assert caught.value.advice


def test_a_saturated_probability_says_so(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias[4] = 1e4
    classifier = make_classifier(network)
    flat = run(classifier, batch[:1], 4, "conv", score="probability")
    assert not bool(flat.map.any())
    assert "saturated" in flat.reason and "class 4" in flat.reason
    logit = run(classifier, batch[:1], 4, "conv", keep_negative=True)
    assert bool(logit.map.any()) and not logit.reason

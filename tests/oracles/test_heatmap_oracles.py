"""Grad-CAM and saliency against captum and pytorch-grad-cam."""

from __future__ import annotations

import captum.attr
import numpy as np
import pytest
import pytorch_grad_cam
import torch
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.heatmaps.saliency import SaliencyParams, saliency
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()
CAT = 282


def worst(found: Tensor, expected: Tensor) -> float:
    """Largest difference, as a part of the largest value."""
    return float((found - expected).abs().max() / expected.abs().max())


def captum_grad_cam(
    classifier: Classifier, x: Tensor, layer: str, target: int, *, relu: bool
) -> Tensor:
    oracle = captum.attr.LayerGradCam(classifier.stock, classifier.module(layer))
    return oracle.attribute(x, target, relu_attributions=relu)[0, 0].detach()


@pytest.mark.parametrize("layer", ["0", "1", "2", "3"])
@pytest.mark.parametrize("target", [0, 7])
def test_grad_cam_is_captums(plain: Classifier, picture: Tensor, layer: str, target: int) -> None:
    signed = captum_grad_cam(plain, picture, layer, target, relu=False)
    given = GradCamParams(keep_negative=True)
    assert worst(grad_cam(plain, picture, target, layer, given, QUIET).coarse, signed) <= 1e-6
    positive = captum_grad_cam(plain, picture, layer, target, relu=True)
    found = grad_cam(plain, picture, target, layer, GradCamParams(), QUIET).coarse
    assert float((found - positive).abs().max()) <= 1e-6 * float(signed.abs().max())


@pytest.mark.parametrize("layer", ["head", "blocks.3", "blocks.1"])
def test_grad_cam_is_captums_on_the_embedded_network(
    embedded: Classifier, photograph: Tensor, layer: str
) -> None:
    names = [row.name for row in embedded.facts.layers]
    layer = layer if layer in names else embedded.facts.recommended_layer
    found = grad_cam(embedded, photograph, CAT, layer, GradCamParams(), QUIET).coarse
    expected = captum_grad_cam(embedded, photograph, layer, CAT, relu=True)
    # the folded copy rounds otherwise, and a ReLU at zero may open
    assert float(torch.cosine_similarity(found.flatten(), expected.flatten(), dim=0)) >= 0.99999
    assert worst(found, expected) <= 1e-2


def test_grad_cam_is_pytorch_grad_cams(embedded: Classifier, photograph: Tensor) -> None:
    """It scales its map to [0, 1] after bilinear up-sampling; ours is scaled here."""
    layer = embedded.facts.recommended_layer
    with pytorch_grad_cam.GradCAM(embedded.stock, [embedded.module(layer)]) as oracle:
        x = photograph.clone().requires_grad_()  # the weights are frozen
        expected = oracle(x, [ClassifierOutputTarget(CAT)])[0]
    ours = grad_cam(embedded, photograph, CAT, layer, GradCamParams(), QUIET).map.numpy()
    scaled = (ours - ours.min()) / (ours.max() - ours.min())
    assert np.abs(scaled - expected).max() <= 1e-4


@pytest.mark.parametrize("target", [0, 7])
def test_saliency_is_captums(plain: Classifier, picture: Tensor, target: int) -> None:
    found = saliency(plain, picture, target, "", SaliencyParams(), QUIET).map
    oracle = captum.attr.Saliency(plain.fast).attribute(picture.clone(), target, abs=True)
    assert torch.equal(found, oracle[0].amax(0))
    stock = captum.attr.Saliency(plain.stock).attribute(picture.clone(), target, abs=True)
    assert worst(found, stock[0].amax(0)) <= 1e-5


def test_saliency_is_captums_on_the_embedded_network(
    embedded: Classifier, photograph: Tensor
) -> None:
    found = saliency(embedded, photograph, CAT, "", SaliencyParams(), QUIET).map
    oracle = captum.attr.Saliency(embedded.stock).attribute(photograph.clone(), CAT, abs=True)
    expected = oracle[0].amax(0)
    assert float(torch.cosine_similarity(found.flatten(), expected.flatten(), dim=0)) >= 0.999

"""The methods at a layer against pytorch-grad-cam, and relevance against captum."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import captum.attr
import numpy as np
import pytest
import pytorch_grad_cam
import torch
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import Tensor, nn

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.lrp import LrpParams, lrp
from cnnviz_gui.core.heatmaps.upsample import upsample
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()
SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
CAT = 282
WEIGHTED = {
    "hires-cam": pytorch_grad_cam.HiResCAM,
    "layer-cam": pytorch_grad_cam.LayerCAM,
    "xgrad-cam": pytorch_grad_cam.XGradCAM,
    "grad-cam-plus-plus": pytorch_grad_cam.GradCAMPlusPlus,
}


def ours(
    name: str, classifier: Classifier, x: Tensor, target: int, layer: str, **given: Any
) -> HeatmapValue:
    chosen = method("heatmap", name)
    parameters = params.build(chosen.params, given)
    return chosen.run(classifier, x, target, layer, parameters, QUIET)


def theirs(oracle: type, classifier: Classifier, x: Tensor, target: int, layer: str) -> np.ndarray:
    """In [0, 1] after bilinear up-sampling. Layers followed by an in-place ReLU are not used."""
    module = classifier.module(layer)
    with oracle(classifier.stock, [module]) as cam:
        return cam(x.clone().requires_grad_(), [ClassifierOutputTarget(target)])[0]


def scaled(values: Tensor) -> np.ndarray:
    array = values.numpy()
    return (array - array.min()) / ((array.max() - array.min()) or 1)


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize("layer", ["1", "3"])
@pytest.mark.parametrize("target", [0, 7])
def test_weighted_cams_are_pytorch_grad_cams(
    plain: Classifier, picture: Tensor, name: str, layer: str, target: int
) -> None:
    expected = theirs(WEIGHTED[name], plain, picture, target, layer)
    found = ours(name, plain, picture, target, layer).map
    assert np.abs(scaled(found) - expected).max() <= 1e-4


@pytest.mark.parametrize("name", WEIGHTED)
def test_weighted_cams_are_pytorch_grad_cams_on_the_embedded_network(
    embedded: Classifier, photograph: Tensor, name: str
) -> None:
    layer = embedded.facts.recommended_layer
    expected = theirs(WEIGHTED[name], embedded, photograph, CAT, layer)
    found = ours(name, embedded, photograph, CAT, layer).map
    # They add 1e-7 to sums of maps; and the folded copy opens a ReLU that theirs has at zero.
    assert np.abs(scaled(found) - expected).max() <= 1e-3


def test_cam_is_grad_cam_times_the_cells_on_the_embedded_network(
    embedded: Classifier, photograph: Tensor
) -> None:
    """And the classifier's weights times the maps, of the network that is not folded."""
    found = ours("cam", embedded, photograph, CAT, "")
    maps = embedded.feature_maps(photograph, [found.layer])[found.layer][0]
    weight = embedded.module("classifier").weight[CAT]
    expected = torch.einsum("k,khw->hw", weight, maps)
    assert float((found.coarse - expected).abs().max()) <= 1e-3 * float(expected.abs().max())
    grad_cam = ours("grad-cam", embedded, photograph, CAT, found.layer, keep_negative=True)
    worst = (grad_cam.coarse * maps[0].numel() - found.coarse).abs().max()
    assert float(worst) <= 1e-5 * float(found.coarse.abs().max())


@pytest.mark.parametrize("layer", ["1", "3"])
def test_eigen_cam_is_pytorch_grad_cams_up_to_its_sign(
    plain: Classifier, picture: Tensor, layer: str
) -> None:
    """Theirs is centred; its sign is that of the singular vector, and so by chance."""
    expected = theirs(pytorch_grad_cam.EigenCAM, plain, picture, 0, layer)
    found = ours("eigen-cam", plain, picture, 0, layer, centred=True, keep_negative=True).coarse
    full = [upsample((sign * found).relu(), (33, 33), "bilinear") for sign in (1, -1)]
    assert min(np.abs(scaled(one) - expected).max() for one in full) <= 1e-4


class _OnCellCentres(nn.Module):
    """In place of theirs, which aligns the corners of grid and picture."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.interpolate(x, self.size, mode="bilinear", align_corners=False)


@pytest.mark.parametrize("layer", ["1", "3"])
def test_score_cam_is_pytorch_grad_cams(
    plain: Classifier, picture: Tensor, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the normalised picture, since theirs fades to its zero, with masks on our grid."""
    monkeypatch.setattr(torch.nn, "UpsamplingBilinear2d", _OnCellCentres)
    pixel = plain.stock
    normalised = (picture - pixel.mean) / pixel.std
    network = pixel.network
    with pytorch_grad_cam.ScoreCAM(network, [network.get_submodule(layer)]) as cam:
        cam.batch_size = 8
        expected = cam(normalised, [ClassifierOutputTarget(7)])[0]
    found = ours("score-cam", plain, picture, 7, layer).map
    assert np.abs(scaled(found) - expected).max() <= 1e-4


def relevance(classifier: Classifier, x: Tensor, target: int, rules: dict[str, Any]) -> Tensor:
    network = copy.deepcopy(classifier.stock.network)
    for name, module in network.named_children():
        if not isinstance(module, nn.ReLU):
            module.rule = rules.get(name) or EpsilonRule(1e-9)
    pixel = classifier.stock
    normalised = (x - pixel.mean) / pixel.std
    found: Tensor = captum.attr.LRP(network).attribute(normalised.requires_grad_(), target)
    return found[0].sum(0).detach()


@pytest.mark.parametrize(
    ("rule", "theirs_for_convolutions"),
    [
        ("epsilon", lambda: None),
        ("z-plus", lambda: Alpha1_Beta0_Rule(set_bias_to_zero=True)),
        ("gamma", lambda: GammaRule(0.25)),
    ],
)
@pytest.mark.parametrize("target", [0, 7])
def test_relevance_is_captums(
    plain: Classifier, rule: str, theirs_for_convolutions: Any, target: int
) -> None:
    """On a picture brighter than the mean: theirs takes what a layer is given as positive."""
    generator = torch.Generator().manual_seed(5)
    x = 0.5 + 0.5 * torch.rand(1, 3, 33, 33, generator=generator)
    rules = {"0": theirs_for_convolutions(), "2": theirs_for_convolutions()}
    expected = relevance(plain, x, target, rules)
    found = lrp(plain, x, target, "", LrpParams(rule=rule, pixels="same"), QUIET).map
    assert float((found - expected).abs().max()) <= 1e-4 * float(expected.abs().max())


class _Through(nn.Module):
    """A ReLU6 as a product with what it lets through, which is taken as a constant."""

    def forward(self, x: Tensor) -> Tensor:
        kept = x.detach()
        return x * torch.where(kept == 0, 0.0, kept.clamp(0, 6) / kept)


def test_relevance_without_rules_is_gradient_times_input_on_the_embedded_network(
    embedded: Classifier, photograph: Tensor
) -> None:
    """The ε rule with nothing added, of a network whose sums, pools and padding are its own."""
    network = copy.deepcopy(embedded.stock.network)
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.ReLU6):
            parent, _, last = name.rpartition(".")
            setattr(network.get_submodule(parent), last, _Through())
    pixel = embedded.stock
    leaf = ((photograph - pixel.mean) / pixel.std).requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(network(leaf)[0, CAT], leaf)
    expected = (gradient * leaf.detach())[0].sum(0)
    given = LrpParams(rule="epsilon", pixels="same")
    found = lrp(embedded, photograph, CAT, "", given, QUIET).map
    # the folded copy rounds otherwise, and a ReLU at zero may open
    assert float(torch.cosine_similarity(found.flatten(), expected.flatten(), dim=0)) >= 0.999


@pytest.mark.parametrize("name", ["cam", *WEIGHTED, "eigen-cam", "lrp"])
@pytest.mark.parametrize(
    ("file", "target", "box"),
    [("rocket.jpg", 657, (72, 50, 152, 224)), ("coffee.png", 967, (45, 10, 195, 140))],
)
def test_the_map_lies_on_what_is_in_the_photograph(
    embedded: Classifier, name: str, file: str, target: int, box: tuple[int, int, int, int]
) -> None:
    """Boxes drawn by hand, to half a cell: they hold far more of the map than of the picture."""
    x = Session(device=torch.device("cpu")).input(
        ModelRef(name="efficientnet_lite0"), ImageRef(path=str(SAMPLES / file))
    )
    layer = embedded.facts.recommended_layer if method("heatmap", name).uses_layer else ""
    full = ours(name, embedded, x, target, layer).map.relu()
    left, top, right, bottom = box
    inside = float(full[top:bottom, left:right].sum() / full.sum())
    assert inside >= 1.35 * (right - left) * (bottom - top) / full.numel()
    row, column = divmod(int(full.argmax()), full.shape[1])
    assert left <= column < right and top <= row < bottom

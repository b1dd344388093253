"""CAM: the classifier's own weights, only where one linear layer reads averages of maps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmaps.cam import CamParams, averaged_layer, cam, needs_average
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.models import exported
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ChannelEdit, CheckpointRef, Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.session import Session

QUIET = NullContext()
Make = Callable[[nn.Module], Classifier]


def worst(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


def test_it_is_the_maps_weighted_as_the_classifier_does(small: Classifier, batch: Tensor) -> None:
    found = cam(small, batch[:1], 7, "", CamParams(), QUIET)
    assert found.layer == "last" and found.signed
    maps = small.feature_maps(batch[:1], ["last"])["last"][0]
    expected = torch.einsum("k,khw->hw", small.module("head").weight[7], maps)
    assert worst(found.coarse, expected) <= 1e-5
    full = functional.interpolate(expected[None, None], (32, 32), mode="bilinear")[0, 0]
    assert worst(found.map, full) <= 1e-5


def test_its_mean_and_the_bias_are_the_logit(small: Classifier, batch: Tensor) -> None:
    found = cam(small, batch[:1], 7, "", CamParams(), QUIET)
    logit = small.logits(batch[:1])[0, 7]
    bias = small.module("head").bias[7]
    assert float(found.coarse.mean() + bias) == pytest.approx(float(logit), rel=1e-5)
    (note,) = found.notes
    assert "the mean" in note and "with the bias" in note and "is the score" in note


def test_grad_cam_is_cam_over_the_number_of_cells(small: Classifier, batch: Tensor) -> None:
    for keep in (True, False):
        found = cam(small, batch[:1], 7, "", CamParams(keep_negative=keep), QUIET)
        given = GradCamParams(keep_negative=keep)
        other = grad_cam(small, batch[:1], 7, "last", given, QUIET)
        cells = found.coarse.numel()
        assert worst(other.coarse * cells, found.coarse) <= 1e-5
        assert found.signed == keep


def build(*layers: nn.Module) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3, stride=4), nn.ReLU(), *layers)


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 6, 3, stride=4), nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(functional.dropout(self.conv(x).relu().mean((2, 3)), training=self.training))


class Columns(nn.Module):
    """An average to who reads the table, but one for each column and not for each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 6, 3, stride=4), nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv(x).relu().mean((1, 2)))


@pytest.mark.parametrize(
    ("network", "layer"),
    [
        (build(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 10)), "1"),
        (build(nn.AvgPool2d(8), nn.Flatten(), nn.Dropout(), nn.Linear(6, 10)), "1"),
        (build(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), nn.Linear(6, 10)), "1"),
        (Functional(), "relu"),
    ],
)
def test_it_finds_the_layer_before_the_average(make_classifier: Make, network, layer: str) -> None:
    classifier = make_classifier(network)
    assert averaged_layer(classifier.facts) == layer
    assert needs_average(classifier.facts) == ""
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    found = cam(classifier, x, 2, "", CamParams(), QUIET)
    weight = [m for m in classifier.stock.modules() if isinstance(m, nn.Linear)][-1].weight[2]
    maps = classifier.feature_maps(x, [layer])[layer][0]
    assert worst(found.coarse, torch.einsum("k,khw->hw", weight, maps)) <= 1e-5


def test_it_finds_an_average_that_is_a_step_of_a_program(tmp_path: Path) -> None:
    """Taken apart into operators, it has no row."""
    program = torch.export.export(
        build(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 10)).eval(),
        (torch.zeros(1, 3, 32, 32),),
    )
    torch.export.save(program.run_decompositions(), tmp_path / "program.pt2")
    ref = ModelRef(name="", checkpoint=CheckpointRef(path=str(tmp_path / "program.pt2")))
    classifier = exported.build(ref)
    assert needs_average(classifier.facts) == ""
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    found = cam(classifier, x, 2, "", CamParams(), QUIET)
    weight = [m for m in classifier.stock.modules() if isinstance(m, nn.Linear)][-1].weight[2]
    maps = classifier.feature_maps(x, [found.layer])[found.layer][0]
    assert worst(found.coarse, torch.einsum("k,khw->hw", weight, maps)) <= 1e-5


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (build(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 10)), "is something else"),
        (build(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(6, 10)), "is something else"),
        (
            build(
                nn.AdaptiveAvgPool2d(1),
                nn.Flatten(),
                nn.Linear(6, 6),
                nn.ReLU(),
                nn.Linear(6, 10),
            ),
            "'6', is something else",
        ),
        (build(nn.Conv2d(6, 10, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()), "no linear layer"),
    ],
)
def test_it_is_refused_elsewhere(make_classifier: Make, network: nn.Module, why: str) -> None:
    classifier = make_classifier(network)
    reason = needs_average(classifier.facts)
    assert why in reason and reason.endswith(".")


def test_what_only_looks_like_an_average_is_refused(make_classifier: Make) -> None:
    classifier = make_classifier(Columns())
    assert needs_average(classifier.facts) == ""
    x = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with pytest.raises(MethodError, match="no weighted averages") as caught:
        cam(classifier, x, 2, "", CamParams(), QUIET)
    assert "Grad-CAM" in caught.value.advice


def test_a_channel_silenced_after_the_layer_has_no_weight(
    session: Session, network: ModelRef, picture: ImageRef
) -> None:
    def run(*edits: ChannelEdit) -> Tensor:
        asked = Heatmap(
            model=network,
            image=picture,
            method="cam",
            parameters=CamParams(),
            target=3,
            edits=edits,
        )
        return torch.tensor(execute(asked, session, QUIET).coarse)

    maps = session.classifier(network).feature_maps(session.input(network, picture), ["last"])
    weight = session.classifier(network).module("head").weight[3]
    without = run(ChannelEdit(layer="pool", channel=5, factor=0.0))
    assert worst(run() - without, weight[5] * maps["last"][0, 5]) <= 1e-4

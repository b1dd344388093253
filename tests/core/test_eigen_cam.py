"""Eigen-CAM: the first principal component, its sign, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core import registry
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.eigen_cam import EigenCamParams, eigen_cam
from cnnviz_gui.core.models.classifier import Classifier

Make = Callable[[nn.Module], Classifier]


def run(classifier: Classifier, image: Tensor, layer: str, target: int = 3, **given: bool):
    parameters = EigenCamParams(**given)
    found: HeatmapValue = eigen_cam(classifier, image, target, layer, parameters, NullContext())
    return found


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("layer", ["stem", "act", "conv", "last"])
def test_it_is_the_projection_on_the_first_singular_vector(
    small: Classifier, batch: Tensor, layer: str, centred: bool
) -> None:
    maps = small.feature_maps(batch[:1], [layer])[layer][0].double()
    cells = maps.flatten(1).T
    given = cells - cells.mean(0) if centred else cells
    _, lengths, directions = torch.linalg.svd(given, full_matrices=False)
    expected = (given @ directions[0]).reshape(maps.shape[1:])
    found = run(small, batch[:1], layer, centred=centred, keep_negative=True)
    scale = float(expected.abs().max())
    worst = min(float((found.coarse - sign * expected).abs().max()) for sign in (1, -1))
    assert worst <= 1e-5 * scale
    share = 100 * float(lengths[0] ** 2 / lengths.square().sum())
    assert f"{share:.1f} %" in found.notes[1]
    assert float((found.coarse.flatten() * cells.norm(dim=1)).sum()) > 0


def test_few_cells_of_many_channels_give_the_same(make_classifier: Make, batch: Tensor) -> None:
    """The other product of the matrix with itself."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 40, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(640, 10)
    )
    classifier = make_classifier(network)
    cells = classifier.feature_maps(batch[:1], ["1"])["1"][0].flatten(1).T.double()
    _, _, directions = torch.linalg.svd(cells, full_matrices=False)
    expected = (cells @ directions[0]).abs().reshape(4, 4)  # behind a ReLU all have one sign
    found = run(classifier, batch[:1], "1").coarse
    assert float((found - expected).abs().max()) <= 1e-5 * float(expected.max())


def test_behind_a_relu_nothing_is_negative(small: Classifier, batch: Tensor) -> None:
    found = run(small, batch[:1], "last", keep_negative=True)
    assert float(found.coarse.min()) >= 0 and float(found.coarse.max()) > 0


def test_it_looks_at_no_class_and_says_so(small: Classifier, batch: Tensor) -> None:
    one, other = (run(small, batch[:1], "conv", target) for target in (0, 9))
    assert torch.equal(one.map, other.map)
    assert "no class" in one.notes[0] and "sign" in one.notes[1]
    assert registry.method("heatmap", "eigen-cam").class_free


def test_a_blank_map_says_why(
    raw_network: Callable[[int], nn.Sequential], make_classifier: Make, batch: Tensor
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.conv.weight.zero_()
        network.conv.bias.fill_(-1)
    dead = make_classifier(network)
    assert "are zero" in run(dead, batch[:1], "last").reason
    assert "same in all cells" in run(dead, batch[:1], "conv", centred=True).reason
    assert run(dead, batch[:1], "act").reason == ""


def test_a_layer_without_space_is_refused(small: Classifier, batch: Tensor) -> None:
    with pytest.raises(LayerError, match="cannot say where"):
        run(small, batch[:1], "pool")

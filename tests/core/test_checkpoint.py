"""Reading files of weights: what is unwrapped and said; tests/faults has the refusals."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from cnnviz_gui.core.errors import Cancelled
from cnnviz_gui.core.models import checkpoint


def weights(seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {f"layer{i}.weight": torch.randn(4, 3, generator=generator) for i in range(5)}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., checkpoint.Checkpoint]:
    def save_and_read(value: Any, **options: Any) -> checkpoint.Checkpoint:
        path = tmp_path / "model.pth"
        torch.save(value, path, **options)
        return checkpoint.read(str(path))

    return save_and_read


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


WRAPPERS = (
    "state_dict", "model", "model_state_dict", "ema", "model_ema", "net", "params",
    "state_dict_ema", "network", "module", "weights", "something else",
)  # fmt: skip


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_weights_are_found_in_their_wrapper(
    wrapper: str, legacy: bool, read: Callable[..., checkpoint.Checkpoint]
) -> None:
    beside = {
        "epoch": 7,
        "best": 0.5,
        "name": "run 3",
        "optimizer": {"state": {i: {"exp_avg": torch.zeros(4)} for i in range(50)}},
        "lr_schedulers": [{"base": 0.1}],
        "optimizer_states": {f"x{i}": torch.zeros(1) for i in range(50)},
    }
    found = read({wrapper: weights(), **beside}, _use_new_zipfile_serialization=not legacy)
    assert same(found.tensors, weights())
    assert found.format == "PyTorch state dict"
    assert wrapper in found.notes[0] and len(found.notes) == 1


def test_a_plain_list_needs_no_note(read: Callable[..., checkpoint.Checkpoint]) -> None:
    for value in (weights(), OrderedDict(weights()), {**weights(), "epoch": 3, 5: torch.zeros(1)}):
        found = read(value)
        assert same(found.tensors, weights()) and found.notes == ()


def test_wrappers_may_be_nested(read: Callable[..., checkpoint.Checkpoint]) -> None:
    found = read({"checkpoint": {"model": {"state_dict": weights()}}, "step": torch.tensor(3)})
    assert same(found.tensors, weights())
    assert "'checkpoint.model.state_dict'" in found.notes[0]


def test_averaged_weights_are_preferred_where_they_are_whole(
    read: Callable[..., checkpoint.Checkpoint],
) -> None:
    found = read({"model": weights(0), "model_ema": weights(1), "optimizer": {"a": torch.ones(1)}})
    assert same(found.tensors, weights(1))
    assert "averaged weights" in found.notes[0]
    part = dict(list(weights(1).items())[:2])
    found = read({"model": weights(0), "ema": part})
    assert same(found.tensors, weights(0))


def test_lightning_keeps_its_weights_under_state_dict(
    read: Callable[..., checkpoint.Checkpoint],
) -> None:
    found = read(
        {
            "pytorch-lightning_version": "2.1.0",
            "epoch": 1,
            "global_step": 9,
            "state_dict": {f"model.{name}": tensor for name, tensor in weights().items()},
            "loops": {"fit_loop": {"state_dict": {}}},
            "callbacks": {"best": {"score": torch.tensor(0.5)}},
            "optimizer_states": [{"state": {0: {"m": torch.zeros(3)}}}],
            "hyper_parameters": {"lr": 0.1},
        }
    )
    assert found.tensors.keys() == {f"model.{name}" for name in weights()}


def test_the_state_of_a_module_keeps_no_link_to_it(
    read: Callable[..., checkpoint.Checkpoint],
) -> None:
    network = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    found = read(network.state_dict())
    assert set(found.tensors) == set(network.state_dict())
    found = read(dict(network.named_parameters()))
    assert set(found.tensors) == {"0.weight", "0.bias", "1.weight", "1.bias"}


def test_a_dict_that_holds_itself_is_no_trap(read: Callable[..., checkpoint.Checkpoint]) -> None:
    knot: dict[str, Any] = {"model": weights()}
    knot["again"] = knot
    assert same(read(knot).tensors, weights())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64, torch.int64])
@pytest.mark.parametrize("kind", ["pth", "safetensors"])
def test_every_kind_of_number_is_read(dtype: torch.dtype, kind: str, tmp_path: Path) -> None:
    value = {"w": torch.arange(6).reshape(2, 3).to(dtype)}
    path = tmp_path / f"model.{kind}"
    save_file(value, path) if kind == "safetensors" else torch.save(value, path)
    found = checkpoint.read(str(path)).tensors["w"]
    assert found.dtype == dtype and torch.equal(found, value["w"])


def test_a_zip_that_is_called_safetensors_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    torch.save(weights(), path)
    found = checkpoint.read(str(path))
    assert found.format == "PyTorch state dict" and same(found.tensors, weights())
    save_file(weights(), tmp_path / "model.pth")
    assert checkpoint.read(str(tmp_path / "model.pth")).format == "safetensors"


def test_numbers_that_are_not_finite_are_counted(recorder: Callable[..., Any]) -> None:
    wide = torch.zeros(3, 5_000_000)
    wide[0, 7] = torch.inf
    wide[2, -1] = torch.nan
    deep = torch.zeros(9_000_000)
    deep[-3:] = torch.nan
    tensors = {
        "fine": torch.ones(3),
        "wide": wide,
        "deep": deep.half(),
        "across": wide.T,
        "number": torch.tensor(torch.nan),
        "none": torch.zeros(0, 4),
        "count": torch.tensor(3),
        "large": torch.full((9,), 3e38),
        "large half": torch.full((9,), 6e4).half(),
    }
    watching = recorder()
    found = checkpoint.not_finite(tensors, watching)
    assert found == {"wide": 2, "deep": 3, "across": 2, "number": 1}
    assert len(watching.steps) > 8
    with pytest.raises(Cancelled):
        checkpoint.not_finite(tensors, recorder(cancel_at=3))


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_reading_is_cancelled_at_any_check(
    kind: str, tmp_path: Path, recorder: Callable[..., Any]
) -> None:
    path = tmp_path / "model.pt"
    if kind == "safetensors":
        save_file(weights(), path)
    else:
        torch.save(weights(), path, _use_new_zipfile_serialization=kind == "zip")
    counting = recorder()
    checkpoint.read(str(path), counting)
    assert counting.checks > 1
    done = [part for part, _ in counting.steps]
    assert done == sorted(done), "the bar of progress never goes back"
    for at in range(1, counting.checks + 1):
        with pytest.raises(Cancelled):
            checkpoint.read(str(path), recorder(cancel_at=at))

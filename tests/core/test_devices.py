"""Which devices there are, which of them is used, and what changing it does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from cnnviz_gui.core import device
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.models.pixels import Card
from cnnviz_gui.core.params import build
from cnnviz_gui.core.registry import method as registered
from cnnviz_gui.core.request import (
    Embed,
    Heatmap,
    ImageRef,
    InspectLayer,
    ModelRef,
    Predict,
    UseDevice,
)
from cnnviz_gui.core.session import Session
from cnnviz_gui.core.tasks import TASKS

QUIET = NullContext()
CPU = torch.device("cpu")
OLD = DeviceFacts("cuda:0", "GeForce GT 710", "it is too old for this build of PyTorch")
NEW = DeviceFacts("cuda:1", "NVIDIA H200")
APPLE = DeviceFacts("mps", "Apple GPU")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def made_of(*accelerators: DeviceFacts) -> None:
        monkeypatch.setattr(device, "_probed", lambda: accelerators)
        monkeypatch.setattr(device, "_LOST", {})

    return made_of


@pytest.mark.parametrize(
    ("accelerators", "name", "chosen", "note"),
    [
        ((), "auto", "cpu", ""),
        ((APPLE,), "auto", "mps", ""),
        ((OLD, NEW), "auto", "cuda:1", ""),
        ((OLD, NEW), "cpu", "cpu", ""),
        ((OLD, NEW), "cuda:1", "cuda:1", ""),
        (
            (OLD, NEW),
            "cuda:0",
            "cpu",
            "GeForce GT 710 is not used: it is too old for this build of PyTorch.",
        ),
        (
            (OLD,),
            "auto",
            "cpu",
            "GeForce GT 710 is not used: it is too old for this build of PyTorch.",
        ),
        ((), "cuda", "cpu", "There is no cuda on this machine; the CPU is used."),
        ((NEW,), "nonsense", "cpu", "There is no nonsense on this machine; the CPU is used."),
    ],
)
def test_the_first_that_works_is_chosen_and_else_the_reason_is_said(
    machine: Callable,
    accelerators: tuple[DeviceFacts, ...],
    name: str,
    chosen: str,
    note: str,
) -> None:
    machine(*accelerators)
    assert device.choose(name) == (torch.device(chosen), note)
    assert device.found() == (DeviceFacts("cpu", "CPU"), *accelerators)


def test_a_lost_device_is_not_chosen_again(machine: Callable) -> None:
    machine(NEW, APPLE)
    device.lose(torch.device("cuda:1"))
    assert device.choose("auto") == (torch.device("mps"), "")
    assert "stopped responding" in device.found()[1].problem
    assert device.is_lost(torch.device("cuda:1")) and not device.is_lost(torch.device("mps"))


def test_a_device_is_named(machine: Callable) -> None:
    machine(NEW)
    assert device.describe(torch.device("cuda:1")) == "NVIDIA H200"
    assert device.describe(CPU).startswith("CPU, ")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "CUDA error: no kernel image is available for execution on the device\nCUDA kernel",
            "it is too old for this build of PyTorch",
        ),
        (
            "CUDA driver version is insufficient for CUDA runtime version",
            "its driver is too old for this build of PyTorch",
        ),
        ("CUDA error: out of memory", "its memory is taken by other programs"),
        ("CUDA error: something new.\nmore", "CUDA error: something new"),
        ("", "it does not answer"),
    ],
)
def test_one_small_computation_decides(
    said: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert device.responds(CPU)
    ones = torch.ones

    def failing(*size: int, device: Any = None) -> torch.Tensor:
        if torch.device(device).type == "cuda":
            raise RuntimeError(said)
        return ones(*size)

    monkeypatch.setattr(torch, "ones", failing)
    assert device._problem(torch.device("cuda")) == reason
    monkeypatch.setattr(torch, "ones", lambda *size, device: ones(*size) * 1.5)
    assert device._problem(torch.device("cuda")) == "it computes 1 + 1 = 3"


@pytest.fixture
def drivers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A build of PyTorch with CUDA, and what its driver says."""

    def say(count: int = 0, warning: str = "") -> None:
        def available() -> bool:
            if warning:
                warnings.warn(warning, stacklevel=1)
            return count > 0

        monkeypatch.setattr(torch.version, "cuda", "13.2")
        monkeypatch.setattr(torch.cuda, "is_available", available)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
        monkeypatch.setattr(device, "_problem", lambda one: "" if one.index else "it is tired")

    return say


def test_accelerators_are_listed_by_name(drivers: Callable) -> None:
    drivers(count=2)
    listed = device._cuda()
    assert listed == [
        DeviceFacts("cuda:0", "GPU 0", "it is tired"),
        DeviceFacts("cuda:1", "GPU 1"),
    ]
    drivers(count=1)
    assert [one.name for one in device._cuda()] == ["cuda"]


def test_a_driver_that_does_not_fit_is_told_and_no_driver_is_not(drivers: Callable) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drivers()
        assert device._cuda() == []
        drivers(warning="CUDA initialization: The NVIDIA driver on your system is too old.")
        problem = "its driver is too old for this build of PyTorch"
        assert device._cuda() == [DeviceFacts("cuda", "CUDA", problem)]


def test_a_build_without_cuda_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: pytest.fail("asked"))
    assert device._cuda() == []


def test_half_precision_is_for_those_who_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device.half_problem(CPU) and device.half_problem(torch.device("mps"))
    capability = [(6, 1)]
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability[0])
    monkeypatch.setattr(torch.version, "hip", None)
    assert "not faster" in device.half_problem(torch.device("cuda"))
    capability[0] = (9, 0)
    assert device.half_problem(torch.device("cuda")) == ""
    with device.half_precision(CPU, True):
        assert not torch.is_autocast_enabled("cpu")


def test_only_an_accelerator_tells_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device.memory("cpu") is None
    properties = SimpleNamespace(total_memory=1000)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 300)
    assert device.memory("cuda") == (300, 1000)

    def lost(device: torch.device) -> int:
        raise RuntimeError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(torch.cuda, "memory_reserved", lost)
    assert device.memory("cuda") is None


# In the session


@pytest.fixture
def places(small: Classifier, monkeypatch: pytest.MonkeyPatch) -> list[torch.device]:
    """Where networks were built."""
    built: list[torch.device] = []

    def build(ref: ModelRef, ctx: Any, where: torch.device) -> Classifier:
        built.append(where)
        return small

    monkeypatch.setattr(zoo, "build", build)
    return built


def test_another_device_takes_new_networks_and_keeps_pictures(
    machine: Callable,
    places: list[torch.device],
    picture: ImageRef,
    network: ModelRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine(NEW)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    session = Session(device=CPU)
    kept = session.picture(picture)
    session.classifier(network)
    session.remember("a", 1, 8)
    result = execute(UseDevice(device="cuda:1"), session, QUIET)
    assert (result.description, result.device, result.note) == ("NVIDIA H200", "cuda:1", "")
    assert result.devices == (DeviceFacts("cpu", "CPU"), NEW)
    assert session.recall("a") is None and session.picture(picture) is kept
    session.classifier(network)
    assert places == [CPU, torch.device("cuda:1")]
    result = execute(UseDevice(device="cpu"), session, QUIET)
    assert session.device == CPU and result.device == "cpu"


def test_the_same_device_keeps_its_networks(
    machine: Callable, places: list[torch.device], network: ModelRef
) -> None:
    machine()
    session = Session(device=CPU)
    session.classifier(network)
    result = execute(UseDevice(device="auto", half=True), session, QUIET)
    session.classifier(network)
    assert places == [CPU]
    assert not result.half and result.half_problem == "The CPU is not faster in half precision."


def test_a_device_that_is_not_there_is_told(machine: Callable) -> None:
    machine(OLD)
    session = Session(device=CPU)
    result = execute(UseDevice(device="cuda:0"), session, QUIET)
    assert result.device == "cpu" and "too old" in result.note
    assert UseDevice.task not in TASKS, "a file does not choose where it is computed"


def test_half_precision_is_kept_apart_from_what_needs_gradients(
    small: Classifier, session: Session, picture: ImageRef, network: ModelRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Forward passes of predictions, embeddings and maps; never those that are differentiated."""
    monkeypatch.setattr(
        device, "half_precision", lambda where, wanted: torch.autocast("cpu", torch.bfloat16)
    )
    modes: list[tuple[str, bool]] = []
    kinds = ("logits", "gradient", "cut", "feature_maps")
    for kind in kinds:
        method = getattr(small, kind)

        def spied(*given: Any, _method: Any = method, _kind: str = kind, **more: Any) -> Any:
            modes.append((_kind, torch.is_autocast_enabled("cpu")))
            return _method(*given, **more)

        monkeypatch.setattr(small, kind, spied)
    session.half = True
    execute(Predict(model=network, image=picture), session, QUIET)
    maps = execute(InspectLayer(model=network, image=picture, layer="conv"), session, QUIET)
    vector = execute(Embed(model=network, image=picture), session, QUIET).vector
    assert modes == [("logits", True), ("feature_maps", True)]
    assert maps.maps.dtype == vector.dtype == "float32"
    exact = small.feature_maps(session.input(network, picture), ["conv"])["conv"][0]
    difference = abs(maps.maps - exact.numpy()).max()
    assert 0 < difference < 0.05 * float(exact.max()), "it was computed less precisely"
    modes.clear()
    heatmap = Heatmap(
        model=network,
        image=picture,
        method="grad-cam",
        parameters=build(registered("heatmap", "grad-cam").params, {}),
    )
    execute(heatmap, session, QUIET)
    assert modes == [("logits", False), ("cut", False)]


# On a real accelerator

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@needs_cuda
def test_an_accelerator_is_chosen_and_gives_the_same_answers(
    small_on: Callable[[torch.device], Classifier], batch: torch.Tensor
) -> None:
    chosen, note = device.choose()
    assert chosen.type == "cuda" and not note
    here, there = small_on(CPU), small_on(chosen)
    logits = there.logits(batch.to(chosen)).cpu()
    assert torch.allclose(logits, here.logits(batch), atol=1e-3)
    used = device.memory(str(chosen))
    assert used is not None and 0 < used[0] < used[1]


@needs_cuda
def test_half_precision_on_an_accelerator_is_close(
    small_on: Callable[[torch.device], Classifier], batch: torch.Tensor
) -> None:
    chosen, _ = device.choose()
    if device.half_problem(chosen):
        pytest.skip(device.half_problem(chosen))
    network = small_on(chosen)
    exact = network.logits(batch.to(chosen))
    with device.half_precision(chosen, True):
        half = network.logits(batch.to(chosen))
    assert half.dtype == torch.float16
    assert torch.allclose(half.float(), exact, atol=0.02 * float(exact.abs().max()))


@pytest.fixture
def small_on(raw_network: Callable) -> Callable[[torch.device], Classifier]:
    def make(where: torch.device) -> Classifier:
        card = Card(
            name="small", title="Small", family="", trained=True, weights="embedded",
            input_size=32, resize_size=32, interpolation="bilinear", mean=(0.5,) * 3,
            std=(0.2,) * 3, labels=tuple(map(str, range(10))),
        )  # fmt: skip
        return Classifier(raw_network(0), card, where)

    return make

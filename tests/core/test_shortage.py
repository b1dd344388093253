"""What is said when memory runs out or a device is lost, and what is refused beforehand."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz_gui.core import device as device_module
from cnnviz_gui.core import execute as door
from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, DeviceError, ModelError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.facts import DeviceFacts
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import ImageRef, ModelRef, Predict
from cnnviz_gui.core.session import Session

QUIET = NullContext()
CPU, CUDA, MPS = torch.device("cpu"), torch.device("cuda"), torch.device("mps")
SAID_CUDA = (
    "CUDA out of memory. Tried to allocate 5.10 GiB. GPU 0 has a total capacity of 139.81 GiB of"
    " which 11.38 MiB is free. Process 1234 has 139.79 GiB memory in use."
)
SAID_MPS = (
    "MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 1.00 GB, max allowed:"
    " 9.07 GB). Tried to allocate 512.00 MB on private pool."
)
SAID_CPU = (
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you"
    " tried to allocate 40000000000000 bytes. Error code 12 (Cannot allocate memory)"
)


@pytest.fixture(autouse=True)
def accelerators(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with two accelerators, none of which anything is computed on."""
    found = (DeviceFacts("cuda", "NVIDIA H200"), DeviceFacts("mps", "Apple GPU"))
    monkeypatch.setattr(device_module, "_probed", lambda: found)
    monkeypatch.setattr(device_module, "_LOST", {})
    yield


@pytest.mark.parametrize(
    ("error", "device", "message"),
    [
        (
            torch.OutOfMemoryError(SAID_CUDA),
            CUDA,
            "There is not enough memory on NVIDIA H200: 5.5 GB more were needed, 12 MB are free.",
        ),
        (
            RuntimeError(SAID_MPS),
            MPS,
            "There is not enough memory on Apple GPU: 537 MB more were needed.",
        ),
        (
            RuntimeError(SAID_CPU),
            CPU,
            "There is not enough memory: 40000.0 GB more were needed.",
        ),
        (MemoryError(), CPU, "There is not enough memory."),
    ],
)
def test_a_shortage_is_told_with_its_numbers(
    error: Exception, device: torch.device, message: str
) -> None:
    told = shortage.explain(error, device)
    assert told is not None and told.message == message
    assert ("CPU" in told.advice) == (device is not CPU)
    assert told.offer == ("" if device is CPU else "cpu")


def test_numpys_own_shortage_is_understood() -> None:
    with pytest.raises(MemoryError) as raised:
        np.empty(10**14)
    told = shortage.explain(raised.value, CPU)
    assert told is not None and told.message.endswith("GB more were needed.")


def test_other_failures_are_none_of_its_business(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shortage.explain(RuntimeError("shapes do not fit"), CPU) is None
    monkeypatch.setattr(device_module, "responds", lambda device: True)
    assert shortage.explain(RuntimeError("CUDA error: invalid argument"), CUDA) is None
    assert not device_module.is_lost(CUDA)


class Trouble:
    """Stands in for a handler: raises once, holding a large tensor, then answers."""

    def __init__(self, error: Exception, session: Session) -> None:
        self.error: Exception | None = error
        self.tensor: weakref.ref[torch.Tensor] | None = None
        self.session = session

    def __call__(self, request: Predict, session: Session, ctx: Any) -> Any:
        if self.error is None:
            return door._predict(request, session, ctx)
        large = torch.zeros(1000)
        held = [large]
        held.append(held)  # type: ignore[arg-type]  # a cycle, as hooks and graphs make them
        self.tensor = weakref.ref(large)
        error, self.error = self.error, None
        raise error


@pytest.fixture
def trouble(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Exception], tuple[Trouble, Predict]]:
    def make(error: Exception) -> tuple[Trouble, Predict]:
        made = Trouble(error, session)
        monkeypatch.setitem(door._HANDLERS, Predict, made)
        return made, Predict(model=ModelRef(name="small"), image=ImageRef(path="x"))

    return make


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (torch.OutOfMemoryError, SAID_CUDA),
        (RuntimeError, SAID_MPS),
        (RuntimeError, SAID_CPU),
        (MemoryError, ""),
    ],
)
def test_the_job_alone_fails_and_the_next_one_works(
    kind: type[Exception], said: str, trouble: Callable, session: Session, picture: ImageRef
) -> None:
    made, request = trouble(kind(said))
    request = Predict(model=request.model, image=picture)
    session.classifier(request.model)
    session.remember("a", np.zeros(10), 80)
    gc.disable()
    try:
        with pytest.raises(DeviceError) as raised:
            execute(request, session, QUIET)
        assert made.tensor is not None and made.tensor() is None, "what the job held is free"
    finally:
        gc.enable()
    assert raised.value.__context__ is None and raised.value.__cause__ is None
    assert session.nbytes == 0, "the caches are emptied"
    assert execute(request, session, QUIET).scores


def test_a_failure_of_another_kind_passes_and_nothing_is_forgotten(
    trouble: Callable, session: Session
) -> None:
    _, request = trouble(RuntimeError("shapes do not fit"))
    session.remember("a", 1, 80)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        execute(request, session, QUIET)
    assert session.recall("a") == 1


@pytest.mark.parametrize("error", [Cancelled(), ModelError("no")])
def test_what_is_meant_to_be_raised_is(error: Any, trouble: Callable, session: Session) -> None:
    _, request = trouble(error)
    with pytest.raises(type(error)):
        execute(request, session, QUIET)


def test_a_device_that_stopped_responding_gives_way_to_the_cpu(
    trouble: Callable, session: Session, picture: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronous"
    _, request = trouble(RuntimeError(said))
    monkeypatch.setattr(device_module, "responds", lambda device: device.type == "cpu")
    session.device, session.half = CUDA, True
    with pytest.raises(DeviceError) as raised:
        execute(request, session, QUIET)
    assert raised.value.message == (
        "NVIDIA H200 stopped responding (CUDA error: unspecified launch failure)."
    )
    assert raised.value.offer == "lost"
    assert session.device == CPU and not session.half
    chosen, note = device_module.choose("cuda")
    assert chosen == CPU and "restart the program" in note
    assert execute(Predict(model=request.model, image=picture), session, QUIET).scores


def test_a_shortage_does_not_count_as_a_loss(
    trouble: Callable, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full accelerator cannot even add two numbers."""
    _, request = trouble(torch.OutOfMemoryError(SAID_CUDA))
    monkeypatch.setattr(device_module, "responds", lambda device: False)
    session.device = CUDA
    with pytest.raises(DeviceError, match="not enough memory on NVIDIA H200"):
        execute(request, session, QUIET)
    assert session.device == CUDA and not device_module.is_lost(CUDA)


# Before anything is computed


def test_what_is_plainly_too_much_is_refused_with_both_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shortage, "free", lambda device: 3_900_000_000)
    shortage.require(3_800_000_000, "A pass", CPU)
    with pytest.raises(DeviceError) as refused:
        shortage.require(5_100_000_000, "A gradient of Net", CUDA)
    assert refused.value.message == "A gradient of Net needs 5.1 GB, 3.9 GB are free."
    assert refused.value.offer == "cpu"


def test_nobody_asks_how_much_is_free_for_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortage, "free", lambda device: pytest.fail("asked"))
    shortage.require(shortage.WORTH_ASKING - 1, "A pass", CPU)


def test_memory_that_is_only_kept_for_later_counts_as_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = [10**9, 10**10]
    monkeypatch.setattr(shortage, "free", lambda device: room.pop(0))
    shortage.require(5 * 10**9, "A pass", CPU)
    assert not room


def test_a_picture_of_an_absurd_size_is_refused_before_it_is_tried(
    make_classifier: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wide(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 64, 1)
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.head = nn.Linear(64, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(self.pool(self.conv(x)).flatten(1))

    monkeypatch.setattr(shortage, "free", lambda device: 2 * 10**9)
    with pytest.raises(DeviceError, match=r"6000 × 6000 pixels in Small needs 27.6 GB, 2.0 GB"):
        make_classifier(Wide(), 6000)


def test_a_gradient_that_does_not_fit_is_refused(
    small: Classifier, batch: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortage, "WORTH_ASKING", 1)
    monkeypatch.setattr(shortage, "free", lambda device: 100_000)
    needs = shortage.graph_bytes(small.facts.layers, 3)
    assert needs > 100_000
    with pytest.raises(DeviceError, match="A gradient of Small needs"):
        small.gradient(batch, lambda logits: logits[:, 0])
    with pytest.raises(DeviceError, match="A gradient of Small needs"):
        small.cut(batch, "stem")
    small.cut(batch[:1], "head")
    assert small.logits(batch).shape == (3, 10), "a pass without gradients is another matter"


def test_a_container_bounds_what_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortage, "_CGROUP", tmp_path)
    before = shortage.free(CPU)
    (tmp_path / "memory.max").write_text("5000\n")
    (tmp_path / "memory.current").write_text("2000\n")
    (tmp_path / "memory.stat").write_text("anon 900\ninactive_file 500\n")
    assert shortage.free(CPU) == 3500 < before
    (tmp_path / "memory.max").write_text("max\n")
    assert shortage.free(CPU) > 3500


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_real_accelerator_too_much_fails_and_the_next_job_works(
    trouble: Callable, picture: ImageRef
) -> None:
    session = Session(device=torch.device("cuda"))
    made, request = trouble(MemoryError())
    request = Predict(model=request.model, image=picture)

    def greedy(request: Predict, session: Session, ctx: Any) -> Any:
        door._HANDLERS[Predict] = made
        made.error = None
        return torch.empty(1 << 50, device="cuda")

    door._HANDLERS[Predict] = greedy
    with pytest.raises(DeviceError, match="not enough memory"):
        execute(request, session, QUIET)
    assert execute(request, session, QUIET).scores

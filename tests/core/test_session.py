"""The worker's memory: bounded, transactional, and flat over many switches."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import functional

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.errors import Cancelled, ImageError, ModelError
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.request import ImageRef, ModelRef, OpenModel
from cnnviz_gui.core.session import Session

SAMPLES = Path(__file__).parents[2] / "resources" / "samples"
SMALL = ModelRef(name="squeezenet1_1", untrained=True)
OTHER = ModelRef(name="shufflenet_v2_x0_5", untrained=True)
CAT = ImageRef(path=str(SAMPLES / "chelsea.png"))
CPU = torch.device("cpu")


class CancelAt:
    """A context that cancels at one of its checks."""

    def __init__(self, at: int) -> None:
        self.left = at

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled

    def step(self, done: int, total: int) -> None:
        self.check()

    def partial(self, value: object) -> None:
        pass


def test_a_network_is_built_once() -> None:
    session = Session(device=CPU)
    assert session.classifier(SMALL) is session.classifier(SMALL)
    assert session.classifier(SMALL) is not session.classifier(
        ModelRef(name=SMALL.name, untrained=True, seed=1)
    )


def test_going_back_to_a_network_that_is_kept_builds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = Session(device=CPU)
    kept = [session.classifier(ref) for ref in (SMALL, OTHER)]
    monkeypatch.setattr(zoo, "build", lambda *given: pytest.fail("built anew"))
    began = time.perf_counter()
    for _ in range(50):
        for ref, network in zip((SMALL, OTHER), kept, strict=True):
            assert execute(OpenModel(model=ref), session, NullContext()).facts is network.facts
    assert time.perf_counter() - began < 0.5, "a hundred switches"


def test_networks_are_forgotten_beyond_the_bound_and_stay_usable() -> None:
    session = Session(max_bytes=1, device=CPU)
    first = session.classifier(SMALL)
    assert session.classifier(SMALL) is first, "the current one is kept whatever its size"
    session.classifier(OTHER)
    assert session.classifier(SMALL) is not first
    assert first.logits(torch.zeros(1, 3, 224, 224)).shape == (1, 1000)


def test_size_of_a_network_counts_shared_weights_once() -> None:
    network = Session(device=CPU).classifier(OTHER)
    single = sum(t.nbytes for t in network.stock.state_dict().values())
    assert single < network.nbytes < 2 * single


def test_failure_and_cancel_leave_the_session_as_it_was() -> None:
    session = Session(device=CPU)
    kept = session.classifier(SMALL)
    before = session.nbytes
    with pytest.raises(ModelError):
        session.classifier(ModelRef(name="no-such-network"))
    with pytest.raises(ImageError):
        session.picture(ImageRef(path=str(SAMPLES / "missing.png")))
    for at in (1, 2):
        with pytest.raises(Cancelled):
            session.classifier(OTHER, CancelAt(at))
    assert session.nbytes == before and session.classifier(SMALL) is kept


def test_input_is_what_torchvision_makes_of_the_picture() -> None:
    session = Session(device=CPU)
    model = ModelRef(name="efficientnet_lite0")
    with Image.open(CAT.path) as image:
        expected = functional.center_crop(functional.resize(image.convert("RGB"), 256), 224)
    assert np.array_equal(session.seen(model, CAT), np.asarray(expected))
    x = session.input(model, CAT)
    assert torch.equal(x[0], functional.to_tensor(expected))
    x.zero_()
    assert session.input(model, CAT).max() > 0, "the caller's tensor is the caller's own"


def test_a_picture_is_read_again_when_its_file_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    session, ref = Session(device=CPU), ImageRef(path=str(path))
    Image.new("RGB", (8, 8), "red").save(path)
    first = session.picture(ref)
    assert session.picture(ref) is first
    Image.new("RGB", (9, 9), "blue").save(path)
    assert session.picture(ref).width == 9


def test_remembered_values_are_bounded() -> None:
    session = Session(max_bytes=400, device=CPU)
    session.remember("a", 1, 60)
    session.remember("b", 2, 60)
    assert session.recall("a") is None and session.recall("b") == 2
    session.remember("c", 3, 101)
    assert session.recall("c") is None


def test_work_that_was_set_aside_is_kept_whatever_its_size() -> None:
    session = Session(max_bytes=400, device=CPU)
    session.set_aside(SMALL, "large", 1, 1000)
    session.set_aside(SMALL, "large", 2, 1001)
    assert session.recall("large") == 2 and session.nbytes == 1001
    session.set_aside(SMALL, "next", 3, 60)
    assert session.recall("large") is None, "there is no room for both"
    session.set_aside(SMALL, "last", 4, 1000)
    assert [session.recall(key) for key in ("next", "last")] == [3, 4]
    session.set_aside(OTHER, "of another network", 5, 1000)
    assert session.recall("last") is None
    session.forget_results()
    assert session.nbytes == 0 and session.recall("of another network") is None


def test_work_of_each_of_two_networks_that_are_compared_is_set_aside() -> None:
    session = Session(max_bytes=400, device=CPU)
    session.open(SMALL, OTHER)
    for ref in (SMALL, OTHER):
        session.set_aside(ref, ref.name, ref, 1000)
    assert [session.recall(ref.name) for ref in (SMALL, OTHER)] == [SMALL, OTHER]


def test_results_are_forgotten_and_pictures_and_networks_are_not() -> None:
    session = Session(device=CPU)
    network, picture = session.classifier(SMALL), session.picture(CAT)
    seen, before = session.seen(SMALL, CAT), session.nbytes
    session.remember("a", 1, 60)
    session.forget_results()
    assert session.recall("a") is None and session.nbytes == before
    assert session.forgotten == 1
    assert session.classifier(SMALL) is network and session.picture(CAT) is picture
    assert session.seen(SMALL, CAT) is seen
    session.remember("a", 2, 60)
    assert session.recall("a") == 2


SWITCHES = """
import gc, psutil, torch
from cnnviz_gui.core import device
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.core.session import Session

device.prepare_torch(threads=1)
session = Session(max_bytes=1)
names = ("squeezenet1_1", "squeezenet1_0", "squeezenet1_1", "mnasnet0_5")
x = torch.zeros(1, 3, 224, 224)

def switch(times):
    for turn in range(times):
        network = session.classifier(ModelRef(name=names[turn % 4], untrained=True, seed=turn))
        network.cut(x, network.facts.recommended_layer).gradient(lambda logits: logits[:, 0])
    gc.collect()
    return psutil.Process().memory_info().rss

start = switch(30)
print(start, switch(200))
"""


def test_two_hundred_switches_do_not_grow_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWITCHES],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    start, end = map(int, done.stdout.split())
    assert end < 1.05 * start

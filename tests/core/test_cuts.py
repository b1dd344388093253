"""The cuts of the newest network, and that none of them keeps an older one alive."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.cuts import CutMemory
from cnnviz_gui.core.execute import execute
from cnnviz_gui.core.models import zoo
from cnnviz_gui.core.models.classifier import Classifier
from cnnviz_gui.core.request import Heatmap, ImageRef, ModelRef, OpenModel
from cnnviz_gui.core.session import Session

QUIET = NullContext()
OTHER = ModelRef(name="small", seed=1)


@pytest.fixture
def one_network(
    make_classifier: Callable[[nn.Module], Classifier],
    raw_network: Callable[[int], nn.Sequential],
    monkeypatch: pytest.MonkeyPatch,
) -> Session:
    """A session with room for one network, each built anew."""
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: make_classifier(raw_network(0)))
    return Session(max_bytes=1, device=torch.device("cpu"))


@pytest.fixture
def heatmap(network: ModelRef, picture: ImageRef, make_params: Callable) -> Heatmap:
    parameters = make_params("heatmap", "grad-cam")
    return Heatmap(model=network, image=picture, method="grad-cam", parameters=parameters)


def explained(session: Session, heatmap: Heatmap) -> weakref.ref[Classifier]:
    """Explain, and return what tells whether the network is still alive."""
    execute(heatmap, session, QUIET)
    assert len(session.cuts) == 1
    return weakref.ref(session.classifier(heatmap.model))


def test_an_evicted_network_is_freed(one_network: Session, heatmap: Heatmap) -> None:
    first = explained(one_network, heatmap)
    execute(OpenModel(model=OTHER), one_network, QUIET)
    gc.collect()
    assert first() is None and len(one_network.cuts) == 0


def test_a_forgotten_network_is_freed(one_network: Session, heatmap: Heatmap) -> None:
    first = explained(one_network, heatmap)
    one_network.forget()
    gc.collect()
    assert first() is None and one_network.nbytes == 0


def test_a_job_that_outlives_the_switch_does_not_bring_its_network_back(
    one_network: Session, heatmap: Heatmap, recorder: type
) -> None:
    alive: list[weakref.ref[Classifier]] = []

    def switch() -> None:
        if not alive:
            alive.append(weakref.ref(one_network.classifier(heatmap.model)))
        one_network.classifier(OTHER)

    execute(heatmap, one_network, recorder(inside=switch))
    gc.collect()
    assert alive and alive[0]() is None and len(one_network.cuts) == 0


def test_cuts_of_a_network_still_kept_go_with_the_switch_too(
    make_classifier: Callable[[nn.Module], Classifier],
    raw_network: Callable[[int], nn.Sequential],
    heatmap: Heatmap,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zoo, "build", lambda ref, ctx, device: make_classifier(raw_network(0)))
    session = Session(device=torch.device("cpu"))
    first = explained(session, heatmap)
    session.classifier(OTHER)
    assert first() is not None and len(session.cuts) == 0
    assert session.classifier(heatmap.model) is first()


def test_what_cuts_hold_is_counted(session: Session, heatmap: Heatmap) -> None:
    execute(heatmap, session, QUIET)
    before = session.nbytes
    execute(dataclasses.replace(heatmap, layer="stem"), session, QUIET)
    assert session.nbytes == before + 4 * (8 * 16 * 16 + 10)


def test_the_cut_used_last_stays(small: Classifier, batch: Tensor) -> None:
    memory = CutMemory(small)
    cuts = {layer: small.cut(batch[:1], layer) for layer in ("stem", "conv", "last")}
    memory.put(small, "stem", cuts["stem"])
    memory.put(small, "conv", cuts["conv"])
    assert memory.get(small, "stem") is cuts["stem"]
    memory.put(small, "last", cuts["last"])
    assert len(memory) == 2
    assert memory.get(small, "stem") is cuts["stem"] and memory.get(small, "conv") is None


def test_cuts_of_a_network_that_is_not_served_are_not_kept(
    small: Classifier, batch: Tensor
) -> None:
    memory = CutMemory()
    cut = small.cut(batch[:1], "conv")
    memory.put(small, "conv", cut)
    assert len(memory) == 0
    memory.serve(small)
    memory.put(small, "conv", cut)
    memory.serve(small)
    assert memory.get(small, "conv") is cut

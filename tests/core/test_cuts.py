"""The cuts of the networks in use, and that none of them keeps an older one alive."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from cnnviz_gui.core import shortage
from cnnviz_gui.core.context import NullContext
from cnnviz_gui.core.cuts import CutMemory, held
from cnnviz_gui.core.errors import ModelError
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


@pytest.fixture
def two_networks(one_network: Session, heatmap: Heatmap) -> Session:
    """The same session after two networks were opened to be compared."""
    execute(OpenModel(model=heatmap.model), one_network, QUIET)
    execute(OpenModel(model=OTHER, beside=heatmap.model), one_network, QUIET)
    return one_network


def test_two_networks_that_are_compared_keep_their_cuts(
    one_network: Session, heatmap: Heatmap
) -> None:
    """Another class then costs either of them no pass forward, in whatever order they are asked."""
    session = Session(device=torch.device("cpu"))
    execute(OpenModel(model=OTHER, beside=heatmap.model), session, QUIET)
    beside = dataclasses.replace(heatmap, model=OTHER)
    for asked in (heatmap, beside):
        execute(asked, session, QUIET)
    networks = [session.classifier(ref) for ref in (heatmap.model, OTHER)]
    before = [network.forwards for network in networks]
    for target in (1, 2):
        for asked in (heatmap, beside):
            execute(dataclasses.replace(asked, target=target), session, QUIET)
    assert [network.forwards for network in networks] == before
    assert len(session.cuts) == 2


def test_of_two_networks_neither_is_built_twice_for_want_of_room(
    two_networks: Session, heatmap: Heatmap
) -> None:
    built = [two_networks.classifier(ref) for ref in (heatmap.model, OTHER)]
    assert [two_networks.classifier(ref) for ref in (heatmap.model, OTHER)] == built


def test_the_end_of_a_comparison_frees_the_second_network(
    two_networks: Session, heatmap: Heatmap
) -> None:
    second = explained(two_networks, dataclasses.replace(heatmap, model=OTHER))
    execute(OpenModel(model=heatmap.model), two_networks, QUIET)
    gc.collect()
    assert second() is None and len(two_networks.cuts) == 0


def test_a_network_that_cannot_be_opened_leaves_the_two_together(
    two_networks: Session, heatmap: Heatmap, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = [two_networks.classifier(ref) for ref in (heatmap.model, OTHER)]

    def fail(*_: object) -> None:
        raise ModelError("There is no such network.")

    monkeypatch.setattr(zoo, "build", fail)
    for beside in (OTHER, None):
        with pytest.raises(ModelError):
            execute(OpenModel(model=ModelRef(name="gone"), beside=beside), two_networks, QUIET)
    assert [two_networks.classifier(ref) for ref in (heatmap.model, OTHER)] == built


def test_what_cuts_hold_is_counted(session: Session, heatmap: Heatmap) -> None:
    execute(heatmap, session, QUIET)
    before = session.nbytes
    asked = dataclasses.replace(heatmap, layer="stem", target=3)
    result = execute(asked, session, QUIET)
    facts = session.classifier(heatmap.model).facts
    own = 4 * (8 * 16 * 16 + 10)
    later = facts.layers[facts.layers.index(facts.layer("stem")) + 1 :]
    remembered = result.map.nbytes + result.coarse.nbytes
    assert session.nbytes == before + own + shortage.graph_bytes(later) + remembered


@pytest.mark.parametrize("layer", ["stem", "conv"])
def test_what_a_graph_saved_is_counted_about_right(
    small: Classifier, batch: Tensor, layer: str
) -> None:
    saved: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        saved[storage.data_ptr()] = storage.nbytes()  # the few weights are among them
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        cut = small.cut(batch, layer)
    counted = held(cut, layer, small.facts)
    whole = sum(saved.values())
    assert 0.8 * whole < counted < 2.5 * whole, (counted, whole)


def test_where_there_is_little_room_only_the_newest_cut_stays(
    small: Classifier, batch: Tensor
) -> None:
    memory = CutMemory(small, max_bytes=100)
    for layer, size in (("stem", 60), ("conv", 40), ("last", 300)):
        memory.put(small, layer, small.cut(batch[:1], layer), size)
        assert memory.nbytes == {"stem": 60, "conv": 100, "last": 300}[layer]
    assert len(memory) == 1 and memory.get(small, "last") is not None


def test_the_cut_used_last_stays(small: Classifier, batch: Tensor) -> None:
    memory = CutMemory(small)
    cuts = {layer: small.cut(batch[:1], layer) for layer in ("stem", "conv", "last")}
    memory.put(small, "stem", cuts["stem"], 1)
    memory.put(small, "conv", cuts["conv"], 1)
    assert memory.get(small, "stem") is cuts["stem"]
    memory.put(small, "last", cuts["last"], 1)
    assert len(memory) == 2
    assert memory.get(small, "stem") is cuts["stem"] and memory.get(small, "conv") is None


def test_cuts_of_a_network_that_is_not_served_are_not_kept(
    small: Classifier, batch: Tensor
) -> None:
    memory = CutMemory()
    cut = small.cut(batch[:1], "conv")
    memory.put(small, "conv", cut, 1)
    assert len(memory) == 0
    memory.serve(small)
    memory.put(small, "conv", cut, 1)
    memory.serve(small)
    assert memory.get(small, "conv") is cut

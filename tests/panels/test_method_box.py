"""Choosing a method: what cannot work on the network is greyed and says why."""

import dataclasses

import pytest
from PySide6.QtCore import Qt

from cnnviz_gui.core import registry
from cnnviz_gui.core.params import Params
from cnnviz_gui.core.registry import Method
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.panels import theme
from cnnviz_gui.panels.controls import painting
from cnnviz_gui.panels.layers.layer_dock import LayerDock
from cnnviz_gui.panels.layers.page import LayerPage
from cnnviz_gui.panels.method_box import MethodBox, icon

WHY = "net runs as one piece: none of its layers can be watched."


@dataclasses.dataclass(frozen=True, slots=True)
class NoParams(Params):
    """None."""


def method(name, needs=lambda facts: "", family=""):
    return Method(
        "heatmap", name, name.title(), "What.", "f", "Paper", NoParams, needs, True, print, False,
        family,
    )  # fmt: skip


@pytest.fixture
def whole(network):
    """The network without layers."""
    return dataclasses.replace(network, layers=(), recommended_layer="", hooks=False)


@pytest.fixture
def box(qtbot, state):
    cam = method("cam", lambda facts: "" if facts.hooks else WHY)
    state.share(methods=(cam, method("saliency")))
    state.choose_method("heatmap", "cam")
    made = MethodBox(state, "heatmap")
    qtbot.addWidget(made)
    made.show()
    return made


def items(box):
    return [
        (box.itemText(place), bool(box.model().index(place, 0).flags() & Qt.ItemFlag.ItemIsEnabled))
        for place in range(box.count())
    ]


def tip(box, place):
    return box.itemData(place, Qt.ItemDataRole.ToolTipRole)


def test_what_cannot_work_is_greyed_with_the_reason(box, state, whole):
    assert items(box) == [("Cam", True), ("Saliency", True)]
    assert "Not here" not in tip(box, 0)
    state.use_network(ModelRef(name="whole"), whole)
    assert items(box) == [("Cam", False), ("Saliency", True)]
    assert f"Not here: {WHY}" in tip(box, 0)
    assert "Not here" not in tip(box, 1)


def test_the_one_in_use_says_why_too(box, state, whole):
    state.use_network(ModelRef(name="whole"), whole)
    assert box.currentText() == "Cam"
    assert f"Not here: {WHY}" in box.toolTip()


def test_it_comes_back_with_a_network_that_has_layers(box, state, whole, network):
    for name, facts in (("whole", whole), ("net", network)):
        state.use_network(ModelRef(name=name), facts)
    assert items(box) == [("Cam", True), ("Saliency", True)]


def test_what_is_greyed_looks_so(box, state, whole, qtbot):
    state.use_network(ModelRef(name="whole"), whole)
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)

    def lightest(place):
        picture = view.viewport().grab(view.visualRect(box.model().index(place, 0))).toImage()
        wide = range(picture.width() // 3, picture.width())
        return max(
            picture.pixelColor(x, y).lightness() for x in wide for y in range(picture.height())
        )

    assert lightest(0) <= theme.color("disabled").lightness() + 8
    assert lightest(1) > theme.color("text2").lightness() - 8
    box.hidePopup()


def test_without_layers_page_and_dock_say_why(qtbot, state, whole):
    state.select(stage="layers")
    page, dock = LayerPage(state), LayerDock(state)
    for panel in (page, dock):
        qtbot.addWidget(panel)
        panel.show()
    assert page._split.isVisible()
    state.use_network(ModelRef(name="whole"), whole)
    assert page._failure.isVisible()
    assert page._failure.message.text() == WHY
    assert not page._split.isVisible()
    assert not page._views.isVisible()
    assert WHY in [label.text() for label in dock._card.children() if hasattr(label, "text")]


def test_methods_of_a_family_stand_together(box, state):
    names = (("rise", "perturbation"), ("saliency", "gradient"), ("grad-cam", "layer"))
    state.share(methods=tuple(method(name, family=family) for name, family in names))
    shown = [box.itemText(place) for place in range(box.count())]
    heads = ["AT A LAYER", "AT THE PIXELS", "FROM OUTSIDE"]
    assert shown == [heads[0], "Grad-Cam", heads[1], "Saliency", heads[2], "Rise"]
    assert [text for text, enabled in items(box) if not enabled] == heads
    box.activated.emit(3)
    assert state.selection.heatmap_method == "saliency"
    assert len({icon(one) for one in state.shared.methods}) == 3


def test_attacks_stand_by_family_each_under_its_heading(qtbot, state):
    state.share(methods=registry.methods("attack"))
    box = MethodBox(state, "attack")
    qtbot.addWidget(box)
    found, heading = {}, ""
    for text, enabled in items(box):
        heading = heading if enabled else text
        found.setdefault(heading, set()).update({text} if enabled else ())
    assert found["ONE STEP"] == {"FGSM"}
    assert found["ITERATIVE"] == {"APGD", "BIM", "MI-FGSM", "Naive ascent", "PGD"}
    assert found["SMALLEST PERTURBATION"] == {"Carlini–Wagner", "DeepFool"}
    assert found["SCORE-BASED BLACK BOX"] == {"Square"}
    assert found["DECISION-BASED BLACK BOX"] == {"Boundary"}
    room = box.view().minimumWidth() - 2 * theme.INSIDE
    assert all(painting.width_of(head, "caps") <= room for head in found)
    assert len({icon(one) for one in state.shared.methods}) == len(found)


def test_a_title_without_room_ends_before_the_arrow(box, state):
    long = dataclasses.replace(method("cam"), title="W" * 40)
    longer = dataclasses.replace(long, title="W" * 80)
    pictures = []
    for one in (long, longer):
        state.share(methods=(one,))
        box.resize(150, box.height())
        pictures.append(box.grab().toImage())
    assert pictures[0] == pictures[1], "both are cut at the same word and say so"

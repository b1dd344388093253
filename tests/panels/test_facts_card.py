"""The numbers of the selected layer, below the tree."""

import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.panels.controls import ElidedLabel
from cnnviz_gui.panels.layers.facts_card import FactsCard

CONV = LayerFacts(
    "conv1", "Conv2d", 0, "", (6, 28, 28), 156, "6 · 1 · 5 · 5 + 6", 117_600, (5, 5), (1, 1),
    (0.0, 0.0), (5, 5), (1, 1), (2, 2), 1, True, "conv",
)  # fmt: skip
FACTS = ModelFacts(
    "lenet5", "LeNet-5", "LeNet", True, "here", 28, 28, "bilinear", (0.5,) * 3, (0.2,) * 3,
    tuple("0123456789"), 61_706, 416_520, (CONV,), "conv1", True,
)  # fmt: skip


@pytest.fixture
def card(qtbot):
    made = FactsCard()
    qtbot.addWidget(made)
    made.show_layer(CONV, FACTS)
    made.show()
    return made


def parameters(card, width):
    card.setFixedWidth(width)
    card.layout().activate()
    labels = card.findChildren(ElidedLabel)
    return next(one for one in labels if one.accessibleName().startswith("Parameters"))


def test_the_result_of_a_formula_is_never_cut_off(card):
    assert parameters(card, 320).shown_text() == "6 · 1 · 5 · 5 + 6 = 156"
    narrow = parameters(card, 200)
    assert narrow.shown_text() == "156 · 0.3 %"
    assert narrow.accessibleName() == "Parameters: 6 · 1 · 5 · 5 + 6 = 156"
    assert narrow.toolTip().startswith("6 · 1 · 5 · 5 + 6 = 156, ")

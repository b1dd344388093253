"""Why a layer has no filters: what is said must be true."""

import dataclasses

import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.request import ModelRef
from cnnviz_gui.state import filter_view
from cnnviz_gui.state.app_state import AppState

BLOCK = LayerFacts(
    "encoder", "Encoder", 0, "", (197, 768), 10, "", 10, None, None, None, None, None, None, None,
    False, "block",
)  # fmt: skip


def row(name, role):
    return dataclasses.replace(BLOCK, name=name, role=role, leaf=True, parent="encoder", depth=1)


def said(*rows, layer="encoder"):
    facts = ModelFacts(
        "net", "Net", "Nets", True, "here", 224, 256, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (BLOCK, *rows), "encoder", True,
    )  # fmt: skip
    state = AppState()
    state.use_network(ModelRef(name="net"), facts)
    state.select(layer=layer)
    return filter_view.why_none(state)


@pytest.mark.parametrize(
    ("rows", "end"),
    [
        ((), ", nor has any layer inside it."),
        ((row("encoder.ln", "norm"),), ", nor has any layer inside it."),
        (
            (row("encoder.mlp", "linear"),),
            ": choose a linear layer inside it, which is a matrix, such as encoder.mlp.",
        ),
        (
            (row("encoder.mlp", "linear"), row("encoder.conv", "conv")),
            ": choose a convolution inside it, such as encoder.conv.",
        ),
        ((row("encoder2.conv", "conv"),), ", nor has any layer inside it."),
    ],
)
def test_a_block_sends_only_to_filters_it_has(rows, end):
    assert said(*rows) == f"encoder has no filters of its own{end}"


@pytest.mark.parametrize(
    ("role", "does"), [("attention", "compare tokens"), ("add", "adds them"), ("norm", "scales")]
)
def test_weights_that_are_no_filters_are_called_what_they_are(role, does):
    assert does in said(row("encoder.one", role), layer="encoder.one")

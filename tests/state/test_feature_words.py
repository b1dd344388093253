"""What the numbers of made pictures are called."""

import pytest

from cnnviz_gui.core.facts import LayerFacts, ModelFacts
from cnnviz_gui.core.request import ImageRef, ModelRef
from cnnviz_gui.state import feature_words
from cnnviz_gui.state.app_state import AppState


@pytest.fixture
def state():
    layer = LayerFacts(
        "stem", "Conv2d", 0, "", (8, 4, 4), 10, "", 10, (3, 3), (1, 1), (0.0, 0.0),
        (3, 3), (1, 1), (1, 1), 1, True, "conv",
    )  # fmt: skip
    facts = ModelFacts(
        "net", "Net", "Nets", True, "here", 32, 32, "bilinear", (0.5,) * 3, (0.2,) * 3,
        ("cat", "dog"), 10, 10, (layer,), "stem", True,
    )  # fmt: skip
    made = AppState()
    made.use_network(ModelRef(name="net"), facts)
    made.select(image=ImageRef(path="cat.png"), stage="features", layer="stem", channel=2, target=1)
    return made


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("channel", "the channel's mean activation"),
        ("neuron", "the neuron's activation"),
        ("layer", "half the mean square of the layer's activations"),
        ("class", "the class's logit"),
    ],
)
def test_what_a_unit_answers_less_is_told_with_its_sign(state, target, what):
    said = lambda: feature_words.of_answer(state)[1].splitlines()[0]  # noqa: E731
    state.select(feature_target=target)
    assert said() == f"Step by step {what},"
    state.select(feature_negative=True)
    assert said() == f"Step by step minus {what},"
    if target == "channel":
        state.select(feature_aim="joint")
        assert said() == f"Step by step {what}, of both by their weights,"


def test_what_looks_at_the_photograph_has_no_sign(state):
    state.select(feature_aim="imitate", feature_negative=True)
    assert feature_words.of_answer(state)[1].startswith("Minus how far the layer is")
    state.select(feature_aim="direction")
    assert "minus" not in feature_words.of_answer(state)[1]

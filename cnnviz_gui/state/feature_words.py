"""What the numbers of made pictures are called, and what they mean: one name for each."""

from __future__ import annotations

from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState

_LIKENESS = (
    "Minus how far the layer is from what it gives for the photograph:\nthe squared distance, as a"
    " share of the photograph's square.\n0 is a picture that it takes for the photograph."
)
_ALONG = "how strongly the layer points where the photograph's activation does"
_STEPS = "Step by step {},\nfor the views of that step: the picture moved, turned and stretched."
_DOT = "The dot is the same for the finished picture as it is."


def of_answer(state: AppState) -> tuple[str, str]:
    """Return the name of what climbs, and what it is in sentences."""
    asked = feature_view.wanted(state)
    if asked is not None and asked.aim == "imitate":
        return "Likeness", f"{_LIKENESS}\n{_DOT}"
    if asked is not None and asked.aim == "direction":
        return "Answer", f"{_STEPS.format(_ALONG)}\n{_DOT}"
    unit = asked.units[0] if asked is not None else None
    what = "how strongly it responds"
    if unit is not None and not unit.layer:
        what = "the class's logit"
    elif unit is not None and unit.channel is None:
        what = "half the mean square of the layer's activations"
    elif unit is not None:
        what = (
            "the neuron's activation" if unit.cell is not None else "the channel's mean activation"
        )
    if asked is not None and len(asked.units) > 1:
        what += ", of both by their weights"
    elif unit is not None and unit.weight < 0:
        what = f"minus {what}"  # it climbs where the unit answers less
    several = asked is not None and asked.aim == "differ"
    less = ", less their likeness to each other" if several else ""
    return "Answer", f"{_STEPS.format(what + less)}\n{_DOT}"

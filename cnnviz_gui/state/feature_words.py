"""What the numbers of made pictures are called, and what they mean: one name for each."""

from __future__ import annotations

from cnnviz_gui.state import feature_view
from cnnviz_gui.state.app_state import AppState
from cnnviz_gui.texts import tr

_LIKENESS = tr(
    "Minus how far the layer is from what it gives for the photograph:\nthe squared"
    " distance, as a share of the photograph's square.\n0 is a picture that it takes"
    " for the photograph."
)
_ALONG = tr("how strongly the layer points where the photograph's activation does")
_DOT = tr("The dot is the same for the finished picture as it is.")


def of_answer(state: AppState) -> tuple[str, str]:
    """Return the name of what climbs, and what it is in sentences."""
    asked = feature_view.wanted(state)
    if asked is not None and asked.aim == "imitate":
        return tr("Likeness"), f"{_LIKENESS}\n{_DOT}"
    if asked is not None and asked.aim == "direction":
        return tr("Answer"), f"{_steps(_ALONG)}\n{_DOT}"
    unit = asked.units[0] if asked is not None else None
    what = tr("how strongly it responds")
    if unit is not None and not unit.layer:
        what = tr("the class's logit")
    elif unit is not None and unit.channel is None:
        what = tr("half the mean square of the layer's activations")
    elif unit is not None:
        what = (
            tr("the neuron's activation")
            if unit.cell is not None
            else tr("the channel's mean activation")
        )
    if asked is not None and len(asked.units) > 1:
        what = tr("{answer}, of both by their weights", answer=what)
    elif unit is not None and unit.weight < 0:
        what = tr("minus {answer}", answer=what)  # it climbs where the unit answers less
    if asked is not None and asked.aim == "differ":
        what = tr("{answer}, less their likeness to each other", answer=what)
    return tr("Answer"), f"{_steps(what)}\n{_DOT}"


def _steps(answer: str) -> str:
    return tr(
        "Step by step {answer},\n"
        "for the views of that step: the picture moved, turned and stretched.",
        answer=answer,
    )

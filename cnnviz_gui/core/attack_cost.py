"""What an attack costs before it is run: passes through the network, by its parameters."""

from __future__ import annotations

from cnnviz_gui.core.registry import Method, Values


def passes(method: Method, values: Values, targeted: bool) -> int:
    """Return the most passes for one picture: queries, else gradients, each forward and back."""
    if "queries" in values:
        return int(values["queries"])
    return gradients(method, values, targeted)


def gradients(method: Method, values: Values, targeted: bool) -> int:
    """Return the most gradients that an attack asks for with these parameters."""
    if method.gradients is not None:
        return method.gradients(values, targeted)
    return int(values.get("steps", 1)) * rounds(values)


def rounds(values: Values) -> int:
    """Return how often an attack goes through its steps: from each start, for each value tried."""
    starts = int(values.get("restarts", 1)) if values.get("random_start", True) else 1
    return starts * int(values.get("search", 1))

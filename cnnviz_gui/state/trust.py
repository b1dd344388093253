"""Whether what a network says can mean anything, in a word for captions and in a sentence."""

from __future__ import annotations

from cnnviz_gui.core.facts import ModelFacts
from cnnviz_gui.texts import tr

_UNTRAINED = tr("Untrained: random weights. What this network says means nothing.")
_HEADLESS = tr("The classifier's weights are missing: features work, predictions mean nothing.")


def mark(facts: ModelFacts | None) -> str:
    """Return ``untrained`` or ``no classifier``, empty for a network that can be believed."""
    if facts is None:
        return ""
    if not facts.trained:
        return tr("untrained")
    return tr("no classifier") if facts.headless else ""


def warning(facts: ModelFacts | None) -> str:
    """Return the same as a sentence."""
    if facts is None:
        return ""
    if not facts.trained:
        return _UNTRAINED
    return _HEADLESS if facts.headless else ""


def nameless(facts: ModelFacts | None) -> bool:
    """Tell whether the classes a network names are those of no classifier, so not to be shown."""
    return facts is not None and facts.trained and facts.headless

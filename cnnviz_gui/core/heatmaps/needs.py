"""What a heat map needs of a network, and the reason it is not offered where that is missing."""

from __future__ import annotations

from cnnviz_gui.core.facts import ModelFacts


def maps(facts: ModelFacts) -> str:
    """Return why no layer's maps can be had; empty where they can."""
    if not facts.hooks:
        return f"{facts.title} runs as one piece: none of its layers can be watched."
    if not facts.recommended_layer:
        return f"{facts.title} has no layer whose output is a stack of maps."
    return ""

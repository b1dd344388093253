"""How a title is written inside a sentence or a list. Pure functions."""

from __future__ import annotations

from cnnviz_gui.texts import language


def small(text: str) -> str:
    """Return a title as it stands inside a sentence: in English it begins with a small letter.

    ``L2 weight`` and ``TV weight`` stay as they are, and so does all in languages that write nouns
    with a capital.
    """
    if language() != "en" or text[1:2].isupper() or text[1:2].isdigit():
        return text
    return text[:1].lower() + text[1:]

"""Finds words as people type them: capitals, hyphens, spaces and plurals make no difference."""

from __future__ import annotations

import re

_HYPHENS = re.compile("[-\u00ad\u2010\u2011\u2013]")
_BETWEEN = "[-\\s\u00ad\u2010\u2011\u2013]?"
"""The signs themselves: Qt knows no escapes of them."""
_APART = re.compile(r"[\s,;:()…“”„]+")
_SHORTEST = 4
"""Letters of a word of which an s at the end is taken for a plural."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text, small, without hyphens and without the s of a plural."""
    bare = _HYPHENS.sub("", text.lower())
    return tuple(_singular(word) for word in _APART.split(bare) if word)


def _singular(word: str) -> str:
    plural = len(word) >= _SHORTEST and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word


def fit(query: str, text: str, *, middles: bool = True) -> int:
    """Return how well a text fits a query, 0 for not at all.

    Every word of the query must occur; whole words count most, then beginnings, which may reach
    over several words of the text, then middles, if those are allowed. A text of just these words
    counts more than any longer one.
    """
    held = words(text)
    score = 2 if "".join(held) == "".join(words(query)) else 1
    joined = ["".join(held[place:]) for place in range(len(held))]
    for part in words(query):
        if part in held:
            score += 3
        elif any(rest.startswith(part) for rest in joined):
            score += 2
        elif middles and any(part in word for word in held):
            score += 1
        else:
            return 0
    return score


def pattern(word: str) -> str:
    """Return the regular expression of one of ``words``: as it is, or as parts of a compound.

    ``heatmap`` finds "heat map" and "heat-map" too, but only where the parts are whole words; so
    ``format`` is not found in "for maths". Capitals are to be ignored by who uses it.
    """
    whole = re.escape(word)
    if len(word) < _SHORTEST:
        return whole
    parts = _BETWEEN.join(map(re.escape, word))
    return rf"{whole}|(?<!\w){parts}s?(?!\w)"

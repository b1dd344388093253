"""Names for files that are made of words in any language."""

from __future__ import annotations

import unicodedata

_KEPT = "LMN"
"""Letters, the marks on them and digits of every script; the first letter of their category."""
_SIGNS = "_.+-"
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""Names that Windows keeps for itself, whatever ending follows."""
_LONGEST = 180
"""Bytes: file systems take 255, of which an ending and the name of a part file need some."""


def of_words(*parts: str) -> str:
    """Return a file name without ending: ``coffee-step-3``, ``kätzchen-grad-cam``.

    What is no letter or digit of any script becomes a hyphen; so nothing is left that a file
    system or a shell refuses. Letters are composed, as a name is typed.
    """
    text = unicodedata.normalize("NFC", "-".join(part for part in parts if part))
    kept = (one if one in _SIGNS or unicodedata.category(one)[0] in _KEPT else " " for one in text)
    words = "-".join("".join(kept).split())
    while "--" in words:
        words = words.replace("--", "-")
    words = words.encode()[:_LONGEST].decode(errors="ignore").strip("-.")
    if words.partition(".")[0].lower() in _DEVICES:
        return f"picture-{words}"
    return words or "picture"

"""Names that other libraries give to the tensors of networks that are known here under others."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LIBRARIES = {
    "Hugging Face's transformers": re.compile(
        r"(?:^|\.)(?:embedder|embeddings|patch_embeddings|convolution)\."
    ),
    "timm": re.compile(
        r"(?:^|\.)(?:(?:patch_embed|conv_stem|stem\.conv|head\.fc|blocks\.\d+\.attn\.qkv"
        r"|stages\.\d+\.blocks\.\d+)\.|conv_(?:dw|pw)\.weight$)"
    ),
}


def library_of(names: Iterable[str]) -> str:
    """Return the library whose names of tensors these are; empty if it is none of those known."""
    listed = list(names)
    for library, pattern in _LIBRARIES.items():
        if any(pattern.search(name) for name in listed):
            return library
    return ""

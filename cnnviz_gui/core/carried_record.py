"""A request that came with a file: plain values."""

from __future__ import annotations

from dataclasses import dataclass

from cnnviz_gui.core.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A request that came with a file."""

    request: Request
    """Its files and folders have names and no places."""
    program: str = ""
    """``cnnviz-gui 1.0``, which made the result."""
    network: str = ""
    """As the network is called."""
    weights: str = ""
    """Its tensors' SHA-256, 64 hex digits; empty where that is not known."""

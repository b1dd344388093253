"""One live window onto a convolutional image classifier: see its layers, explain it, attack it."""

from __future__ import annotations

from importlib import metadata

try:
    __version__ = metadata.version("cnnviz-gui")
except metadata.PackageNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]

"""One live window onto a convolutional image classifier: see its layers, explain it, attack it."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look up ``__version__`` when somebody asks; reading the metadata takes a while."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import metadata

    try:
        return metadata.version("cnnviz-gui")
    except metadata.PackageNotFoundError:  # a checkout that was never installed
        return "0+unknown"

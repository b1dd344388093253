"""The version of the program that is installed."""

from __future__ import annotations

import functools


@functools.cache
def version() -> str:
    """Return it; the first time takes a while, for the metadata of packages are read."""
    from importlib import metadata

    try:
        return metadata.version("cnnviz-gui")
    except metadata.PackageNotFoundError:  # a checkout that was never installed
        return "0+unknown"

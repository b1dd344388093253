"""What the name of a picture file says of its kind; light, for whoever only looks at names."""

from __future__ import annotations

import os
from pathlib import Path

JPEG_SUFFIXES = (".jpg", ".jpeg")
OTHER_THAN_PNG = frozenset(
    {*JPEG_SUFFIXES, ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic", ".heif"}
)


def is_jpeg(path: str | os.PathLike[str]) -> bool:
    """Tell whether the name of a file asks for a JPEG."""
    return Path(path).suffix.lower() in JPEG_SUFFIXES


def is_picture(path: str | os.PathLike[str]) -> bool:
    """Tell whether the name of a file ends as that of a picture does."""
    suffix = Path(path).suffix.lower()
    return suffix == ".png" or suffix in OTHER_THAN_PNG

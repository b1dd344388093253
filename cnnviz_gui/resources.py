"""Finds the files shipped beside the code: sample pictures, weights, typeface, icons, colour maps.

They lie in ``resources/`` at the top of the project, and the build back end carries them into the
wheel as ``cnnviz_gui/_resources``. A frozen application holds them under the same name below its
unpacked folder. Everything that opens such a file asks here, so that no other module knows this.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from cnnviz_gui.core.errors import CnnvizError

SAMPLES = ("chelsea.png", "coffee.png", "rocket.jpg")
"""The sample photographs, in the order in which the window shows them."""
DIGITS = tuple(f"digit-{digit}.png" for digit in range(10))
"""The sample digits, for networks that read such."""


class ResourceError(CnnvizError, FileNotFoundError):
    """A file that belongs to the program is missing: the installation is damaged."""


def _candidates() -> tuple[Path, ...]:
    """Return the folders that may hold the resources, the likeliest first."""
    package = Path(__file__).resolve().parent
    found = [package / "_resources", package.parent / "resources"]
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        unpacked = Path(frozen)
        found = [unpacked / "cnnviz_gui" / "_resources", unpacked / "resources", *found]
    return tuple(found)


@functools.cache
def root() -> Path:
    """Return the folder of all resources.

    Raises
    ------
    ResourceError
        If the program was installed without them.
    """
    candidates = _candidates()
    for folder in candidates:
        if (folder / "samples" / SAMPLES[0]).is_file():  # a stray folder of that name is not ours
            return folder
    looked = ", ".join(str(folder) for folder in candidates)
    raise ResourceError(
        f"The program's own files are missing; they were looked for in {looked}.",
        "Install cnnviz-gui again.",
    )


def path(name: str) -> Path:
    """Return the path of one resource.

    Parameters
    ----------
    name
        Relative to ``resources/``, with forward slashes: ``"fonts/Inter-Regular.otf"``.

    Raises
    ------
    ResourceError
        If there is no such file or folder.
    """
    found = root() / name
    if not found.exists():
        raise ResourceError(
            f"The program's own file {name} is missing from {root()}.",
            "Install cnnviz-gui again.",
        )
    return found


def samples() -> tuple[Path, ...]:
    """Return the sample photographs: the cat, the cup, the rocket.

    Raises
    ------
    ResourceError
        If one is missing.
    """
    return tuple(path(f"samples/{name}") for name in SAMPLES)


def digits() -> tuple[Path, ...]:
    """Return the sample digits, 0 to 9: handwritten, white on black.

    Raises
    ------
    ResourceError
        If one is missing.
    """
    return tuple(path(f"digits/{name}") for name in DIGITS)

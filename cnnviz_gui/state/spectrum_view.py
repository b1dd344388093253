"""The file whose magnitudes MACO keeps: what is told of it, and what changes with it."""

from __future__ import annotations

from typing import Any

from cnnviz_gui.core.feature_requests import SpectrumRef
from cnnviz_gui.core.feature_results import OpenedSpectrum
from cnnviz_gui.core.files import display_name
from cnnviz_gui.state.selection import Selection
from cnnviz_gui.texts import tr

NATURAL = tr("natural images")
_LONGEST = 255
"""A name is elided where it is shown, to the room there is."""


def matters(selection: Selection) -> bool:
    """Tell whether the picture depends on it."""
    return selection.feature_parameters.parameterisation == "maco"


def title(selection: Selection) -> str:
    """Return whose magnitudes are kept."""
    ref = selection.feature_spectrum
    return NATURAL if ref is None else display_name(ref.path, _LONGEST)


def told(selection: Selection) -> str:
    """Return the same in a sentence."""
    ref = selection.feature_spectrum
    if ref is None:
        return tr("The magnitudes are those of natural images: they fall by the 1 / f law.")
    return tr("The magnitudes are those of {path}.", path=ref.path)


def opened(file: OpenedSpectrum) -> dict[str, Any]:
    """Return what changes with a file that was read: the picture begins anew."""
    ref = SpectrumRef(path=file.path, sha256=file.sha256)
    return {"feature_spectrum": ref, "feature_begin": None}


def natural() -> dict[str, Any]:
    """Return what changes back to natural images."""
    return {"feature_spectrum": None, "feature_begin": None}

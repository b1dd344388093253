"""From what an ascent came to, to what stands in a pane and above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz_gui.core import numbers as fmt
from cnnviz_gui.texts import tr

if TYPE_CHECKING:
    from cnnviz_gui.core.feature_results import FeaturePictures
    from cnnviz_gui.core.result import ByteArray
    from cnnviz_gui.panels.picture_paint import Run


def one(result: FeaturePictures, place: int) -> ByteArray:
    """Return a picture, uint8 (H, W, 3), or (H, W, 4) where a part of it is transparent."""
    return result.shown[place]


def side_by_side(result: FeaturePictures) -> ByteArray:
    """Return all pictures as one."""
    return np.concatenate(list(result.shown), axis=1)


def reached(result: FeaturePictures) -> tuple[Run, ...]:
    """Return a caption: what the picture is answered with, and until then how far it is."""
    answer = (fmt.significant(result.activation), "text1", True)
    if len(result.pictures) > 1 or result.done >= result.steps:
        return (answer,)
    return ((tr("{done} of {total}", done=result.done, total=result.steps), "text3", False), answer)

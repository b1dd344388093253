"""Requests for the place that a heat map marks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cnnviz_gui.core import localisation, run_heatmap
from cnnviz_gui.core.context import Context
from cnnviz_gui.core.contexts import Part
from cnnviz_gui.core.errors import RequestError
from cnnviz_gui.core.localisation import Mask
from cnnviz_gui.core.place_requests import Box, Locate
from cnnviz_gui.core.place_results import MarkedPlace
from cnnviz_gui.core.session import Session
from cnnviz_gui.texts import tr


def run(request: Locate, session: Session, ctx: Context) -> MarkedPlace:
    """Return the place of a heat map, which is computed only if it is not remembered.

    Raises
    ------
    RequestError
        The share is not in (0, 1], or the drawn box is empty.
    """
    if not 0 < request.share <= 1:
        raise RequestError(
            tr("The threshold is {share:g} of the maximum.", share=request.share),
            tr("Choose one above 0, up to 1."),
        )
    values = run_heatmap.run(request.heatmap, session, Part(ctx)).map
    truth = None if request.truth is None else _inside(request.truth, values.shape)
    place = localisation.locate(values, request.share)
    agreement = None if truth is None else localisation.agree(values, truth, request.share)
    size = (int(values.shape[0]), int(values.shape[1]))
    if place is None:
        nothing = np.zeros(size, bool)
        return MarkedPlace(
            size=size, threshold=0.0, area=0.0, outline=outline(nothing), box=None,
            mask=_kept(nothing), part=0.0, agreement=agreement,
        )  # fmt: skip
    high = localisation.reaching(values, request.share)
    return MarkedPlace(
        size=size,
        threshold=place.threshold,
        area=float(high.mean()),
        outline=outline(high),
        box=place.box,
        mask=place.mask,
        part=float(place.mask.mean()),
        agreement=agreement,
    )


def outline(mask: Mask) -> npt.NDArray[np.int32]:
    """Return int32 (N, 4), read-only: the lines between what is in a mask (H, W) and what is not.

    Each is as long as it is straight; x, y of both ends.
    """
    padded = np.pad(mask, 1)
    upright = _runs((padded[1:-1, 1:] != padded[1:-1, :-1]).T)
    level = _runs(padded[1:, 1:-1] != padded[:-1, 1:-1])
    lines = np.concatenate(
        [
            np.stack([upright[0], upright[1], upright[0], upright[2]], 1),
            np.stack([level[1], level[0], level[2], level[0]], 1),
        ]
    ).astype(np.int32)
    lines.setflags(write=False)
    return lines


_Indices = npt.NDArray[np.intp]


def _runs(edges: Mask) -> tuple[_Indices, _Indices, _Indices]:
    """Return row, first and end of each run of True in the rows of (M, N)."""
    wide = np.zeros((edges.shape[0], edges.shape[1] + 2), np.int8)
    wide[:, 1:-1] = edges
    change = np.diff(wide, axis=1)
    rows, starts = np.nonzero(change == 1)
    return rows, starts, np.nonzero(change == -1)[1]


def _inside(box: Box, shape: tuple[int, ...]) -> Box:
    """Return the part of a drawn box that lies in the picture.

    Raises
    ------
    RequestError
        None of it does.
    """
    height, width = shape
    left, top, right, bottom = box
    cut = (max(0, left), max(0, top), min(width, right), min(height, bottom))
    if cut[0] >= cut[2] or cut[1] >= cut[3]:
        raise RequestError(tr("The drawn box holds no pixel of the picture."), tr("Draw it again."))
    return cut


def _kept(mask: Mask) -> Mask:
    mask.setflags(write=False)
    return mask

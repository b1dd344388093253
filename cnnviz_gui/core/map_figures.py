"""A heat map in a few figures, by which the maps of many pictures can be sorted."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cnnviz_gui.core import localisation
from cnnviz_gui.core.faithfulness import middle
from cnnviz_gui.core.place_requests import Box
from cnnviz_gui.core.rank import pearson, ranks


@dataclass(frozen=True, slots=True)
class MapFigures:
    """Where a map's evidence lies, and how much of the picture it takes."""

    peak: float
    marked: float
    box: Box
    inside: float
    spread: float
    centre: float | None


def of_map(values: npt.NDArray[Any], share: float) -> MapFigures | None:
    """Return the figures of a map (H, W); None where nothing in it is positive or not all finite.

    Parameters
    ----------
    share
        Of the map's maximum, in (0, 1]: what is at least so high is marked.
    """
    place = localisation.locate(values, share) if np.isfinite(values).all() else None
    if place is None:
        return None
    centre = pearson(ranks(values), _ranks_of_middle(values.shape))
    return MapFigures(
        peak=float(values.max()),
        marked=float(localisation.reaching(values, share).mean()),
        box=place.box,
        inside=localisation.energy_inside(values, place.box),
        spread=spread(localisation.evidence(values)),
        centre=None if math.isnan(centre) else centre,
    )


def spread(evidence: npt.NDArray[Any]) -> float:
    """Return the share of the pixels that an even map of the same entropy would fill, in (0, 1].

    1 for evidence that is the same everywhere, one pixel's share where all is in one; 0 of none.
    """
    shares = evidence.ravel().astype(np.float64)
    total = shares.sum()
    shares = shares[shares > 0] / total if total > 0 else shares[:0]
    entropy = float(-(shares * np.log(shares)).sum())
    return math.exp(entropy) / evidence.size if shares.size else 0.0


@functools.lru_cache(maxsize=2)
def _ranks_of_middle(shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    return ranks(middle(shape))

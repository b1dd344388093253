"""What lies between the points of a plane: its regions, their borders, the lines of equal loss.

Only the points are classified. Between them the logarithms of the probabilities are taken to be
linear, along both axes, so that a border lies where those of its two classes are the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cnnviz_gui.core.plane_lines import traced
from cnnviz_gui.core.plane_results import OTHERS, UNKNOWN, IndexArray, PlaneDrawing, Spot
from cnnviz_gui.core.result import FloatArray, frozen
from cnnviz_gui.core.ticks import round_steps

FINE = 257
"""Points of a side between which nothing is seen; one more than a power of two, as all grids."""
CANDIDATES = 8
"""Classes of which the probability at a point is kept."""
_FIELDS = 12
"""Classes whose regions are told apart."""
_MOST_LEVELS = 8
_SPARSE, _ASPECT = 4, 3
"""Lines of equal loss, and room for a name, three times as wide as it is high, are looked for on
every fourth point."""
_ENOUGH = 0.9
_Floats = npt.NDArray[np.float32]


def draw(
    found: tuple[IndexArray, FloatArray, FloatArray], stride: int, label: int, reach: float
) -> PlaneDrawing:
    """Return what is between the points.

    Parameters
    ----------
    found
        int32 (S, S, C), the likeliest classes of each point, the first the likeliest; float32
        (S, S, C), the logarithms of their probabilities; float32 (S, S), the loss. ``UNKNOWN``
        and NaN at points that are not known.
    stride
        Of the finest grid all points of which are known.
    label
        The class of the picture itself.
    """
    classes, logs, losses = found
    half = max(stride // 2, 1)
    working = slice(None, None, half)
    classes, logs, losses = (
        classes[working, working],
        logs[working, working],
        losses[working, working],
    )
    step = stride // half
    chosen = _chosen(classes[..., 0], label)
    fields = [_known(_field(classes, logs, index), step) for index in chosen]
    others = _rest(classes, logs, chosen)
    if others is not None:
        fields.append(_known(others, step))
    fine = np.stack([_finer(field, FINE) for field in fields])
    winners = fine.argmax(0)
    listed = np.array([*chosen, OTHERS], dtype=np.int32)
    drawn = listed[winners]
    loss = _finer(_known(losses, step), FINE)
    levels = _levels(loss)
    sparse = loss[::_SPARSE, ::_SPARSE]
    lines = [traced(np.stack([level - sparse, sparse - level])) for level in levels]
    return PlaneDrawing(
        classes=frozen(drawn),
        confidence=frozen(np.exp(np.minimum(fine.max(0), 0)).astype(np.float32)),
        loss=frozen(loss),
        borders=_placed(traced(fine, winners), FINE, reach),
        contours=_placed(_joined(lines), len(sparse), reach),
        levels=levels,
        spots=_spots(drawn, chosen, reach),
    )


def _chosen(winners: IndexArray, label: int) -> list[int]:
    """Return the picture's own class and those that win most often."""
    values, counts = np.unique(winners[winners != UNKNOWN], return_counts=True)
    ordered = values[np.argsort(-counts, kind="stable")].tolist()
    return [label, *(index for index in ordered if index != label)][:_FIELDS]


def _field(classes: IndexArray, logs: FloatArray, index: int) -> _Floats:
    """Return the logarithm of the probability of a class at each point, (N, N).

    Where it is not among the likeliest it is at most that of the last of them, and taken to be so.
    """
    here = classes == index
    return np.where(here.any(2), np.where(here, logs, -np.inf).max(2), logs[..., -1])


def _rest(classes: IndexArray, logs: FloatArray, chosen: Sequence[int]) -> _Floats | None:
    """Return the same of the likeliest that is not chosen; None where none ever wins."""
    elsewhere = ~np.isin(classes, chosen)
    if not (elsewhere[..., 0] & (classes[..., 0] != UNKNOWN)).any():
        return None
    best = np.where(elsewhere, logs, -np.inf).max(2)
    return np.where(np.isinf(best), logs[..., -1], best)


def _known(values: _Floats, step: int) -> _Floats:
    """Return the values with those that are missing taken from the coarser grid between them."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    return np.where(missing, _finer(values[::step, ::step], len(values)), values)


def _finer(values: _Floats, side: int) -> _Floats:
    """Return what is linear between values (N, N), at the points of a finer grid (side, side)."""
    for _ in range(2):
        share = np.arange(0, 1, (len(values) - 1) / (side - 1), dtype=np.float32)[:, None]
        between = values[:-1, None] * (1 - share) + values[1:, None] * share
        values = np.concatenate([between.reshape(-1, values.shape[1]), values[-1:]]).T
    return values


def _levels(loss: _Floats) -> tuple[float, ...]:
    """Return round numbers between the least and the greatest loss, ascending."""
    low, high = float(loss.min()), float(loss.max())
    if not high - low > 1e-6:
        return ()
    for step in round_steps(high - low):
        first, last = int(np.ceil(low / step)), int(np.floor(high / step))
        if last - first < _MOST_LEVELS:
            return tuple(k * step for k in range(first, last + 1) if low < k * step < high)
    return ()


def _joined(lines: Sequence[_Floats]) -> _Floats:
    gap = np.full((1, 2), np.nan, np.float32)
    parts = [part for line in lines if len(line) for part in (line, gap)]
    return np.concatenate(parts[:-1]) if parts else np.zeros((0, 2), np.float32)


def _placed(line: _Floats, side: int, reach: float) -> FloatArray:
    """Return columns and rows as (a, b)."""
    placed = reach * (2 * line.astype(np.float64) / (side - 1) - 1)
    return frozen(placed.astype(np.float32))


def _spots(drawn: IndexArray, chosen: Sequence[int], reach: float) -> tuple[Spot, ...]:
    """Return where in the regions of each class is most room for a name."""
    sparse = drawn[::_SPARSE, ::_SPARSE]
    cell = 2 * reach / (len(sparse) - 1)
    spots = []
    for index in chosen:
        inside = np.pad(sparse == index, 1)
        deep = np.zeros(inside.shape, dtype=np.int32)
        while inside.any():
            deep += inside
            inside = _eroded(inside)
        most = int(deep.max())
        if most:
            # With nearly as much room as anywhere, far from what is drawn in the middle.
            rows, columns = np.nonzero(deep >= max(1, _ENOUGH * most))
            middle = len(deep) // 2
            far = int(((rows - middle) ** 2 + (columns - middle) ** 2).argmax())
            row, column = int(rows[far]), int(columns[far])
            room = (int(deep[row, column]) - 1) * cell
            a, b = (column - 1) * cell - reach, (row - 1) * cell - reach
            spots.append(Spot(index, a, b, _ASPECT * room, room))
    return tuple(spots)


def _eroded(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the points all around which are inside too, a rectangle wider than high."""
    smaller = inside.copy()
    smaller[1:-1] &= inside[2:] & inside[:-2]
    smaller[[0, -1]] = False
    for _ in range(_ASPECT):
        narrower = smaller.copy()
        narrower[:, 1:-1] &= smaller[:, 2:] & smaller[:, :-2]
        narrower[:, [0, -1]] = False
        smaller = narrower
    return smaller

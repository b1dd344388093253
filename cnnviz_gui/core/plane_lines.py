"""Lines between the regions of a grid, as strings of points."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float32]
_Ints = npt.NDArray[np.int64]


def traced(fields: _Floats, winners: npt.NDArray[np.integer] | None = None) -> _Floats:
    """Return the lines between the regions in each of which another field is the greatest.

    Each cell of the grid is cut in two triangles. A line crosses a triangle's edge where the fields
    of its ends are equal, if they change evenly along it; three lines meet inside a triangle whose
    three corners differ.

    Parameters
    ----------
    fields
        (C, N, N).
    winners
        (N, N), which is the greatest, where that is known already.

    Returns
    -------
    float32 (M, 2): column and row of points of the lines, NaN between one line and the next.
    """
    side = fields.shape[1]
    labels = (fields.argmax(0) if winners is None else winners).ravel()
    flat = fields.reshape(len(fields), -1)
    number = np.arange(side * side).reshape(side, side)
    starts = (number[:, :-1], number[:-1], number[:-1, :-1])
    ends = (number[:, 1:], number[1:], number[1:, 1:])
    crossed = [labels[start] != labels[end] for start, end in zip(starts, ends, strict=True)]
    if not any(part.any() for part in crossed):
        return np.zeros((0, 2), np.float32)
    # The edges right, down and across of a point have numbers of their own.
    across, down, slant = (kind * side * side + s for kind, s in enumerate(starts))
    triangles = (
        (across[:-1], down[:, 1:], slant, crossed[0][:-1], crossed[1][:, 1:], crossed[2]),
        (across[1:], down[:, :-1], slant, crossed[0][1:], crossed[1][:, :-1], crossed[2]),
    )
    places = np.full((5 * side * side, 2), np.nan)
    for kind, (start, end) in enumerate(zip(starts, ends, strict=True)):
        cut = crossed[kind]
        places[kind * side * side + start[cut]] = _crossing(
            flat, labels, start[cut], end[cut], side
        )
    pairs: list[_Ints] = []
    for kind, (*edges, first, second, third) in enumerate(triangles):
        numbers, cuts = np.stack(edges, 2), np.stack([first, second, third], 2)
        two = cuts.sum(2) == 2
        pairs.append(numbers[two][cuts[two]].reshape(-1, 2))
        meeting = numbers[cuts.all(2)]
        centres = (3 + kind) * side * side + np.arange(len(meeting))
        places[centres] = places[meeting].mean(1)
        pairs += [np.stack([centres, meeting[:, edge]], 1) for edge in range(3)]
    return _strung(np.concatenate(pairs), places)


def _crossing(
    flat: _Floats, labels: npt.NDArray[np.integer], start: _Ints, end: _Ints, side: int
) -> npt.NDArray[np.float64]:
    """Return column and row where the lines cross edges, (M, 2)."""
    left, right = labels[start], labels[end]
    before = (flat[left, start] - flat[right, start]).astype(np.float64)
    after = (flat[right, end] - flat[left, end]).astype(np.float64)
    whole = before + after
    share = np.where(whole > 0, before / np.where(whole > 0, whole, 1), 0.5)
    rows, columns = np.divmod(np.stack([start, end]), side)
    return np.stack([at[0] + share * (at[1] - at[0]) for at in (columns, rows)], 1)


def _strung(pairs: _Ints, places: npt.NDArray[np.float64]) -> _Floats:
    """Join pieces end to end; a line ends where none or several go on."""
    beside: dict[int, list[int]] = defaultdict(list)
    for one, other in pairs.tolist():
        beside[one].append(other)
        beside[other].append(one)
    strings: list[list[int]] = []
    forks = [node for node, others in beside.items() if len(others) != 2]
    for node in (*forks, *beside):
        while beside[node]:
            string, here = [node], node
            while beside[here]:
                ahead = beside[here].pop()
                beside[ahead].remove(here)
                string.append(ahead)
                here = ahead
                if len(beside[here]) != 1:
                    break
            strings.append(string)
    order = [number for string in strings for number in (*string, -1)][:-1]
    line = places[order]
    line[np.array(order) == -1] = np.nan
    return line.astype(np.float32)

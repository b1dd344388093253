"""What is known of a plane while it is classified: point by point, coarse to fine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from cnnviz_gui.core import plane_drawing
from cnnviz_gui.core.facts import Score
from cnnviz_gui.core.plane_requests import PlaneParams
from cnnviz_gui.core.plane_results import UNKNOWN, PlaneResult
from cnnviz_gui.core.result import FloatArray, frozen

COARSEST = 5


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What is known of a plane before any of its points; see ``PlaneResult``."""

    label: Score
    labels: tuple[str, ...]
    across: str
    lengths: tuple[float, float]
    epsilon: float | None
    norm: str
    units: tuple[float, float]
    clipped: float
    ball: FloatArray
    path: FloatArray


class Found:
    """What is known of a plane so far; outlives the job that began it."""

    def __init__(self, parameters: PlaneParams, setting: Setting) -> None:
        self.done = 0
        self.seconds = 0.0
        """That were spent on it, by all jobs that went on with it."""
        self.setting = setting
        self._reach = parameters.reach
        self._side = int(parameters.points)
        shape = self._side, self._side
        kept = *shape, min(plane_drawing.CANDIDATES, len(setting.labels))
        self._classes = np.full(kept, UNKNOWN, dtype=np.int32)
        self._logs = np.full(kept, np.nan, dtype=np.float32)
        self._loss = np.full(shape, np.nan, dtype=np.float32)
        self.nbytes = self._classes.nbytes + self._logs.nbytes + self._loss.nbytes

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Return (a, b) of a point."""
        last = self._side - 1
        return self._reach * (2 * column / last - 1), self._reach * (2 * row / last - 1)

    def note(self, points: Sequence[tuple[int, int]], logits: Tensor) -> None:
        """Take the logits (N, K) of the next points."""
        rows, columns = np.array(points).T
        # Not on the device: not every one has 64-bit floats.
        logs = logits.detach().cpu().double().log_softmax(1)
        best = logs.topk(self._classes.shape[2], 1)
        self._classes[rows, columns] = best.indices.numpy()
        self._logs[rows, columns] = best.values.numpy()
        self._loss[rows, columns] = -logs[:, self.setting.label.index].numpy()
        self.done += len(points)  # last: what fails before is asked again

    def grid(self) -> int:
        """Return the points of a side of the finest grid that is known whole; 0 before there is."""
        sizes = [COARSEST]
        while sizes[-1] < self._side:
            sizes.append(2 * sizes[-1] - 1)
        return max((size for size in sizes if size * size <= self.done), default=0)

    def result(self) -> PlaneResult:
        """Return it, with arrays of its own; there is a whole grid."""
        grid, setting = self.grid(), self.setting
        stride = (self._side - 1) // (grid - 1)
        winners = self._classes[..., 0]
        counted = Counter(winners[::stride, ::stride].ravel().tolist())
        finer = Counter(winners[winners != UNKNOWN].tolist())
        order = sorted(finer, key=lambda index: (-counted[index], -finer[index], index))
        found = self._classes, self._logs, self._loss
        return PlaneResult(
            classes=frozen(winners.copy()),
            confidence=frozen(np.exp(self._logs[..., 0])),
            loss=frozen(self._loss.copy()),
            names=tuple((index, setting.labels[index]) for index in order),
            label=setting.label,
            reach=self._reach,
            across=setting.across,
            lengths=setting.lengths,
            epsilon=setting.epsilon,
            norm=setting.norm,
            units=setting.units,
            clipped=setting.clipped,
            ball=setting.ball,
            path=setting.path,
            expected=self._side**2,
            grid=grid,
            drawing=plane_drawing.draw(found, stride, setting.label.index, self._reach),
        )


def order(side: int) -> Iterator[tuple[int, int]]:
    """Yield (row, column) of every point once: a coarse grid first, then what lies between."""
    stride = (side - 1) // (COARSEST - 1)
    for row in range(0, side, stride):
        for column in range(0, side, stride):
            yield row, column
    while stride > 1:
        stride //= 2
        for row in range(0, side, stride):
            for column in range(0, side, stride):
                if row % (2 * stride) or column % (2 * stride):
                    yield row, column
